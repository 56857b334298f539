"""The adverse events that a person may see, as whole as they may see them."""

from typing import Any

from django.db.models import Max, QuerySet

from trialwright.accounts.policy import Actor, may
from trialwright.conduct.models import AdverseEvent
from trialwright.conduct.models.adverse_events import Judge
from trialwright.conduct.reads.participants import visible
from trialwright.conduct.safety.events import ACT_OF, is_serious, own_events


def events_seen(by: Actor) -> QuerySet[Any]:
    """All of the participants whom this person may see, the latest first, with `worst`."""
    rows: QuerySet[Any] = AdverseEvent.objects.filter(participant__in=visible(by))
    graded = rows.annotate(worst=Max("grades__grade")).select_related("participant")
    return graded.order_by("-number")


def own_events_of(by: Actor, code: str) -> tuple[tuple[int, str], ...]:
    """Number and term of the participant's own adverse events that stand."""
    return tuple((each.number, each.term) for each in _own(by, code))


def serious_events_of(by: Actor, code: str) -> tuple[tuple[int, str], ...]:
    """The same of the serious ones."""
    return tuple((each.number, each.term) for each in _own(by, code) if is_serious(each))


def _own(by: Actor, code: str) -> list[AdverseEvent]:
    found = visible(by).filter(code=code).first()
    return list(own_events(found).order_by("number")) if found else []


def judges(by: Actor, event: AdverseEvent) -> list[Judge]:
    """As whom the person may judge the cause of an event; a situation without harm has none."""
    if not event.term:
        return []
    site = event.participant.site
    return [judge for judge, act in ACT_OF.items() if may(by, act, site=site)]
