"""The results of the first participants, as the protocol's pause counts them.

Once so many are treated, nobody is randomised until each of them was watched to the day that the
protocol names, and the role that it names has signed that it has seen their results.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from trialwright.conduct.clock import day_of, zones_of
from trialwright.conduct.models import Participant, State, Study
from trialwright.conduct.participants.progress import Treatment, treatments_of
from trialwright.conduct.signing import hash_of
from trialwright.protocol.allocations import Allocation, Pause
from trialwright.protocol.model import Protocol

_ENDED = frozenset({State.WITHDRAWN, State.LOST, State.DIED, State.COMPLETED})


@dataclass(frozen=True, slots=True)
class FirstResult:
    """One of the first participants: when treated (None: not yet), when the result is due, and
    whether it is there."""

    code: str
    state: State
    treated_on: date | None
    due_on: date | None
    there: bool


def in_order(
    study: Study | str, first: int | None = None, allocation: Allocation | None = None
) -> list[Participant]:
    """Who was randomised, in that order; the first so many, or all.

    Args:
        allocation: that by which they entered, where groups enter by several.
    """
    rows = Participant.objects.filter(study=study, randomised_at__isnull=False)
    if allocation is not None and allocation.list_prefix:
        rows = rows.filter(
            slots__allocation=None, slots__list_name__startswith=allocation.list_prefix
        )
    return list(rows.order_by("randomised_at", "number")[:first])


def first_results(
    study: Study | str, protocol: Protocol, pause: Pause, now: datetime
) -> tuple[FirstResult, ...]:
    """The participants who count for the pause: the first who were, or will be, treated."""
    zones = zones_of(study if isinstance(study, str) else study.identifier)
    randomised = in_order(study)
    treatments = treatments_of(randomised, protocol)
    found = ((row, treatments[row.pk]) for row in randomised)
    count = [(row, each) for row, each in found if each is None or each.given]
    return tuple(
        _result(row, each, pause, day_of(now, zones.at(row.site)))
        for row, each in count[: pause.participants]
    )


def missing(results: Sequence[FirstResult], pause: Pause) -> int:
    """How many results are not there yet."""
    return pause.participants - sum(each.there for each in results)


def content_of(results: Sequence[FirstResult]) -> dict[str, Any]:
    """What is signed: whose results were seen, and how each stood."""
    return {
        "results": [
            [each.code, each.state.value, each.treated_on and each.treated_on.isoformat()]
            for each in results
        ]
    }


def hash_of_results(results: Sequence[FirstResult]) -> str:
    """The hash of what is signed."""
    return hash_of(content_of(results))


def _result(
    row: Participant, treatment: Treatment | None, pause: Pause, today: date
) -> FirstResult:
    state = State(row.state)
    if treatment is None:
        return FirstResult(row.code, state, None, None, state in _ENDED)
    due = treatment.on + timedelta(days=pause.after_days)
    return FirstResult(row.code, state, treatment.on, due, due <= today or state in _ENDED)
