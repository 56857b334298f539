"""What a name means at each place of a protocol where an expression may stand.

A settled name is `item` (the same record of the same form), `form.item` (another form of the same
visit) or `visit.form.item`. What could unmask an arm is in scope only where it is sealed too.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from trialwright.protocol.forms import Form, Item, ItemType
from trialwright.protocol.terms import Kind, Sort
from trialwright.protocol.typecheck import NameNotFound, suggestion
from trialwright.protocol.visits import Visit

PARTICIPANT = {
    "participant.randomised": Kind(Sort.YES_NO),
    "participant.treated": Kind(Sort.YES_NO),
    "participant.withdrawn": Kind(Sort.YES_NO),
    "participant.stopping_event": Kind(Sort.YES_NO),
    "participant.days_since_treatment": Kind(Sort.NUMBER),
}
"""What the study itself knows of a participant, for populations and endpoints."""

_SORTS = {
    ItemType.NUMBER: Sort.NUMBER,
    ItemType.INTEGER: Sort.NUMBER,
    ItemType.LAB: Sort.NUMBER,
    ItemType.TEXT: Sort.TEXT,
    ItemType.DATE: Sort.DATE,
    ItemType.PARTIAL_DATE: Sort.DATE,
    ItemType.TIME: Sort.TIME,
    ItemType.YES_NO: Sort.YES_NO,
    ItemType.CHOICE: Sort.TEXT,
}


def kind_of(item: Item) -> Kind:
    """The type an item has in expressions."""
    if item.code_list is None:
        return Kind(_SORTS.get(item.type, Sort.NUMBER))
    codes = tuple(code.code for code in item.code_list)
    points = tuple((code.code, code.points) for code in item.code_list if code.points is not None)
    return Kind(Sort.CHOICE, item.code_list.key, codes, points if len(points) == len(codes) else ())


@dataclass(frozen=True, slots=True)
class ItemScope:
    """Items alone, by their keys: the release tests of a product."""

    items: tuple[Item, ...]

    def resolve(self, name: str) -> tuple[str, Kind]:
        """The item of that key."""
        for item in self.items:
            if item.key == name:
                return name, kind_of(item)
        keys = [item.key for item in self.items]
        raise NameNotFound(f"`{name}` is not one of these tests", suggestion(name, keys))


@dataclass(frozen=True, slots=True)
class TrialScope:
    """All items of a trial, seen from a form, or from the trial as a whole (`here` is None)."""

    forms: tuple[Form, ...]
    visits: tuple[Visit, ...]
    here: Form | None = None
    sealed: bool = False
    participant: bool = False

    def resolve(self, name: str) -> tuple[str, Kind]:
        """The settled name and type; raises NameNotFound."""
        if self.participant and name in PARTICIPANT:
            return name, PARTICIPANT[name]
        parts = name.split(".")
        match parts:
            case [item]:
                return item, kind_of(self._own(item))
            case ["participant", _]:
                known = PARTICIPANT if self.participant else ()
                message = f"`{name}` is not known here"
                raise NameNotFound(message, suggestion(name, known))
            case [form, item]:
                return self._of_form(form, item)
            case [visit, form, item]:
                return self._at_visit(visit, form, item)
        message = f"`{name}` has more than three parts"
        raise NameNotFound(message, "Write `visit.form.item`.")

    def _many(self, name: str) -> tuple[str, Kind]:
        """An item that can have many records: of a repeating form, or at a visit that comes again.

        `form.item` is of all visits that have the form.
        """
        *place, form_key, item_key = ["", *name.split(".")]
        form = next((form for form in self.forms if form.key == form_key), None)
        if form is None or len(place) > 2:
            message = f"`{name}` doesn't name an item of a form"
            raise NameNotFound(message, "Write `form.item`, or `visit.form.item`.")
        visit = place[-1]
        holding = [each for each in self.visits if form.key in each.forms]
        if visit:
            holding = [each for each in holding if each.key == visit]
        if not holding:
            message = f"The visit `{visit}` has no form `{form.key}`"
            keys = [each.key for each in self.visits if form.key in each.forms]
            raise NameNotFound(message, suggestion(visit, keys))
        if len(holding) == 1 and not (holding[0].repeats or form.repeating):
            message = f"`{name}` has one record"
            raise NameNotFound(message, "Name the item alone.")
        return name.removeprefix("."), kind_of(self._item(form, item_key))

    def _own(self, key: str) -> Item:
        if self.here is None:
            raise NameNotFound(
                f"`{key}` doesn't say which form it is of",
                f"Write {self._places(key)}.",
            )
        return self._item(self.here, key)

    def _places(self, key: str) -> str:
        for form in self.forms:
            if any(item.key == key for item in form.items):
                return f"`{form.key}.{key}`, or `visit.{form.key}.{key}`"
        return "`form.item` or `visit.form.item`"

    def _item(self, form: Form, key: str) -> Item:
        found = next((item for item in form.items if item.key == key), None)
        if found is None:
            keys = [item.key for item in form.items]
            message = f"`{key}` is not an item of the form `{form.key}`"
            raise NameNotFound(message, suggestion(key, keys))
        if found.unmasking and not self.sealed:
            raise NameNotFound(
                f"`{form.key}.{key}` could unmask an arm, and this can be seen by masked people",
                "Make this `unmasking: yes` too, or do without the item.",
            )
        return found

    def _form(self, key: str) -> Form:
        found = next((form for form in self.forms if form.key == key), None)
        if found is None:
            keys = [form.key for form in self.forms]
            raise NameNotFound(f"`{key}` is not a form", suggestion(key, keys))
        if found.repeating and found is not self.here:
            raise NameNotFound(
                f"`{key}` is a repeating form, so `{key}.item` would be many values",
                "Refer to a form that has one record.",
            )
        return found

    def _of_form(self, form_key: str, item_key: str) -> tuple[str, Kind]:
        form = self._form(form_key)
        kind = kind_of(self._item(form, item_key))
        if self.here is not None and form.key == self.here.key:
            return item_key, kind
        holding = _keys(visit for visit in self.visits if form.key in visit.forms)
        here = self.here.key if self.here else None
        needing = _keys(visit for visit in self.visits if here in visit.forms)
        if needing and set(needing) <= set(holding):
            return f"{form.key}.{item_key}", kind
        if len(holding) == 1:
            return self._at_visit(holding[0], form.key, item_key)
        raise NameNotFound(
            f"`{form.key}.{item_key}` doesn't say at which visit",
            f"Write `visit.{form.key}.{item_key}` with one of: {', '.join(holding) or 'none'}.",
        )

    def _at_visit(self, visit_key: str, form_key: str, item_key: str) -> tuple[str, Kind]:
        name = f"{visit_key}.{form_key}.{item_key}"
        visit = next((visit for visit in self.visits if visit.key == visit_key), None)
        if visit is None:
            keys = _keys(self.visits)
            raise NameNotFound(f"`{visit_key}` is not a visit", suggestion(visit_key, keys))
        form = self._form(form_key)
        if visit.repeats:
            raise NameNotFound(
                f"`{visit_key}` comes again, so `{name}` would be many values",
                "Refer to a visit that comes once.",
            )
        if form.key not in visit.forms:
            message = f"The visit `{visit_key}` has no form `{form_key}`"
            raise NameNotFound(message, suggestion(form_key, visit.forms))
        return f"{visit.key}.{form.key}.{item_key}", kind_of(self._item(form, item_key))


@dataclass(frozen=True, slots=True)
class AnalysisScope(TrialScope):
    """All items of a trial, and all records of each, as an analysis of a cut has them."""

    def resolve_series(self, name: str, *, within_days: bool) -> tuple[str, Kind]:
        """The settled name and type of an item with many records; raises NameNotFound."""
        return self._many(name)


@dataclass(frozen=True, slots=True)
class RecordScope(TrialScope):
    """All items of a trial, and all records of those that everyone may see."""

    days: bool = False

    def resolve_series(self, name: str, *, within_days: bool) -> tuple[str, Kind]:
        """The settled name and type: `form.item` is of the visit looked from."""
        if within_days and not self.days:
            message = f"The last days of `{name}` are counted from a visit, and here is none"
            raise NameNotFound(message, "Compute it in a form of the visit, and use that item.")
        many, kind = TrialScope(self.forms, self.visits, sealed=True)._many(name)
        *_, form_key, item_key = many.split(".")
        form = next(each for each in self.forms if each.key == form_key)
        if form.item(item_key).unmasking:
            message = f"`{name}` could reveal an arm, so all its records can't be had here"
            raise NameNotFound(message, "Use it in an endpoint or a population.")
        if form.repeating and self.here is not None and form.key == self.here.key:
            message = f"`{name}` is of the repeating form that would hold the result"
            raise NameNotFound(message, "Compute it in another form of the visit.")
        settled = self._placed(many, form)
        if within_days and settled.count(".") < 2:
            message = f"The records of `{name}` are of one visit, and so of one day"
            raise NameNotFound(message, "Leave the number of days out, or write `visit.form.item`.")
        return settled, kind

    def _placed(self, name: str, form: Form) -> str:
        """The name with its visit, unless the form repeats at each visit looked from."""
        if name.count(".") == 2:
            return name
        holding = _keys(visit for visit in self.visits if form.key in visit.forms)
        needing = self._looked_from()
        if form.repeating and needing and set(needing) <= set(holding):
            return name
        if len(holding) == 1:
            return f"{holding[0]}.{name}"
        message = f"`{name}` doesn't say at which visit"
        raise NameNotFound(message, f"Write `visit.{name}` with one of: {', '.join(holding)}.")

    def _looked_from(self) -> list[str]:
        """The visits from which the records are looked at; of criteria and strata none."""
        return []


@dataclass(frozen=True, slots=True)
class FormScope(RecordScope):
    """All items of a trial seen from a form, and all records of each up to the form's own visit."""

    days: bool = True

    def _looked_from(self) -> list[str]:
        here = self.here.key if self.here else None
        return _keys(visit for visit in self.visits if here in visit.forms)


