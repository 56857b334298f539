"""The protocol deviations that a person may see."""

from django.db.models import QuerySet

from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct.models import Deviation
from trialwright.conduct.reads.participants import visible


def deviations_seen(by: Actor) -> QuerySet[Deviation]:
    """All of the participants whom this person may see, the latest first."""
    rows: QuerySet[Deviation] = Deviation.objects.filter(participant__in=visible(by))
    return rows.select_related("participant").order_by("-number")


def deviations_to_classify(by: Actor) -> QuerySet[Deviation]:
    """Those that wait for this person, the oldest first."""
    if not may(by, Act.CLASSIFY_DEVIATION):
        return Deviation.objects.none()
    rows = deviations_seen(by).filter(classification=None).order_by("number")
    sites = by.sites_for(Act.CLASSIFY_DEVIATION)
    return rows if sites is None else rows.filter(participant__site__in=sites)
