"""What `verify` can find, each with its sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from trialwright.messages import Message

# What counts against the ledger first, then what is only to be known.
_FINDINGS: Final[Mapping[str, Message]] = {
    "changed_row": Message("row {seq} was changed: its content doesn't give its hash"),
    "replaced_row": Message("row {seq} was replaced: row {next} follows another"),
    "removed_rows": Message("rows {seq} to {last} are missing"),
    "swapped_rows": Message("rows {seq} and {other} were swapped"),
    "time_back": Message("row {seq} was recorded at {at}, before the row above it"),
    "unknown_format": Message("row {seq} is of format {format}, which this release doesn't know"),
    "older_format": Message(
        "row {seq} is said to be of format {format}, which isn't the one of its hash or is "
        "older than that of the row above it"
    ),
    "changed_value": Message("the {part} value of row {seq} was changed: {place}"),
    "swapped_values": Message("the values of rows {seq} and {other} were swapped"),
    "removed_value": Message(
        "the {part} value of row {seq} was removed without an erasure: {place}"
    ),
    "added_value": Message("a {part} value stands at row {seq}, which commits to none"),
    "broken_field": Message("row {seq} doesn't continue what its field held: {place}"),
    "cut_off": Message(
        "the tail was cut off: the chain ends at row {seq}, but line {line} of the heads file "
        "signs row {last}"
    ),
    "recomputed": Message(
        "the chain was computed anew: row {seq} isn't the one that line {line} of the heads "
        "file signs (heads that differ: {count}; the last that agrees signs row {agrees})"
    ),
    "not_as_printed": Message("row {seq} isn't the one that a document prints as {printed}"),
    "head_differs": Message("the chain ends at row {seq}, but its head says row {head}"),
    "altered_line": Message("heads file, line {line} was altered: its signature fails"),
    "unlinked_line": Message(
        "heads file, line {line} doesn't follow line {after}: lines were removed, added or moved"
    ),
    "heads_missing": Message(
        "the file of signed heads has no head of this chain, which has {last} rows"
    ),
    "left_unsigned": Message("rows {seq} to {last} have not been signed for {seconds} seconds"),
    "late": Message(
        "rows {seq} to {last} stood unsigned for longer than a minute, and nobody has "
        "acknowledged it"
    ),
    "unknown_line": Message(
        "rows {seq} to {last} name a line of the heads file that isn't there, or not in its "
        "place: lines were removed, or the rows were written anew"
    ),
    "witness_alone": Message(
        "the witness has {count} signed heads that the heads file lacks, the first of row {seq} "
        "(its line {line})"
    ),
    "witness_differs": Message(
        "row {seq} isn't the one that line {line} of the witness signs, or is gone"
    ),
    "witness_silent": Message(
        "the witness has not been given rows {seq} to {last}, which are older than an hour"
    ),
    "guard_missing": Message("the database lacks the {what}, which this release ships"),
    "guard_changed": Message(
        "the {what} is switched off, or isn't the one that this release ships"
    ),
    "right_added": Message("{role} may {right} on {what}, which this release doesn't grant"),
    "table_differs": Message("{place}: the table's value isn't the one that the ledger has"),
    "table_extra": Message("{place}: the table has a row that the ledger doesn't know"),
    "table_missing": Message("{place}: the ledger has a record whose row is gone from the table"),
    "not_recomputed": Message("{place}: this isn't what follows from the sealed random numbers"),
    "more": Message("{count} more of the kind {of}"),
}
_NOTES: Final[Mapping[str, Message]] = {
    "unsigned": Message("rows {seq} to {last} are not signed yet"),
    "torn_line": Message("heads file, line {line} was left unfinished by a crash"),
    "restored": Message("rows {seq} to {last} were lost in a restore, acknowledged in row {at}"),
    "clock_corrected": Message("a clock that was ahead was put right in row {seq}, to {at}"),
    "gap_acknowledged": Message(
        "rows {seq} to {last} were not signed in time or their signatures were lost, "
        "acknowledged in row {at}"
    ),
    "erased": Message("{count} values were lawfully erased"),
    "not_opened": Message("sealed values were not opened: there is no key"),
    "not_compared": Message("{entity}: {count} records with no table to compare"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in one chain ("" for the heads file itself)."""

    kind: str
    chain: str
    facts: Mapping[str, object]

    @property
    def is_note(self) -> bool:
        """Only to be known; nothing is wrong."""
        return self.kind in _NOTES

    def sentence(self, language: str = "en") -> str:
        said = _NOTES.get(self.kind) or _FINDINGS[self.kind]
        return said.filled(**self.facts).in_language(language)

    def __str__(self) -> str:
        return f"{self.chain}: {self.sentence()}" if self.chain else self.sentence()


class Findings:
    """Collects; of one kind in one chain it keeps the first hundred and counts the rest."""

    LIMIT: Final = 100

    def __init__(self) -> None:
        self._kept: list[Finding] = []
        self._counts: dict[tuple[str, str], int] = {}

    def add(self, kind: str, chain: str, **facts: object) -> None:
        count = self._counts[kind, chain] = self._counts.get((kind, chain), 0) + 1
        if count <= self.LIMIT:
            self._kept.append(Finding(kind, chain, facts))

    def all(self) -> list[Finding]:
        over = [
            Finding("more", chain, {"count": count - self.LIMIT, "of": kind})
            for (kind, chain), count in self._counts.items()
            if count > self.LIMIT
        ]
        return self._kept + over
