"""Groups with a number, arms, an opening and an end of their own, entered one by one."""

from datetime import date

import pytest
from django.test import Client

from tests.integration.conduct.other_trials import HEAD, Trial, begin
from tests.integration.conduct.test_allocation_kinds import arm_of, problems, recomputed
from trialwright.accounts.models import Person
from trialwright.conduct.actions import eligibility, entering, randomising
from trialwright.conduct.actions.cohorts import decide_cohort
from trialwright.conduct.actions.groups import decide_group
from trialwright.conduct.allocation.cohorts import cohorts_now
from trialwright.conduct.allocation.groups import GroupChoice, content_hash_of, groups_now
from trialwright.conduct.cut.making import open_cut
from trialwright.conduct.models import Deviation, State, Study
from trialwright.conduct.models.groups import GroupVerdict
from trialwright.conduct.models.participants import Answer
from trialwright.conduct.refusals import ActionRefused, Conflict, NotFound
from trialwright.design.section import problems_of
from trialwright.ledger.models import LedgerRow
from trialwright.protocol.groups import GroupState, escalations
from trialwright.protocol.loader import parse_file
from trialwright.protocol.problems import ProtocolFileError

STUDY = "GROUPS-01"
OPEN = (
    HEAD.format(study=STUDY, title="Groups", participants=20, last="day_28")
    .replace("{like: coordinator}", "{like: coordinator, knows_arm: yes}")
    .replace("{like: investigator}", "{like: investigator, knows_arm: yes}")
    .replace("{like: trial_statistician}", "{like: trial_statistician, knows_arm: yes}")
    .replace("knows_arm: no}", "knows_arm: yes}")
    .replace("  administrator:", "  board: {like: safety_board, knows_arm: yes}\n  administrator:")
    .replace(
        'points: {label: "Points", type: integer}',
        'points: {label: "Points", type: integer}, dlt: {label: "DLT", type: yes_no}',
    )
    + """\
arms:
  d1: {label: "1 mg", type: experimental, description: "1 mg"}
  d2: {label: "2 mg", type: experimental, description: "2 mg"}
  control: {label: "Control", type: no_intervention, description: "Nothing"}
dose_levels:
  d1: {dose: 1, unit: mg}
  d2: {dose: 2, unit: mg}
design:
  escalate: {kind: three-plus-three, doses: 2}
  gently: {kind: three-plus-three, doses: 2}
allocations:
  compare: {label: "Compare", kind: blocks, ratio: {d2: 1, control: 1}, block_sizes: [2, 4]}
groups:
{groups}
steps:
  infuse:
    label: "Infuse"
    roles: [nurse]
    records: dose
    planned: {amount: "dose_level * 2", unit: mg}
anchors:
  allocation: {label: "Allocation", step: allocation}
visits:
  screening: {label: "Screening", screening: yes, forms: [score]}
  day_28: {label: "Day 28", anchor: allocation, day: 28, window_after_days: 300, forms: [score]}
"""
)
ESCALATION = '{rule: RULE, window: 28 d, event: "day_28.score.dlt", decide: board}'
GROUPS = f"""\
  young:
    label: "Young"
    when: "screening.score.points < 40"
    cohorts: {ESCALATION.replace("RULE", "escalate")}
  old:
    label: "Old"
    when: "screening.score.points >= 40 and screening.score.points < 90"
    cohorts: {ESCALATION.replace("RULE", "gently")}
    participants: 12
  compared:
    label: "Compared"
    chosen_by: investigator
    allocation: compare
    participants: 2
    opens: {{decided_by: board}}
    closes: {{on: 2050-05-01, decided_by: board}}
  last:
    label: "Last"
    when: "screening.score.points >= 90"
    arms: [control]
    opens: {{after: compared, reached: 1}}
"""
FILE = OPEN.replace("{groups}\n", GROUPS)


@pytest.fixture
def trial(request: pytest.FixtureRequest) -> Trial:
    if request.node.get_closest_marker("django_db") is None:
        request.getfixturevalue("db")
    return begin(FILE)


def scored(trial: Trial, points: int) -> str:
    """Somebody whose criteria are answered, with these points."""
    code = trial.consented()
    enter(trial, code, "screening", points)
    answers = {"adult": (Answer.PASS, "")}
    by = trial.person("investigator")
    eligibility.assess_eligibility(by=by, code=code, answers=answers, at=trial.now)
    return code


