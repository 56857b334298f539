"""Plan a participant's visits again whenever something they are counted from is entered."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from trialwright.conduct.acting import Scene
from trialwright.conduct.models import Participant, State, VisitRecord, VisitStatus
from trialwright.conduct.reads.values import Known, values_of
from trialwright.conduct.tables import rows_of
from trialwright.protocol.model import Protocol
from trialwright.protocol.schedule import PlannedVisit, Planning, plan
from trialwright.protocol.values import PartialDate
from trialwright.protocol.visits import Step

# The calendar that days are counted in.
ZONE = ZoneInfo(settings.TIME_ZONE)

# In these she comes to no more visits.
OVER = frozenset({State.SCREEN_FAILED, State.WITHDRAWN, State.LOST, State.DIED, State.COMPLETED})


def day_of(moment: datetime) -> date:
    """The calendar day of a moment, where the study takes place."""
    return moment.astimezone(ZONE).date()


def anchors_of(participant: Participant, protocol: Protocol, values: Known) -> dict[str, date]:
    """The days her visits are counted from, as far as they are known to the day."""
    given = participant.treatment_status in ("full", "part")
    steps = {
        Step.CONSENT: participant.consented_at,
        Step.ALLOCATION: participant.randomised_at,
        Step.TREATMENT: participant.treated_at if given else None,
    }
    known: dict[str, date] = {}
    for anchor in protocol.anchors:
        if anchor.step is not None:
            moment = steps[anchor.step]
            day = day_of(moment) if moment is not None else None
        else:
            value = values.get(str(anchor.item))
            day = value.full if isinstance(value, PartialDate) else None
        if day is not None:
            known[anchor.key] = day
    return known


def plan_of(participant: Participant, protocol: Protocol) -> dict[str, PlannedVisit]:
    """Her visits as the protocol plans them now, by their keys, in its order."""
    values = values_of(participant, protocol, _needed(protocol))
    untreated = participant.treatment_status == "none"
    impossible = {
        anchor.key for anchor in protocol.anchors if anchor.step is Step.TREATMENT and untreated
    }
    anchors = anchors_of(participant, protocol, values)
    planned = plan(protocol, anchors, impossible=impossible, values=values)
    return {visit.visit: visit for visit in planned}


def moves_plan(protocol: Protocol, visit: str, form: str) -> bool:
    """Whether visits are counted from a form, or planned by what it says."""
    return any(name.startswith(f"{visit}.{form}.") for name in _needed(protocol))


def _needed(protocol: Protocol) -> set[str]:
    """The items that visits are counted from or planned by."""
    needed = {str(anchor.item) for anchor in protocol.anchors if anchor.item is not None}
    return needed.union(*(each.only_if.references for each in protocol.visits if each.only_if))


_UNPLANNED = (Planning.NOT_PLANNED, Planning.ANY_TIME)


def replan(scene: Scene) -> None:
    """Write the plan down: new visits, moved windows, and those that will not take place.

    Needed after whatever changes where she stands or what visits are counted from. A visit that
    took place or was missed keeps the window it had.
    """
    participant = scene.participant
    known = {each.visit: each for each in rows_of(VisitRecord, participant_id=participant.pk)}
    new = []
    for key, visit in plan_of(participant, scene.protocol).items():
        record = known.get(key)
        expected = _expected(participant, scene, key) and visit.planning not in _UNPLANNED
        if record is None:
            if expected:
                new.append(_row(participant, visit))
        elif record.status in (VisitStatus.PLANNED, VisitStatus.CANCELLED):
            scene.change(
                record,
                target=visit.target,
                opens=visit.first,
                closes=visit.last,
                by_fallback=visit.by_fallback,
                status=(VisitStatus.PLANNED if expected else VisitStatus.CANCELLED).value,
            )
    scene.record_all(new)


def _expected(participant: Participant, scene: Scene, visit: str) -> bool:
    """Whether she will still come to a visit that hasn't taken place."""
    if participant.stops_visits or participant.state in OVER:
        return False
    return scene.protocol.visit(visit).screening or participant.randomised_at is not None


def _row(participant: Participant, visit: PlannedVisit) -> VisitRecord:
    return VisitRecord(
        participant=participant,
        visit=visit.visit,
        status=VisitStatus.PLANNED.value,
        target=visit.target,
        opens=visit.first,
        closes=visit.last,
        by_fallback=visit.by_fallback,
    )
