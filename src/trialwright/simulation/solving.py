"""Finding answers under which expressions are true or not: for criteria, strata and checks.

A search from likely answers: as long as a wish isn't met, the items that it follows from are
changed as its expression suggests, and a change stays unless it leaves more wishes unmet. What no
search meets is said, never forced.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from trialwright.protocol.dependencies import placed
from trialwright.protocol.evaluate import value_of
from trialwright.protocol.expression import Expression
from trialwright.protocol.forms import Item, ItemType
from trialwright.protocol.terms import (
    UNKNOWN,
    Among,
    Call,
    Compare,
    Conditional,
    Literal,
    Logic,
    Name,
    Not,
    Term,
)
from trialwright.protocol.values import Missing, PartialDate, Value
from trialwright.simulation.record import SimulationRecord
from trialwright.simulation.values import ValueRange, possible, step_of, wide_value, within

_TRIES = 600
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


@dataclass(frozen=True, slots=True)
class Wish:
    """That an expression be true or, without `truth`, not be: `strictly` known to be false.

    visit, form: where it stands, for names that leave them out; "" where names are whole.
    """

    key: str
    expression: Expression
    truth: bool
    visit: str = ""
    form: str = ""
    strictly: bool = True

    def met(self, known: dict[str, Value | Missing]) -> bool:
        """Whether it is so, given what is known by whole names."""
        names = ((name, self.whole(name)) for name in self.expression.references)
        values = {name: known[full] for name, full in names if full in known}
        if not self.form:
            many = (term.name for term in self.expression.series)
            values |= {name: known[name] for name in many if name in known}
        holds = self.expression.holds(values)
        if self.truth:
            return holds is True
        return holds is False if self.strictly else holds is not True

    def whole(self, name: str) -> str:
        """A name with its visit and form."""
        return placed(name, self.visit, self.form) if self.form else name


@dataclass(slots=True)
class Search:
    """A search among the answers of some forms; all others stand.

    changeable: visits and forms whose answers may be changed. on: the day of these answers.
    """

    record: SimulationRecord
    changeable: frozenset[tuple[str, str]]
    on: date
    random: Random

    def meet(self, wishes: Sequence[Wish], tries: int = _TRIES) -> tuple[Wish, ...]:
        """Change the record until all wishes are met; returns those that weren't."""
        unmet = self._unmet(wishes)
        for _ in range(tries):
            if not unmet:
                break
            wish = self.random.choice(unmet)
            known = self.record.named()
            changes = dict(self._suggested(wish, wish.expression.root, wish.truth, known))
            if not changes:
                changes = dict(self._anything(wish))
            if not changes:
                continue
            before = {name: self._answer(name) for name in changes}
            for name, value in changes.items():
                self.record.put(name, value)
            now = self._unmet(wishes)
            if len(now) > len(unmet):
                self._restore(before)
            else:
                unmet = now
        return tuple(unmet)

    def _unmet(self, wishes: Sequence[Wish]) -> list[Wish]:
        known = self.record.named()
        return [wish for wish in wishes if not wish.met(known)]

    def _answer(self, name: str) -> Value | Missing | None:
        visit, form, key = name.split(".")
        return self.record.answers[visit, form, 1].get(key)

    def _restore(self, before: dict[str, Value | Missing | None]) -> None:
        for name, value in before.items():
            visit, form, key = name.split(".")
            if value is None:
                self.record.answers[visit, form, 1].pop(key, None)
            else:
                self.record.answers[visit, form, 1][key] = value

    def _leaves(self, wish: Wish, names: Sequence[str]) -> list[str]:
        """The items, by whole names, that these follow from and that may be changed."""
        found: dict[str, None] = {}
        waiting = [(wish.whole(name), False) for name in names]
        seen: set[str] = set()
        while waiting:
            name, _ = waiting.pop()
            if name in seen or name.count(".") != 2:
                continue
            seen.add(name)
            visit, form, _key = name.split(".")
            item = self.record.item(name)
            for expression in (item.expression, item.show_when):
                if expression is not None:
                    needs = (placed(each, visit, form) for each in expression.references)
                    waiting += [(each, True) for each in needs]
            if not item.computed and (visit, form) in self.changeable:
                found[name] = None
        return list(found)

    def _anything(self, wish: Wish) -> Iterator[tuple[str, Value]]:
        leaves = self._leaves(wish, wish.expression.references)
        if leaves:
            for name in self.random.sample(leaves, min(len(leaves), self.random.randint(1, 2))):
                yield name, wide_value(self.record.item(name), self.on, self.random)

    def _suggested(
        self, wish: Wish, term: Term, truth: bool, known: dict[str, Value | Missing]
    ) -> Iterator[tuple[str, Value]]:
        """Changes that may bring a term to a truth."""
        match term:
            case Not(operand=operand):
                yield from self._suggested(wish, operand, not truth, known)
            case Logic(operator=which, operands=operands):
                chosen = operands if (which == "and") is truth else (self.random.choice(operands),)
                for operand in chosen:
                    yield from self._suggested(wish, operand, truth, known)
            case Conditional(condition=condition, first=first, second=second):
                by_first = self.random.random() < 0.5
                yield from self._suggested(wish, condition, by_first, known)
                yield from self._suggested(wish, first if by_first else second, truth, known)
            case Name(path=path):
                yield from self._set(wish, path, truth)
            case Among(operand=Name(path=path), options=options) if truth:
                option = self.random.choice(options)
                if isinstance(option, Literal):
                    yield from self._set(wish, path, option.value)
            case Compare(operator=which, left=left, right=right):
                yield from self._compared(
                    wish, which if truth else _NEGATED[which], left, right, known
                )
            case Call(arguments=arguments):
                yield from self._resampled(wish, [n for a in arguments for n in _names(a)])
            case _:
                yield from self._resampled(wish, _names(term))

    def _compared(
        self, wish: Wish, which: str, left: Term, right: Term, known: dict[str, Value | Missing]
    ) -> Iterator[tuple[str, Value]]:
        for one, other, how in ((left, right, which), (right, left, _FLIPPED[which])):
            if isinstance(one, Name):
                bound = self._value(wish, other, known)
                name = wish.whole(one.path)
                if bound is not None and self._is_leaf(name):
                    value = _satisfying(self.record.item(name), how, bound, self.random)
                    if isinstance(value, PartialDate) and value.first > self.on:
                        value = PartialDate.of(self.on)
                    if value is not None:
                        yield from self._set(wish, one.path, value)
                        return
        yield from self._resampled(wish, [*_names(left), *_names(right)])

    def _value(self, wish: Wish, term: Term, known: dict[str, Value | Missing]) -> Value | None:
        values = {name: known.get(wish.whole(name)) for name in _names(term)}
        found = value_of(term, values)
        return None if found is UNKNOWN else found

    def _resampled(self, wish: Wish, names: Sequence[str]) -> Iterator[tuple[str, Value]]:
        """Some of what these follow from, drawn anew: several, where a check ties them together."""
        leaves = self._leaves(wish, names)
        if leaves:
            some = self.random.sample(leaves, min(len(leaves), self.random.randint(1, 4)))
            for name in some:
                yield name, wide_value(self.record.item(name), self.on, self.random)

    def _set(self, wish: Wish, path: str, value: Value) -> Iterator[tuple[str, Value]]:
        """An item set, or what it follows from made so that it may come to that."""
        name = wish.whole(path)
        if name.count(".") != 2:
            return
        item = self.record.item(name)
        visit, form, _key = name.split(".")
        here = Wish(wish.key, wish.expression, True, visit, form)
        if item.show_when is not None and not here_holds(here, item.show_when, self.record):
            yield from self._suggested(here, item.show_when.root, True, self.record.named())
        if self._is_leaf(name):
            yield name, value
        elif item.expression is not None and isinstance(value, bool):
            yield from self._suggested(here, item.expression.root, value, self.record.named())
        else:
            yield from self._resampled(wish, [path])

    def _is_leaf(self, name: str) -> bool:
        if name.count(".") != 2:
            return False
        visit, form, _key = name.split(".")
        return not self.record.item(name).computed and (visit, form) in self.changeable


