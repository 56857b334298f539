"""Adverse events: recording one, its grade as it goes on, its outcome, opinions of its cause.

Grade 5, a fatal outcome and a recorded death go together: a fatal event comes with the recording
of the death (`participation.record_death`), and with nothing else.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.models import Participant, PregnancyChild
from trialwright.conduct.models.adverse_events import (
    About,
    AdverseEvent,
    EventGrade,
    EventOpinion,
    Judge,
    Outcome,
    Special,
)
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem, Sentence
from trialwright.conduct.safety.events import ACT_OF, own_events
from trialwright.protocol.model import Protocol
from trialwright.safety.clock_rules import clock_rules
from trialwright.safety.ctcae import by_name
from trialwright.safety.partial import partial_date
from trialwright.safety.section import grading, stopping_event
from trialwright.safety.seriousness import SeriousCriterion

LONGEST_TEXT = 10_000


@dataclass(frozen=True, slots=True)
class Report:
    """What is reported of an event.

    Attributes:
        term: a term of the protocol's version of CTCAE; where it names none, words.
        grade: 1 to 4; 5 comes with the recording of the death.
        started, ended: ISO dates, cut short where only part is known; empty where nothing is.
        known_at: when the site learned of it; the present if left out.
        described: what was observed; "Other, specify" needs it.
        criteria: those of seriousness that are met; death is not among them.
        stopping: the keys of the protocol's stopping questions answered with yes.
        exempt: the kind under which the protocol wants no immediate report of it, or "".
    """

    term: str
    grade: int
    started: str = ""
    ended: str = ""
    known_at: datetime | None = None
    described: str = ""
    outcome: Outcome = Outcome.NOT_RECOVERED
    special: Special | None = None
    criteria: Collection[SeriousCriterion] = ()
    stopping: Collection[str] = field(default=())
    exempt: str = ""


def record_event(*, by: Actor, code: str, report: Report, at: datetime | None = None) -> int:
    """Record an adverse event or a special situation; returns its number in the study."""
    with acting(by, Act.RECORD_EVENTS, "record_event", code=code, at=at) as context:
        problems = _problems(context, report)
        if report.outcome is Outcome.FATAL or SeriousCriterion.DEATH in report.criteria:
            problems.append(Problem("outcome", _fatal()))
        if report.grade == 5:
            problems.append(Problem("grade", _fatal()))
        if problems:
            raise ActionRefused(problems=tuple(problems))
        return enter(context, report).number


def record_grade(
    *,
    by: Actor,
    code: str,
    number: int,
    grade: int,
    since: str = "",
    known_at: datetime | None = None,
    at: datetime | None = None,
) -> None:
    """Record that an event is of another grade from a day on; the worst one counts."""
    with acting(by, Act.RECORD_EVENTS, "record_event_grade", code=code, at=at) as context:
        event = _graded(context.participant, number)
        problems = _grade_problems(event.term, event.ctcae, grade)
        problems += known_problems(context, known_at)
        if grade == 5:
            problems = [Problem("grade", _fatal())]
        problems += date_problems(context, "since", since)
        last = event.grades.order_by("-number").first()
        if last is not None and last.grade == grade:
            words = _("The event is of this grade already. Choose the one it has changed to.")
            problems.append(Problem("grade", words))
        if problems:
            raise ActionRefused(problems=tuple(problems))
        add_grade(context, event, grade, since)


def follow_event(
    *,
    by: Actor,
    code: str,
    number: int,
    outcome: Outcome,
    reason: str,
    ended: str = "",
    criteria: Collection[SeriousCriterion] = (),
    stopping: Collection[str] = (),
    described: str | None = None,
    significant: bool = False,
    known_at: datetime | None = None,
    at: datetime | None = None,
) -> None:
    """Say what became of an event, and what is known of it now; the reason is kept with it.

    Args:
        significant: whether it is news for those who were told of the event; a spelling is not.
        known_at: when the site learned of it; the present if left out.
    """
    with acting(by, Act.RECORD_EVENTS, "follow_event", code=code, at=at) as context:
        event = _graded(context.participant, number)
        died = event.outcome == Outcome.FATAL
        problems = date_problems(context, "ended", ended)
        problems += known_problems(context, known_at)
        problems += order_problem(event.started, ended)
        problems += _stopping_problems(context.protocol, stopping)
        if died != (outcome is Outcome.FATAL) or died != (SeriousCriterion.DEATH in criteria):
            problems.append(Problem("outcome", _fatal()))
        if not reason.strip():
            problems.append(Problem("reason", _("Write what is new, or why it is changed.")))
        if problems:
            raise ActionRefused(problems=tuple(problems))
        context.set_reason(reason.strip())
        if significant:
            context.news.add(event.pk)
            # The event may read as before: the news is in the reason.
            context.touched.add(AdverseEvent.__name__)
            context.changed.append(event)
        columns = {each.value: each in criteria for each in SeriousCriterion}
        if described is not None:
            columns["described"] = described.strip()  # type: ignore[assignment]
        context.change(
            event, outcome=outcome.value, ended=ended, stopping=sorted(stopping), **columns
        )


def judge_event(
    *,
    by: Actor,
    code: str,
    number: int,
    judge: Judge,
    about: About,
    related: bool,
    at: datetime | None = None,
) -> None:
    """Say whether an event is related: the investigator, the sponsor or the adjudicator.

    Each keeps an own opinion, dated; none takes another's back. The adjudicator sees no arm.
    """
    with acting(by, ACT_OF[judge], "judge_event", code=code, at=at) as context:
        event = _graded(context.participant, number)
        if judge is Judge.ADJUDICATOR and context.may_see_arm():
            raise ActionRefused(
                _("Who knows the participant's arm can't judge blinded. Ask another adjudicator.")
            )
        given = {"related": related, "given_at": context.at, "given_by": context.by.person_id}
        held = event.opinions.filter(judge=judge.value, about=about.value).first()
        if held is not None:
            context.change(held, **given)
        else:
            context.record(EventOpinion(event=event, judge=judge.value, about=about.value, **given))


def nullify_event(
    *, by: Actor, code: str, number: int, reason: str, at: datetime | None = None
) -> None:
    """Say that it was no event after all: it stays, with the reason, and counts nowhere."""
    with acting(by, Act.JUDGE_EVENTS, "nullify_event", code=code, at=at) as context:
        event = _event(context.participant, number)
        if not reason.strip():
            problem = Problem("reason", _("Write why it is no event after all."))
            raise ActionRefused(problems=(problem,))
        if event.outcome == Outcome.FATAL and event.child_id is None:
            raise ActionRefused(
                _("This event is a death. Revoke the death first, under “Record discontinuation”.")
            )
        context.set_reason(reason.strip())
        context.change(event, nullified=reason.strip())


def revoke_death(context: ActionContext, reason: str) -> None:
    """A death that is revoked leaves no fatal event: what was recorded before goes on, and one
    that came with the death is none."""
    for event in own_events(context.participant).filter(outcome=Outcome.FATAL.value):
        changes: dict[str, object] = {"outcome": Outcome.UNKNOWN.value, "death": False}
        last = event.grades.order_by("-number").first()
        if event.grades.count() > 1 and last is not None and last.grade == 5:
            context.remove(last)
        else:
            changes["nullified"] = reason
        context.change(event, **changes)


def enter(
    context: ActionContext, report: Report, *, child: PregnancyChild | None = None
) -> AdverseEvent:
    """Write an event of the participant, or of their child, and the first step of its grade; what
    is wrong with it was asked before."""
    said = grading(context.protocol)
    numbers = AdverseEvent.objects.filter(study=context.study)
    event = AdverseEvent(
        study=context.study,
        number=(numbers.aggregate(last=Max("number"))["last"] or 0) + 1,
        participant=context.participant,
        term=report.term.strip(),
        ctcae=said.version if said else "",
        described=report.described.strip(),
        special=report.special.value if report.special else "",
        child=child,
        started=report.started,
        ended=report.ended,
        known_at=report.known_at or context.at,
        outcome=report.outcome.value,
        **{each.value: each in report.criteria for each in SeriousCriterion},
        stopping=sorted(report.stopping),
        exempt=report.exempt,
        recorded_at=context.at,
        recorded_by=context.by.person_id,
    )
    context.record(event)
    add_grade(context, event, report.grade, report.started)
    return event


def add_grade(context: ActionContext, event: AdverseEvent, grade: int, since: str) -> None:
    """Write the next step of an event's grade."""
    last = event.grades.aggregate(last=Max("number"))["last"] or 0
    context.record(
        EventGrade(
            event=event,
            number=last + 1,
            grade=grade,
            since=since,
            known_at=context.learned_at or context.at,
            recorded_at=context.at,
            recorded_by=context.by.person_id,
        )
    )