@dataclass(frozen=True, slots=True)
class LotScope:
    """The tests of a lot by their keys, and all items of the participant who is to be given it."""

    tests: ItemScope
    trial: TrialScope

    def resolve(self, name: str) -> tuple[str, Kind]:
        """The settled name and type; raises NameNotFound."""
        return self.trial.resolve(name) if "." in name else self.tests.resolve(name)


DOSE_LEVEL, SECOND_DOSE_LEVEL = "dose_level", "second_dose_level"
"""The doses of a participant's level, of the first and of the second agent, as names of expressions
for planned doses."""


@dataclass(frozen=True, slots=True)
class DoseScope:
    """All open items, seen from a step that gives a dose: `form.item` is of the visit at which it
    is given, where each of the step's visits has the form. agents: how many the dose levels have, 0
    without levels."""

    trial: TrialScope
    at: tuple[Visit, ...]
    agents: int

    def resolve(self, name: str) -> tuple[str, Kind]:
        """The settled name and type; raises NameNotFound."""
        if name in (DOSE_LEVEL, SECOND_DOSE_LEVEL)[: self.agents]:
            return name, Kind(Sort.NUMBER)
        form, _, item = name.partition(".")
        if self.at and item and "." not in item and all(form in each.forms for each in self.at):
            inside = next(each for each in self.trial.forms if each.key == form)
            _own, kind = TrialScope(self.trial.forms, self.trial.visits, inside).resolve(item)
            return name, kind
        return self.trial.resolve(name)

    def resolve_series(self, name: str, *, within_days: bool) -> tuple[str, Kind]:
        """The settled name and type of an item with many records, seen from the step's visits."""
        scope = _StepScope(self.trial.forms, self.trial.visits, days=bool(self.at), at=self.at)
        return scope.resolve_series(name, within_days=within_days)


@dataclass(frozen=True, slots=True)
class _StepScope(RecordScope):
    """All records of items, up to the visit at which a step is taken."""

    at: tuple[Visit, ...] = ()

    def _looked_from(self) -> list[str]:
        return _keys(self.at)


def _keys(visits: Iterable[Visit]) -> list[str]:
    return [visit.key for visit in visits]
