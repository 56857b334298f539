"""Filling in a form: likely answers that no check refuses, now and then a slip, a blank or a far
value, each with the reason that the program asks for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from random import Random

from trialwright.conduct.actions import entering
from trialwright.conduct.allocation.allocation_list import arm_of
from trialwright.conduct.models import Entry
from trialwright.conduct.refusals import ActionRefused
from trialwright.conduct.tables import entry_of
from trialwright.protocol.expression import Expression
from trialwright.protocol.forms import Form, Item, ItemType, Severity
from trialwright.protocol.series import Place
from trialwright.protocol.values import Missing, Value, canonical
from trialwright.simulation.needs import unrefused
from trialwright.simulation.person import SimulatedPerson
from trialwright.simulation.record import Held, SimulationRecord
from trialwright.simulation.solving import Search, Wish
from trialwright.simulation.values import draw_value, possible, step_of

Typed = Mapping[str, str | Missing]
_LEFT_OUT = 0.1
_WHY = "As in the source document, asked again"


@dataclass(frozen=True, slots=True)
class Filled:
    """What is typed on a form, and what is said where the program asks."""

    typed: Typed
    remarks: Mapping[str, str]


def answer(person: SimulatedPerson, place: Place, on: date) -> None:
    """Think of answers to a form, so that none of its checks refuses them."""
    visit, key, _repeat = place
    form, stage = person.protocol.form(key), person.stage
    random = person.stream(*place, "answers")
    if place not in person.answers.answers:
        person.answers.answers[place] = drawn(person, place, on, random)
    wishes = [*unrefused(person.protocol, visit, key), *_asking(form, visit, person, random)]
    wishes += _limiting(person, visit, key)
    unmet = _settled(person, place, on, random, wishes)
    for wish in unmet:
        if not wish.truth:
            stage.tally.unmet[f"{wish.key}: answers that it doesn't refuse"] += 1


def drawn(person: SimulatedPerson, place: Place, on: date, random: Random) -> Held:
    """Likely answers to each item of a form that is typed."""
    form, plan = person.protocol.form(place[1]), person.stage.plan
    held: Held = {}
    for item in form.items:
        needed = f"{place[0]}.{form.key}.{item.key}" in person.stage.needed
        if item.computed:
            continue
        if not needed and item.optional and random.random() < _LEFT_OUT:
            continue
        if not needed and item.missing_reasons and random.random() < plan.missing_values:
            held[item.key] = Missing(random.choice(item.missing_reasons))
        elif not needed and random.random() < plan.unlikely_values:
            held[item.key] = _unlikely(item, on, random)
        else:
            held[item.key] = draw_value(item, on, random)
    return _in_order(form, held)


def _in_order(form: Form, held: Held) -> Held:
    """The same with the dates and times of a form rising in the order in which they are asked."""
    for kinds in ((ItemType.DATE,), (ItemType.TIME,)):
        keys = [i.key for i in form.items if i.type in kinds and not _blank(held.get(i.key))]
        values = sorted((held[key] for key in keys), key=str)
        held |= dict(zip(keys, values, strict=True))
    return held


def _blank(value: Value | Missing | None) -> bool:
    return value is None or isinstance(value, Missing)


def _unlikely(item: Item, on: date, random: Random) -> Value:
    """A number beyond what is likely and within what can be, where there is one."""
    whole = possible(item)
    if item.likely_maximum is not None and item.likely_maximum < whole.high:
        return min(whole.high, item.likely_maximum + step_of(item))
    if item.likely_minimum is not None and item.likely_minimum > whole.low:
        return max(whole.low, item.likely_minimum - step_of(item))
    return draw_value(item, on, random)


def _asking(form: Form, visit: str, person: SimulatedPerson, random: Random) -> Iterable[Wish]:
    """Now and then, that one of the form's questioning checks asks."""
    checks = [each for each in form.checks if each.severity is Severity.ASK]
    if checks and random.random() < person.stage.plan.queries:
        check = random.choice(checks)
        yield Wish(f"{form.key}.{check.key}", check.when, True, visit, form.key)


def _limiting(person: SimulatedPerson, visit: str, form: str) -> Iterable[Wish]:
    """On the form that says it, that a participant has a dose-limiting event or not, as often as
    the rate of their dose level (on a control never), that they respond, and that they are
    evaluable."""
    cohorts, plan = person.protocol.cohorts, person.stage.plan
    if cohorts is None or not plan.events or person.row.randomised_at is None:
        return
    arm = person.protocol.arms[arm_of(person.row) - 1].key
    level = next((n for n, each in enumerate(cohorts.levels) if each.arm == arm), None)

    def happens(rates: tuple[float, ...], what: str) -> bool:
        return level is not None and person.happens(rates[min(level, len(rates) - 1)], what)

    here = f"{visit}.{form}."
    wished: list[tuple[str, Expression | None, bool]] = [
        ("cohorts.event", cohorts.event, happens(plan.events, "dose-limiting event")),
        ("cohorts.evaluable", cohorts.evaluable, not person.happens(0.05, "not evaluable")),
    ]
    if plan.responses:
        truth = happens(plan.responses, "response")
        wished.append(("cohorts.response", cohorts.response, truth))
    for key, expression, truth in wished:
        if expression and any(each.startswith(here) for each in expression.references):
            yield Wish(key, expression, truth)


