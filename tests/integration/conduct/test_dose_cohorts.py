"""Dose cohorts live: the next dose is what the design says at that moment, and people sign it."""

import re
from random import Random

import pytest
from django.test import Client

from tests.integration.conduct.other_trials import HEAD, Trial, begin
from trialwright.accounts.models import Person
from trialwright.conduct.actions import entering, participation, randomising, visiting
from trialwright.conduct.actions.cohorts import decide_cohort
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.allocation.cohorts import CohortsNow, cohorts_now
from trialwright.conduct.models import CohortDecision, Study
from trialwright.conduct.refusals import ActionRefused, Conflict, NotFound
from trialwright.design import LiveTrial, ThreePlusThree
from trialwright.design.cohorts import Standing
from trialwright.design.section import problems_of
from trialwright.ledger import files
from trialwright.ledger.verify import verify
from trialwright.protocol.loader import parse_file
from trialwright.protocol.problems import ProtocolFileError

STUDY = "COHORTS-01"
FILE = (
    HEAD.format(study=STUDY, title="Dose cohorts", participants=18, last="day_28")
    .replace("{like: coordinator}", "{like: coordinator, knows_arm: yes}")
    .replace("{like: investigator}", "{like: investigator, knows_arm: yes}")
    .replace("{like: trial_statistician}", "{like: trial_statistician, knows_arm: yes}")
    .replace("knows_arm: no}", "knows_arm: yes}")
    .replace("  administrator:", "  board: {like: safety_board, knows_arm: yes}\n  administrator:")
    .replace(
        'points: {label: "Points", type: integer}',
        'points: {label: "Points", type: integer}, dlt: {label: "DLT", type: yes_no}, '
        'counts: {label: "Evaluable", type: yes_no}',
    )
    + """\
arms:
  d1: {label: "1 mg/kg", type: experimental, description: "1 mg/kg"}
  d2: {label: "2 mg/kg", type: experimental, description: "2 mg/kg"}
  d3: {label: "4 mg/kg", type: experimental, description: "4 mg/kg"}
dose_levels:
  d1: {dose: 1, unit: mg/kg}
  d2: {dose: 2, unit: mg/kg}
  d3: {dose: 4, unit: mg/kg}
cohorts:
  rule: three-plus-three
  window: 28 d
  event: "day_28.score.dlt"
  evaluable: "day_28.score.counts"
  decide: board
allocation: {kind: dose_cohort}
design: {kind: three-plus-three, doses: 3}
steps:
  infuse: {label: "Infuse", roles: [nurse], records: dose, planned: {amount: 1, unit: mg}}
anchors: {first: {label: "First dose", step: infuse}}
visits:
  day_28:
    label: "Day 28"
    anchor: first
    day: 28
    window_before_days: 28
    window_after_days: 7
    forms: [score]
"""
)
DAY = 28


def now(trial: Trial) -> CohortsNow:
    return cohorts_now(Study.objects.get(pk=trial.protocol.identifier), trial.protocol, trial.now)


def decide(trial: Trial, level: int | None, **more: object) -> None:
    seen = now(trial).content_hash
    decide_cohort(by=trial.person("board"), level=level, content_hash=seen, at=trial.now, **more)  # type: ignore[arg-type]


def treated(trial: Trial) -> str:
    code = trial.eligible()
    randomising.randomise(by=trial.person("investigator"), code=code, at=trial.now)
    trial.taking("nurse", code, "infuse")()
    return code


def outcome(trial: Trial, code: str, *, dlt: bool, counts: bool = True, points: str = "1") -> None:
    visiting.record_visit(
        by=trial.person("coordinator"), code=code, visit="day_28", on=trial.now.date(), at=trial.now
    )
    raw = {"points": points, "dlt": "yes" if dlt else "no", "counts": "yes" if counts else "no"}
    entering.save_entry(
        by=trial.person("coordinator"), code=code, visit="day_28", form="score", raw=raw,
        based_on=0, at=trial.now,
    )  # fmt: skip


def level_of(trial: Trial, code: str) -> int:
    return allocation_list.arm_of(trial.row(code))


