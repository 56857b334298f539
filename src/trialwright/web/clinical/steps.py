"""A step on a page of its own: a few questions, one button, one action.

The questions are items of the same kind as those of a protocol's forms, so that they look and are
read alike; what is typed is kept when the action refuses.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from trialwright.accounts.policy import Actor
from trialwright.conduct.clock import moment_at
from trialwright.conduct.participants.completing import say
from trialwright.conduct.refusals import ActionRefused
from trialwright.conduct.refusals import Problem as Said
from trialwright.messages import Message, Translatable
from trialwright.protocol.answers import Refusal, read_value, wanted
from trialwright.protocol.basics import Text
from trialwright.protocol.completion import evaluate_form
from trialwright.protocol.forms import Code, CodeList, Form, Item, ItemType, Section
from trialwright.protocol.values import PartialDate, Value
from trialwright.web.clinical import session
from trialwright.web.clinical.sent import sent_once
from trialwright.web.components import Link, Problem
from trialwright.web.forms.fields import Answers, lay_out, problems_of, with_focus
from trialwright.web.forms.posting import Posted, read_post

Given = Mapping[str, Value]


class Asked(Protocol):
    """Who asks for a step, and in which language: a frame of a study."""

    @property
    def request(self) -> HttpRequest:
        """The request."""

    @property
    def actor(self) -> Actor:
        """The person in the study."""

    @property
    def language(self) -> str:
        """The language of the page."""


@dataclass(frozen=True, slots=True)
class Ticks:
    """Things of which some are ticked, above the questions of a step: (value, words) of each."""

    legend: str
    options: Sequence[tuple[str, str]]

    def read(self, sent: Mapping[str, str]) -> tuple[str, ...]:
        """The values that are ticked; with “all of them” those that the page showed."""
        if sent.get(f"{TICKS}.all"):
            return tuple(sent.get(f"{TICKS}.shown", "").split())
        return tuple(value for value, _words in self.options if sent.get(f"{TICKS}.{value}"))


TICKS = "ticks"
"""The field that an action's refusal names where it is about what was ticked."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its questions, what it says above them, and the action its button calls."""

    heading: str
    button: str
    form: Form
    act: Callable[[Given], object]
    done: str
    then: str
    intro: str = ""
    facts: Sequence[Any] = ()
    start: Mapping[str, str] | None = None
    # Whether the action returns the address where one goes on, instead of `then`.
    goes_on_to_what_came: bool = False
    template: str = "web/step.html"
    ticks: Ticks | None = None


def label_of(said: Translatable) -> Text:
    """A message as the label of an item, which has the languages of a protocol file."""
    return Text(said.in_language("en"), said.in_language("zh"))


def question(
    key: str, label: Translatable, kind: ItemType, hint: Translatable | None = None, **more: Any
) -> Item:
    """One question of a step."""
    told = label_of(hint) if hint else None
    return Item(key=key, label=label_of(label), type=kind, line=0, hint=told, **more)


def choices(key: str, *codes: tuple[str, Translatable]) -> CodeList:
    """The choices of a question."""
    return CodeList(key, tuple(Code(code, label_of(label)) for code, label in codes), 0)


def form_of(*items: Item, label: Translatable | None = None) -> Form:
    """Questions under one heading."""
    words = label_of(label or Message("Answers"))
    return Form(
        key="step", label=words, sections=(Section("answers", words, items),), checks=(), line=0
    )


def run(frame: Asked, step: Step, context: dict[str, Any]) -> HttpResponse:
    """Show the step, or do it: on success go on, on refusal show it again as typed.

    While somebody answers, only which questions follow from the answers is told.
    """
    sent: Mapping[str, str] = session.carried_to(frame.request)
    refused: tuple[Said, ...] = ()
    typing = "HX-Request" in frame.request.headers
    if frame.request.method == "POST":
        sent = frame.request.POST
    posted = read_post(step.form, sent) if sent else Posted(step.start or {}, {}, {})
    if frame.request.method == "POST" and not typing:
        try:
            then = sent_once(frame.actor, frame.request.POST, partial(_do, step, posted, sent))
        except ActionRefused as error:
            refused = error.problems
        else:
            if step.done:
                messages.success(frame.request, step.done)
            return redirect(then)
    return _page(frame, step, posted, context | _ticks(step, sent, refused), refused)


