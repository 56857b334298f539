"""Stopping rules on live data: crossing and hold in one transaction, and decisions that end it."""

from dataclasses import replace
from functools import partial

import pytest

from tests.integration.conduct.other_trials import begin as other_trial
from tests.integration.conduct.refusing import absent, refused
from tests.integration.conduct.test_simulated_is_live import file_of
from tests.integration.conduct.world import STUDY, World, begin
from trialwright.conduct.acting import protocol_of
from trialwright.conduct.actions import adverse_events, cutting, holds, randomising
from trialwright.conduct.actions.adverse_events import Report
from trialwright.conduct.actions.holds import Decision
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.models import AdverseEvent, Hold, HoldDecision, Study
from trialwright.conduct.models.holds import HoldKind, Pauses
from trialwright.conduct.reads.may_treat import may_treat
from trialwright.conduct.safety.hold_content import to_decide
from trialwright.conduct.safety.hold_details import Choice, details_of_decision, details_of_hold
from trialwright.conduct.safety.holding import standing_of
from trialwright.conduct.safety.safety_state import safety_state
from trialwright.ledger import files
from trialwright.ledger.verify import verify
from trialwright.protocol.basics import Role
from trialwright.safety.seriousness import SeriousCriterion

CONTROL = 2
STOPPING = Report("Fever", 3, stopping={"infusion"})
CLOSED = Decision(Choice.CLOSE_ARMS, "Too many reactions", ("intravenous_haec",))
GO_ON = Decision(Choice.RESUME, "Reactions were mild")


def study() -> Study:
    return Study.objects.get(identifier=STUDY)


def on_regimens(world: World, number: int) -> list[str]:
    """Treat participants a week apart until so many are on a regimen; their codes."""
    codes: list[str] = []
    while len(codes) < number:
        code = world.treated()
        if allocation_list.arm_of(world.row(code)) != CONTROL:
            codes.append(code)
        world.later(days=7)
    return codes


def stops(world: World, code: str, report: Report = STOPPING) -> int:
    return adverse_events.record_event(by=world.coordinator, code=code, report=report, at=world.now)


def held(world: World) -> list[str]:
    """The groups of the holds in force."""
    return sorted(details.group for _hold, details in standing_of(STUDY).open)


def cut(world: World, name: str) -> None:
    cutting.cut_data(by=world.person(Role.BOARD_STATISTICIAN), name=name, at=world.now)


def read_hash(world: World) -> str:
    protocol = protocol_of(study().version)
    state = safety_state(study(), protocol, world.now)
    return to_decide(study(), state, standing_of(STUDY)).content_hash


def signing(world: World, decision: Decision = GO_ON, content_hash: str = "") -> partial[bool]:
    return partial(
        holds.sign_decision, by=world.person(Role.SAFETY_BOARD), decision=decision,
        content_hash=content_hash or read_hash(world), at=world.now,
    )  # fmt: skip


@pytest.fixture
def crossed(world: World) -> World:
    """Two on regimens, both with a stopping event: the pooled rule holds."""
    for code in on_regimens(world, 2):
        stops(world, code)
    return world


def test_a_crossing_and_its_hold_come_in_one_transaction(world: World) -> None:
    first, second = on_regimens(world, 2)
    stops(world, first)
    assert not Hold.objects.exists()
    stops(world, second)
    hold = Hold.objects.get()
    assert (hold.kind, hold.pauses, hold.set_by) == (HoldKind.RULE, Pauses.ALL, None)
    details = details_of_hold(hold)
    assert (details.group, details.events, details.who) == ("all", 2, (first, second))
    code = world.eligible()
    randomise = partial(randomising.randomise, by=world.investigator, code=code, at=world.now)
    assert "The trial is on hold" in refused(randomise)
    assert world.row(code).randomised_at is None


def test_an_event_of_the_control_crosses_nothing(world: World) -> None:
    codes = [world.treated() for _ in (1,)]
    world.later(days=7)
    while not any(allocation_list.arm_of(world.row(code)) == CONTROL for code in codes):
        codes.append(world.treated())
        world.later(days=7)
    control = next(c for c in codes if allocation_list.arm_of(world.row(c)) == CONTROL)
    for _ in range(3):
        stops(world, control)
    assert not Hold.objects.exists()