@pytest.fixture
def trial(db: None) -> Trial:
    return begin(FILE)


def test_nobody_is_dosed_before_the_first_cohort_is_opened(trial: Trial) -> None:
    code = trial.eligible()
    by = trial.person("investigator")
    with pytest.raises(ActionRefused, match="No dose cohort is open yet"):
        randomising.randomise(by=by, code=code, at=trial.now)
    with pytest.raises(NotFound):
        decide_cohort(by=by, level=1, content_hash=now(trial).content_hash, at=trial.now)
    with pytest.raises(ActionRefused, match="higher dose"):
        decide(trial, 2)
    decide(trial, 1)
    randomising.randomise(by=by, code=code, at=trial.now)
    assert level_of(trial, code) == 1


def test_the_next_cohort_waits_for_outcomes_and_follows_the_rule(trial: Trial) -> None:
    decide(trial, 1)
    codes = [treated(trial) for _ in range(3)]
    with pytest.raises(ActionRefused, match="no place left"):
        treated(trial)
    with pytest.raises(ActionRefused, match="isn't complete"):
        decide(trial, 2)
    trial.later(days=DAY)
    assert now(trial).count(1, Standing.MISSING) == 3
    for code in codes:
        outcome(trial, code, dlt=False)
    old = now(trial).content_hash
    assert now(trial).complete and now(trial).count(1, Standing.DONE) == 3
    with pytest.raises(ActionRefused, match="higher dose"):
        decide(trial, 3)
    with pytest.raises(ActionRefused, match="more cautious"):
        decide(trial, 1)
    decide(trial, 2)
    with pytest.raises(Conflict):
        decide_cohort(by=trial.person("board"), level=2, content_hash=old, at=trial.now)
    assert level_of(trial, treated(trial)) == 2


def test_who_is_not_evaluable_is_replaced_and_a_dlt_counts_at_once(trial: Trial) -> None:
    decide(trial, 1)
    first, second, third = [treated(trial) for _ in range(3)]
    trial.later(days=3)
    outcome(trial, first, dlt=True)
    assert now(trial).count(1, Standing.EVENT) == 1
    by = trial.person("coordinator")
    participation.withdraw(
        by=by, code=second, stops=("treatment", "visits", "contact", "samples"), reason="Moved",
        on=trial.now.date(), at=trial.now,
    )  # fmt: skip
    assert now(trial).count(1, Standing.REPLACED) == 1 and now(trial).places == 1
    fourth = treated(trial)
    assert level_of(trial, fourth) == 1
    trial.later(days=DAY)
    outcome(trial, third, dlt=False)
    outcome(trial, fourth, dlt=False, counts=False)
    assert now(trial).places == 1
    fifth = treated(trial)
    trial.later(days=DAY)
    outcome(trial, fifth, dlt=False)
    said = now(trial).reading
    assert said is not None and said.decision is not None
    assert (said.decision.action, said.decision.dose) == ("stay", 1)
    assert said.state.treated == (3, 0, 0)


def test_caution_needs_a_reason_and_the_end_is_final(trial: Trial) -> None:
    decide(trial, 1)
    treated(trial)
    with pytest.raises(ActionRefused, match="more cautious"):
        decide(trial, None, end=True)
    decide(trial, None, end=True, reason="A death elsewhere with the same product")
    with pytest.raises(ActionRefused, match="has ended"):
        decide(trial, 1)
    with pytest.raises(ActionRefused, match="has ended"):
        treated(trial)


@pytest.mark.django_db(transaction=True)
def test_ledger_and_tables_agree_on_decisions() -> None:
    trial = begin(FILE)
    decide(trial, 1)
    treated(trial)
    keys = files.keys()
    found = verify(STUDY, heads_path=files.heads_path(), publics=[keys.public], keys=keys)
    assert [str(each) for each in found.problems] == []


