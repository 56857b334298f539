"""What follows when a participant's values, or the day of a visit, change: each form that reads
them, anew. Pure.

The record is as stored, the change already in it. A form is evaluated again when a value that it
reads from another form has changed, and the forms that read it in their turn, until nothing moves:
no item depends on itself, so it ends.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from trialwright.protocol.completion import FormState, evaluate_form, kept, needed_elsewhere
from trialwright.protocol.dependencies import Dependencies, placed
from trialwright.protocol.forms import Form
from trialwright.protocol.model import Protocol
from trialwright.protocol.occurrences import key_of, occurrence_of
from trialwright.protocol.series import Days, Held, Place, gather
from trialwright.protocol.values import Missing, Value


@dataclass(frozen=True, slots=True)
class Moved:
    """A visit, by its name, whose day was another before, or none."""

    visit: str
    before: date | None


@dataclass(frozen=True, slots=True)
class Reevaluated:
    """A record of a form after the change.

    values: what it holds now. state: how it stands; `before` how it stood. causes: the items, of
    those that were changed, or the visit whose day was, that it follows from.
    """

    values: Held
    state: FormState
    before: FormState
    causes: frozenset[str]


def reevaluate(
    protocol: Protocol,
    graph: Dependencies,
    record: Mapping[Place, Held],
    changed: Mapping[str, Value | Missing | None],
    forms: Mapping[Place, Form] | None = None,
    *,
    repeat: int = 1,
    days: Days | None = None,
    moved: Moved | None = None,
) -> dict[Place, Reevaluated]:
    """Every record of a form that reads a changed value, directly or through another form.

    record: the participant's data by place, as they are now. changed: what each changed item
    (`visit.form.item`) held before, None where it held nothing. forms: the forms of records that
    were entered under another version of the protocol. repeat: of which record of its form, where
    the form that was changed is a repeating one. days: when the visits took place. moved: the
    visit whose day was changed.
    """
    run = _Run(protocol, graph, record, changed, forms or {}, repeat)
    return run.counting(days or {}, moved).to_the_end()


def stands_alone(
    protocol: Protocol, record: Mapping[Place, Held], place: Place, days: Days | None = None
) -> Reevaluated:
    """One record computed from nothing but the record it stands in: the plain reference."""
    form, values = protocol.form(place[1]), named(protocol, record)
    many = gather(protocol, form, place, record, days=days)
    state = evaluate_form(form, {**_elsewhere(form, place[0], values), **record[place]}, many)
    return Reevaluated(kept(form, state, record[place]), state, state, frozenset())


def named(protocol: Protocol, record: Mapping[Place, Held]) -> dict[str, Value | Missing]:
    """The values that a name can mean: those of forms with one record."""
    return {
        f"{visit}.{form}.{item}": value
        for (visit, form, _repeat), values in record.items()
        if not protocol.form(form).repeating
        for item, value in values.items()
    }


class _Run:
    def __init__(
        self,
        protocol: Protocol,
        graph: Dependencies,
        record: Mapping[Place, Held],
        changed: Mapping[str, Value | Missing | None],
        forms: Mapping[Place, Form],
        repeat: int,
    ) -> None:
        self.protocol, self.graph, self.forms = protocol, graph, forms
        self.held = dict(record)
        self.was = _before(record, changed, repeat)
        self.now = named(protocol, record)
        self.earlier = {**self.now, **{n: v for n, v in changed.items() if v is not None}}
        for name, value in changed.items():
            if value is None:
                self.earlier.pop(name, None)
        self.places: dict[tuple[str, str], list[Place]] = {}
        for place in record:
            self.places.setdefault((key_of(place[0]), place[1]), []).append(place)
        self.causes: dict[Place, frozenset[str]] = {}
        self.waiting: dict[Place, None] = {}
        self.found: dict[Place, Reevaluated] = {}
        self.days: Days = {}
        self.days_before: Days = {}
        for name in sorted(changed):
            self._wake({name}, frozenset({name}))

    def counting(self, days: Days, moved: Moved | None) -> "_Run":
        """Count the last days from these, and evaluate what a visit that moved was or is among."""
        self.days = self.days_before = days
        if moved is None:
            return self
        others = {visit: day for visit, day in days.items() if visit != moved.visit}
        self.days_before = others | ({moved.visit: moved.before} if moved.before else {})
        causes = frozenset({moved.visit})
        for place in self.held:
            if place[0] == moved.visit and self.graph.counts_days(key_of(place[0]), place[1]):
                self._wait(place, causes)
        for name in self.graph.read_by_days(moved.visit):
            self._wake({name}, causes)
        return self

    def to_the_end(self) -> dict[Place, Reevaluated]:
        while self.waiting:
            place = next(iter(self.waiting))
            del self.waiting[place]
            moved = self._evaluate(place)
            self._wake(moved, self.causes[place])
        return self.found

    def _wake(self, names: Collection[str], causes: frozenset[str]) -> None:
        for name in sorted(names):
            visit, form, _item = name.split(".")
            many = self.graph.readers_of_all(name)
            for reader in sorted(self.graph.readers_of(name)):
                for place in self.places.get(reader, ()):
                    if place[:2] == (visit, form):
                        continue
                    # At its own visit an item is read by the forms of the same occurrence; among
                    # all its records by those of later ones too.
                    apart = reader[0] == key_of(visit) and place[0] != visit
                    if apart and (reader not in many or _earlier(place[0], visit)):
                        continue
                    self._wait(place, causes)

    def _wait(self, place: Place, causes: frozenset[str]) -> None:
        self.waiting[place] = None
        self.causes[place] = self.causes.get(place, frozenset()) | causes

    def _evaluate(self, place: Place) -> set[str]:
        """Evaluate one record; returns the names of its items that moved."""
        visit, key, _repeat = place
        form, held = self.forms.get(place) or self.protocol.form(key), self.held[place]
        many = gather(self.protocol, form, place, self.held, days=self.days)
        state = evaluate_form(form, {**_elsewhere(form, visit, self.now), **held}, many)
        moved: set[str] = set()
        if place in self.found:
            before = self.found[place].before
        else:
            # Whether what is restricted has moved must not show in what is done about it.
            moved |= form.unmasking_items
            was = {**_elsewhere(form, visit, self.earlier), **self.was.get(place, {})}
            then = gather(self.protocol, form, place, self.was, days=self.days_before)
            before = evaluate_form(form, was, then)
        values = kept(form, state, held)
        self.held[place] = values
        self.found[place] = Reevaluated(values, state, before, self.causes[place])
        moved |= {item for item in {*held, *values} if held.get(item) != values.get(item)}
        for item in moved if not form.repeating else ():
            name = f"{visit}.{key}.{item}"
            if item in values:
                self.now[name] = values[item]
            else:
                self.now.pop(name, None)
        return {f"{visit}.{key}.{item}" for item in moved}


def _before(
    record: Mapping[Place, Held], changed: Mapping[str, Value | Missing | None], repeat: int
) -> dict[Place, Held]:
    """The record as it was, by what was changed; a form that then held nothing was not there."""
    was = dict(record)
    for name, value in changed.items():
        visit, form, item = name.split(".")
        place = (visit, form, repeat)
        if place in record:
            kept_items = {k: v for k, v in was.get(place, {}).items() if k != item}
            was[place] = kept_items if value is None else kept_items | {item: value}
    return {place: held for place, held in was.items() if held or not record[place]}


def _earlier(visit: str, than: str) -> bool:
    return occurrence_of(visit)[1] < occurrence_of(than)[1]


def _elsewhere(form: Form, visit: str, values: Held) -> dict[str, Value | Missing]:
    places = ((name, placed(name, visit, form.key)) for name in needed_elsewhere(form))
    return {name: values[place] for name, place in places if place in values}
