"""What an expression is made of, once parsed: a small closed set of terms, each with its column.

`Kind` is the type a term has; a choice also carries the code list its codes come from.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import Enum, StrEnum

from trialwright.protocol.values import Value


class Unknown(Enum):
    """The third truth value, and the result of anything computed from what is missing."""

    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        raise TypeError("An unknown is neither true nor false; compare with `is`.")


UNKNOWN = Unknown.UNKNOWN


class Sort(StrEnum):
    """The types of the language, as error messages name them."""

    NUMBER = "a number"
    TEXT = "a text"
    DATE = "a date"
    TIME = "a time"
    YES_NO = "a yes/no"
    CHOICE = "a choice"
    ABSENT = "an unknown"


@dataclass(frozen=True, slots=True)
class Kind:
    """The type of a term; a choice has its code list, with the points of its codes if all have."""

    sort: Sort
    list_key: str | None = None
    codes: tuple[str, ...] = ()
    points: tuple[tuple[str, Decimal], ...] = ()

    def __str__(self) -> str:
        return f"{self.sort} from {self.list_key}" if self.list_key else str(self.sort)


@dataclass(frozen=True, slots=True)
class Term:
    """Anything that has a value; `column` counts from 1 within the expression."""

    column: int

    def children(self) -> Iterator["Term"]:
        """The terms this one is made of."""
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Term):
                yield value
            elif isinstance(value, tuple):
                yield from (each for each in value if isinstance(each, Term))

    def walk(self) -> Iterator["Term"]:
        """This term and all under it."""
        yield self
        for child in self.children():
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Literal(Term):
    """A number, a text in quotes, `true` or `false`."""

    value: Value


@dataclass(frozen=True, slots=True)
class Absent(Term):
    """`unknown`: no value, as one branch of a conditional."""


@dataclass(frozen=True, slots=True)
class Name(Term):
    """An item: `item`, `form.item` or `visit.form.item`."""

    path: str


@dataclass(frozen=True, slots=True)
class Not(Term):
    """Kleene's negation."""

    operand: Term


@dataclass(frozen=True, slots=True)
class Logic(Term):
    """Kleene's `and` or `or` over two terms or more."""

    operator: str
    operands: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Compare(Term):
    """`left operator right`; a chain `a <= b <= c` is a conjunction of two."""

    operator: str
    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class Among(Term):
    """`operand in (…)`."""

    operand: Term
    options: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Arithmetic(Term):
    """`+`, `-`, `*` or `/` on numbers."""

    operator: str
    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class Negative(Term):
    """A number with its sign turned."""

    operand: Term


@dataclass(frozen=True, slots=True)
class Conditional(Term):
    """`if condition then first else second`."""

    condition: Term
    first: Term
    second: Term


@dataclass(frozen=True, slots=True)
class Call(Term):
    """A function of the closed list, see `functions`."""

    function: str
    arguments: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Series(Term):
    """One number, date or choice of all records of an item: over the repeats of its form and the
    occurrences of its visit. With `days`, of those in the last days up to the latest record."""

    function: str
    path: str
    days: int | None = None

    @property
    def name(self) -> str:
        """The name under which its value is given."""
        return f"{self.function}({self.path}, {self.days})"


@dataclass(frozen=True, slots=True)
class Points(Term):
    """The points of a choice: `points(x)` once typed, with the table of its code list."""

    operand: Term
    table: tuple[tuple[str, Decimal], ...]
