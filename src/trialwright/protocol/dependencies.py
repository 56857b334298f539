"""Which of a participant's data depend on which: the graph that a protocol's expressions draw.

An item at a visit is named `visit.form.item`. A reference `form.item` means the visit of the form
that refers, and `item` the same record, so that a form standing at several visits depends on each
visit's own. Pure, and the one place that knows what follows from a value.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from trialwright.protocol.expression import Expression
from trialwright.protocol.forms import Form
from trialwright.protocol.model import Protocol
from trialwright.protocol.occurrences import key_of, of_visit
from trialwright.protocol.series import series_of
from trialwright.protocol.terms import Series
from trialwright.protocol.visits import Visit


class Use(StrEnum):
    """What depends on an item."""

    VALUE = "value"
    SHOWN = "shown"
    CHECK = "check"
    CRITERION = "criterion"
    STRATUM = "stratum"
    ANCHOR = "anchor"
    VISIT = "visit"


@dataclass(frozen=True, slots=True)
class Dependant:
    """Something that an item decides.

    `name` is `visit.form.item` for a value or its being asked, `visit.form.check` for a check;
    else the key of the criterion, factor, anchor or visit.
    """

    use: Use
    name: str


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The dependants of each item, and the forms that read it from another form; apart, those that
    read all its records. `dated` are, of the latter, those that read the last days alone; `decided`
    the items of which all records decide something outside the forms.

    Items are named by the file's visits; asked of an occurrence, each answers for its visit.
    """

    direct: Mapping[str, frozenset[Dependant]]
    readers: Mapping[str, frozenset[tuple[str, str]]]
    series_readers: Mapping[str, frozenset[tuple[str, str]]]
    decided: frozenset[str]
    dated: Mapping[str, frozenset[tuple[str, str]]]

    def decides(self, name: str, use: Use) -> bool:
        """Whether something of this kind depends directly on an item."""
        return any(each.use is use for each in self.direct.get(of_visit(name), ()))

    def readers_of(self, name: str) -> frozenset[tuple[str, str]]:
        """The visits and forms that read an item, of whatever occurrence, from another form."""
        return self.readers.get(of_visit(name), frozenset()) | self.readers_of_all(name)

    def readers_of_all(self, name: str) -> frozenset[tuple[str, str]]:
        """The visits and forms that read all records of an item, the form itself among them."""
        return self.series_readers.get(of_visit(name), frozenset())

    def reads_all(self, name: str) -> bool:
        """Whether anything reads all records of an item, so that one more of them changes it."""
        return of_visit(name) in self.decided or bool(self.readers_of_all(name))

    def counts_days(self, visit: str, form: str) -> bool:
        """Whether a form at a visit reads records of the last days."""
        return any((visit, form) in readers for readers in self.dated.values())

    def read_by_days(self, visit: str) -> tuple[str, ...]:
        """The items of a visit, or occurrence, of which records of the last days are read."""
        names = (name.split(".", 1) for name in sorted(self.dated))
        return tuple(f"{visit}.{rest}" for key, rest in names if key == key_of(visit))

    def following(self, names: Collection[str]) -> frozenset[Dependant]:
        """Everything that depends on these items, directly or through other items."""
        found: set[Dependant] = set()
        waiting = [of_visit(name) for name in names]
        while waiting:
            for each in self.direct.get(waiting.pop(), frozenset()) - found:
                found.add(each)
                if each.use in (Use.VALUE, Use.SHOWN):
                    waiting.append(each.name)
        return frozenset(found)


def dependencies_of(protocol: Protocol) -> Dependencies:
    """The graph of a protocol, drawn once for each of its versions."""
    return _drawn(_Drawing(protocol))


def placed(name: str, visit: str, form: str) -> str:
    """The item that a settled name means in a form at a visit, as `visit.form.item`."""
    prefix = {0: f"{visit}.{form}.", 1: f"{visit}."}.get(name.count("."), "")
    return prefix + name