def _ticks(step: Step, sent: Mapping[str, str], refused: Sequence[Said]) -> dict[str, Any]:
    """What the page wants to show what can be ticked, as it was sent."""
    if step.ticks is None:
        return {}
    boxes = [
        (f"{TICKS}.{value}", words, bool(sent.get(f"{TICKS}.{value}")))
        for value, words in step.ticks.options
    ]
    return {
        "ticks": step.ticks,
        "boxes": boxes,
        "all_ticked": bool(sent.get(f"{TICKS}.all")),
        "values": " ".join(value for value, _words in step.ticks.options),
        "ticks_problem": " ".join(str(each.sentence) for each in refused if each.field == TICKS),
    }


def shown(
    frame: Asked, step: Step, context: dict[str, Any], *, start: Mapping[str, str]
) -> HttpResponse:
    """Show the step with these answers in it, whatever was sent."""
    return _page(frame, step, Posted(start, {}, {}), context, ())


def _page(
    frame: Asked,
    step: Step,
    posted: Posted,
    context: dict[str, Any],
    refused: tuple[Said, ...],
) -> HttpResponse:
    known = {item.key for item in step.form.items}
    answers = Answers(
        values=posted.values,
        problems={each.field: str(each.sentence) for each in refused if each.field in known},
        skipped=_skipped(step.form, posted),
    )
    groups = with_focus(lay_out(step.form, answers, reasons=None, language=frame.language))
    if "HX-Request" in frame.request.headers:
        return render(frame.request, "web/parts/form_gates.html", {"groups": groups})
    general = [
        Problem(str(each.sentence), TICKS if each.field == TICKS else "main")
        for each in refused
        if each.field not in known
    ]
    page = {
        **context,
        "groups": groups if step.form.items else (),
        "follows": any(item.show_when is not None for item in step.form.items),
        "problems": [*general, *problems_of(groups)],
        "intro": step.intro,
        "facts_above": step.facts,
        "button": step.button,
        "back": Link(_("Cancel"), step.then),
    }
    return render(frame.request, step.template, page, status=409 if refused else 200)


def _do(step: Step, posted: Posted, sent: Mapping[str, str]) -> str:
    """Do the step; returns the address where one goes on."""
    problems: list[Said] = []
    if step.ticks is not None and not step.ticks.read(sent):
        problems.append(Said(TICKS, _("Tick at least one.")))
    came = step.act(read(step.form, posted, problems))
    return str(came) if step.goes_on_to_what_came else step.then


def read(form: Form, posted: Posted, found: Sequence[Said] = ()) -> Given:
    """The answers as values; ActionRefused with what to do where one is unreadable or missing.

    Args:
        found: what is wrong already with what was sent.
    """
    given: dict[str, Value] = {}
    problems = list(found)
    for item in form.items:
        raw = posted.values.get(item.key, "")
        if not isinstance(raw, str) or not raw:
            continue
        value = read_value(item, raw, today=timezone.localdate())
        if isinstance(value, Refusal):
            problems.append(Said(item.key, say(value.message)))
        else:
            given[item.key] = value
    state = evaluate_form(form, given)
    bad = {problem.field for problem in problems}
    for key in state.unanswered:
        if key not in bad:
            problems.append(Said(key, say(wanted(form.item(key)))))
    if problems:
        raise ActionRefused(problems=tuple(problems))
    return {key: value for key, value in given.items() if key in state.shown}


def day(value: Value | None) -> date:
    """A full date's day."""
    assert isinstance(value, PartialDate) and value.full is not None  # noqa: S101 - a date item
    return value.full


def moment(on: Value | None, at: Value | None, field: str) -> datetime:
    """A date and a time of the clock at the participant's site; refused where it never showed it.

    Args:
        field: the question for the time.
    """
    assert isinstance(at, time)  # noqa: S101 - a time item
    zone = timezone.get_current_timezone()
    assert isinstance(zone, ZoneInfo)  # noqa: S101 - `in_study` has set it
    return moment_at(day(on), at, zone, field)


def _skipped(form: Form, posted: Posted) -> frozenset[str]:
    given: dict[str, Value] = {}
    for item in form.items:
        raw = posted.values.get(item.key, "")
        if isinstance(raw, str) and raw:
            value = read_value(item, raw)
            if not isinstance(value, Refusal):
                given[item.key] = value
    shown = set(evaluate_form(form, given).shown)
    return frozenset(item.key for item in form.items if item.key not in shown)