def enter(trial: Trial, code: str, visit: str, points: int, based_on: int = 0) -> None:
    entering.save_entry(
        by=trial.person("coordinator"), code=code, visit=visit, form="score",
        raw={"points": str(points), "dlt": "no"}, based_on=based_on, at=trial.now,
        **({"change_reasons": {"points": "Typed wrongly"}} if based_on else {}),
    )  # fmt: skip


def confirm(trial: Trial, code: str, choice: GroupChoice | None = None) -> None:
    by = trial.person("investigator")
    eligibility.confirm_eligibility(by=by, code=code, group=choice, at=trial.now)


def randomise(trial: Trial, code: str) -> None:
    randomising.randomise(by=trial.person("investigator"), code=code, at=trial.now)


def stand(trial: Trial) -> dict[str, tuple[GroupState, int]]:
    now = groups_now(Study.objects.get(pk=STUDY), trial.protocol, trial.now.date())
    return {each.group.key: (each.state, each.entered) for each in now}


def decide(trial: Trial, group: str, verdict: GroupVerdict, name: str = "board") -> None:
    now = groups_now(Study.objects.get(pk=STUDY), trial.protocol, trial.now.date())
    decide_group(
        by=trial.person(name), group=group, verdict=verdict, content_hash=content_hash_of(now),
        reason="As planned", at=trial.now,
    )  # fmt: skip


def open_cohort(trial: Trial, group: str, level: int) -> None:
    study = Study.objects.get(pk=STUDY)
    cohorts = next(each for each in escalations(trial.protocol) if each.group == group)
    seen = cohorts_now(study, trial.protocol, trial.now, cohorts).content_hash
    decide_cohort(
        by=trial.person("board"), level=level, group=group, content_hash=seen, at=trial.now
    )


@pytest.mark.django_db(transaction=True)
def test_who_belongs_follows_from_the_values_and_is_kept_in_the_ledger(trial: Trial) -> None:
    young, old = scored(trial, 20), scored(trial, 60)
    confirm(trial, young)
    confirm(trial, old)
    assert (trial.row(young).group, trial.row(old).group) == ("young", "old")
    rows = LedgerRow.objects.filter(study=STUDY, entity="participant", field="group")
    assert rows.count() == 2
    assert problems(trial) == []


@pytest.mark.django_db(transaction=True)
def test_each_group_escalates_by_itself(trial: Trial) -> None:
    codes = [scored(trial, points) for points in (20, 60)]
    for code in codes:
        confirm(trial, code)
    with pytest.raises(ActionRefused, match="No dose cohort is open yet"):
        randomise(trial, codes[0])
    open_cohort(trial, "young", 1)
    with pytest.raises(ActionRefused, match="No dose cohort is open yet"):
        randomise(trial, codes[1])
    open_cohort(trial, "old", 1)
    for code in codes:
        randomise(trial, code)
        trial.taking("nurse", code, "infuse")()
    study = Study.objects.get(pk=STUDY)
    for cohorts, code in zip(escalations(trial.protocol), codes, strict=True):
        now = cohorts_now(study, trial.protocol, trial.now, cohorts)
        assert [each.code for each in now.members] == [code]
        assert now.places == 2
        assert now.cohorts.rule == {"young": "escalate", "old": "gently"}[cohorts.group]
    assert problems(trial) == []


@pytest.mark.django_db(transaction=True)
def test_a_group_that_a_board_opens_is_entered_by_choice_and_then_by_its_own_list(
    trial: Trial,
) -> None:
    first, second, third = (scored(trial, 20) for _ in range(3))
    choice = GroupChoice("compared", "Too frail for the escalation")
    with pytest.raises(ActionRefused, match="isn't open yet"):
        confirm(trial, first, choice)
    with pytest.raises(NotFound):
        decide(trial, "compared", GroupVerdict.OPEN, "investigator")
    decide(trial, "compared", GroupVerdict.OPEN)
    with pytest.raises(ActionRefused, match="has no reason"):
        confirm(trial, first, GroupChoice("compared", " "))
    for code in (first, second, third):
        confirm(trial, code, choice)
    assert stand(trial)["compared"] == (GroupState.OPEN, 0)
    randomise(trial, first)
    randomise(trial, second)
    assert stand(trial)["compared"] == (GroupState.FULL, 2)
    with pytest.raises(ActionRefused, match="“Compared” is full: all 2 places"):
        randomise(trial, third)
    confirm(trial, third)
    assert trial.row(third).group == "young"
    assert {arm_of(trial, first), arm_of(trial, second)} <= {"d2", "control"}
    assert problems(trial) == []
    found, places = recomputed(trial)
    assert found == []
    assert places > 2