class _Drawing:
    """A protocol that is known by the hash of its file, so that drawing can be remembered."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol

    def __hash__(self) -> int:
        return hash(self.protocol.sha256)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Drawing) and (
            self.protocol.sha256 == other.protocol.sha256
            and self.protocol.part_of == other.protocol.part_of
            and self.protocol.of_group == other.protocol.of_group
        )


@lru_cache(maxsize=16)
def _drawn(drawing: _Drawing) -> Dependencies:
    direct: dict[str, set[Dependant]] = {}
    readers: dict[str, set[tuple[str, str]]] = {}
    for name, dependant in _edges(drawing.protocol):
        direct.setdefault(name, set()).add(dependant)
        if dependant.use in (Use.VALUE, Use.SHOWN, Use.CHECK):
            visit, form, _ = dependant.name.split(".")
            if not name.startswith(f"{visit}.{form}."):
                readers.setdefault(name, set()).add((visit, form))
    series: dict[str, set[tuple[str, str]]] = {}
    dated: dict[str, set[tuple[str, str]]] = {}
    for term, visit, form in _functions(drawing.protocol):
        name = placed(term.path, visit, form)
        series.setdefault(name, set()).add((visit, form))
        if term.days is not None:
            dated.setdefault(name, set()).add((visit, form))
    return Dependencies(
        {name: frozenset(each) for name, each in direct.items()},
        {name: frozenset(each) for name, each in readers.items()},
        {name: frozenset(each) for name, each in series.items()},
        frozenset(term.path for term in deciding_series(drawing.protocol)),
        {name: frozenset(each) for name, each in dated.items()},
    )


def deciding_series(protocol: Protocol) -> Iterator[Series]:
    """The functions of all records that decide a criterion, a stratum or a group."""
    levels = (
        level.when
        for allocation in protocol.allocations
        for factor in allocation.factors
        for level in factor.levels
    )
    checks = (criterion.check for criterion in protocol.criteria)
    for expression in (*levels, *checks, *(group.when for group in protocol.groups)):
        yield from expression.series if expression else ()


def _functions(protocol: Protocol) -> Iterator[tuple[Series, str, str]]:
    """Each function of all records, with the visit and the form that have it."""
    for visit in protocol.visits:
        for key in visit.forms:
            for term in series_of(protocol.form(key)):
                yield term, visit.key, key


def _edges(protocol: Protocol) -> Iterator[tuple[str, Dependant]]:
    forms = {form.key: form for form in protocol.forms}
    for visit in protocol.visits:
        for key in visit.forms:
            yield from _of_form(visit, forms[key])
        yield from _each(visit.only_if, Dependant(Use.VISIT, visit.key))
    for criterion in protocol.criteria:
        yield from _each(criterion.check, Dependant(Use.CRITERION, criterion.key))
    for group in protocol.groups:
        yield from _each(group.when, Dependant(Use.STRATUM, group.key))
    for allocation in protocol.allocations:
        for factor in allocation.factors:
            for level in factor.levels:
                yield from _each(level.when, Dependant(Use.STRATUM, factor.key))
        for rule in allocation.rules:
            yield from _each(rule.when, Dependant(Use.STRATUM, rule.arm))
    for visit in protocol.visits:
        decided = protocol.cycle(visit.cycle).next_on if visit.cycle is not None else None
        if decided is not None:
            yield str(decided), Dependant(Use.VISIT, visit.key)
    for anchor in protocol.anchors:
        if anchor.item is None:
            continue
        place = (anchor.item.visit, anchor.item.form)
        moved = [visit for visit in protocol.visits if anchor.key in _counted_from(protocol, visit)]
        asked = anchor.when.references if anchor.when else ()
        for name in (anchor.item.item, *asked):
            yield placed(name, *place), Dependant(Use.ANCHOR, anchor.key)
            for visit in moved:
                yield placed(name, *place), Dependant(Use.VISIT, visit.key)


def _counted_from(protocol: Protocol, visit: Visit) -> set[str | None]:
    """The anchors that decide when a visit is, when its cycle ends, and when its epoch is over."""
    counted = {visit.anchor, visit.fallback.anchor if visit.fallback else None}
    if visit.cycle is not None:
        cycle = protocol.cycle(visit.cycle)
        counted = {cycle.anchor, cycle.until}
    by_epoch = {each.key for each in protocol.anchors if each.epoch or each.epoch_end}
    if visit.epoch or counted & by_epoch:
        counted |= {key for epoch in protocol.epochs for key in (epoch.starts, *epoch.ends)}
    return counted


def _of_form(visit: Visit, form: Form) -> Iterator[tuple[str, Dependant]]:
    place = (visit.key, form.key)
    for item in form.items:
        name = f"{visit.key}.{form.key}.{item.key}"
        yield from _each(item.expression, Dependant(Use.VALUE, name), place)
        yield from _each(item.show_when, Dependant(Use.SHOWN, name), place)
    for check in form.checks:
        dependant = Dependant(Use.CHECK, f"{visit.key}.{form.key}.{check.key}")
        yield from _each(check.when, dependant, place)


def _each(
    expression: Expression | None, dependant: Dependant, place: tuple[str, str] = ("", "")
) -> Iterator[tuple[str, Dependant]]:
    if expression is None:
        return
    for name in expression.names:
        yield placed(name, *place), dependant
