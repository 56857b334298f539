"""The rows of a CSV or of the first sheet of an XLSX, as texts. Nothing is computed or followed.

Of an XLSX a number is read as it was typed (its shortest decimal), a date as ISO text; of a formula
the value that was saved with it.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from lxml import etree

_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LARGEST: Final = 50 * 1024 * 1024
_MOST_COLUMNS: Final = 500
# The formats of dates that a workbook needn't describe (ECMA-376, 18.8.30).
_DATES: Final = frozenset({*range(14, 18), 22, *range(27, 32), 36, *range(50, 59)})
_TIMED: Final = frozenset({22})
_ERROR: Final = "e"
# Day 0 of a workbook; 1900-02-29, which it counts, lies before any sample.
_START: Final = datetime.fromisoformat("1899-12-30")
_START_1904: Final = datetime.fromisoformat("1904-01-01")


class UnreadableSheet(ValueError):
    """The file is neither a CSV in UTF-8 nor an XLSX."""


def rows_of(source: bytes, most: int) -> list[list[str]]:
    """Read the rows, the head first; at most `most` beneath it and one more, which tells that
    there are more.

    Raises:
        UnreadableSheet: it can't be read, or unpacks to more than 50 MB.
    """
    reader = _xlsx(source) if source.startswith(b"PK\x03\x04") else _csv(source)
    found: list[list[str]] = []
    for row in reader:
        if any(cell.strip() for cell in row) or not found:
            found.append([cell.strip() for cell in row])
        else:
            found.append([])
        if len(found) > most + 1:
            break
    while found and not found[-1]:
        found.pop()
    return found


def _csv(source: bytes) -> Iterator[list[str]]:
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableSheet from None
    if "\0" in text:
        raise UnreadableSheet
    head = text.split("\n", 1)[0]
    mark = max(",;\t", key=head.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    except csv.Error:
        raise UnreadableSheet from None


def _xlsx(source: bytes) -> Iterator[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(source)) as book:
            if sum(each.file_size for each in book.infolist()) > _LARGEST:
                raise UnreadableSheet
            names = set(book.namelist())
            shared = _shared(book) if "xl/sharedStrings.xml" in names else []
            dates = _date_styles(book) if "xl/styles.xml" in names else {}
            start = _START_1904 if _from_1904(book) else _START
            sheet = etree.fromstring(book.read(_first_sheet(book)), _parser())
    except (zipfile.BadZipFile, KeyError, etree.XMLSyntaxError, ValueError, RuntimeError):
        raise UnreadableSheet from None
    empty = 0
    for row in sheet.iter(f"{_MAIN}row"):
        cells: list[str] = []
        for cell in row.iter(f"{_MAIN}c"):
            place = _column(cell.get("r") or "", len(cells))
            if place < _MOST_COLUMNS:
                cells += [""] * (place - len(cells))
                cells.append(_text(cell, shared, dates, start))
        # Rows that hold nothing aren't written; those that follow keep their number.
        number = int(row.get("r") or empty + 1)
        for _each in range(min(number - empty - 1, _MOST_COLUMNS)):
            yield []
        empty = number
        yield cells


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)


def _first_sheet(book: zipfile.ZipFile) -> str:
    """The path of the first sheet, by the workbook's own order."""
    relations = etree.fromstring(book.read("xl/_rels/workbook.xml.rels"), _parser())
    targets = {each.get("Id"): each.get("Target") or "" for each in relations}
    work = etree.fromstring(book.read("xl/workbook.xml"), _parser())
    sheet = next(work.iter(f"{_MAIN}sheet"))
    key = next(value for name, value in sheet.items() if name.endswith("}id"))
    target = targets[key]
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _from_1904(book: zipfile.ZipFile) -> bool:
    work = etree.fromstring(book.read("xl/workbook.xml"), _parser())
    return any(each.get("date1904") in ("1", "true") for each in work.iter(f"{_MAIN}workbookPr"))


def _shared(book: zipfile.ZipFile) -> list[str]:
    root = etree.fromstring(book.read("xl/sharedStrings.xml"), _parser())
    return [
        "".join(t.text or "" for t in item.iter(f"{_MAIN}t")) for item in root.iter(f"{_MAIN}si")
    ]


def _date_styles(book: zipfile.ZipFile) -> dict[str, bool]:
    """The styles that show a date, and whether with a time."""
    root = etree.fromstring(book.read("xl/styles.xml"), _parser())
    own = {}
    for each in root.iter(f"{_MAIN}numFmt"):
        code = re.sub(r'"[^"]*"|\[[^]]*\]|\\.', "", each.get("formatCode") or "").lower()
        own[int(each.get("numFmtId") or 0)] = code
    found = {}
    listed = root.find(f"{_MAIN}cellXfs")
    for place, style in enumerate(listed if listed is not None else ()):
        number = int(style.get("numFmtId") or 0)
        code = own.get(number, "")
        if number in _DATES or ("d" in code and "y" in code):
            found[str(place)] = number in _TIMED or "h" in code
    return found


def _text(cell: etree._Element, shared: list[str], dates: dict[str, bool], start: datetime) -> str:
    kind = cell.get("t") or "n"
    if kind == "inlineStr":
        return "".join(t.text or "" for t in cell.iter(f"{_MAIN}t"))
    value = cell.findtext(f"{_MAIN}v") or ""
    if kind == "s":
        return shared[int(value)] if value.isdigit() and int(value) < len(shared) else ""
    if kind != "n" or not value:
        return "" if kind == _ERROR else value
    try:
        number = float(value)
        style = cell.get("s") or ""
        if style in dates:
            moment = start + timedelta(days=number)
            timed = dates[style] and moment.time().isoformat() != "00:00:00"
            return moment.isoformat(" ", "minutes") if timed else moment.date().isoformat()
    except (ValueError, OverflowError):
        return value
    # A spreadsheet writes 4.2 as 4.2000000000000002.
    return re.sub(r"\.0$", "", repr(number))


def _column(reference: str, following: int) -> int:
    letters = re.match(r"[A-Z]{1,3}", reference)
    if letters is None:
        return following
    place = 0
    for letter in letters.group():
        place = place * 26 + ord(letter) - 64
    return max(place - 1, following)
