"""A laboratory's file by its mapping: each result with its row, whose it is, where it belongs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from trialwright.conduct.laboratory.result_mappings import ResultMap
from trialwright.conduct.refusals import ActionRefused, Problem, Sentence
from trialwright.exchange.spreadsheet import UnreadableSheet, rows_of

MOST_ROWS = 10_000
MOST_RESULTS = 200_000
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class ResultLine:
    """One result as the file has it: its row, whose it is, the visit and day as written, the test
    as the file calls it, where it goes (`form.item`; "" where the mapping doesn't know the test),
    the value and its unit."""

    row: int
    participant: str
    visit: str
    sampled: str
    test: str
    place: str
    value: str
    unit: str

    def stored(self) -> list[object]:
        """As it is kept."""
        return [self.row, self.participant, self.visit, self.sampled, self.test, self.place,
                self.value, self.unit]  # fmt: skip


def lines_from(found: ResultMap, source: bytes) -> tuple[ResultLine, ...]:
    """Read a CSV or XLSX by a mapping; results without a value are passed over.

    Raises:
        ActionRefused: it can't be read, lacks a column of the mapping, or has more than 10,000
            rows.
    """
    try:
        rows = rows_of(source, MOST_ROWS)
    except UnreadableSheet:
        raise _refused(_("The file is neither a CSV in UTF-8 nor an XLSX. Save it as one of them "
                         "and send it again.")) from None  # fmt: skip
    if len(rows) > MOST_ROWS + 1:
        words = _(
            "The file has more than %(most)d rows. Nothing was read: send it in parts of at most "
            "%(most)d rows."
        )
        raise _refused(words % {"most": MOST_ROWS})
    if len(rows) < 2:
        raise _refused(_("The file has no row beneath its head. Choose the file with the results."))
    places = {name: place for place, name in enumerate(rows[0])}
    for name in (*found.columns.values(), *found.wide):
        if name not in places:
            words = _(
                "The file has no column “%(column)s”, which the mapping names. It has: %(all)s"
            )
            told = ", ".join(each[:40] for each in rows[0][:30])
            raise _refused(words % {"column": name, "all": told})
    lines = tuple(_lines(found, rows, places))
    if len(lines) > MOST_RESULTS:
        raise _refused(_("The file has more than 200,000 results. Send it in parts."))
    if not lines:
        raise _refused(_("The file has no result in the columns that the mapping names."))
    return lines


def _lines(
    found: ResultMap, rows: Sequence[Sequence[str]], places: dict[str, int]
) -> Iterator[ResultLine]:
    for number, row in enumerate(rows[1:], 2):

        def cell(name: str, row: Sequence[str] = row) -> str:
            place = places.get(name)
            text = row[place] if place is not None and place < len(row) else ""
            return text.replace("\0", "")[:_LONGEST]

        def held(what: str) -> str:
            return cell(found.columns[what]) if what in found.columns else ""

        who = held("participant").upper()
        visit, sampled = held("visit"), held("sampled")
        if found.wide:
            for name, place in found.wide.items():
                if value := cell(name):
                    yield ResultLine(number, who, visit, sampled, name, place, value, "")
        elif value := held("value"):
            test = held("test")
            place = found.tests.get(test, "")
            yield ResultLine(number, who, visit, sampled, test, place, value, held("unit"))


def _refused(words: Sentence) -> ActionRefused:
    return ActionRefused(problems=(Problem("file", words),))