def fatal_event(
    context: ActionContext, *, on: str, died_of: str, number: int | None
) -> AdverseEvent:
    """The event that a death is of: one that is recorded becomes fatal, or a new one is entered.

    Raises:
        ActionRefused: nothing says of what the participant died.
    """
    if number is not None:
        event = _graded(context.participant, number)
        if event.child_id is not None:
            raise NotFound
        problems = _grade_problems(event.term, event.ctcae, 5, field="event")
        if problems:
            raise ActionRefused(problems=tuple(problems))
        context.change(event, outcome=Outcome.FATAL.value, death=True)
        add_grade(context, event, 5, on)
        return event
    report = Report(
        term=died_of, grade=5, started=on, outcome=Outcome.FATAL, criteria={SeriousCriterion.DEATH}
    )
    if not died_of.strip():
        words = _(
            "A death leads to its serious event. Name the event that is recorded already, or what "
            "the participant died of; “Death NOS” where that isn't known."
        )
        raise ActionRefused(problems=(Problem("died_of", words),))
    problems = [
        Problem("died_of", each.sentence)
        for each in _grade_problems(report.term.strip(), _version(context.protocol), 5)
    ]
    if problems:
        raise ActionRefused(problems=tuple(problems))
    return enter(context, report)


def _event(participant: Participant, number: int) -> AdverseEvent:
    """An event of the participant that stands."""
    rows = AdverseEvent.objects.filter(participant=participant, nullified="")
    event = rows.filter(number=number).first()
    if event is None:
        raise NotFound
    return event


