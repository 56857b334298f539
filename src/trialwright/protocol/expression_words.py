"""An expression in words, for who reads a protocol and doesn't write one.

Items are named by their labels and choices by theirs, in each language; where a name isn't known,
it stands as it is written.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial

from trialwright.messages import Message, Translatable, either, several
from trialwright.messages.message import Joined
from trialwright.protocol.basics import UnknownKeyError
from trialwright.protocol.expression import Expression, ExpressionError, parse
from trialwright.protocol.forms import Item
from trialwright.protocol.functions import FUNCTIONS
from trialwright.protocol.model import Protocol
from trialwright.protocol.occurrences import key_of
from trialwright.protocol.products import Product
from trialwright.protocol.terms import (
    Absent,
    Among,
    Arithmetic,
    Call,
    Compare,
    Conditional,
    Literal,
    Logic,
    Name,
    Negative,
    Not,
    Points,
    Series,
    Term,
)

Found = Callable[[str], Item | None]
"""The item of a name, or None."""

_COMPARED = {
    "==": Message("{left} is {right}"),
    "!=": Message("{left} is not {right}"),
    "<": Message("{left} is less than {right}"),
    "<=": Message("{left} is at most {right}"),
    ">": Message("{left} is more than {right}"),
    ">=": Message("{left} is at least {right}"),
}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_SERIES = {
    "first": Message("the first of all records of {item}"),
    "last": Message("the last of all records of {item}"),
    "count": Message("the number of records of {item}"),
    "sum": Message("the sum of all records of {item}"),
    "mean": Message("the mean of all records of {item}"),
    "min": Message("the smallest of all records of {item}"),
    "max": Message("the largest of all records of {item}"),
}
_SIGNS = {"*": "×", "/": "÷", "-": "\u2212", "+": "+"}


def _both(before: str, after: str) -> Message:
    return Message("{before} and {after}", before=before, after=after)


def in_words(expression: Expression, protocol: Protocol) -> Message:
    """Say an expression over `visit.form.item` in words.

    >>> from trialwright.protocol.expression import parse
    >>> str(Words(lambda name: None).of(parse("20 <= age <= 40 and not ill").root))
    'age is from 20 to 40 and ill: no'
    """
    return Words(partial(_item, protocol), partial(_visit, protocol)).of(expression.root)


def release_words(product: Product, requires: Expression) -> Message:
    """Say what a product's release test requires, over the tests of that product."""
    tests = {test.item.key: test.item for test in product.release}
    return Words(tests.get).of(requires.root)


def expression_said(text: str, protocol: Protocol) -> Message | None:
    """Say a fact in words where it is an expression over items of the protocol; else None."""
    if "." not in text:
        return None
    try:
        expression = parse(text)
    except ExpressionError:
        return None
    names = expression.references
    known = bool(names) and all(_item(protocol, name) is not None for name in names)
    if not known:
        return None
    if isinstance(expression.root, Name):
        # An item alone is named: nothing is said of its value.
        called = Words(partial(_item, protocol), partial(_visit, protocol)).called(names[0])
        return Message("{value}", value=called)
    return in_words(expression, protocol)


