"""The rows of a CSV or XLSX are read as texts; what is neither is refused."""

import io
import zipfile

import pytest

from trialwright.exchange.spreadsheet import UnreadableSheet, rows_of

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def book(sheet: str, *, shared: str = "", styles: str = "", entity: str = "") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(
            "xl/workbook.xml",
            f'<workbook {MAIN} xmlns:r="{REL}"><sheets><sheet name="a" sheetId="1" r:id="rId7"/>'
            "</sheets></workbook>",
        )
        packed.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="rId7" Type="{REL}/worksheet" Target="worksheets/sheet1.xml"/>'
            "</Relationships>",
        )
        packed.writestr(
            "xl/worksheets/sheet1.xml",
            f"{entity}<worksheet {MAIN}><sheetData>{sheet}</sheetData></worksheet>",
        )
        if shared:
            packed.writestr("xl/sharedStrings.xml", f"<sst {MAIN}>{shared}</sst>")
        if styles:
            packed.writestr("xl/styles.xml", f"<styleSheet {MAIN}>{styles}</styleSheet>")
    return file.getvalue()


def test_numbers_dates_shared_texts_and_gaps_of_a_workbook() -> None:
    styles = (
        '<numFmts><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd hh:mm"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs>'
    )
    sheet = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c>'
        '<c r="C1" t="inlineStr"><is><t>HGB</t></is></c></row>'
        '<row r="3"><c r="A3" s="1"><v>45292</v></c><c r="B3"><v>4.2000000000000002</v></c>'
        '<c r="C3"><v>120</v></c><c r="D3" s="2"><v>45292.5</v></c><c r="E3" t="e"><v>#N/A</v></c>'
        "</row>"
    )
    shared = "<si><r><t>Sub</t></r><r><t>ject</t></r></si>"
    assert rows_of(book(sheet, shared=shared, styles=styles), 10) == [
        ["Subject", "", "HGB"],
        [],
        ["2024-01-01", "4.2", "120", "2024-01-01 12:00", ""],
    ]


def test_a_csv_by_its_mark_with_a_byte_order_mark_and_empty_lines() -> None:
    assert rows_of("\ufeffa;b\r\n1,5; x \r\n\r\n2;\"y\nz\"\r\n\r\n".encode(), 10) == [
        ["a", "b"], ["1,5", "x"], [], ["2", "y\nz"],
    ]  # fmt: skip


def test_no_more_rows_are_read_than_tell_that_there_are_more() -> None:
    assert len(rows_of(b"a\n" * 100, 10)) == 12
    many = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 100))
    assert len(rows_of(book(many), 10)) == 12


@pytest.mark.parametrize(
    "source",
    [
        b"\xff\xfea\x00",
        b"a,b\x00c\n",
        b"PK\x03\x04 no archive",
        b"",
    ],
    ids=["utf-16", "zeros", "broken archive", "nothing"],
)
def test_what_is_neither_is_refused_or_empty(source: bytes) -> None:
    if source:
        with pytest.raises(UnreadableSheet):
            rows_of(source, 10)
    else:
        assert rows_of(source, 10) == []


def test_a_workbook_that_unpacks_without_end_or_names_a_file_is_not_followed() -> None:
    with pytest.raises(UnreadableSheet):
        rows_of(book(" " * (51 * 1024 * 1024)), 10)
    entity = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    cell = '<row r="1"><c r="A1" t="inlineStr"><is><t>a&x;</t></is></c></row>'
    assert rows_of(book(cell, entity=entity), 10) in ([["a"]], [[""]])
