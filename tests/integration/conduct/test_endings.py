"""Withdrawal names what stops; loss, return, death and the end; what was learned stays."""

from datetime import timedelta
from functools import partial

import pytest

from tests.integration.conduct.refusing import absent, refused
from tests.integration.conduct.world import STUDY, World
from trialwright.conduct.actions import participation, visiting
from trialwright.conduct.models import Ending, Value, VisitRecord
from trialwright.conduct.participants.states import STOPS
from trialwright.ledger import reading
from trialwright.ledger.models import LedgerRow

SCAN = {
    "context": "natural", "cycle_day": "12", "thickness": "5.4", "uterus_length": "70",
    "uterus_width": "45", "uterus_depth": "38", "haematometra": "no",
}  # fmt: skip


def _status(world: World, code: str) -> dict[str, str]:
    rows = VisitRecord.objects.filter(participant=world.row(code))
    return dict(rows.values_list("visit", "status"))


def _withdraw(world: World, code: str, *stops: str) -> partial[None]:
    return partial(
        participation.withdraw, by=world.coordinator, code=code, on=world.now.date(), stops=stops,
        at=world.now,
    )  # fmt: skip


def _visit(world: World, code: str, visit: str) -> partial[None]:
    return partial(
        visiting.record_visit, by=world.coordinator, code=code, visit=visit, on=world.now.date(),
        at=world.now,
    )  # fmt: skip


def _month_1(world: World) -> str:
    """Treated, and seen at month 1 with one ultrasound entered."""
    code = world.treated()
    world.later(days=30)
    world.visited(code, "month_1")
    scan = SCAN | {"scanned_on": world.now.date().isoformat()}
    world.save(world.coordinator, code, "month_1", "ultrasound", scan)
    return code


def test_a_withdrawal_says_from_what(world: World) -> None:
    code = world.treated()
    for stops in ((), ("life",), ("visits", "life")):
        assert "what the participant withdraws from" in refused(_withdraw(world, code, *stops))
    _withdraw(world, code, "samples")()
    row = world.row(code)
    assert (row.state, row.stops_samples, row.stops_visits) == ("treated", True, False)
    assert "not withdrawn before" in refused(_withdraw(world, code, "samples"))
    assert Ending.objects.get(participant=row).stops == ["samples"]


def test_withdrawal_from_treatment_alone_leaves_her_visits(world: World) -> None:
    code = world.randomised()
    _withdraw(world, code, "treatment")()
    world.not_treated(code, "They withdrew")()
    assert world.row(code).state == "not_treated"
    assert _status(world, code)["screening"] == "done"
    assert _status(world, code)["baseline_cycle_1"] == "planned"


def test_after_a_withdrawal_from_visits_data_stay_and_can_be_corrected(world: World) -> None:
    code = _month_1(world)
    world.later(days=3)
    _withdraw(world, code, "visits", "samples")()
    status = _status(world, code)
    assert world.row(code).state == "withdrawn"
    assert status["month_1"] == "done" and status["month_2"] == status["month_12"] == "cancelled"
    corrected = {"thickness": "5.6"}
    world.save(
        world.coordinator, code, "month_1", "ultrasound", corrected, based_on=1,
        change_reasons={"thickness": "Misread on the picture"},
    )  # fmt: skip
    assert Value.objects.get(item="thickness").text == "5.6"


def test_telephone_contacts_go_on_when_visits_stop(world: World) -> None:
    code = _month_1(world)
    world.later(days=3)
    _withdraw(world, code, "visits")()
    status = _status(world, code)
    assert status["month_2"] == status["month_12"] == "cancelled"
    assert status["after_hormones"] == status["month_24"] == "planned"
    world.later(days=82)
    _visit(world, code, "after_hormones")()
    assert "there were no visits" in refused(_visit(world, code, "month_3"))
    _withdraw(world, code, "contact")()
    assert _status(world, code)["month_24"] == "cancelled"
    assert _status(world, code)["after_hormones"] == "done"


