"""Does an expression make sense over the items in scope? Settles each name, literal and type.

A text in quotes takes the type of what it is compared with: a code of that choice, a date, a time.
"""

import difflib
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Protocol

from trialwright.protocol.functions import FUNCTIONS, OWN, SERIES
from trialwright.protocol.parser import ExpressionError
from trialwright.protocol.terms import (
    Absent,
    Among,
    Arithmetic,
    Call,
    Compare,
    Conditional,
    Kind,
    Literal,
    Logic,
    Name,
    Negative,
    Not,
    Points,
    Series,
    Sort,
    Term,
)
from trialwright.protocol.values import PartialDate, read_time

NUMBER = Kind(Sort.NUMBER)
YES_NO = Kind(Sort.YES_NO)
DATE = Kind(Sort.DATE)
TIME = Kind(Sort.TIME)
TEXT = Kind(Sort.TEXT)

Settled = tuple[Term, Kind]


class NameNotFound(Exception):
    """A name that means nothing here, and what to do about it."""

    def __init__(self, message: str, way_out: str) -> None:
        super().__init__(message)
        self.message = message
        self.way_out = way_out


class Scope(Protocol):
    """What names mean at one place of a protocol."""

    def resolve(self, name: str) -> tuple[str, Kind]:
        """The settled name and its type; raises NameNotFound."""


def suggestion(word: str, known: Iterable[str]) -> str:
    """'Did you mean …?' or the list of what there is."""
    options = list(known)
    close = difflib.get_close_matches(word, options, n=1, cutoff=0.6)
    if close:
        return f"Did you mean `{close[0]}`?"
    if not options:
        return "There is none to choose from here."
    shown = ", ".join(f"`{option}`" for option in options[:12])
    return f"Choose from {shown}{', …' if len(options) > 12 else ''}."


def settle(term: Term, scope: Scope, expected: Kind | None = None) -> Settled:
    """The term with names and literals settled, and its type; raises ExpressionError."""
    match term:
        case Literal():
            return _literal(term, expected)
        case Absent():
            return term, Kind(Sort.ABSENT)
        case Name():
            try:
                path, kind = scope.resolve(term.path)
            except NameNotFound as lost:
                raise ExpressionError(lost.message, lost.way_out, term.column) from None
            return replace(term, path=path), kind
        case Not():
            return replace(term, operand=_need(term.operand, scope, YES_NO)), YES_NO
        case Logic():
            operands = tuple(_need(each, scope, YES_NO) for each in term.operands)
            return replace(term, operands=operands), YES_NO
        case Negative():
            return replace(term, operand=_need(term.operand, scope, NUMBER)), NUMBER
        case Arithmetic():
            left = _need(term.left, scope, NUMBER)
            return replace(term, left=left, right=_need(term.right, scope, NUMBER)), NUMBER
        case Compare():
            left, right, kind = _same(term.left, term.right, scope, None)
            if term.operator not in ("==", "!="):
                _ordered(kind, term.column)
            return replace(term, left=left, right=right), YES_NO
        case Among():
            operand, kind = settle(term.operand, scope)
            options = tuple(_need(each, scope, kind) for each in term.options)
            return replace(term, operand=operand, options=options), YES_NO
        case Conditional():
            condition = _need(term.condition, scope, YES_NO)
            first, second, kind = _branches(term, scope, expected)
            return replace(term, condition=condition, first=first, second=second), kind
        case Call():
            return _call(term, scope)
    raise TypeError(f"{type(term).__name__} is not a term as parsed")


def _literal(term: Literal, expected: Kind | None) -> Settled:
    value = term.value
    if isinstance(value, bool):
        return term, YES_NO
    if not isinstance(value, str):
        return term, NUMBER
    if expected is None or expected.sort not in (Sort.CHOICE, Sort.DATE, Sort.TIME):
        return term, TEXT
    if expected.sort is Sort.CHOICE:
        if expected.codes and value not in expected.codes:
            raise ExpressionError(
                f"{value!r} is not a code of {expected.list_key}",
                suggestion(value, expected.codes),
                term.column,
            )
        return term, expected
    try:
        if expected.sort is Sort.DATE:
            return replace(term, value=PartialDate.parse(value)), DATE
        return replace(term, value=read_time(value)), TIME
    except ValueError:
        way_out = "Write a date as '2026-03-15' (or '2026-03'), a time as '08:30'."
        raise ExpressionError(f"{value!r} is not {expected}", way_out, term.column) from None


def _need(term: Term, scope: Scope, wanted: Kind) -> Term:
    settled, kind = settle(term, scope, wanted)
    _fits(kind, wanted, term.column)
    return settled


def _fits(kind: Kind, wanted: Kind, column: int) -> None:
    if kind != wanted:
        raise ExpressionError(
            f"Here is {kind}, where {wanted} is needed",
            "Compare or combine like with like; `points(…)` makes a number of a choice.",
            column,
        )


