"""What was typed on a form, read and judged by the protocol: pure, but for the values it needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language

from trialwright.conduct.models import Participant
from trialwright.conduct.reads.values import (
    Known,
    held_value,
    records_of,
    restricted_values_of,
    stored_text,
    values_of,
    visit_days,
)
from trialwright.conduct.refusals import Problem
from trialwright.conduct.sealed_values import Stored
from trialwright.messages import Translatable
from trialwright.protocol.answers import Refusal, read_missing, read_value
from trialwright.protocol.completion import evaluate_form, kept, needed_elsewhere
from trialwright.protocol.dependencies import placed
from trialwright.protocol.forms import Form
from trialwright.protocol.model import Protocol
from trialwright.protocol.series import Gathered, gather, series_of
from trialwright.protocol.values import Missing, Value

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
    beside: Mapping[str, Stored] | None = None,
) -> Completed:
    """Read what was typed, skip what isn't asked, compute scores, run the checks.

    An item that `raw` does not name keeps what it held, so that a person who may not see an
    item can't empty it.

    Args:
        beside: by form, what other forms of this visit hold on the page where this one is being
            filled in; what is stored of them doesn't count then.
    """
    given, problems = _read(form, raw, before, today)
    elsewhere = _elsewhere(participant, protocol, form, visit, beside or {})
    many = _all_records(participant, protocol, form, visit, beside or {})
    state = evaluate_form(form, {**elsewhere, **given}, many)
    problems = [problem for problem in problems if problem.field in state.shown]
    for finding in state.refusals:
        problems.append(Problem(finding.items[0], say(finding.message)))
    values = kept(form, state, given)
    return Completed(
        values={key: stored_text(value) for key, value in values.items()},
        shown=frozenset(state.shown),
        problems=tuple(problems),
        questions=tuple(
            Question(each.items[0], each.check, each.message.in_language("en"), say(each.message))
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
            held = held_value(item, before.get(item.key))
            if held is None:
                continue
            answer = held
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


def _elsewhere(
    participant: Participant,
    protocol: Protocol,
    form: Form,
    visit: str,
    beside: Mapping[str, Stored],
) -> Known:
    """What this form needs of other forms: `form.item` is of its own visit."""
    places = {name: placed(name, visit, form.key) for name in needed_elsewhere(form)}
    shown: Known = {}
    for name, place in list(places.items()):
        at, of, item = place.split(".")
        if at == visit and of in beside:
            del places[name]
            value = held_value(protocol.form(of).item(item), beside[of].get(item))
            if value is not None:
                shown[name] = value
    hidden = {place for place in places.values() if _restricted(protocol, place)}
    values = values_of(participant, protocol, set(places.values()) - hidden)
    values |= restricted_values_of(participant, protocol, hidden)
    stored = {name: values[place] for name, place in places.items() if place in values}
    return stored | shown


def _all_records(
    participant: Participant,
    protocol: Protocol,
    form: Form,
    visit: str,
    beside: Mapping[str, Stored],
) -> dict[str, Gathered]:
    """What this form's functions of all records take, with what stands beside it on the page."""
    terms = series_of(form)
    needed = {term.path.split(".")[-2] for term in terms}
    if not needed:
        return {}
    record = records_of(participant, protocol, needed)
    for key in needed & beside.keys():
        typed = {
            item: held_value(protocol.form(key).item(item), beside[key][item])
            for item in beside[key]
        }
        record[visit, key, 1] = {item: value for item, value in typed.items() if value is not None}
    dated = any(term.days is not None for term in terms)
    days = visit_days(participant) if dated else None
    return gather(protocol, form, (visit, form.key, 1), record, terms, days=days)


def _restricted(protocol: Protocol, place: str) -> bool:
    _visit, form, item = place.split(".")
    return item in protocol.form(form).unmasking_items


def say(text: Translatable) -> str:
    """The words in the language of the person being served."""
    return text.in_language(get_language() or "en")
