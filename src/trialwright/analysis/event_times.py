"""How long each participant was watched for an endpoint's event, and whether it came."""

from __future__ import annotations

from datetime import date

from trialwright.analysis.cut_participants import RANDOMISED, Participant
from trialwright.analysis.values import Values
from trialwright.protocol.analysis_plan import CountedFrom, EventTime
from trialwright.protocol.model import Endpoint
from trialwright.protocol.values import Missing, PartialDate

NO_DATE = "no_date"
NOT_STARTED = "not_started"


def event_time(
    values: Values, endpoint: Endpoint, event: EventTime, person: Participant
) -> tuple[float, bool] | Missing:
    """Days from day 0 to the event, or to the last day known without it; and which of the two.

    Without the event a participant is censored at the last visit done of those that the variable
    asks, at day 0 where there was none. An event without a whole date, or a participant without a
    day 0, is missing.
    """
    began = _day_0(event, person)
    if began is None:
        return Missing(NOT_STARTED)
    if values.of(endpoint.variable, person) is True:
        found = values.of(event.on, person)
        if not isinstance(found, PartialDate) or found.full is None:
            return Missing(NO_DATE)
        return float(max(0, (found.full - began).days)), True
    asked = {path.split(".")[0] for path in values.references(endpoint.variable)}
    seen = [
        date.fromisoformat(visit.actual[:10])
        for visit in values.visits_of(person.code)
        if visit.visit in asked and visit.actual is not None and len(visit.actual) >= 10
    ]
    return float(max(0, *((day - began).days for day in seen), 0)), False


def _day_0(event: EventTime, person: Participant) -> date | None:
    if event.counted_from is CountedFrom.RANDOMISATION:
        at = person.at(RANDOMISED)
    else:
        given = person.treatment
        at = given.on if given is not None and given.status != "none" else None
    return date.fromisoformat(at[:10]) if at is not None and len(at) >= 10 else None