def test_visits_go_on_when_contact_stops(world: World) -> None:
    code = _month_1(world)
    _withdraw(world, code, "contact")()
    status = _status(world, code)
    assert (status["month_2"], status["month_24"]) == ("planned", "cancelled")
    assert world.row(code).state == "treated"


def _revoke(world: World, code: str, ending: Ending, reason: str) -> partial[None]:
    return partial(
        participation.revoke, by=world.coordinator, code=code, ending=ending.pk, reason=reason,
        at=world.now,
    )  # fmt: skip


def test_a_withdrawal_of_the_wrong_participant_is_revoked_with_a_reason(world: World) -> None:
    code = _month_1(world)
    before = _status(world, code)
    _withdraw(world, code, "samples")()
    world.later(days=3)
    _withdraw(world, code, "visits", "contact")()
    kept, wrong = Ending.objects.filter(participant=world.row(code)).order_by("on")
    assert "Say why" in refused(_revoke(world, code, wrong, " "))
    _revoke(world, code, wrong, "C-002 withdrew, not this participant")()
    row = world.row(code)
    assert row.state == "treated"
    assert (row.stops_visits, row.stops_contact, row.stops_samples) == (False, False, True)
    assert _status(world, code) == before
    assert list(Ending.objects.filter(participant=row)) == [kept]
    absent(_revoke(world, code, wrong, "Again"))
    line, *_ = reading.rows(STUDY, may_reveal=lambda _: True, entity="ending", field="")
    assert line.reason.text == "C-002 withdrew, not this participant"


def test_a_death_that_is_revoked_leaves_the_withdrawal_before_it(world: World) -> None:
    code = _month_1(world)
    _withdraw(world, code, "visits")()
    world.later(days=1)
    participation.record_death(
        died_of="Death NOS", by=world.coordinator, code=code, on=world.now.date(), at=world.now
    )
    assert _status(world, code)["month_24"] == "cancelled"
    death = Ending.objects.get(participant=world.row(code), kind="died")
    _revoke(world, code, death, "Of another hospital's list")()
    row = world.row(code)
    assert (row.state, row.stops_visits, row.stops_contact) == ("withdrawn", True, False)
    assert _status(world, code)["month_24"] == "planned"


def test_after_a_withdrawal_what_is_reported_of_her_safety_is_still_taken(world: World) -> None:
    code = _month_1(world)
    _withdraw(world, code, "visits")()
    world.later(days=40)
    report = {
        "reported_on": world.now.date().isoformat(), "last_menses": "2023-04",
        "conceived_on": "2023-04-20", "assisted": "no",
    }  # fmt: skip
    assert world.save(world.coordinator, code, "running", "pregnancy_report", report).complete
    _withdraw(world, code, "contact")()
    assert world.row(code).stops_contact


@pytest.mark.parametrize("end", ["withdrawn", "lost", "died"])
def test_a_visit_before_the_end_can_be_entered_late_but_none_after_it(
    world: World, end: str
) -> None:
    code = world.treated()
    came = world.now.date() + timedelta(days=28)
    world.later(days=32)
    on, at, by = world.now.date(), world.now, world.coordinator
    match end:
        case "withdrawn":
            _withdraw(world, code, "visits")()
        case "lost":
            participation.record_loss_to_follow_up(
                by=by, code=code, on=on, reason="Three calls, two letters", at=at
            )
        case "died":
            participation.record_death(
                died_of="Death NOS", by=by, code=code, on=on, reason="An accident", at=at
            )
    assert world.row(code).state == end
    late = partial(visiting.record_visit, by=by, code=code, visit="month_1", on=came, at=at)
    late()
    world.later(days=30)
    assert "there were no visits" in refused(_visit(world, code, "month_2"))
    assert "cancelled" in refused(
        partial(
            visiting.record_missed_visit,
            by=by,
            code=code,
            visit="month_2",
            reason="Gone",
            at=world.now,
        )
    )


