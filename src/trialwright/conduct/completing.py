"""What was typed on a form, read and judged by the protocol: pure, but for the values it needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language

from trialwright.conduct.models import Participant
from trialwright.conduct.reads.values import Known, values_of
from trialwright.conduct.refusals import Problem
from trialwright.conduct.sealed_values import Stored
from trialwright.protocol.answers import Refusal, read_missing, read_value, stored_value
from trialwright.protocol.basics import Text
from trialwright.protocol.completion import evaluate_form, needed_elsewhere
from trialwright.protocol.forms import Form, Item
from trialwright.protocol.model import Protocol
from trialwright.protocol.values import Missing, Value, canonical

Raw = str | Missing


@dataclass(frozen=True, slots=True)
class Question:
    """A check asks about an unlikely value."""

    item: str
    check: str
    text: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Completed:
    """A form as it would be saved: canonical texts, what is refused, what is asked."""

    values: Stored
    shown: frozenset[str]
    problems: tuple[Problem, ...]
    questions: tuple[Question, ...]
    complete: bool


def complete_form(
    participant: Participant,
    protocol: Protocol,
    form: Form,
    visit: str,
    raw: Mapping[str, Raw],
    before: Stored,
    *,
    today: date,
) -> Completed:
    """Read what was typed, skip what isn't asked, compute scores, run the checks.

    An item that `raw` does not name keeps what it held, so that a person who may not see an
    item can't empty it.
    """
    given, problems = _read(form, raw, before, today)
    state = evaluate_form(form, {**_elsewhere(participant, protocol, form, visit), **given})
    problems = [problem for problem in problems if problem.field in state.shown]
    for finding in state.refusals:
        problems.append(Problem(finding.items[0], say(finding.message)))
    known = given | {key: value for key, value in state.computed.items() if value is not None}
    return Completed(
        values={key: _store(value) for key, value in known.items() if key in state.shown},
        shown=frozenset(state.shown),
        problems=tuple(problems),
        questions=tuple(
            Question(each.items[0], each.check, each.message.en, say(each.message))
            for each in state.questions
        ),
        complete=state.complete and not problems,
    )


def _read(
    form: Form, raw: Mapping[str, Raw], before: Stored, today: date
) -> tuple[Known, list[Problem]]:
    given: Known = {}
    problems: list[Problem] = []
    for item in form.items:
        if item.computed:
            continue
        typed = raw.get(item.key)
        answer: Value | Missing | Refusal
        if typed is None:
            held = before.get(item.key)
            if held is None:
                continue
            answer = _stored(item, held)
        elif isinstance(typed, Missing):
            answer = read_missing(item, typed.reason)
        elif typed.strip():
            answer = read_value(item, typed, today=today)
        else:
            continue
        if isinstance(answer, Refusal):
            problems.append(Problem(item.key, say(answer.message)))
        else:
            given[item.key] = answer
    return given, problems


def _elsewhere(participant: Participant, protocol: Protocol, form: Form, visit: str) -> Known:
    """What this form needs of other forms: `form.item` is of its own visit."""
    places = {
        name: f"{visit}.{name}" if name.count(".") == 1 else name for name in needed_elsewhere(form)
    }
    values = values_of(participant, protocol, set(places.values()))
    return {name: values[place] for name, place in places.items() if place in values}


def _stored(item: Item, held: Mapping[str, str | None]) -> Value | Missing:
    text = held["text"]
    return Missing(held["missing"] or "") if text is None else stored_value(item, text)


def _store(value: Value | Missing) -> dict[str, str | None]:
    if isinstance(value, Missing):
        return {"text": None, "missing": value.reason}
    return {"text": canonical(value), "missing": None}


def say(text: Text) -> str:
    """The words in the language of the person being served."""
    return text.in_language(get_language() or "en")
