"""The study at a glance, as this person may see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct.models import State
from trialwright.conduct.planning import day_of
from trialwright.conduct.reads.participants import visible


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts of the participants a person may see."""

    randomised_on: tuple[date, ...]
    states: Mapping[tuple[State, str], int]
    sites: tuple[str, ...]


def overview(by: Actor) -> Overview:
    """The study as it stands; without a count for who sees no participants."""
    if not may(by, Act.SEE_PARTICIPANTS):
        return Overview((), {}, ())
    rows = visible(by)
    counted = rows.values_list("state", "site").annotate(Count("pk")).order_by()
    states = {(State(state), site): count for state, site, count in counted}
    moments = rows.filter(randomised_at__isnull=False).values_list("randomised_at", flat=True)
    return Overview(
        randomised_on=tuple(sorted(day_of(moment) for moment in moments)),
        states=states,
        sites=tuple(sorted({site for _state, site in states})),
    )
