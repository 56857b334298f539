"""The adverse events that a person may see, as whole as they may see them."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import Max, Prefetch, QuerySet

from trialwright.accounts.policy import Act, Actor, may, role_to_see_products
from trialwright.conduct.acting import knows_arm
from trialwright.conduct.allocation.links import allocated_at
from trialwright.conduct.clock import zone_of, zones_of
from trialwright.conduct.models import AdverseEvent, StepRecord
from trialwright.conduct.models.adverse_events import Judge
from trialwright.conduct.models.steps import StepStatus
from trialwright.conduct.products.recipients import given_to
from trialwright.conduct.reads.participants import study_and_protocol, visible
from trialwright.conduct.safety.events import ACT_OF, is_serious, onset_of, own_events
from trialwright.safety.onset import Onset, OnsetMarks, onset_against
from trialwright.safety.partial import partial_date


def events_seen(by: Actor) -> QuerySet[Any]:
    """All of the participants whom this person may see, the latest first, with `worst`."""
    rows: QuerySet[Any] = AdverseEvent.objects.filter(participant__in=visible(by))
    graded = rows.annotate(worst=Max("grades__grade")).select_related("participant")
    return graded.order_by("-number")


def with_doses(by: Actor, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The same events, fetched with what `onsets` reads: the doses given to their participants."""
    _study, protocol = study_and_protocol(by)
    treats = [step.key for step in protocol.steps if step.treats]
    given = StepRecord.objects.filter(step__in=treats).exclude(status=StepStatus.NOT_DONE.value)
    return rows.prefetch_related(Prefetch("participant__steps", given, to_attr="doses"))


def onsets(by: Actor) -> Callable[[Any], OnsetMarks | None]:
    """How the onset of an event of `with_doses` stands to consent and to the first dose."""
    zones = zones_of(by.study)

    def marks(event: Any) -> OnsetMarks | None:
        participant = event.participant
        first = min((each.taken_on for each in participant.doses), default=None)
        return onset_of(event, zones.at(participant.site), first)

    return marks


def onset_against_product(by: Actor, event: AdverseEvent) -> tuple[Onset, date | None] | None:
    """How the onset stands to the first container that the participant was given, and its day;
    None for who may not know the arm, and of what has no onset of the participant's own."""
    participant = event.participant
    if not event.term or event.child_id is not None or allocated_at(participant) is None:
        return None
    knows = knows_arm(by, participant)
    if not (knows or role_to_see_products(by)):
        return None
    if not may(by, Act.SEE_ARM, site=participant.site, knows_arm=knows):
        return None
    zone = zone_of(participant)
    found = given_to(participant.study_id, participant.code)
    given = [each.move.at.astimezone(zone).date() for each in found]
    first = min(given, default=None)
    return onset_against(partial_date(event.started), first), first


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
