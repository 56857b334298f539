"""Whether an event is expected: by the reference document in force when it began.

safety:
  reference_documents:
    "1": {in_force_from: 2026-01-01, in_force_until: 2026-06-30, lists: {}}
    "2": {in_force_from: 2026-07-01, lists: {Fever: 2}}

`lists` has the terms that are expected, each with the worst grade that is; worse is unexpected. The
documents follow each other without gap or overlap (Regulation 536/2014, Annex III, 2.2 (8)).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from trialwright.protocol.model import Protocol
from trialwright.protocol.nodes import Block, Entry, Scalar
from trialwright.protocol.problems import Problem
from trialwright.safety.partial import PartialDate
from trialwright.safety.section import SectionError, value


@dataclass(frozen=True, slots=True)
class ReferenceDocument:
    """One version: in force from `first` to `last` (None: to this day and on)."""

    key: str
    first: date
    last: date | None
    lists: Mapping[str, int]

    def may_cover(self, onset: PartialDate) -> bool:
        """Whether it was in force on some day on which the event may have begun."""
        return onset.last >= self.first and (self.last is None or onset.first <= self.last)


def is_expected(
    documents: Sequence[ReferenceDocument], term: str, worst: int, onset: PartialDate | None
) -> bool:
    """Whether every document in force on a day when it may have begun lists it, at this grade.

    What is unknown never makes an event expected: without an onset all documents must list it.

    >>> two = ReferenceDocument("2", date(2026, 7, 1), None, {"Fever": 2})
    >>> is_expected([two], "Fever", 2, PartialDate(date(2026, 7, 3), date(2026, 7, 3)))
    True
    >>> is_expected([two], "Fever", 3, PartialDate(date(2026, 7, 3), date(2026, 7, 3)))
    False
    """
    if onset is not None and documents and onset.first < documents[0].first:
        return False
    held = [each for each in documents if onset is None or each.may_cover(onset)]
    return bool(held) and all(worst <= each.lists.get(term, 0) for each in held)


def reference_documents(protocol: Protocol) -> tuple[ReferenceDocument, ...]:
    """The documents of a protocol, the earliest first; none: every event is unexpected.

    Raises:
        SectionError: one can't be read, or their dates leave a gap or overlap.
    """
    block = protocol.safety.get("reference_documents") if protocol.safety else None
    if not isinstance(block, Block):
        return ()
    found = sorted((_document(each) for each in block if isinstance(each.value, Block)),
                   key=lambda each: each.first)  # fmt: skip
    for one, two in pairwise(found):
        if one.last is None or one.last >= two.first:
            raise _error(block.line, f"The documents {one.key} and {two.key} overlap",
                         "End the first on the day before the second begins.")  # fmt: skip
        if one.last + timedelta(days=1) != two.first:
            raise _error(block.line, f"Between the documents {one.key} and {two.key} is a gap",
                         "End the first on the day before the second begins.")  # fmt: skip
    return tuple(found)


def _document(entry: Entry) -> ReferenceDocument:
    block = entry.value
    assert isinstance(block, Block)  # noqa: S101 - asked before
    first = _day(block, "in_force_from")
    if first is None:
        raise _error(block.line, f"The document {entry.key} has no `in_force_from`",
                     "Write the day from which it is in force.")  # fmt: skip
    listed = block.get("lists")
    return ReferenceDocument(
        entry.key,
        first,
        _day(block, "in_force_until"),
        dict(_listed(each) for each in (listed if isinstance(listed, Block) else ())),
    )


def _listed(entry: Entry) -> tuple[str, int]:
    node = value(entry.value)
    if not isinstance(node, Scalar) or node.text not in ("1", "2", "3", "4", "5"):
        raise _error(entry.line, f"`{entry.key}` has no worst expected grade", "Write 1 to 5.")
    return entry.key, int(node.text)


def _day(block: Block, key: str) -> date | None:
    node = value(block.get(key))
    text = node.text.strip() if isinstance(node, Scalar) else ""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise _error(block.line, f"`{key}` is no day", "Write 2026-07-01.") from None


def _error(line: int, what: str, way_out: str) -> SectionError:
    return SectionError(Problem(line, what, way_out, "safety"))