def _same(left: Term, right: Term, scope: Scope, expected: Kind | None) -> tuple[Term, Term, Kind]:
    first, kind = settle(left, scope, expected)
    second, other = settle(right, scope, expected or kind)
    if kind == TEXT and other != TEXT:
        first, kind = settle(left, scope, other)
    _fits(other, kind, right.column)
    return first, second, kind


def _branches(term: Conditional, scope: Scope, expected: Kind | None) -> tuple[Term, Term, Kind]:
    """Two branches of one type; either may be `unknown`."""
    if isinstance(term.first, Absent):
        second, kind = settle(term.second, scope, expected)
        return term.first, second, kind
    if isinstance(term.second, Absent):
        first, kind = settle(term.first, scope, expected)
        return first, term.second, kind
    return _same(term.first, term.second, scope, expected)


def _ordered(kind: Kind, column: int) -> None:
    if kind.sort not in (Sort.NUMBER, Sort.DATE, Sort.TIME):
        raise ExpressionError(
            f"{str(kind).capitalize()} has no order",
            "Use `==`, `!=` or `in`; `points(…)` makes an ordered number of a choice.",
            column,
        )


def _call(term: Call, scope: Scope) -> Settled:
    if term.function in SERIES and (found := _series(term, scope)):
        return found
    if term.function in OWN:
        return _own(term, scope)
    function = FUNCTIONS.get(term.function)
    if function is None:
        raise ExpressionError(
            f"There is no function `{term.function}`",
            suggestion(term.function, (*FUNCTIONS, *OWN, *SERIES)),
            term.column,
        )
    wanted = list(function.parameters)
    given = len(term.arguments)
    if function.more:
        wanted += [wanted[-1]] * (given - len(wanted))
    if given != len(wanted):
        raise ExpressionError(
            f"`{function.name}` is given {given} arguments and takes {len(wanted)}",
            f"Write {function.signature}.",
            term.column,
        )
    arguments = tuple(
        _need(argument, scope, Kind(sort))
        for argument, sort in zip(term.arguments, wanted, strict=True)
    )
    return replace(term, arguments=arguments), Kind(function.result)


def _series(term: Call, scope: Scope) -> Settled | None:
    """A function over all records of an item; None where it is one over single values."""
    first, days = term.arguments[0], term.arguments[1:]
    plain = term.function in FUNCTIONS
    resolve = getattr(scope, "resolve_series", None)
    if not isinstance(first, Name) or resolve is None:
        if plain:
            return None
        raise ExpressionError(
            f"`{term.function}` is of all records of one item, which can't be had here",
            f"Write {term.function}(visit.form.item) in a form, a planned dose, a criterion, a "
            "stratum, an endpoint or a population.",
            term.column,
        )
    try:
        path, kind = resolve(first.path, within_days=bool(days))
    except NameNotFound as lost:
        if plain:
            return None
        raise ExpressionError(lost.message, lost.way_out, first.column) from None
    if len(days) > 1 or not all(map(_whole_days, days)):
        raise ExpressionError(
            f"`{term.function}` takes one item and a number of days",
            f"Write {term.function}(item), or {term.function}(item, 28).",
            term.column,
        )
    if term.function not in ("first", "last", "count"):
        _fits(kind, NUMBER, first.column)
    number = _whole_days(days[0]) if days else None
    given = NUMBER if term.function == "count" else kind
    return Series(term.column, term.function, path, number), given


def _whole_days(term: Term) -> int | None:
    """A number of days from 1, or None."""
    value = term.value if isinstance(term, Literal) else None
    whole = isinstance(value, Decimal) and value == int(value) and value >= 1
    return int(str(value)) if whole else None


def _time_to(term: Call, scope: Scope) -> Settled:
    """The time to an event: its date must be an item, since blank means that it has not happened
    and missing that nobody knows."""
    if len(term.arguments) != 3 or not isinstance(term.arguments[0], Name):
        raise ExpressionError(
            "`time_to` takes the event's date, which is an item, and two dates",
            "Write time_to(event, from, censored).",
            term.column,
        )
    dates = tuple(_need(each, scope, DATE) for each in term.arguments)
    return replace(term, arguments=dates), NUMBER


def _own(term: Call, scope: Scope) -> Settled:
    if term.function == "time_to":
        return _time_to(term, scope)
    if len(term.arguments) != 1 or not isinstance(term.arguments[0], Name):
        raise ExpressionError(
            f"`{term.function}` takes one item", f"Write {term.function}(item).", term.column
        )
    operand, kind = settle(term.arguments[0], scope)
    if term.function == "known":
        return replace(term, arguments=(operand,)), YES_NO
    if not kind.points:
        raise ExpressionError(
            f"`points` needs a choice whose code list gives every code points; this is {kind}",
            "Add `points:` to each code of the list.",
            term.column,
        )
    return Points(term.column, operand, kind.points), NUMBER
