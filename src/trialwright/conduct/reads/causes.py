"""The events whose cause waits to be judged by a person."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct.models import AdverseEvent, Unblinding
from trialwright.conduct.models.adverse_events import About, EventOpinion, Judge
from trialwright.conduct.reads.participants import visible
from trialwright.conduct.safety.events import ACT_OF
from trialwright.safety.seriousness import SeriousCriterion


def events_to_judge(by: Actor) -> QuerySet[Any]:
    """Those whose cause this person has to judge, the first first.

    The investigator judges each event, the sponsor and the adjudicator the serious ones; one waits
    until that judge has said whether the treatment caused it. No adjudicator is asked about
    somebody whose arm they know.
    """
    if not may(by, Act.SEE_PARTICIPANTS):
        return AdverseEvent.objects.none()
    waits = Q(pk__in=())
    for judge, act in ACT_OF.items():
        if may(by, act):
            waits |= _unjudged(by, judge, act)
    rows = AdverseEvent.objects.filter(waits, participant__in=visible(by), nullified="")
    return rows.exclude(term="").select_related("participant").order_by("number")


def _unjudged(by: Actor, judge: Judge, act: Act) -> Q:
    said = EventOpinion.objects.filter(
        event=OuterRef("pk"), judge=judge.value, about=About.TREATMENT.value
    )
    waits = ~Q(Exists(said))
    if judge is not Judge.INVESTIGATOR:
        waits &= ~Q(**{each.value: False for each in SeriousCriterion})
    if judge is Judge.ADJUDICATOR:
        holder = Coalesce(OuterRef("participant__arm_of"), OuterRef("participant"))
        waits &= ~Q(Exists(Unblinding.objects.filter(person=by.person_id, participant=holder)))
    sites = by.sites_for(act)
    return waits if sites is None else waits & Q(participant__site__in=sites)