def test_participants_count_and_not_events(world: World) -> None:
    """G18."""
    (code,) = on_regimens(world, 1)
    for _ in range(4):
        stops(world, code)
    assert not Hold.objects.exists()


def test_whoever_is_allocated_under_a_hold_has_standard_care(world: World) -> None:
    """G35: no treatment begins; what was not given can be recorded."""
    codes = on_regimens(world, 2)
    waiting = world.randomised()
    world.receive(waiting)
    for code in codes:
        stops(world, code)
    assert "The trial is on hold" in refused(world.taking(world.handler, waiting, "release"))
    world.not_treated(waiting, "On hold")()
    assert world.row(waiting).state == "not_treated"


def test_a_person_holds_at_once_and_gives_the_reason(world: World) -> None:
    hold = partial(holds.set_hold, at=world.now)
    assert "Write why" in refused(partial(hold, by=world.investigator, reason=" "))
    absent(partial(hold, by=world.coordinator, reason="Why not"))
    absent(partial(hold, by=world.investigator, reason="One arm", arm="intravenous_haec"))
    assert hold(by=world.investigator, reason="A cluster of infections") == 1
    row = Hold.objects.get()
    assert (row.kind, row.pauses, row.reason) == ("person", "all", "A cluster of infections")
    assert hold(by=world.person(Role.SAFETY_BOARD), reason="Cells", arm="intravenous_haec") == 2
    sealed = Hold.objects.get(number=2)
    assert sealed.reason == "" and details_of_hold(sealed).reason == "Cells"


def test_under_a_hold_of_one_arm_the_next_may_be_treated(db: None) -> None:
    """Allocation passes over the arm, and nothing is left to be written."""
    text = file_of("treated").replace("{arm_rule: all", "{arm_rule: arm")
    trial = other_trial(text.replace("threshold: 0.95", "threshold: 0.999"))
    own: list[str] = []
    while len(own) < 2:
        code = trial.randomised()
        trial.taking("nurse", code, "infuse")()
        if allocation_list.arm_of(trial.row(code)) == 1:
            own.append(code)
    investigator = trial.person("investigator")
    assert may_treat(investigator).yes and not may_treat(investigator).held_in_part
    report = Report("Reaction", 3, stopping={"reaction"})
    for code in own:
        by = trial.person("coordinator")
        adverse_events.record_event(by=by, code=code, report=report, at=trial.now)
    (hold,) = standing_of(trial.protocol.identifier).open
    assert (hold[0].pauses, hold[1].group) == (Pauses.ARM, "one")
    told = may_treat(investigator)
    assert told.yes and told.held_in_part, told.reasons
    assert trial.randomised()


def test_a_death_that_may_be_related_holds_at_once_until_all_judge_it_unrelated(
    world: World,
) -> None:
    (code,) = on_regimens(world, 1)
    threat = Report("Fever", 4, criteria={SeriousCriterion.LIFE_THREATENING})
    stops(world, code, threat)
    assert held(world) == ["related_death_or_life_threatening"]


def test_only_a_signed_decision_bound_to_what_was_read_ends_a_hold(crossed: World) -> None:
    sign = signing(crossed)
    assert "No data cut was made since" in refused(sign)
    crossed.later(days=1)
    cut(crossed, "board-1")
    read = read_hash(crossed)
    absent(partial(sign, by=crossed.investigator, content_hash=read))
    assert "Write why" in refused(signing(crossed, replace(GO_ON, reason="")))
    assert "Say which arm" in refused(signing(crossed, Decision(Choice.CLOSE_ARMS, "All")))
    nullify(crossed)
    told = refused(signing(crossed, content_hash=read))
    assert "have changed since you read them" in told
    assert not HoldDecision.objects.exists()
    assert signing(crossed)() is True
    decision = details_of_decision(HoldDecision.objects.get())
    assert decision.choice is Choice.RESUME and not decision.overrides
    assert Hold.objects.get().decision_id is not None
    assert held(crossed) == []


