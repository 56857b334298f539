"""Documents: the same parts as HTML and as PDF, in both languages, whatever text is in them."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from pypdf import PdfReader

from trialwright.report.document import (
    Bullets,
    Callout,
    Column,
    Document,
    Drawing,
    Facts,
    Figure,
    Paragraph,
    Row,
    Running,
    Section,
    Table,
    numbers,
)
from trialwright.report.figures.svg import drawing, label
from trialwright.report.fonts import FontMissingError, Fonts, find_fonts
from trialwright.report.html import render_html
from trialwright.report.typst import render_pdf

needs_chinese = pytest.mark.skipif(
    not find_fonts().chinese, reason="Noto Sans CJK isn't installed (apt: fonts-noto-cjk)"
)

INJECTIONS = (
    '#import "@preview/x:1.0.0": *',
    "$ x^2 $ unclosed $",
    "\\ backslash \\n \\u{1F600}",
    "<script>alert(1)</script>",
    "*bold* _it_ `code` @label <label> = Heading",
    "]} #panic() {[",
    '"quoted" & ampersand &lt;',
)


def document(*blocks: object, language: str = "en", **running: str) -> Document:
    return Document(
        language,  # type: ignore[arg-type]
        "Report from a data cut",
        "A title",
        Running("DEMO-1", "Data cut “first”", "Ledger 41 · 9f2a", **running),
        Facts((("Study", "DEMO-1"),)),
        blocks,  # type: ignore[arg-type]
        datetime(2026, 3, 4, tzinfo=UTC),
    )


def pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def one_line(text: str) -> str:
    return "".join(text.replace("\u200b", "").split())


@pytest.mark.parametrize("text", INJECTIONS)
def test_what_a_person_typed_is_shown_as_typed_and_never_run(text: str) -> None:
    table = Table(text, (Column(text),), (Row((text,)),), (text,))
    figure = Figure(text, Drawing(drawing(50, 20, text, [label(0, 12, text)]), 50, 20, text), text)
    blocks = (Paragraph(text), Bullets((text,)), Facts(((text, text),)), table, figure)
    doc = replace(document(Section(text, (*blocks, Callout("caution", text, text)))), title=text)
    assert one_line("".join(pages(render_pdf(doc)))).count(one_line(text)) >= 12

    seen = _Seen()
    seen.feed(render_html(doc))
    assert seen.tags.isdisjoint({"script"})
    assert seen.text.count(text) >= 12


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_every_page_carries_study_cut_ledger_head_marks_and_its_number() -> None:
    rows = tuple(Row((f"row {i}",)) for i in range(120))
    doc = document(
        Table("Long", (Column("Head of it"),), rows), demonstration="DEMONSTRATION", sealed="SEALED"
    )
    found = pages(render_pdf(doc))
    assert len(found) > 2
    for number, page in enumerate(found, start=1):
        for words in ("DEMO-1", "“first”", "Ledger 41 · 9f2a", "DEMONSTRATION", "SEALED"):
            assert words in page
        assert f"Page {number} of {len(found)}" in page
        assert "Head of it" in page


@pytest.mark.parametrize(("rows", "contents"), [(150, False), (600, True)])
def test_a_contents_page_comes_from_eight_pages_on(rows: int, contents: bool) -> None:
    table = Table("Long", (Column("n"),), tuple(Row((str(i),)) for i in range(rows)))
    found = pages(render_pdf(document(Section("Only section", (table,)))))
    assert (len(found) >= 8) is contents
    assert any("Contents" in page and "Only section" in page for page in found) is contents


def test_the_same_document_gives_the_same_bytes_for_archives_and_ears() -> None:
    doc = document(Paragraph("once and again"))
    first = render_pdf(doc)
    assert first == render_pdf(doc)
    assert b"<pdfaid:part>2</pdfaid:part>" in first
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in first
    assert b"<pdfuaid:part>1</pdfuaid:part>" in first
    assert PdfReader(io.BytesIO(first)).metadata["/CreationDate"].startswith("D:20260304")


def test_paper_is_a4_or_letter() -> None:
    sizes = []
    for paper in ("a4", "us-letter"):
        page = PdfReader(io.BytesIO(render_pdf(document(), paper=paper))).pages[0]  # type: ignore[arg-type]
        sizes.append((round(page.mediabox.width), round(page.mediabox.height)))
    assert sizes == [(595, 842), (612, 792)]


def test_an_unbroken_word_stays_on_the_page() -> None:
    word = "0123456789abcdef" * 12
    found = "".join(pages(render_pdf(document(Facts((("Hash", word),))))))
    assert word in one_line(found)
    assert max(len(line) for line in found.splitlines()) < 100


def test_an_empty_table_says_why() -> None:
    doc = document(Table("Sites", (Column("Site"), Column("n", "right")), (), empty="No site yet."))
    assert "No site yet." in pages(render_pdf(doc))[0]
    assert "No site yet." in render_html(doc)


def test_a_row_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="2 cells for 1 columns"):
        Table("T", (Column("a"),), (Row(("1", "2")),))


def test_tables_and_figures_are_counted_apart_through_all_sections() -> None:
    tables = [Table(str(i), (Column("a"),), ()) for i in range(3)]
    figure = Figure("f", Drawing(drawing(1, 1, "f", []), 1, 1, "f"))
    doc = document(tables[0], Section("s", (figure, Section("t", (tables[1],)))), tables[2])
    order = numbers(doc)
    assert [order[id(block)] for block in (*tables, figure)] == [1, 2, 3, 1]


@needs_chinese
def test_chinese_is_set_with_chinese_words_around_it() -> None:
    page = pages(render_pdf(document(Paragraph("人羊膜上皮细胞"), language="zh")))[0]
    assert "人羊膜上皮细胞" in page
    assert "第 1 页，共 1 页" in page
    assert 'lang="zh-Hans"' in render_html(document(language="zh"))


def test_chinese_without_its_font_is_refused_with_what_to_install() -> None:
    fonts = Fonts(find_fonts().latin, ())
    with pytest.raises(FontMissingError, match="fonts-noto-cjk"):
        fonts.printable("第二医院")


def test_a_character_no_font_has_is_printed_as_its_code_point() -> None:
    assert find_fonts().printable("ok \U0001f600\x07") == "ok [U+1F600][U+0007]"
    assert "[U+1F600]" in pages(render_pdf(document(Paragraph("so \U0001f600"))))[0]
