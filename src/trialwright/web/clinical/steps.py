"""A step on a page of its own: a few questions, one button, one action.

The questions are items of the same kind as those of a protocol's forms, so that they look and are
read alike; what is typed is kept when the action refuses.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from trialwright.conduct.completing import say
from trialwright.conduct.planning import ZONE, day_of
from trialwright.conduct.refusals import Problem as Said
from trialwright.conduct.refusals import Refused
from trialwright.protocol.answers import Refusal, read_value, wanted
from trialwright.protocol.basics import Text
from trialwright.protocol.completion import evaluate_form
from trialwright.protocol.forms import Code, CodeList, Form, Item, ItemType, Section
from trialwright.protocol.values import PartialDate, Value
from trialwright.web.clinical import session
from trialwright.web.clinical.frame import Frame
from trialwright.web.components import Link, Problem
from trialwright.web.forms.fields import Answers, lay_out, problems_of
from trialwright.web.forms.posting import Posted, read_post

Given = Mapping[str, Value]


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


def both(english: str, chinese: str) -> Text:
    """Words in both languages."""
    return Text(english, chinese)


def question(key: str, label: Text, kind: ItemType, **more: Any) -> Item:
    """One question of a step."""
    return Item(key=key, label=label, type=kind, line=0, **more)


def choices(key: str, *codes: tuple[str, Text]) -> CodeList:
    """The choices of a question."""
    return CodeList(key, tuple(Code(code, label) for code, label in codes), 0)


def form_of(*items: Item, label: Text | None = None) -> Form:
    """Questions under one heading."""
    words = label or Text("Answers", "填写")
    return Form(
        key="step", label=words, sections=(Section("answers", words, items),), checks=(), line=0
    )


def run(frame: Frame, step: Step, context: dict[str, Any]) -> HttpResponse:
    """Show the step, or do it: on success go on, on refusal show it again as typed.

    While somebody answers, only which questions follow from the answers is told.
    """
    carried = session.carried_to(frame.request)
    posted = read_post(step.form, carried) if carried else Posted(step.start or {}, {}, {})
    refused: tuple[Said, ...] = ()
    typing = "HX-Request" in frame.request.headers
    if frame.request.method == "POST":
        posted = read_post(step.form, frame.request.POST)
    if frame.request.method == "POST" and not typing:
        try:
            step.act(read(step.form, posted))
        except Refused as error:
            refused = error.problems
        else:
            messages.success(frame.request, step.done)
            return redirect(step.then)
    known = {item.key for item in step.form.items}
    answers = Answers(
        values=posted.values,
        problems={each.field: str(each.sentence) for each in refused if each.field in known},
        skipped=_skipped(step.form, posted),
    )
    groups = lay_out(step.form, answers, reasons=None, language=frame.language)
    if typing:
        return render(frame.request, "web/parts/form_gates.html", {"groups": groups})
    general = [Problem(str(each.sentence), "main") for each in refused if each.field not in known]
    page = {
        **context,
        "groups": groups if step.form.items else (),
        "follows": any(item.show_when is not None for item in step.form.items),
        "problems": [*general, *problems_of(groups)],
        "intro": step.intro,
        "facts_above": step.facts,
        "button": step.button,
        "back": Link(_("Go back without doing it"), step.then),
    }
    return render(frame.request, "web/step.html", page, status=409 if refused else 200)


def read(form: Form, posted: Posted) -> Given:
    """The answers as values; Refused with what to do where one can't be read or is missing."""
    given: dict[str, Value] = {}
    problems = []
    for item in form.items:
        raw = posted.values.get(item.key, "")
        if not isinstance(raw, str) or not raw:
            continue
        value = read_value(item, raw, today=day_of(timezone.now()))
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
        raise Refused(problems=tuple(problems))
    return {key: value for key, value in given.items() if key in state.shown}


def day(value: Value | None) -> date:
    """A full date's day."""
    assert isinstance(value, PartialDate) and value.full is not None  # noqa: S101 - a date item
    return value.full


def moment(on: Value | None, at: Value | None) -> datetime:
    """A date and a time of the study's clock."""
    assert isinstance(at, time)  # noqa: S101 - a time item
    return datetime.combine(day(on), at, ZONE)


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
