"""Recording an adverse event: look for its term, then answer what is asked of it; and following it.

Only the grades that a term defines can be chosen, each with its words.
"""

from datetime import datetime
from functools import partial

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.utils.translation import gettext as _

from trialwright.accounts.policy import Act
from trialwright.conduct.actions import adverse_events
from trialwright.conduct.actions.adverse_events import LONGEST_TEXT, Report
from trialwright.conduct.models import AdverseEvent
from trialwright.conduct.models.adverse_events import Outcome, Special
from trialwright.conduct.reads.participants import one
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem
from trialwright.messages import Message
from trialwright.protocol.basics import Text
from trialwright.protocol.forms import CodeList, Item, ItemType
from trialwright.protocol.model import Protocol
from trialwright.protocol.values import PartialDate
from trialwright.safety.clock_rules import clock_rules
from trialwright.safety.ctcae import CtcaeTerm, search, terms
from trialwright.safety.section import grading, stopping_event
from trialwright.safety.seriousness import WORDS, SeriousCriterion
from trialwright.web.clinical import steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Link, Row
from trialwright.web.safety.event_words import OUTCOME_WORDS, SPECIAL_WORDS, is_ours, term_words
from trialwright.web.safety.events import event_or_404

_ASKED = "serious_"
_STOPS = "stop_"
_NAMED = "in-words"


@in_study
def search_page(frame: Frame, code: str) -> HttpResponse:
    """Look for the term of what happened; without a terminology it is written in words."""
    participant = one(frame.actor, code, Act.RECORD_EVENTS)
    said, href = grading(frame.protocol), f"{frame.href}/participants/{code}/adverse-event"
    if said is None:
        return _form(frame, code, None)
    typed = frame.request.GET.get("q", "").strip()[:200]
    found = search(said.version, typed)
    context = frame.about(
        participant,
        _("What happened to {code}?").format(code=code),
        crumbs=[],
        typed=typed,
        version=said.version,
        found=[(term_words(each.name, frame.language), each.soc, f"{href}/{_slug(each.name)}")
               for each in found],
        ours=any(is_ours(each.name, frame.language) for each in found),
    )  # fmt: skip
    return render(frame.request, "web/safety/search.html", context)


def _slug(name: str) -> str:
    return slugify(name)


def _term(protocol: Protocol, slug: str) -> CtcaeTerm:
    said = grading(protocol)
    for term in terms(said.version) if said else ():
        if _slug(term.name) == slug:
            return term
    raise NotFound


@in_study
def record_page(frame: Frame, code: str, term: str) -> HttpResponse:
    """Record an event of a term."""
    return _form(frame, code, None if term == _NAMED else _term(frame.protocol, term))


def _form(frame: Frame, code: str, term: CtcaeTerm | None) -> HttpResponse:
    participant = one(frame.actor, code, Act.RECORD_EVENTS)
    if term is None and grading(frame.protocol) is not None:
        raise NotFound
    name = term_words(term.name, frame.language) if term else ""
    step = steps.Step(
        heading=_("Record an adverse event of {code}").format(code=code),
        button=_("Record the event"),
        form=steps.form_of(*_questions(frame, term)),
        act=partial(_record, frame, code, term),
        done=_("The event is recorded."),
        then=f"{frame.href}/participants/{code}",
        facts=[
            Row(_("Term"), name, change=f"{frame.href}/participants/{code}/adverse-event"),
            Row(_("System organ class"), term.soc, lang="en"),
            Row(_("Definition"), term.definition, lang="en"),
        ]
        if term
        else (),
        goes_on_to_what_came=True,
    )
    return steps.run(frame, step, frame.about(participant, step.heading, crumbs=[]))


