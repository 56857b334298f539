"""What is known of one invented participant, evaluated as the program evaluates it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from trialwright.protocol.completion import FormState, evaluate_form, kept, needed_elsewhere
from trialwright.protocol.dependencies import deciding_series, placed
from trialwright.protocol.forms import Item
from trialwright.protocol.model import Protocol
from trialwright.protocol.series import Days, Gathered, Place, gather, of_all, series_of
from trialwright.protocol.terms import Series
from trialwright.protocol.values import Missing, Value

Held = dict[str, Value | Missing]


@dataclass(slots=True)
class SimulationRecord:
    """The answers of a participant by place; what is computed follows from them.

    single: a repeating form of which one record alone is looked at, so that its names mean that.
    days: when the visits took place.
    """

    protocol: Protocol
    answers: dict[Place, Held] = field(default_factory=dict)
    single: str = ""
    days: Days = field(default_factory=dict)
    _evaluated: dict[Place, tuple[object, Held]] = field(default_factory=dict, repr=False)
    _needs: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    _series: dict[str, tuple[Series, ...]] = field(default_factory=dict, repr=False)
    _deciding: tuple[Series, ...] | None = field(default=None, repr=False)

    def named(self) -> dict[str, Value | Missing]:
        """All that a name can mean, with what is computed."""
        known: dict[str, Value | Missing] = {}
        waiting = [place for place in self.answers if self._means_one(place)]
        while waiting:
            before = dict(known)
            for place in waiting:
                known |= self._held(place, known)
            # What one form needs of another may have come after it.
            waiting = [place for place in waiting if self._elsewhere(place[1])]
            if before == known:
                break
        return known | self._decided(known)

    def _decided(self, known: Mapping[str, Value | Missing]) -> dict[str, Value | Missing]:
        """What criteria, strata and groups make of all records, by the names they use."""
        if self._deciding is None:
            self._deciding = tuple(deciding_series(self.protocol))
        if not self._deciding:
            return {}
        record = {}
        for (visit, form, repeat), held in self.answers.items():
            names = ((item.key, f"{visit}.{form}.{item.key}")
                     for item in self.protocol.form(form).items if item.computed)  # fmt: skip
            computed = {key: known[name] for key, name in names if name in known}
            record[visit, form, repeat] = {**held, **computed}
        found = of_all(self.protocol, self._deciding, record)
        return {name: value for name, value in found.items() if value is not None}

    def _held(self, place: Place, known: Mapping[str, Value | Missing]) -> Held:
        """What a record holds, by whole names; worked out anew only where something has changed."""
        visit, form, _repeat = place
        needed = [known.get(placed(name, visit, form)) for name in self._elsewhere(form)]
        key = (list(self.answers[place].items()), needed, self._gathered(place, known))
        found = self._evaluated.get(place)
        if found is None or found[0] != key:
            held = kept(self.protocol.form(form), self.state(place, known), self.answers[place])
            found = (key, {f"{visit}.{form}.{item}": value for item, value in held.items()})
            self._evaluated[place] = found
        return found[1]

    def _elsewhere(self, form: str) -> tuple[str, ...]:
        if form not in self._needs:
            self._needs[form] = needed_elsewhere(self.protocol.form(form))
        return self._needs[form]

    def _means_one(self, place: Place) -> bool:
        _visit, form, repeat = place
        if form == self.single:
            return repeat == 1
        return not self.protocol.form(form).repeating

    def state(self, place: Place, known: Mapping[str, Value | Missing]) -> FormState:
        """How one record of a form stands, beside what is known elsewhere."""
        form = self.protocol.form(place[1])
        needed = {name: placed(name, place[0], form.key) for name in self._elsewhere(form.key)}
        elsewhere = {name: known[full] for name, full in needed.items() if full in known}
        many = self._gathered(place, known)
        return evaluate_form(form, {**elsewhere, **self.answers[place]}, many)

    def _gathered(self, place: Place, known: Mapping[str, Value | Missing]) -> dict[str, Gathered]:
        """What a form's functions of all records take; what is computed there is known or not."""
        if place[1] not in self._series:
            self._series[place[1]] = series_of(self.protocol.form(place[1]))
        terms = self._series[place[1]]
        if not terms:
            return {}
        read = {(of, key) for of, key in (term.path.split(".")[-2:] for term in terms)}
        computed = {(of, key) for of, key in read if self.protocol.item(of, key).computed}
        forms = {of for of, _key in read}
        record: dict[Place, Mapping[str, Value | Missing]] = {}
        for other, held in self.answers.items():
            if other[1] not in forms:
                continue
            record[other] = held
            for of, key in computed:
                name = f"{other[0]}.{of}.{key}"
                if of == other[1] and name in known:
                    record[other] = {**record[other], key: known[name]}
        form = self.protocol.form(place[1])
        return gather(self.protocol, form, place, record, terms, days=self.days)

    def item(self, name: str) -> Item:
        """The item that `visit.form.item` names."""
        _visit, form, key = name.split(".")
        return self.protocol.item(form, key)

    def put(self, name: str, value: Value | Missing) -> None:
        """Answer an item of a form with one record."""
        visit, form, key = name.split(".")
        self.answers[visit, form, 1][key] = value