def test_a_lost_woman_comes_back_to_where_she_stood(world: World) -> None:
    code, by = world.treated(), world.coordinator
    world.later(days=32)
    back = partial(
        participation.resume_follow_up, by=by, code=code, reason="She rang", at=world.now
    )
    assert "not lost" in refused(back)
    lose = partial(
        participation.record_loss_to_follow_up, by=by, code=code, on=world.now.date(), at=world.now
    )
    assert "what was tried" in refused(partial(lose, reason=" "))
    lose(reason="Three calls, two letters")
    assert _status(world, code)["month_2"] == "cancelled"
    assert "is over" in refused(world.taking(world.surgeon, code, "place"))
    assert "reached again" in refused(partial(back, reason=""))
    back()
    assert world.row(code).state == "treated"
    assert _status(world, code)["month_2"] == "planned"
    assert not Ending.objects.filter(participant=world.row(code)).exists()
    world.later(days=28)
    _visit(world, code, "month_2")()


def test_who_was_never_randomised_and_is_lost_is_not_treated_or_untreated(world: World) -> None:
    code = world.consented()
    participation.record_loss_to_follow_up(
        by=world.coordinator, code=code, on=world.now.date(), reason="Moved away", at=world.now
    )
    assert "is over" in refused(world.not_treated(code))


def test_death_ends_everything(world: World) -> None:
    code, by = _month_1(world), world.coordinator
    died = partial(participation.record_death, died_of="Death NOS", by=by, code=code, at=world.now)
    assert "from the screening" in refused(partial(died, on=world.now.date() - timedelta(days=400)))
    died(on=world.now.date(), reason="Not related")
    row = world.row(code)
    assert row.stops_treatment and row.stops_visits and row.stops_contact and row.stops_samples
    for act in (
        partial(died, on=world.now.date()),
        _withdraw(world, code, "treatment"),
        partial(participation.resume_follow_up, by=by, code=code, reason="A miracle", at=world.now),
        partial(participation.complete, by=by, code=code, on=world.now.date(), at=world.now),
    ):
        refused(act)


def test_the_planned_end_comes_after_the_last_dated_visit(world: World) -> None:
    """Visits that wait for a pregnancy don't keep her in the trial."""
    code, by = world.treated(), world.coordinator
    complete = partial(participation.complete, by=by, code=code)
    world.later(days=800)
    assert "planned visits" in refused(partial(complete, on=world.now.date(), at=world.now))
    dated = VisitRecord.objects.filter(
        participant=world.row(code), status="planned", target__isnull=False
    )
    for visit in list(dated.values_list("visit", flat=True)):
        visiting.record_missed_visit(
            by=by, code=code, visit=visit, reason="Not reached in time", at=world.now
        )
    complete(on=world.now.date(), at=world.now)
    assert world.row(code).state == "completed"
    for past in ("visits", "treatment"):
        assert "no step leads" in refused(_withdraw(world, code, past, "samples"))
    _withdraw(world, code, "samples")()
    assert (world.row(code).state, world.row(code).stops_samples) == ("completed", True)
    assert "not withdrawn before" in refused(_withdraw(world, code, "samples"))
    assert _status(world, code)["pregnancy_12_weeks"] == "cancelled"


def test_what_a_withdrawal_stops_is_written_in_one_order(world: World) -> None:
    # A set has no order that two processes share, and a simulation's bytes hang on the ledger's.
    code = world.treated()
    participation.withdraw(
        by=world.coordinator, code=code, on=world.now.date(), stops=set(STOPS), at=world.now
    )
    rows = LedgerRow.objects.filter(study=STUDY, action="withdraw", field__startswith="stops_")
    written = list(rows.order_by("seq").values_list("field", flat=True))
    assert written == [f"stops_{stop}" for stop in STOPS]