def _graded(participant: Participant, number: int) -> AdverseEvent:
    """An adverse event that stands: a situation without harm has no grade and no cause."""
    event = _event(participant, number)
    if not event.term:
        raise NotFound
    return event


def _version(protocol: Protocol) -> str:
    said = grading(protocol)
    return said.version if said else ""


def _fatal() -> Sentence:
    return _(
        "Grade 5, a fatal outcome and the day of death go together. Record the death under "
        "“Record discontinuation”: it makes the event fatal."
    )


def _problems(context: ActionContext, report: Report) -> list[Problem]:
    problems = _grade_problems(report.term.strip(), _version(context.protocol), report.grade)
    problems += date_problems(context, "started", report.started)
    problems += date_problems(context, "ended", report.ended)
    problems += order_problem(report.started, report.ended)
    problems += _stopping_problems(context.protocol, report.stopping)
    if report.special is Special.PREGNANCY:
        own = _("A pregnancy has a form of its own: “Record a pregnancy”.")
        problems.append(Problem("special", own))
    if report.term.endswith("Other, specify") and not report.described.strip():
        problems.append(Problem("described", _("This term needs words: write what it is.")))
    if len(report.described) > LONGEST_TEXT:
        words = _("Write at most %(most)d characters.") % {"most": LONGEST_TEXT}
        problems.append(Problem("described", words))
    if report.exempt and report.exempt not in clock_rules(context.protocol).exempt:
        told = _("The protocol lists no such kind of event as needing no immediate report.")
        problems.append(Problem("exempt", told))
    return problems + known_problems(context, report.known_at)


def known_problems(context: ActionContext, known_at: datetime | None) -> list[Problem]:
    """When the site learned of it can't be after it is recorded; else the clocks start there."""
    if known_at is not None and known_at > context.at:
        return [Problem("known_at", _("This time lies in the future."))]
    context.learned_at = known_at
    return []


def _grade_problems(term: str, version: str, grade: int, *, field: str = "grade") -> list[Problem]:
    """A term must be of the version, and only the grades that it defines are there."""
    if not term:
        return [Problem("term", _("Name what happened."))]
    if not version:
        known = range(1, 6)
    else:
        found = by_name(version).get(term)
        if found is None:
            words = _("“%(term)s” is no term of CTCAE %(version)s. Look for it among the terms.")
            return [Problem("term", words % {"term": term, "version": version})]
        known = sorted(found.grades)  # type: ignore[assignment]
    if grade in known:
        return []
    words = _("“%(term)s” has no grade %(grade)s. It has %(known)s; choose one, or another term.")
    listed = ", ".join(str(each) for each in known)
    return [Problem(field, words % {"term": term, "grade": grade, "known": listed})]


def date_problems(
    context: ActionContext, name: str, text: str, *, ahead: bool = False
) -> list[Problem]:
    """A day, month or year that isn't one, or lies ahead where it mustn't."""
    if not text:
        return []
    known = partial_date(text)
    if known is None or "T" in text:
        return [Problem(name, _("Enter a day, a month or a year, such as 2026-03-04."))]
    if known.first > context.today and not ahead:
        return [Problem(name, _("This day lies in the future."))]
    return []


def order_problem(
    started: str, ended: str, name: str = "ended", words: Sentence | None = None
) -> list[Problem]:
    """An end that can't have come after the beginning, whatever of both isn't known."""
    begin, end = partial_date(started), partial_date(ended)
    if begin is None or end is None or end.last >= begin.first:
        return []
    return [Problem(name, words or _("It ends before it began. Correct one of the two days."))]


def _stopping_problems(protocol: Protocol, keys: Collection[str]) -> list[Problem]:
    said = stopping_event(protocol)
    if set(keys) <= set(said.any_of if said else ()):
        return []
    return [Problem("stopping", _("The protocol doesn't ask one of these stopping questions."))]