def lived(trial: Trial, rates: tuple[float, ...], random: Random) -> list[tuple[str, int | None]]:
    """Live a trial to the end of its escalation; what was decided, and the dose chosen."""
    while True:
        said = now(trial).reading
        assert said is not None and said.decision is not None
        if said.decision.action == "stop":
            decide(trial, said.selected, end=True)
            break
        decide(trial, said.decision.dose)
        assert said.decision.dose is not None
        codes = [treated(trial) for _ in range(said.size)]
        trial.later(days=DAY)
        for code in codes:
            outcome(trial, code, dlt=random.random() < rates[level_of(trial, code) - 1])
    rows = CohortDecision.objects.filter(study=trial.protocol.identifier).order_by("number")
    return [(row.verdict, row.level) for row in rows]


def by_the_design(rates: tuple[float, ...], random: Random) -> list[tuple[str, int | None]]:
    """The same trial, by the design object alone."""
    live = LiveTrial(ThreePlusThree(doses=3))
    found: list[tuple[str, int | None]] = []
    while not live.stopped:
        dose = live.decision.dose
        assert dose is not None
        found.append(("open", dose))
        size = live.design.next_cohort(live.state)
        live.record(sum(random.random() < rates[dose - 1] for _ in range(size)))
    return [*found, ("end", live.design.select(live.state))]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_live_trials_go_as_the_design_alone(trial: Trial, seed: int) -> None:
    rates = (0.1, 0.3, 0.5) if seed % 2 else (0.4, 0.5, 0.6)
    assert lived(trial, rates, Random(seed)) == by_the_design(rates, Random(seed))


def test_what_cohorts_need_is_said_with_its_line() -> None:
    for old, new, sentence in (
        ("rule: three-plus-three", "rule: boin", "rule is 'boin'"),
        ("  rule: three-plus-three\n", "", "a `rule` or a `size`"),
        ("window: 28 d", "window: 1 month", "not a number of days"),
        ("decide: board", "decide: nurse", "doesn't see the participants of all sites"),
        ("d2: {dose: 2,", "d2: {dose: 1,", "no more than that before it"),
        ("  d3: {dose: 4, unit: mg/kg}\n", "", "leave out the arms d3"),
        ("allocation: {kind: dose_cohort}\n", "", "go together"),
        ("nurse: {label: \"Nurse\", at_site: yes, may: [see_participants, see_ledger], "
         "knows_arm: yes}", "nurse: {label: \"Nurse\", at_site: yes, may: [see_participants, "
         "see_ledger], knows_arm: no}", "may not learn an arm"),
        ("doses: 3}", "doses: 4}", "3 dose levels"),
    ):  # fmt: skip
        assert old in FILE
        text = FILE.replace(old, new)
        try:
            protocol = parse_file(text.encode())
        except ProtocolFileError as error:
            assert sentence in str(error), (sentence, str(error))
            continue
        assert any(sentence in str(each) for each in problems_of(protocol)), sentence


def test_the_page_says_what_the_rule_says_and_takes_the_signature(trial: Trial) -> None:
    board = browser(trial, "board")
    assert f"/studies/{STUDY}/cohorts" in board.get("/today").content.decode()
    place = f"/studies/{STUDY}/cohorts"
    page = board.get(place).content.decode()
    assert "Start at dose 1." in page and "Open the next cohort at level 1" in page
    sent = {
        "decision": "open-1", "reason": "", "password": "a long enough one",
        "revision": re.findall(r'name="revision" value="([^"]*)"', page)[0],
        "once": re.findall(r'name="once" value="([^"]*)"', page)[0],
    }  # fmt: skip
    refused = board.post(place, sent | {"decision": "open-2"})
    assert refused.status_code == 409
    page = refused.content.decode()
    assert "higher dose" in page
    once = re.findall(r'name="once" value="([^"]*)"', page)[0]
    assert board.post(place, sent | {"once": once}).status_code == 302
    assert CohortDecision.objects.get(number=1).level == 1
    page = board.get(place).content.decode()
    assert "Cohort 1 at level 1 for 3" in page and "3 places are free" in page
    nurse = browser(trial, "nurse").get(place)
    assert nurse.status_code == 200 and "password" not in nurse.content.decode()
    assert browser(trial, "administrator").get(place).status_code == 404


def browser(trial: Trial, name: str) -> Client:
    person = Person.objects.get(username=f"{name}.{trial.protocol.identifier}".lower())
    client = Client()
    client.force_login(person)
    return client