def test_a_group_opens_once_another_has_so_many(trial: Trial) -> None:
    waits = scored(trial, 95)
    with pytest.raises(ActionRefused, match="“Last” isn't open yet"):
        confirm(trial, waits)
    decide(trial, "compared", GroupVerdict.OPEN)
    code = scored(trial, 20)
    confirm(trial, code, GroupChoice("compared", "Frail"))
    randomise(trial, code)
    confirm(trial, waits)
    randomise(trial, waits)
    assert arm_of(trial, waits) == "control"
    assert stand(trial)["last"] == (GroupState.OPEN, 1)


def test_a_group_closes_on_its_day_or_by_a_decision_for_good(trial: Trial) -> None:
    decide(trial, "compared", GroupVerdict.OPEN)
    code = scored(trial, 20)
    confirm(trial, code, GroupChoice("compared", "Frail"))
    decide(trial, "compared", GroupVerdict.CLOSE)
    with pytest.raises(ActionRefused, match="“Compared” is closed"):
        randomise(trial, code)
    with pytest.raises(ActionRefused, match="isn't opened again"):
        decide(trial, "compared", GroupVerdict.OPEN)
    with pytest.raises(ActionRefused, match="isn't opened again"):
        decide(trial, "compared", GroupVerdict.CLOSE)


def test_the_day_on_which_a_group_closes(trial: Trial) -> None:
    decide(trial, "compared", GroupVerdict.OPEN)
    trial.later(days=(date(2050, 4, 30) - trial.now.date()).days)
    assert stand(trial)["compared"][0] is GroupState.OPEN
    trial.later(days=1)
    assert stand(trial)["compared"][0] is GroupState.CLOSED


def test_a_decision_is_bound_to_what_its_signer_read(trial: Trial) -> None:
    with pytest.raises(Conflict):
        decide_group(
            by=trial.person("board"), group="compared", verdict=GroupVerdict.OPEN,
            content_hash="0" * 64, reason="As planned", at=trial.now,
        )  # fmt: skip


def test_values_that_change_before_the_allocation_ask_for_a_new_confirmation(trial: Trial) -> None:
    code = scored(trial, 20)
    confirm(trial, code)
    open_cohort(trial, "young", 1)
    enter(trial, code, "screening", 60, based_on=1)
    with pytest.raises(ActionRefused, match="doesn't belong to the group “Young” any more"):
        randomise(trial, code)
    confirm(trial, code)
    assert trial.row(code).group == "old"


def test_values_that_change_after_it_are_a_deviation(trial: Trial) -> None:
    code = scored(trial, 20)
    confirm(trial, code)
    open_cohort(trial, "young", 1)
    randomise(trial, code)
    enter(trial, code, "screening", 60, based_on=1)
    assert trial.row(code).group == "young"
    assert [each.subject for each in Deviation.objects.filter(study=STUDY)] == ["young"]


def test_an_answer_that_changes_takes_group_and_signature_away(trial: Trial) -> None:
    code = scored(trial, 20)
    confirm(trial, code)
    eligibility.assess_eligibility(
        by=trial.person("investigator"), code=code,
        answers={"adult": (Answer.FAIL, "Fifteen")}, at=trial.now,
    )  # fmt: skip
    row = trial.row(code)
    assert (row.state, row.group, row.eligible_at) == (State.CONSENTED, None, None)


def test_the_cut_says_who_is_in_which_group(trial: Trial) -> None:
    code = scored(trial, 20)
    confirm(trial, code)
    cut = open_cut(Study.objects.get(pk=STUDY), trial.protocol, "first", trial.now)
    assert [(each.code, each.group) for each in cut.participants] == [(code, "young")]


def test_pages_show_each_group_and_take_the_signed_decision(trial: Trial) -> None:
    client = Client()
    client.force_login(Person.objects.get(username=f"board.{STUDY}".lower()))
    page = client.get(f"/studies/{STUDY}/groups").content.decode()
    for words in ("Compared", "not open yet", "0 of 2", "once “Compared” has 1 participant"):
        assert words in page
    revision = page.split('name="revision" value="')[1].split('"')[0]
    once = page.split('name="once" value="')[1].split('"')[0]
    answer = client.post(
        f"/studies/{STUDY}/groups",
        {"revision": revision, "once": once, "decision": "open-compared", "reason": "As planned",
         "password": "a long enough one"},
    )  # fmt: skip
    assert answer.status_code == 302
    assert stand(trial)["compared"][0] is GroupState.OPEN
    page = client.get(f"/studies/{STUDY}/groups").content.decode()
    assert "Opened: Compared" in page
    assert client.get(f"/studies/{STUDY}/cohorts").status_code == 302
    assert "Dose cohorts: Old" in client.get(f"/studies/{STUDY}/cohorts/old").content.decode()
    assert client.get(f"/studies/{STUDY}/cohorts/compared").status_code == 404


