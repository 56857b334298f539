"""Visits in a cut, the forms filled in at them, and the queries on these."""

from dataclasses import dataclass

from trialwright.analysis.cut_checks import (
    CutError,
    date_text,
    one_of,
    require_unique,
    sort_field,
)

VISIT_STATUSES = ("planned", "done", "missed", "cancelled")
ENTRY_STATUSES = ("draft", "complete")
QUERY_STATUSES = ("open", "answered", "closed")


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit of one participant: its target and window as planned, and what came of it.

    `occurrence` counts from 1 and is above 1 only for visits that come again with their cycle.
    """

    participant: str
    visit: str
    status: str
    target: str | None = None
    opens: str | None = None
    closes: str | None = None
    actual: str | None = None
    occurrence: int = 1

    def __post_init__(self) -> None:
        where = f"visit {self.visit} of {self.participant}"
        one_of(self.status, VISIT_STATUSES, where)
        for text in (self.target, self.opens, self.closes, self.actual):
            date_text(text, where)
        if (self.status == "done") != (self.actual is not None):
            raise CutError(f"{where}: a visit has an actual date if, and only if, it is done")


@dataclass(frozen=True, slots=True)
class Value:
    """One item's canonical text, or the code of the reason why it is missing; never both."""

    item: str
    text: str | None
    missing: str | None = None

    def __post_init__(self) -> None:
        if bool(self.text) == bool(self.missing) or "" in (self.text, self.missing):
            raise CutError(f"item {self.item}: needs either a value or the reason it is missing")


@dataclass(frozen=True, slots=True)
class Entry:
    """One filled-in form. `repeat` counts from 1 and is above 1 only for repeating forms,
    `occurrence` only for visits that come again."""

    participant: str
    visit: str
    form: str
    repeat: int
    status: str
    signed: bool
    protocol_version: str
    values: tuple[Value, ...]
    occurrence: int = 1

    def __post_init__(self) -> None:
        where = f"form {self.form} of {self.participant} at {self.visit}"
        one_of(self.status, ENTRY_STATUSES, where)
        if self.repeat < 1:
            raise CutError(f"{where}: repeats are counted from 1")
        sort_field(self, "values", lambda v: v.item)
        require_unique((v.item for v in self.values), where)


@dataclass(frozen=True, slots=True)
class Query:
    """One data question about one item."""

    number: int
    participant: str
    visit: str
    form: str
    repeat: int
    item: str
    status: str
    opened_on: str
    closed_on: str | None = None
    text: str = ""
    occurrence: int = 1

    def __post_init__(self) -> None:
        one_of(self.status, QUERY_STATUSES, f"query {self.number}")
        date_text(self.opened_on, f"query {self.number}")
        date_text(self.closed_on, f"query {self.number}")
