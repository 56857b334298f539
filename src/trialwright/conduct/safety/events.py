"""Adverse events as rules read them: worst grade, seriousness, relation, the stopping event."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from trialwright.accounts.policy import Act
from trialwright.conduct.clock import day_of
from trialwright.conduct.models import Participant
from trialwright.conduct.models.adverse_events import (
    About,
    AdverseEvent,
    EventGrade,
    EventOpinion,
    Judge,
)
from trialwright.safety.hold_rules import AtOnce
from trialwright.safety.onset import OnsetMarks, onset_marks
from trialwright.safety.partial import PartialDate, may_be_by, may_be_from, partial_date
from trialwright.safety.section import StoppingEvent
from trialwright.safety.seriousness import SeriousCriterion

ACT_OF = {
    Judge.INVESTIGATOR: Act.JUDGE_EVENTS,
    Judge.SPONSOR: Act.JUDGE_EVENTS_FOR_SPONSOR,
    Judge.ADJUDICATOR: Act.ADJUDICATE_EVENTS,
}
"""What the policy is asked of each judge."""


def own_events(participant: Participant) -> QuerySet[AdverseEvent]:
    """The participant's adverse events that stand: no situation without harm, none of a child."""
    rows = AdverseEvent.objects.filter(participant=participant, nullified="", child=None)
    return rows.exclude(term="")


def criteria_met(event: AdverseEvent) -> list[SeriousCriterion]:
    """The criteria of seriousness that were answered with yes."""
    return [criterion for criterion in SeriousCriterion if getattr(event, criterion.value)]


def is_serious(event: AdverseEvent) -> bool:
    """Whether any was."""
    return bool(criteria_met(event))


def worst_grade(grades: Iterable[EventGrade]) -> int:
    """The worst of an event's steps; going down uncounts nothing."""
    return max((each.grade for each in grades), default=0)


@dataclass(frozen=True, slots=True)
class Relation:
    """Whether an event counts as related, and whether the investigator has said so at all."""

    related: bool
    assessed: bool


def relation(opinions: Sequence[EventOpinion], about: About = About.TREATMENT) -> Relation:
    """Related when any judge says so: nobody lowers another's. Unassessed counts as related."""
    said = [each for each in opinions if each.about == about]
    assessed = any(each.judge == Judge.INVESTIGATOR for each in said)
    return Relation(not assessed or any(each.related for each in said), assessed)


def onset_of(event: AdverseEvent, zone: ZoneInfo, treated_on: date | None) -> OnsetMarks | None:
    """How its onset stands to the participant's consent and first dose, by the days of their site;
    None of a situation, and of what happened to a child."""
    if not event.term or event.child_id is not None:
        return None
    consented = event.participant.consented_at
    return onset_marks(
        partial_date(event.started),
        consented_on=day_of(consented, zone) if consented else None,
        treated_on=treated_on,
    )


def stops(event: AdverseEvent, treated_on: date | None, window: StoppingEvent | None) -> bool:
    """Whether it is a stopping event: a question is answered with yes (and the event is related,
    where the question asks for it), and it may have begun in the days that count."""
    if window is None or treated_on is None or not _answers(event, window):
        return False
    days = [treated_on + timedelta(days=each) for each in (window.first_day, window.last_day)]
    begin, end = (PartialDate(day, day) for day in days)
    started = partial_date(event.started)
    return may_be_from(started, begin) and may_be_by(started, end)


def counts_at_once(event: AdverseEvent, treated_on: date, rule: AtOnce) -> bool:
    """Whether it is an event of a kind that holds at once, which may have begun with the treatment
    or later. A child's malformation counts; a situation without harm is of no kind."""
    if not event.term:
        return False
    if rule.criteria and not rule.criteria & set(criteria_met(event)):
        return False
    if rule.stopping and not rule.stopping & set(event.stopping):
        return False
    if rule.related and not relation(list(event.opinions.all())).related:
        return False
    return may_be_from(partial_date(event.started), PartialDate(treated_on, treated_on))


def _answers(event: AdverseEvent, window: StoppingEvent) -> bool:
    answered = set(event.stopping)
    if answered - window.only_related:
        return True
    if not answered:
        return False
    said = relation(list(event.opinions.all()))
    return said.related and (said.assessed or window.unassessed_counts_as_related)
