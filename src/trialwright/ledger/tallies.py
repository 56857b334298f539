"""What a signed head counts beside its row, so that a loss can be named by more than its rows.

A package above registers what is worth counting: participants by site, places given of each list,
signatures. A line of the heads file carries the counts that its rows moved; the file so knows them
even where the rows are gone.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from django.db import connection

Counts = dict[str, int]
TEXT: Final = r"[!-~]{3,4096}"
_ONE: Final = re.compile(r"([!-+\--<>-~]+)=([0-9]{1,12})")
_MOVED: Final = """
    SELECT DISTINCT entity, id FROM ledger_row
    WHERE study = %s AND chain = 'open' AND seq > %s AND seq <= %s
      AND (entity, field) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
"""


@dataclass(frozen=True, slots=True)
class HeadTally:
    """What is counted of one kind of record: the entity and the field whose writing moves it.

    `count` takes the study and the ids that moved (None: all) and returns numbers by name.
    """

    entity: str
    field: str
    count: Callable[[str, Collection[str] | None], Counts]


_registered: dict[str, HeadTally] = {}


def register(*tallies: HeadTally) -> None:
    """Add what a package counts."""
    _registered.update({one.entity: one for one in tallies})


def moved(study: str, after: int, until: int) -> str:
    """The counts that rows after `after` of the open chain moved, as a line carries them."""
    if not _registered:
        return ""
    kinds = list(_registered.values())
    with connection.cursor() as cursor:
        named = [[one.entity for one in kinds], [one.field for one in kinds]]
        cursor.execute(_MOVED, [study, after, until, *named])
        ids: dict[str, list[str]] = {}
        for entity, id in cursor.fetchall():
            ids.setdefault(entity, []).append(id)
    counts: Counts = {}
    for entity, found in ids.items():
        counts |= _registered[entity].count(study, found)
    return text_of(counts)


def present(study: str) -> Counts:
    """The same counts as the tables have them now, all of them."""
    counts: Counts = {}
    for one in _registered.values():
        counts |= one.count(study, None)
    return counts


def text_of(counts: Mapping[str, int]) -> str:
    """Counts in one word; what doesn't fit a line is left to the lines after it.

    >>> text_of({"places/a,b": 12, "signatures": 3})
    'places/a%2Cb=12,signatures=3'
    """
    parts: list[str] = []
    for name, number in sorted(counts.items()):
        part = f"{quote(name, safe='/-_.~')}={number}"
        if sum(map(len, parts)) + len(parts) + len(part) > 4000:
            break
        parts.append(part)
    return ",".join(parts)


def counts_of(text: str) -> Counts:
    """The counts in a line's word.

    >>> counts_of('places/a%2Cb=12,signatures=3')
    {'places/a,b': 12, 'signatures': 3}
    """
    found = (_ONE.fullmatch(part) for part in text.split(",") if part)
    return {unquote(one[1]): int(one[2]) for one in found if one}


def lost(signed: Mapping[str, int], now: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """What was signed as more than there is: by name, what there is and what there was."""
    return {
        name: (now.get(name, 0), number)
        for name, number in sorted(signed.items())
        if number > now.get(name, 0)
    }