def _settled(
    person: SimulatedPerson, place: Place, on: date, random: Random, wishes: list[Wish]
) -> tuple[Wish, ...]:
    """Search for answers that meet the wishes; also for a record of a repeating form."""
    if not wishes:
        return ()
    visit, form, _repeat = place
    first = (visit, form, 1)
    record = SimulationRecord(
        person.protocol, dict(person.answers.answers), days=person.answers.days
    )
    if person.protocol.form(form).repeating:
        record = _as_single(record, place)
    record.answers[first] = dict(record.answers[place])
    unmet = Search(record, frozenset({(visit, form)}), on, random).meet(wishes)
    person.answers.answers[place] = record.answers[first]
    return unmet


def _as_single(record: SimulationRecord, place: Place) -> SimulationRecord:
    """A record of a repeating form, looked at as if the form had one."""
    others = {each: held for each, held in record.answers.items() if each[:2] != place[:2]}
    return SimulationRecord(
        record.protocol,
        {**others, place: record.answers[place]},
        single=place[1],
        days=record.days,
    )


def fill(person: SimulatedPerson, place: Place) -> bool:
    """Save a form as thought of; first, now and then, as it can't be. Whether it is saved."""
    stage = person.stage
    if person.happens(stage.plan.mistakes, *place, "mistake"):
        mistake(person, place)
    filled = as_typed(person, place)
    saved = stage.act(
        f"save {place[0]}.{place[1]}",
        stage.crew.among(person.protocol.form(place[1]).completed_by, person.site),
        partial(_save, person, place, filled, {}),
    )
    return saved is not None


def as_typed(person: SimulatedPerson, place: Place) -> Filled:
    """The texts of the items that are asked, and a remark wherever a check will ask."""
    held = person.answers.answers[place]
    state = person.answers.state(place, person.answers.named())
    shown = {key: value for key, value in held.items() if key in state.shown}
    typed = {
        key: value if isinstance(value, Missing) else canonical(value)
        for key, value in shown.items()
    }
    return Filled(typed, {each.items[0]: _WHY for each in state.questions})


def _save(
    person: SimulatedPerson, place: Place, filled: Filled, whys: Mapping[str, str], by: object
) -> entering.Saved:
    visit, form, repeat = place
    entry = entry_at(person, place)
    return entering.save_entry(
        by=by,  # type: ignore[arg-type]
        code=person.code,
        visit=visit,
        form=form,
        repeat=repeat,
        raw=filled.typed,
        based_on=entry.revision if entry else 0,
        remarks=filled.remarks,
        change_reasons=whys,
        at=person.stage.now,
    )


def entry_at(person: SimulatedPerson, place: Place) -> Entry | None:
    """The entry of a form as the study has it."""
    return entry_of(person.row, *place)


def mistake(person: SimulatedPerson, place: Place) -> None:
    """Type what a check or a limit refuses, and see that it is refused."""
    visit, key, _repeat = place
    stage, form = person.stage, person.protocol.form(key)
    random = person.stream(*place, "mistake")
    right = dict(person.answers.answers[place])
    checks = [each for each in form.checks if each.severity is Severity.REFUSE]
    name = ""
    if checks:
        check = min(checks, key=lambda each: (stage.tally.fired[key, each.key], random.random()))
        name = check.key
        wish = Wish(f"{key}.{name}", check.when, True, visit, key)
        if _settled(person, place, stage.today, random, [wish]):
            stage.tally.unmet[f"{key}.{name}: answers that it refuses"] += 1
            name = ""
    elif limited := [each for each in form.items if each.maximum is not None and each.key in right]:
        item = random.choice(limited)
        assert item.maximum is not None  # noqa: S101 - it was asked for
        person.answers.answers[place][item.key] = item.maximum + step_of(item)
        shown = person.answers.state(place, person.answers.named()).shown
        name = f"maximum of {item.key}" if item.key in shown else ""
    if name:
        _refused(person, place, form, name)
    person.answers.answers[place] = right


def _refused(person: SimulatedPerson, place: Place, form: Form, name: str) -> None:
    stage, filled = person.stage, as_typed(person, place)
    people = stage.crew.among(form.completed_by, person.site)
    try:
        saved = stage.attempt(people, partial(_save, person, place, filled, {}))
    except ActionRefused:
        stage.tally.fired[form.key, name] += 1
    else:
        stage.tally.accepted[f"{form.key}.{name}"] += saved.revision


def correct(person: SimulatedPerson, place: Place) -> bool:
    """Change one answer of a form, with the reason; whether one was changed."""
    visit, key, _repeat = place
    stage, form = person.stage, person.protocol.form(key)
    random = person.stream(*place, "correction")
    before = dict(person.answers.answers[place])
    shown = as_typed(person, place).typed
    free = [
        each
        for each in form.items
        if each.key in shown and f"{visit}.{key}.{each.key}" not in stage.needed
    ]
    if not free:
        return False
    item = random.choice(free)
    person.answers.answers[place][item.key] = draw_value(item, stage.today, random)
    _settled(person, place, stage.today, random, unrefused(person.protocol, visit, key))
    filled = as_typed(person, place)
    changed = {key for key, text in filled.typed.items() if shown.get(key) != text}
    if not changed:
        return False
    whys = dict.fromkeys(changed, "Copied wrongly from the source document")
    typed = Filled({key: filled.typed[key] for key in changed}, filled.remarks)
    saved = stage.act(
        f"correct {visit}.{key}",
        stage.crew.among(form.completed_by, person.site),
        partial(_save, person, place, typed, whys),
    )
    if saved is None:
        person.answers.answers[place] = before
    return saved is not None
