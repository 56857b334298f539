"""The adverse events that a person may see, as whole as they may see them."""

from typing import Any

from django.db.models import Max, QuerySet

from trialwright.accounts.policy import Actor, may
from trialwright.conduct.models import AdverseEvent
from trialwright.conduct.models.adverse_events import Judge
from trialwright.conduct.reads.participants import visible
from trialwright.conduct.safety.events import ACT_OF


def events_seen(by: Actor) -> QuerySet[Any]:
    """All of the participants whom this person may see, the latest first, with `worst`."""
    rows: QuerySet[Any] = AdverseEvent.objects.filter(participant__in=visible(by))
    graded = rows.annotate(worst=Max("grades__grade")).select_related("participant")
    return graded.order_by("-number")


def judges(by: Actor, event: AdverseEvent) -> list[Judge]:
    """As whom the person may judge the cause of an event."""
    site = event.participant.site
    return [judge for judge, act in ACT_OF.items() if may(by, act, site=site)]
