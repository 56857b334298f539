"""A file's own steps: how they are read, and what can't be so."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from trialwright.protocol.loader import parse_file, read
from trialwright.protocol.progress import Progress, StepFact, required_by_steps, undone_before
from trialwright.protocol.steps import Milestone, PlannedDose, Records, Step, TimeLimit

GOOD = (Path(__file__).parent / "files" / "small.yaml").read_text(encoding="utf-8")
OWN = """\
roles:
  doctor: {like: investigator, label: "Doctor"}
  nurse:
    label: "Nurse"
    at_site: yes
    may: [see_participants, record_visits, answer_queries]
    knows_arm: no
  pharmacist:
    label: "Pharmacist"
    may: [see_participants]
    knows_arm: after prepare
  board: {like: safety_board}
  administrator: {like: administrator}

steps:
  prepare: {label: "Prepare", roles: [pharmacist], reveals_arm: yes, two_people: yes}
  infuse:
    label: "Infuse"
    roles: [nurse]
    at: [week_1, week_2]
    after: [prepare]
    records: dose
    planned: {amount: 2.5, unit: mg}

"""
BLINDING = GOOD[GOOD.index("blinding:\n") : GOOD.index("consent:\n")]
STEPS = (
    GOOD.replace(BLINDING, OWN)
    .replace("signed_by: investigator", "signed_by: doctor")
    .replace("step: treatment}", "step: prepare}")
)


def problems(text: str) -> list[str]:
    return [str(problem) for problem in read(text.encode(), "own.yaml")[1]]


def test_steps_are_read_in_the_order_written() -> None:
    protocol = parse_file(STEPS.encode())
    prepare, infuse = protocol.steps
    assert (prepare.roles, prepare.reveals_arm, prepare.two_people) == (("pharmacist",), True, True)
    assert prepare.records is Records.DATE and not prepare.gives_dose
    assert infuse == Step(
        "infuse", infuse.label, ("nurse",), infuse.line, at=("week_1", "week_2"),
        after=("prepare",), records=Records.DOSE, planned=PlannedDose(Decimal("2.5"), "mg"),
    )  # fmt: skip
    assert protocol.step("infuse") is infuse
    assert protocol.anchor("treatment").step == "prepare"
    assert protocol.roles.by_key["pharmacist"].after == "prepare"


def test_a_time_limit_counts_elapsed_hours() -> None:
    text = STEPS.replace(
        "records: dose\n", "records: dose\n    within: {step: prepare, hours: 4.5}\n"
    )
    limit = parse_file(text.encode()).step("infuse").within
    assert limit == TimeLimit("prepare", Decimal("4.5"))
    # The clocks of Berlin go back at 3 in this night.
    taken = datetime(2026, 10, 25, 0, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    assert limit.ends(taken) == datetime(2026, 10, 25, 3, 30, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("change", "to", "says"),
    [
        (
            "two_people: yes}",
            "after: [prepare]}",
            "The step `prepare` comes after itself. Break the circle: take a name out of one "
            "step's `after`. [step-circle]",
        ),
        (
            "after: [prepare]",
            "after: [treatment]",
            "'treatment' is not a choice of `after`. Choose from `consent`, `eligibility`, "
            "`allocation`, `prepare`, `infuse`, `screening`, `screening.who`, `screening.scan`, "
            "`screening.scan signed`, `week_1`, `week_1.scan`, `week_1.scan signed`, …. [choice]",
        ),
        (
            "roles: [nurse]",
            "roles: []",
            "Nobody can take the step `infuse`. Name at least one role in its `roles`. "
            "[step-for-nobody]",
        ),
        (
            "roles: [nurse]",
            "roles: [administrator]",
            "The role `administrator` takes the step `infuse` and sees no participant. Add "
            "`see_participants` to its `may`, or name another role. [step-for-nobody]",
        ),
        (
            "roles: [pharmacist],",
            "roles: [pharmacist, nurse],",
            "The role `nurse` is blinded, and the step `prepare` tells it an arm. Name another "
            "role, or let `nurse` know the arm (`after prepare`). [blinded-role]",
        ),
        (
            "after prepare",
            "after infuse",
            "The role `pharmacist` knows the arm after `infuse`, which doesn't show it one. Name "
            "`pharmacist` in its `roles` and say `reveals_arm: yes`. [role]",
        ),
        (
            "    records: dose\n",
            "",
            "The step `infuse` plans an amount and records no dose. Add `records: dose`, or take "
            "`planned` away. [step-dose]",
        ),
        (
            "amount: 2.5",
            "amount: 0",
            "The planned amount is not above 0. Write how much. [step-dose]",
        ),
        (
            "at: [week_1,",
            "at: [screening,",
            "The step `infuse` is taken at `screening`, which comes too early. Name visits after "
            "screening: doses and arms come after enrolment. [step-early]",
        ),
        (
            "at: [week_1,",
            "at: [running,",
            "The step `infuse` is taken at `running`, which has no date. Name visits with an "
            "`anchor`, or leave `at` away: the step is taken once. [step-visit]",
        ),
        (
            "step: prepare}",
            "step: prepared}",
            "'prepared' is not a choice of `step`. Did you mean `prepare`? [choice]",
        ),
        (
            "    records: dose\n",
            "    records: dose\n    within: {step: prepare, hours: 0}\n",
            "The time limit is not above 0 hours. Write how many. [step-limit]",
        ),
        (
            "    after: [prepare]\n",
            "    within: {step: prepare, hours: 4}\n",
            "The step `infuse` is taken within hours of `prepare`, and doesn't come after it. Add "
            "`prepare` to its `after`. [step-limit]",
        ),
        (
            "two_people: yes}",
            "two_people: yes}\n  rinse: {label: Rinse, roles: [nurse], at: [week_2], "
            "after: [infuse], within: {step: infuse, hours: 1}}",
            "The steps `rinse` and `infuse` aren't taken at the same visits. Let a time limit "
            "count from a step of the same visits, or one taken once. [step-limit]",
        ),
        (
            "  infuse:\n",
            "  treatment:\n",
            "`treatment` is a moment that every trial can have, and can't be a step's name. Choose "
            "another key. [step-name]",
        ),
    ],
)  # fmt: skip
def test_what_can_t_be_so_is_refused_with_line_rule_and_way_out(
    change: str, to: str, says: str
) -> None:
    assert change in STEPS
    told = problems(STEPS.replace(change, to, 1))
    assert [each.split(": ", 1)[1] for each in told] == [says]
    assert told[0].split(":")[0].isdigit()


def test_steps_in_a_circle_are_each_refused_at_their_line() -> None:
    told = problems(STEPS.replace("two_people: yes}", "after: [infuse]}"))
    assert [each.split(" comes")[0] for each in told] == [
        "53: The step `prepare`",
        "54: The step `infuse`",
    ]


def test_a_step_reveals_no_arm_where_nobody_is_allocated() -> None:
    allocation = STEPS[STEPS.index("allocation:\n") : STEPS.index("anchors:\n")]
    told = problems(STEPS.replace(allocation, ""))
    assert [each.split(": ", 1)[1] for each in told] == [
        "The step `prepare` reveals an arm, and nobody is allocated to one. Take `reveals_arm` "
        "away. [step-arm]"
    ]


def test_a_step_at_a_visit_that_is_counted_from_the_step_itself_would_never_be_taken() -> None:
    """Week 1 counts from the first dose, which is given at week 1: neither could come first."""
    told = problems(STEPS.replace("step: prepare}", "step: treatment}"))
    assert told == [
        f"54: The step `infuse` is taken at `{visit}`, whose day counts from something that comes "
        f"only after the step. Count `{visit}` from an earlier moment, such as `allocation`, or "
        "leave it out of the step's `at`. [step-waits]"
        for visit in ("week_1", "week_2")
    ]


def test_a_step_at_a_visit_with_a_fallback_that_comes_is_no_circle() -> None:
    waiting = STEPS.replace("step: prepare}", "step: treatment}")
    fallback = "    fallback: {anchor: consent, day: 7}\n    forms: [scan, dose]\n"
    told = problems(waiting.replace("    forms: [scan, dose]\n", fallback))
    assert not [each for each in told if "[step-waits]" in each and "`week_1`" in each]


def test_what_comes_before_there_is() -> None:
    before = "before:\n  allocation: {refuse: [screening]}\n  treatment: {warn: [screening.scan]}\n"
    file = STEPS.replace("\nvisits:\n", f"\n{before}visits:\n", 1)
    assert problems(file) == []
    protocol = parse_file(file.encode())
    wanted = protocol.required_before(Milestone.TREATMENT).warn
    assert [str(each) for each in wanted] == ["screening.scan"]
    assert protocol.required_before(Milestone.CONSENT).refuse == ()


def test_a_step_comes_after_visits_forms_and_signatures() -> None:
    wanted = 'after: [prepare, screening, "screening.scan signed"]'
    protocol = parse_file(STEPS.replace("after: [prepare]", wanted, 1).encode())
    assert required_by_steps(protocol) == {"screening", "screening.scan signed"}
    infuse = protocol.step("infuse")
    come = frozenset({Milestone.CONSENT, Milestone.ELIGIBILITY, Milestone.ALLOCATION})
    done = (StepFact("prepare"),)
    for met, undone in (
        (set(), ("screening", "screening.scan signed")),
        ({"screening"}, ("screening.scan signed",)),
        ({"screening", "screening.scan signed"}, ()),
    ):
        progress = Progress(come, done, frozenset(met))
        assert undone_before(protocol, infuse, progress, "week_1") == undone