def _questions(frame: Frame, term: CtcaeTerm | None) -> list[Item]:
    outcomes = steps.choices(
        "outcome", *((key.value, words) for key, words in OUTCOME_WORDS.items()
                     if key is not Outcome.FATAL)
    )  # fmt: skip
    special = steps.choices(
        "special",
        *((key.value, words) for key, words in SPECIAL_WORDS.items()
          if key is not Special.PREGNANCY),
    )  # fmt: skip
    told = ItemType.TEXT
    named = [question("term", Message("What happened?"), told, longest=250)] if not term else []
    needs_words = term is None or not term.needs_text
    return [
        *named,
        _grade(term),
        question("started", Message("When did it begin?"), ItemType.PARTIAL_DATE, optional=True),
        question("ended", Message("When did it end?"), ItemType.PARTIAL_DATE, optional=True),
        question("outcome", Message("What became of it?"), ItemType.CHOICE, code_list=outcomes),
        question("described", Message("What was observed"), told, longest=LONGEST_TEXT,
                 optional=needs_words, hint=Message("Without naming the arm or the product given")),
        *_seriousness(),
        *_stopping(frame),
        question("special", Message("Is it one of these situations too?"), ItemType.CHOICE,
                 code_list=special, optional=True,
                 hint=Message("They have the same duty to report as a reaction")),
        *_exempt(frame),
        *known_items(),
    ]  # fmt: skip


def _exempt(frame: Frame) -> list[Item]:
    """Of which kind that needs no immediate report it is, where the protocol lists any."""
    listed = clock_rules(frame.protocol).exempt
    if not listed:
        return []
    kinds = steps.choices("exempt", *listed.items())
    words = Message("Does the protocol list it as needing no immediate report?")
    return [question("exempt", words, ItemType.CHOICE, code_list=kinds, optional=True)]


def known_items() -> list[Item]:
    """When the site learned of it: that starts the clocks, not when it began or is recorded."""
    return [
        question("known_on", Message("Day the site learned of it, if not just now"),
                 ItemType.DATE, optional=True),
        question("known_at", Message("Time the site learned of it"), ItemType.TIME,
                 optional=True),
    ]  # fmt: skip


def known_at(given: Given) -> datetime | None:
    """When the site learned of it; None for just now."""
    on, at = given.get("known_on"), given.get("known_at")
    if (on is None) != (at is None):
        field = "known_on" if on is None else "known_at"
        raise ActionRefused(problems=(Problem(field, _("Enter both the day and the time.")),))
    return steps.moment(on, at, "known_at") if on is not None else None


def _grade(term: CtcaeTerm | None) -> Item:
    hint = Message("A death is recorded under “Record discontinuation”; it makes the event grade 5")
    codes = grade_choices(term)
    return question("grade", Message("Grade"), ItemType.CHOICE, hint, code_list=codes)


def grade_choices(term: CtcaeTerm | None) -> CodeList:
    """Only the grades that a term defines, with their words; a death is no choice."""
    defined = term.grades if term else dict.fromkeys(range(1, 6), "")
    return steps.choices(
        "grade",
        *(
            (str(grade), Message("{grade}: {words}", grade=grade, words=words) if words
             else Message("Grade {grade}", grade=grade))
            for grade, words in sorted(defined.items()) if grade < 5
        ),
    )  # fmt: skip


def _seriousness() -> list[Item]:
    return [
        question(f"{_ASKED}{criterion.value}", Message("{words}?", words=words), ItemType.YES_NO)
        for criterion, words in WORDS.items()
        if criterion is not SeriousCriterion.DEATH
    ]


def _stopping(frame: Frame) -> list[Item]:
    said = stopping_event(frame.protocol)
    asked: dict[str, Text] = dict(said.any_of) if said else {}
    return [
        question(f"{_STOPS}{key}", Message("Stopping question: {words}?", words=words),
                 ItemType.YES_NO)
        for key, words in asked.items()
    ]  # fmt: skip


def _criteria(given: Given) -> set[SeriousCriterion]:
    return {each for each in SeriousCriterion if given.get(f"{_ASKED}{each.value}") is True}


def _stops(given: Given) -> set[str]:
    return {
        key.removeprefix(_STOPS)
        for key, value in given.items()
        if key.startswith(_STOPS) and value is True
    }


def day_of(given: Given, key: str) -> str:
    """A day, month or year as an ISO date cut short; empty where none is given."""
    value = given.get(key)
    return str(value) if isinstance(value, PartialDate) else ""


def _record(frame: Frame, code: str, term: CtcaeTerm | None, given: Given) -> str:
    special = given.get("special")
    number = adverse_events.record_event(
        by=frame.actor,
        code=code,
        report=Report(
            term=term.name if term else str(given["term"]),
            grade=int(str(given["grade"])),
            started=day_of(given, "started"),
            ended=day_of(given, "ended"),
            described=str(given.get("described", "")),
            outcome=Outcome(str(given["outcome"])),
            special=Special(str(special)) if special else None,
            criteria=_criteria(given),
            stopping=_stops(given),
            exempt=str(given.get("exempt", "")),
            known_at=known_at(given),
        ),
    )
    return f"{frame.href}/adverse-events/{number}"


