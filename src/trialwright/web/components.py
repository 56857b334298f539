"""What pages are made of, as plain objects: views build them, `templates/web/parts` shows them.

Every text arrives translated; every `href` is an address or "" for what is no link.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Tone = Literal["plain", "good", "todo", "caution", "stop", "idle"]


@dataclass(frozen=True, slots=True)
class Link:
    """A place to go: a crumb, a primary action, a twin of a table."""

    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """A word with a small mark. `good` has a tick and plain ink; `stop` is for problems alone."""

    word: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a fact of a protocol comes from: `kind` for the look, `word` to read, its source."""

    kind: str
    word: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """One row of a task list: the whole row is the link."""

    name: str
    status: Status
    href: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One fact of a summary list. An empty `value` shows `unsaid` in quiet ink.

    `lang` is the language of the value where it isn't the page's (a register's own words).
    `change` is where the fact can be changed ("check your answers"); `links` lead elsewhere.
    """

    key: str
    value: object = ""
    unsaid: str = ""
    change: str = ""
    code: bool = False
    lang: str = ""
    mark: Origin | None = None
    links: Sequence[Link] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, whether it holds numbers (right-aligned), where sorting by it leads."""

    head: str
    number: bool = False
    sort: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: text, a Status, an Origin, a code or a link; the first column's link is the row."""

    value: object = ""
    href: str = ""
    code: bool = False
    unsaid: str = ""
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption and its twins (CSV, JSON), or `empty`: why there are no rows.

    A caption that only repeats the heading above the table can be `captioned` False: then it is
    there for those who don't see the heading.
    """

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    note: str = ""
    empty: str = ""
    twins: Sequence[Link] = ()
    captioned: bool = True


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: what to do, and the id of the field where."""

    text: str
    field: str


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment of a timeline; `when` may be a partial date's text."""

    when: date | datetime | str
    what: str
    detail: str = ""
    href: str = ""
    tone: Literal["done", "open", "stop"] = "done"


@dataclass(frozen=True, slots=True)
class ParticipantBanner:
    """What stands on every page about a participant."""

    code: str
    site: str
    state: Status
    protocol_version: str
    href: str
    hold: str = ""
    epoch: str = ""
    group: str = ""
