"""A document as HTML: a whole page for a file, or the part that a page of ours takes in.

Both hold the same parts as the PDF. The style sheet is `report.css`; it uses the variables
that our pages define and brings its own values where they are absent.
"""

from html import escape
from pathlib import Path

from trialwright.report.document import (
    Block,
    Bullets,
    Callout,
    Code,
    Document,
    Facts,
    Figure,
    Paragraph,
    Row,
    Section,
    Table,
    numbers,
)
from trialwright.report.words import ReportWords

STYLE = Path(__file__).parent / "templates" / "report.css"
LANG = {"en": "en", "zh": "zh-Hans"}


def render_html(document: Document, *, back: tuple[str, str] | None = None) -> str:
    """A page that stands alone, its style within it.

    Args:
        back: the words and the address of a link to where one came from; none in a file.
    """
    style = STYLE.read_text(encoding="utf-8")
    return (
        f'<!doctype html>\n<html lang="{LANG[document.language]}">\n<head>\n'
        '<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(document.title)}</title>\n<style>\n{style}</style>\n</head>\n"
        f"<body>\n<main>\n{render_part(document, back=back)}</main>\n</body>\n</html>\n"
    )


def render_part(document: Document, *, back: tuple[str, str] | None = None) -> str:
    """The document as one `article`, headed by an `h1`."""
    words, running = ReportWords(document.language), document.running
    marks = []
    if running.demonstration:
        marks.append(Callout("demonstration", running.demonstration, words("demonstration")))
    if running.sealed:
        marks.append(Callout("sealed", running.sealed, words("sealed")))
    head = escape(" · ".join((running.study, running.cut, running.head)))
    renderer = _Renderer(words, numbers(document))
    return "\n".join(
        (
            f'<article class="report" lang="{LANG[document.language]}">',
            *(_back(*back) if back else ()),
            f'<p class="report-running">{head}</p>',
            f'<p class="report-kind">{escape(document.kind)}</p>',
            f"<h1>{escape(document.title)}</h1>",
            *map(_callout, marks),
            _facts(document.facts),
            *(renderer.block(block, 2) for block in document.blocks),
            "</article>\n",
        )
    )


def _back(words: str, href: str) -> tuple[str]:
    return (f'<p class="report-back"><a href="{escape(href)}">{escape(words)}</a></p>',)


class _Renderer:
    def __init__(self, words: ReportWords, order: dict[int, int]) -> None:
        self._words = words
        self._order = order

    def block(self, block: Block, depth: int) -> str:
        match block:
            case Section():
                inner = "\n".join(self.block(b, depth + 1) for b in block.blocks)
                tag = f"h{min(depth, 6)}"
                return f"<section>\n<{tag}>{escape(block.title)}</{tag}>\n{inner}\n</section>"
            case Paragraph():
                kind = ' class="note"' if block.tone == "note" else ""
                return f"<p{kind}>{escape(block.text)}</p>"
            case Bullets():
                return f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in block.items)}</ul>"
            case Facts():
                return _facts(block)
            case Code():
                return f"<pre><code>{escape(block.text)}</code></pre>"
            case Callout():
                return _callout(block)
            case Table():
                return self._table(block)
            case Figure():
                return self._figure(block)

    def _caption(self, block: Table | Figure) -> str:
        word = self._words("table" if isinstance(block, Table) else "figure")
        return f"<b>{escape(word)} {self._order[id(block)]}</b> {escape(block.caption)}"

    def _figure(self, figure: Figure) -> str:
        sentence = f"<p>{escape(figure.sentence)}</p>" if figure.sentence else ""
        return (
            f"<figure>{sentence}{figure.drawing.svg}"
            f"<figcaption>{self._caption(figure)}</figcaption></figure>"
        )

    def _table(self, table: Table) -> str:
        heads = "".join(
            f'<th scope="col" class="{c.align}">{escape(c.head)}</th>' if c.head else "<td></td>"
            for c in table.columns
        )
        rows = "\n".join(_row(row, table) for row in table.rows)
        if not table.rows:
            rows = f'<tr><td colspan="{len(table.columns)}">{escape(table.empty)}</td></tr>'
        narrow = " narrow" if table.narrow else ""
        notes = "".join(f'<p class="note">{escape(note)}</p>' for note in table.notes)
        return (
            f'<div class="report-table{narrow}" role="group" tabindex="0"><table>'
            f"<caption>{self._caption(table)}</caption>\n"
            f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody></table></div>{notes}"
        )


def _row(row: Row, table: Table) -> str:
    cells = []
    for index, (text, column) in enumerate(zip(row.cells, table.columns, strict=True)):
        body = f"<code>{escape(text)}</code>" if column.code and text else escape(text)
        if index == 0:
            cells.append(f'<th scope="row" class="{column.align} level-{row.level}">{body}</th>')
        else:
            cells.append(f'<td class="{column.align}">{body}</td>')
    return f'<tr class="{row.kind}">{"".join(cells)}</tr>'


def _facts(facts: Facts) -> str:
    pairs = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in facts.pairs)
    return f'<dl class="report-facts">{pairs}</dl>'


def _callout(callout: Callout) -> str:
    return (
        f'<div class="callout {callout.kind}"><b>{escape(callout.title)}</b>'
        f"<p>{escape(callout.text)}</p></div>"
    )