@in_study
def grade_page(frame: Frame, number: int) -> HttpResponse:
    """Record another grade of an event."""
    event = _own(frame, number)
    step = steps.Step(
        heading=_("Record another grade of event {number}").format(number=number),
        button=_("Record the grade"),
        form=steps.form_of(
            _grade(_term_of(event)),
            question("since", Message("From when on?"), ItemType.PARTIAL_DATE, optional=True),
            *known_items(),
        ),
        act=lambda given: adverse_events.record_grade(
            by=frame.actor,
            code=event.participant.code,
            number=number,
            grade=int(str(given["grade"])),
            since=day_of(given, "since"),
            known_at=known_at(given),
        ),
        done=_("The grade is recorded; the worst one counts."),
        then=f"{frame.href}/adverse-events/{number}",
    )
    return steps.run(frame, step, _about(frame, event, step))


@in_study
def follow_page(frame: Frame, number: int) -> HttpResponse:
    """Record what became of an event, and what is known of it now."""
    event = _own(frame, number)
    fatal = event.outcome == Outcome.FATAL
    outcomes = steps.choices(
        "outcome",
        *((key.value, words) for key, words in OUTCOME_WORDS.items()
          if (key is Outcome.FATAL) == fatal),
    )  # fmt: skip
    asked = [*_seriousness(), *_stopping(frame)]
    step = steps.Step(
        heading=_("Record what became of event {number}").format(number=number),
        button=_("Save"),
        form=steps.form_of(
            question("outcome", Message("What became of it?"), ItemType.CHOICE, code_list=outcomes),
            question("ended", Message("When did it end?"), ItemType.PARTIAL_DATE, optional=True),
            question("described", Message("What was observed"), ItemType.TEXT,
                     longest=LONGEST_TEXT, optional=True),
            *asked,
            question("significant", Message("Is it significant news for those who were told?"),
                     ItemType.YES_NO, Message("A corrected spelling is not")),
            question("reason", Message("What is new, or why is it changed?"), ItemType.TEXT,
                     longest=500),
            *known_items(),
        ),
        act=partial(_follow, frame, event),
        done=_("Saved. What was said before stays in the audit trail."),
        then=f"{frame.href}/adverse-events/{number}",
        start=_start(event, asked),
    )  # fmt: skip
    return steps.run(frame, step, _about(frame, event, step))


def _start(event: AdverseEvent, asked: list[Item]) -> dict[str, str]:
    known = {
        "outcome": event.outcome,
        "ended": event.ended,
        "described": event.described,
    }
    for item in asked:
        key = item.key
        yes = (
            getattr(event, key.removeprefix(_ASKED))
            if key.startswith(_ASKED)
            else key.removeprefix(_STOPS) in event.stopping
        )
        known[key] = "yes" if yes else "no"
    return known


def _follow(frame: Frame, event: AdverseEvent, given: Given) -> None:
    death = {SeriousCriterion.DEATH} if event.death else set()
    adverse_events.follow_event(
        by=frame.actor,
        code=event.participant.code,
        number=event.number,
        outcome=Outcome(str(given["outcome"])),
        ended=day_of(given, "ended"),
        described=str(given.get("described", "")),
        criteria=_criteria(given) | death,
        stopping=_stops(given),
        reason=str(given["reason"]),
        significant=given["significant"] is True,
        known_at=known_at(given),
    )


def _own(frame: Frame, number: int) -> AdverseEvent:
    """An event that stands, of a participant for whom the person records events."""
    event = event_or_404(frame, number)
    one(frame.actor, event.participant.code, Act.RECORD_EVENTS)
    if event.nullified or not event.term:
        raise NotFound
    return event


def _term_of(event: AdverseEvent) -> CtcaeTerm | None:
    return (
        next((each for each in terms(event.ctcae) if each.name == event.term), None)
        if (event.ctcae)
        else None
    )


def _about(frame: Frame, event: AdverseEvent, step: steps.Step) -> dict[str, object]:
    crumbs = [Link(_("Adverse event {number}").format(number=event.number), step.then)]
    return frame.about(event.participant, step.heading, crumbs=crumbs)
