"""The tables of a document as CSV files, one each, as they stand in it."""

import csv
import io
import re

from trialwright.messages.spreadsheets import inert
from trialwright.report.document import Document, Table, numbers

_NUMBERED = re.compile(r"(\d+(?:\.\d+)+) ")


def csv_tables(document: Document) -> dict[str, bytes]:
    """File name to content, UTF-8 with a mark for spreadsheets; notes stand under the rows.

    A table with a number of its own in its caption is named by it, others by their place.
    """
    order = numbers(document)
    found: dict[str, bytes] = {}
    for block in document.walk():
        if not isinstance(block, Table):
            continue
        own = _NUMBERED.match(block.caption)
        name = own[1].replace(".", "-") if own else f"table-{order[id(block)]:02}"
        found[f"{name}.csv"] = _written(block)
    return found


def _written(table: Table) -> bytes:
    held = io.StringIO(newline="")
    writer = csv.writer(held)
    writer.writerow([table.caption])
    writer.writerow([_plain(column.head) for column in table.columns])
    for row in table.rows:
        writer.writerow([_plain(cell) for cell in row.cells])
    if not table.rows and table.empty:
        writer.writerow([table.empty])
    for note in table.notes:
        writer.writerow([note])
    return b"\xef\xbb\xbf" + held.getvalue().encode()


def _plain(text: str) -> str:
    """A cell on one line, which no spreadsheet takes for a formula."""
    return str(inert(" ".join(text.split())))