class Words:
    """The words of terms, given the items that their names stand for."""

    def __init__(self, item: Found, visit: Callable[[str], Translatable | None] | None = None):
        self._item = item
        self._visit = visit or (lambda _name: None)

    def of(self, term: Term) -> Message:
        """One term; a condition as a statement, a value as what it is called."""
        match term:
            case Name(path=path):
                return Message("{item}: yes", item=self.called(path))
            case Not(operand=Name(path=path)):
                return Message("{item}: no", item=self.called(path))
            case Not(operand=operand):
                return Message("not the case: {statement}", statement=self._nested(operand))
            case Logic(operator=operator, operands=operands):
                parts = self._parts(operator, operands)
                said = Joined(tuple(parts), _both) if operator == "and" else either(parts)
                return Message("{statements}", statements=said)
            case Compare():
                return self._comparison(term)
            case Among(operand=operand, options=options):
                said = either(self._value(each, operand) for each in options)
                return Message("{left} is {right}", left=self._value(operand), right=said)
            case Conditional(condition=condition, first=first, second=second):
                return Message(
                    "if {condition}: {first}, otherwise {second}",
                    condition=self.of(condition), first=self._value(first),
                    second=self._value(second),
                )  # fmt: skip
            case _:
                return Message("{value}", value=self._value(term))

    def _parts(self, operator: str, operands: tuple[Term, ...]) -> list[object]:
        """The statements of a conjunction or disjunction; a range of one value is one."""
        parts: list[object] = []
        operands = tuple(_flat(operator, operands))
        at = 0
        while at < len(operands):
            pair = operands[at : at + 2]
            ranged = self._range(*pair) if operator == "and" and len(pair) == 2 else None
            parts.append(ranged or self._nested(operands[at]))
            at += 2 if ranged else 1
        return parts

    def _range(self, first: Term, second: Term) -> Message | None:
        """`a <= b` and `b <= c` as "b is from a to c"."""
        match first, second:
            case Compare(operator="<=", left=low, right=one), Compare(
                operator="<=", left=other, right=high
            ) if isinstance(one, Name) and isinstance(other, Name) and one.path == other.path:
                return Message(
                    "{value} is from {low} to {high}",
                    value=self._value(one), low=self._value(low), high=self._value(high),
                )  # fmt: skip
        return None

    def _nested(self, term: Term) -> object:
        """A statement inside another: what is joined itself stands in brackets."""
        said = self.of(term)
        return Message("({statement})", statement=said) if isinstance(term, Logic) else said

    def _comparison(self, term: Compare) -> Message:
        left, operator, right = term.left, term.operator, term.right
        if isinstance(left, Literal) and not isinstance(right, Literal):
            left, operator, right = right, _TURNED[operator], left
        said = _COMPARED[operator]
        return said.filled(left=self._value(left), right=self._value(right, left))

    def _value(self, term: Term, beside: Term | None = None) -> object:
        """What a term is called as a value; a text beside an item is its choice."""
        match term:
            case Name(path=path):
                return self.called(path)
            case Literal(value=value):
                return self._literal(value, beside)
            case Negative(operand=operand):
                return Message("\u2212{value}", value=self._value(operand))
            case Arithmetic(operator=operator, left=left, right=right):
                return Message(
                    "{left} {sign} {right}",
                    left=self._factor(left), sign=_SIGNS[operator], right=self._factor(right),
                )  # fmt: skip
            case Points(operand=operand):
                return Message("the points of {item}", item=self._value(operand))
            case Call(function="points", arguments=(operand,)):
                return Message("the points of {item}", item=self._value(operand))
            case Call(function="known", arguments=(operand,)):
                return Message("{item} is known", item=self._value(operand))
            case Call(function="time_to", arguments=(event, began, watched)):
                return Message(
                    "the days from {began} to {event}, censored at {watched}",
                    began=self._value(began), event=self._value(event),
                    watched=self._value(watched),
                )  # fmt: skip
            case Call(function=function, arguments=(Name(path=path),)) if function in _SERIES:
                # Before it is typed, what is made of all records is a call like any other.
                return self._series(function, path, None)
            case Call(
                function=function, arguments=(Name(path=path), Literal(value=Decimal() as days))
            ) if function in _SERIES and function not in FUNCTIONS:
                return self._series(function, path, days)
            case Call(function=function, arguments=arguments):
                said = several(self._value(each) for each in arguments)
                return Message("{function} of {values}", function=function, values=said)
            case Series(function=function, path=path, days=days):
                return self._series(function, path, days)
            case Absent():
                return Message("unknown")
            case _:
                return self.of(term)

    def _series(self, function: str, path: str, days: object) -> Message:
        """What is made of all records of an item, or of those of the last days."""
        said = _SERIES[function].filled(item=self.called(path))
        return said if days is None else Message("{what} (last {days} days)", what=said, days=days)

    def _factor(self, term: Term) -> object:
        said = self._value(term)
        return Message("({statement})", statement=said) if isinstance(term, Arithmetic) else said

    def _literal(self, value: object, beside: Term | None) -> object:
        if isinstance(value, bool):
            return Message("yes") if value else Message("no")
        item = self._item(beside.path) if isinstance(beside, Name) else None
        if item is not None and item.code_list is not None:
            code = next((each for each in item.code_list if each.code == value), None)
            return code.label if code else str(value)
        if isinstance(value, Decimal):
            unit = f" {item.unit}" if item is not None and item.unit else ""
            return f"{value:f}{unit}"
        return str(value)

    def called(self, path: str) -> object:
        """What an item is called, with the visit that it is of; a name not known, as written."""
        item = self._item(path)
        if item is None:
            return path
        visit = self._visit(path)
        if visit is None:
            return Message("“{item}”", item=item.label)
        return Message("“{item}” ({visit})", item=item.label, visit=visit)


def _flat(operator: str, operands: tuple[Term, ...]) -> Iterator[Term]:
    for each in operands:
        if isinstance(each, Logic) and each.operator == operator:
            yield from _flat(operator, each.operands)
        else:
            yield each


def _item(protocol: Protocol, name: str) -> Item | None:
    parts = name.split(".")
    try:
        return protocol.form(parts[-2]).item(parts[-1]) if len(parts) > 1 else None
    except UnknownKeyError:
        return None


def _visit(protocol: Protocol, name: str) -> Translatable | None:
    parts = name.split(".")
    try:
        return protocol.visit(key_of(parts[0])).label if len(parts) > 2 else None
    except UnknownKeyError:
        return None
