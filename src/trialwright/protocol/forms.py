"""Forms, their items, and the checks over them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from trialwright.protocol.basics import Text, found
from trialwright.protocol.diaries import Diary
from trialwright.protocol.expression import Expression


@dataclass(frozen=True, slots=True)
class Code:
    """One choice of a code list; `points` is its number in a score, where it has one."""

    code: str
    label: Text
    points: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CodeList:
    """The choices of an item."""

    key: str
    codes: tuple[Code, ...]
    line: int

    def __iter__(self) -> Iterator[Code]:
        return iter(self.codes)

    def code(self, code: str) -> Code:
        """The choice with this code."""
        return found(self.codes, "code", code, "choice")


class ItemType(StrEnum):
    """What an item's value is. `score` is computed; `lab` is a number that may be '<1.2'."""

    NUMBER = "number"
    INTEGER = "integer"
    TEXT = "text"
    DATE = "date"
    PARTIAL_DATE = "partial_date"
    TIME = "time"
    CHOICE = "choice"
    YES_NO = "yes_no"
    SCORE = "score"
    LAB = "lab"


@dataclass(frozen=True, slots=True)
class Item:
    """One question.

    Outside `minimum` to `maximum` a number is impossible and refused; outside `likely_minimum` to
    `likely_maximum` it is asked about. `normal_low` and `normal_high` are the limits of normal,
    where the laboratory has no range of its own; `test` is what a laboratory calls it.
    An item with an `expression` is computed, never typed; one with `show_when` is asked only while
    that holds. An empty `missing_reasons` means that the value must be there. A date of the
    `future` may lie ahead; any other can't.
    """

    key: str
    label: Text
    type: ItemType
    line: int
    unit: str | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    likely_minimum: Decimal | None = None
    likely_maximum: Decimal | None = None
    normal_low: Decimal | None = None
    normal_high: Decimal | None = None
    test: str | None = None
    decimals: int | None = None
    longest: int | None = None
    code_list: CodeList | None = None
    optional: bool = False
    future: bool = False
    show_when: Expression | None = None
    expression: Expression | None = None
    hint: Text | None = None
    unmasking: bool = False
    missing_reasons: tuple[str, ...] = ()

    @property
    def computed(self) -> bool:
        """Whether the value follows from other items and is never typed."""
        return self.expression is not None

    @property
    def test_code(self) -> str:
        """The laboratory's name of what is measured; where the file gives none, the item's key."""
        return self.test or self.key


class Severity(StrEnum):
    """What a check does: `refuse` the impossible, or `ask` for a reason and open a query."""

    REFUSE = "refuse"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Check:
    """An edit check of a form: when `when` is true, `message` is said at `items`."""

    key: str
    form: str
    when: Expression
    severity: Severity
    message: Text
    items: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Section:
    """A group of related items, as on the paper source."""

    key: str
    label: Text
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Form:
    """A page of questions, completed by some roles and signed by one.

    A repeating form holds any number of records. An `unmasking` form is seen only by people who
    may know the arm. `sampled` is the item that says on which day a sample was taken.
    `last_values` says whether those of the visit before stand beside the boxes; None leaves it
    open. A form with a `diary` is filled in by the participant, one record for each entry. What
    follows from its fields is worked out once: it is asked at each saving.
    """

    key: str
    label: Text
    sections: tuple[Section, ...]
    checks: tuple[Check, ...]
    line: int
    completed_by: tuple[str, ...] = ()
    signed_by: str | None = None
    repeating: bool = False
    unmasking: bool = False
    instructions: Text | None = None
    sampled: str | None = None
    last_values: bool | None = None
    diary: Diary | None = None

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """All items, in the order asked."""
        return tuple(item for section in self.sections for item in section.items)

    @cached_property
    def unmasking_items(self) -> frozenset[str]:
        """The keys of the items whose values could reveal an arm."""
        return frozenset(item.key for item in self.items if self.unmasking or item.unmasking)

    def with_limits(self, limits: Mapping[str, tuple[Decimal | None, Decimal | None]]) -> "Form":
        """The form with these limits of normal, by item, in place of the protocol's."""
        if not limits:
            return self

        def limited(item: Item) -> Item:
            low, high = limits.get(item.key, (item.normal_low, item.normal_high))
            return replace(item, normal_low=low, normal_high=high)

        sections = (replace(s, items=tuple(map(limited, s.items))) for s in self.sections)
        return replace(self, sections=tuple(sections))

    def masked(self) -> "Form":
        """The form without its unmasking items and without what is said at them.

        The loader sees to it that no open item, and no check at one, needs an unmasking item.
        """
        hidden = self.unmasking_items
        sections = (
            replace(each, items=tuple(item for item in each.items if item.key not in hidden))
            for each in self.sections
        )
        return replace(
            self,
            sections=tuple(each for each in sections if each.items),
            checks=tuple(check for check in self.checks if not hidden.issuperset(check.items)),
        )

    def item(self, key: str) -> Item:
        """The item with this key."""
        item = self._by_key.get(key)
        return item or found(self.items, "key", key, f"item of the form {self.key}")

    @cached_property
    def _by_key(self) -> dict[str, Item]:
        return {item.key: item for item in self.items}