def test_the_group_is_chosen_on_the_page_that_confirms(trial: Trial) -> None:
    decide(trial, "compared", GroupVerdict.OPEN)
    code = scored(trial, 20)
    client = Client()
    client.force_login(Person.objects.get(username=f"investigator.{STUDY}".lower()))
    place = f"/studies/{STUDY}/participants/{code}/eligibility/sign"
    page = client.get(place).content.decode()
    assert "By the protocol" in page
    sent = {
        "revision": page.split('name="revision" value="')[1].split('"')[0],
        "once": page.split('name="once" value="')[1].split('"')[0],
        "group": "compared",
        "why": "",
        "password": "a long enough one",
    }
    refused = client.post(place, sent)
    assert refused.status_code == 409
    assert client.post(place, sent | {"why": "Frail"}).status_code == 302
    assert trial.row(code).group == "compared"
    assert "Compared" in client.get(f"/studies/{STUDY}/participants").content.decode()
    assert "Compared" in client.get(f"/studies/{STUDY}/participants/{code}").content.decode()


def bad(old: str, new: str) -> list[str]:
    assert old in FILE
    try:
        protocol = parse_file(FILE.replace(old, new).encode())
    except ProtocolFileError as error:
        return [f"{each.line} {each.message} {each.way_out}" for each in error.problems]
    return [each.message for each in problems_of(protocol)]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("participants: 2\n", "participants: 0\n", "`participants` is 0, less than 1"),
        ("arms: [control]", "arms: [drug]", "'drug' is not a choice of `arms`"),
        ("arms: [control]", "arms: [control, d1]", "has 2 arms, and doesn't say who gets which"),
        ("allocation: compare", "allocation: other", "'other' is not a choice of `allocation`"),
        ("after: compared", "after: nobody", "'nobody' is not a choice of `after`"),
        ("after: compared", "after: last", "The group `last` waits for itself"),
        (
            "opens: {decided_by: board}",
            "opens: {after: last, reached: 1}",
            "The groups `compared` and `last` wait for each other",
        ),
        ("reached: 1", "reached: 3", "has 3, and it takes 2"),
        ("after: compared, reached: 1", "after: young", "is full, which has no number"),
        ("reached: 1", "reached: 0", "`reached` is 0, less than 1"),
        (
            "opens: {decided_by: board}",
            "opens: {on: 2050-06-01}",
            "Nobody can enter the group `compared`: it closes before it opens",
        ),
        ("decided_by: board}", "decided_by: nurse}", "`nurse` doesn't see the participants of all"),
        ("chosen_by: investigator", "chosen_by: nurse", "may not confirm an eligibility"),
        ('    when: "screening.score.points < 40"\n', "", "Nobody comes to the group `old`"),
        ('"screening.score.points < 40"', '"true"', "asks nothing of the participant"),
        ('"screening.score.points < 40"', '"day_28.score.points < 40"', "isn't known before"),
        ("participants: 12", "participants: 21", "has 21 participants, and the trial 20"),
        ("rule: gently", "rule: nothing", "rule is 'nothing'"),
        (
            "  compare: {label",
            '  spare: {label: "Spare", kind: none, arms: [d1]}\n  compare: {label',
            "No group enters by the allocation `spare`",
        ),
    ],
)
def test_what_no_file_with_groups_can_have(old: str, new: str, message: str) -> None:
    found = bad(old, new)
    assert any(message in each for each in found), found


def test_a_group_of_one_arm_tells_it_and_is_refused_beside_a_blinded_role() -> None:
    found = bad("nurse: {label: \"Nurse\", at_site: yes, may: [see_participants, see_ledger], "
                "knows_arm: yes}",
                "nurse: {label: \"Nurse\", at_site: yes, may: [see_participants, see_ledger], "
                "knows_arm: no}")  # fmt: skip
    assert any("The group `last` has one arm, and `nurse`" in each for each in found), found