def nullify(world: World) -> None:
    """The last event was none after all."""
    event = AdverseEvent.objects.order_by("number").last()
    assert event is not None
    adverse_events.nullify_event(
        by=world.investigator, code=event.participant.code, number=event.number,
        reason="It was another participant's", at=world.now,
    )  # fmt: skip


def test_going_on_against_the_rule_is_an_override_kept_with_its_reason(crossed: World) -> None:
    crossed.later(days=1)
    cut(crossed, "board-1")
    signing(crossed)()
    decision = details_of_decision(HoldDecision.objects.get())
    assert decision.overrides and decision.reason == GO_ON.reason


def test_the_same_counts_do_not_hold_again_and_the_next_event_does(crossed: World) -> None:
    """G33."""
    crossed.later(days=1)
    cut(crossed, "board-1")
    signing(crossed)()
    crossed.later(days=7)
    more = on_regimens(crossed, 1)
    assert held(crossed) == []
    stops(crossed, more[0])
    assert held(crossed) == ["all"]


def test_a_hold_stays_though_the_data_no_longer_say_so(crossed: World) -> None:
    """G32: set aside as unrelated, the hold stays until a decision."""
    nullify(crossed)
    assert held(crossed) == ["all"]


def test_a_late_correction_of_an_unrelated_form_sets_the_hold_in_its_transaction(
    world: World,
) -> None:
    """The lot of a product is corrected weeks later: two infections are then from one lot."""
    codes: list[str] = []
    while len(codes) < 2:
        code = world.treated()
        world.visited(code, "day_0")
        lot = {"lot": f"LOT-{len(codes) + 1}"}
        world.save(world.handler, code, "day_0", "administration", lot)
        if allocation_list.arm_of(world.row(code)) != CONTROL:
            codes.append(code)
        world.later(days=7)
    first, second = codes
    stops(world, first, Report("Uterine infection", 3, stopping={"infection"}))
    world.later(days=60)
    number = stops(
        world, second,
        Report("Uterine infection", 3, started=world.now.date().isoformat(),
               stopping={"infection"}),
    )  # fmt: skip
    assert number and held(world) == []
    world.save(
        world.handler, second, "day_0", "administration", {"lot": "LOT-1"}, based_on=1,
        change_reasons={"lot": "Misread"},
    )  # fmt: skip
    assert held(world) == ["infections_from_one_lot"]
    code = world.eligible()
    told = refused(partial(randomising.randomise, by=world.investigator, code=code, at=world.now))
    assert "The trial is on hold" in told


def test_closing_an_arm_passes_its_places_over_and_the_study_goes_on(world: World) -> None:
    world.run_in()
    (code,) = on_regimens(world, 1)
    stops(world, code, Report("Fever", 4, criteria={SeriousCriterion.LIFE_THREATENING}))
    world.later(days=1)
    cut(world, "board-1")
    assert signing(world, CLOSED)() is True
    arms = [allocation_list.arm_of(world.row(world.randomised())) for _ in range(8)]
    assert 3 not in arms
    assert len(arms) == 8


def test_closing_the_study_ends_randomisation_for_good(crossed: World) -> None:
    crossed.later(days=1)
    cut(crossed, "board-1")
    signing(crossed, Decision(Choice.CLOSE_STUDY, "Harm"))()
    code = crossed.eligible()
    told = refused(
        partial(randomising.randomise, by=crossed.investigator, code=code, at=crossed.now)
    )
    assert "has closed the trial" in told


@pytest.mark.django_db(transaction=True)
def test_the_ledger_tells_holds_and_decisions_as_the_tables_hold_them() -> None:
    files.heads_path().unlink(missing_ok=True)
    world = begin()
    for code in on_regimens(world, 2):
        stops(world, code)
    world.later(days=1)
    cut(world, "board-1")
    signing(world)()
    keys = files.keys()
    found = verify(STUDY, heads_path=files.heads_path(), publics=[keys.public], keys=keys)
    assert [str(each) for each in found.problems] == []