def here_holds(wish: Wish, expression: Expression, record: SimulationRecord) -> bool:
    """Whether an expression is true where a wish stands."""
    known = record.named()
    values = {name: known.get(wish.whole(name)) for name in expression.references}
    return expression.holds(values) is True


def _names(term: Term) -> list[str]:
    return [each.path for each in term.walk() if isinstance(each, Name)]


def _satisfying(item: Item, which: str, bound: Value, random: Random) -> Value | None:
    """A value of an item that stands so to a bound; None where none can be named."""
    if isinstance(bound, Decimal) and item.type in _NUMBERS:
        return _number(item, which, bound, random)
    if isinstance(bound, PartialDate) and item.type in (ItemType.DATE, ItemType.PARTIAL_DATE):
        apart = timedelta(days=int(10 ** random.uniform(0, 2)))
        day = {"<": bound.first - apart, "<=": bound.first, "==": bound.first}.get(which)
        return PartialDate.of(day or (bound.last if which == ">=" else bound.last + apart))
    if isinstance(bound, str) and item.code_list is not None:
        codes = [each.code for each in item.code_list if (each.code == bound) is (which == "==")]
        return random.choice(codes) if codes else None
    if isinstance(bound, bool) and item.type is ItemType.YES_NO:
        return bound if which == "==" else not bound
    return None


_NUMBERS = (ItemType.NUMBER, ItemType.INTEGER, ItemType.LAB)


def _number(item: Item, which: str, bound: Decimal, random: Random) -> Decimal | None:
    step, whole = step_of(item), possible(item)
    limits: ValueRange | None
    match which:
        case "<":
            limits = whole.clipped(None, bound - step)
        case "<=":
            limits = whole.clipped(None, bound)
        case ">":
            limits = whole.clipped(bound + step, None)
        case ">=":
            limits = whole.clipped(bound, None)
        case "==":
            limits = whole.clipped(bound, bound)
        case _:
            limits = whole
    if limits is None and item.maximum is None and which in (">", ">="):
        limits = ValueRange(bound + step, bound + 10 * step)
    return None if limits is None else within(item, limits, random)
