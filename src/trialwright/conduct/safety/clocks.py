"""The clocks of reports follow from events and holds, in the transaction that changes these.

What is to be told, the protocol's rules say (`safety.duties`); this module gathers what they read
and writes what follows.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Max

from trialwright.conduct.acting import ActionContext, protocol_of
from trialwright.conduct.clock import zone_of
from trialwright.conduct.models import AdverseEvent, Clock, ClockDue, Hold, StepRecord
from trialwright.conduct.models.adverse_events import About, Judge
from trialwright.conduct.participants.progress import treatments_of
from trialwright.conduct.safety.events import criteria_met, relation, worst_grade
from trialwright.safety.clock_rules import ClockRules, CountsFrom, clock_rules
from trialwright.safety.duties import (
    Case,
    Moves,
    Opens,
    Running,
    Stage,
    Starts,
    changes_of,
    due_of_hold,
)
from trialwright.safety.partial import PartialDate, may_be_from, partial_date
from trialwright.safety.periods import DueMoment
from trialwright.safety.reference import is_expected, reference_documents
from trialwright.safety.seriousness import SeriousCriterion

BY_CLOCK_RULE = "A reporting rule of the protocol"
_OF_EVENTS = frozenset({"AdverseEvent", "EventGrade", "EventOpinion"})
_GRAVE = frozenset({SeriousCriterion.DEATH, SeriousCriterion.LIFE_THREATENING})


def settle_clocks(context: ActionContext) -> None:
    """Open and move the clocks that follow from what an action has changed; its last statement."""
    if not context.touched & (_OF_EVENTS | {"Hold", "StepRecord"}):
        return
    assert context.study.version is not None  # noqa: S101 - `acting` has asked
    rules = clock_rules(protocol_of(context.study.version))
    if not rules.rules:
        return
    with context.following(BY_CLOCK_RULE):
        for hold in [each for each in context.changed if isinstance(each, Hold)]:
            if not Clock.objects.filter(hold=hold).exists():
                for opens in due_of_hold(rules, hold.set_at):
                    _open(context, opens, str(rules.zone), hold=hold)
        for event in _events(context):
            _settle_event(context, rules, event)


def _events(context: ActionContext) -> Sequence[AdverseEvent]:
    """The events that the action has changed, or whose treatment was recorded by it."""
    keys = {each.pk for each in context.changed if isinstance(each, AdverseEvent)}
    keys |= {
        each.event_id  # type: ignore[attr-defined]
        for each in context.changed
        if type(each).__name__ in _OF_EVENTS and not isinstance(each, AdverseEvent)
    }
    rows = AdverseEvent.objects.select_related("participant")
    found = rows.filter(pk__in=keys) if keys else rows.none()
    given = {each.participant_id for each in context.changed if isinstance(each, StepRecord)}
    if given:
        found = found | rows.filter(participant__in=given, nullified="")
    return list(found.prefetch_related("opinions", "grades").order_by("number"))


def _settle_event(context: ActionContext, rules: ClockRules, event: AdverseEvent) -> None:
    case = case_of(context, event)
    if not case.occasions():
        return
    participant = event.participant
    participant.study = context.study
    judged = [
        each.given_at
        for each in event.opinions.all()
        if each.judge == Judge.SPONSOR and each.about == About.TREATMENT
    ]
    starts = Starts(
        site=context.learned_at or _known(context, event),
        sponsor=context.at,
        judgement=max(judged, default=None),
        site_zone=zone_of(participant),
    )
    for change in changes_of(case, rules, starts, _running(event, rules)):
        if isinstance(change, Moves):
            _move(context, change)
            continue
        of_site = change.rule.counts_from is CountsFrom.SITE
        zone = starts.site_zone if of_site else rules.zone
        site = participant.site if of_site else ""
        _open(context, change, str(zone), event=event, site=site)


def _known(context: ActionContext, event: AdverseEvent) -> datetime:
    """When the site learned of what is new: with the event itself, or as this is recorded."""
    return event.known_at if event.recorded_at == context.at else context.at


def case_of(context: ActionContext, event: AdverseEvent) -> Case:
    """What is known of an event now, as the rules read it."""
    criteria = frozenset(criteria_met(event))
    return Case(
        serious=bool(criteria),
        special=bool(event.special),
        exempt=bool(event.exempt),
        suspected=bool(criteria) and _suspected(context, event),
        grave=bool(criteria & _GRAVE),
        nullified=bool(event.nullified),
        news=event.pk in context.news,
    )


def _suspected(context: ActionContext, event: AdverseEvent) -> bool:
    """Whether it counts as related, may have come after the treatment, and isn't expected."""
    if not relation(list(event.opinions.all())).related:
        return False
    participant, protocol = event.participant, context.protocol
    treatment = treatments_of([participant], protocol)[participant.pk]
    if treatment is None or not treatment.given:
        return False
    onset = partial_date(event.started)
    if not may_be_from(onset, PartialDate(treatment.on, treatment.on)):
        return False
    assert context.study.version is not None  # noqa: S101 - `acting` has asked
    documents = reference_documents(protocol_of(context.study.version))
    return not is_expected(documents, event.term, worst_grade(event.grades.all()), onset)


def _running(event: AdverseEvent, rules: ClockRules) -> list[Running]:
    found = []
    rows = Clock.objects.filter(event=event).select_related("ending").prefetch_related("dues")
    for clock in rows.order_by("number"):
        keys = frozenset(each.rule for each in clock.dues.all())
        named = [rule for key in keys if (rule := rules.rule(key))]
        occasions = frozenset(each for rule in named for each in rule.when)
        closed = hasattr(clock, "ending")
        found.append(
            Running(clock, clock.region, Stage(clock.stage), keys, occasions, clock.due_at, closed)
        )
    return found


def _open(
    context: ActionContext,
    opens: Opens,
    zone: str,
    *,
    event: AdverseEvent | None = None,
    hold: Hold | None = None,
    site: str = "",
) -> None:
    numbers = Clock.objects.filter(study=context.study)
    clock = Clock(
        study=context.study,
        number=(numbers.aggregate(last=Max("number"))["last"] or 0) + 1,
        event=event,
        hold=hold,
        site=site,
        region=opens.rule.region,
        stage=opens.stage.value,
        rule=opens.rule.key,
        zone=zone,
        started_at=opens.started_at,
        due_at=opens.due.at,
        opened_at=context.at,
    )
    context.record(clock)
    _keep_due(context, clock, opens, opens.due)


def _move(context: ActionContext, moves: Moves) -> None:
    """The clock goes on under another rule; where its due time was earlier, that stays."""
    clock = moves.key
    assert isinstance(clock, Clock)  # noqa: S101 - `_running` has put it there
    stays = DueMoment(clock.due_at, clock.zone, clock.dues.order_by("-number")[0].last_day)
    due = moves.due or stays
    _keep_due(context, clock, moves, due)
    context.change(clock, rule=moves.rule.key, due_at=due.at)


def _keep_due(context: ActionContext, clock: Clock, change: Opens | Moves, due: DueMoment) -> None:
    last = clock.dues.aggregate(last=Max("number"))["last"] or 0
    context.record(
        ClockDue(
            clock=clock,
            number=last + 1,
            rule=change.rule.key,
            why=change.why.value,
            started_at=change.started_at,
            due_at=due.at,
            last_day=due.last_day,
            since=context.at,
        )
    )
