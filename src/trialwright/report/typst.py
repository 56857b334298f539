"""A document as PDF/A-2a and PDF/UA-1, set by Typst.

The document goes to Typst as JSON and its figures as SVG files, never as markup. The same
document, fonts and release give the same bytes.
"""

import json
import re
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import typst

from trialwright.report.document import Block, Document, Figure, Section, Table, numbers
from trialwright.report.figures.svg import FONT
from trialwright.report.fonts import (
    CHINESE_FAMILY,
    LATIN_FAMILY,
    FontMissingError,
    Fonts,
    find_fonts,
)
from trialwright.report.words import ReportWords

Paper = Literal["a4", "us-letter"]
TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
LONGEST_WORD = 24
STANDARDS: tuple[Literal["a-2a", "ua-1"], ...] = ("a-2a", "ua-1")
"""For archives, with its structure and text (ISO 19005-2, level A), and for people who read by
ear or touch (ISO 14289-1)."""

_SCREEN_COLOUR = re.compile(r"var\(--[a-z0-9-]+, *(#[0-9a-f]{6})\)")
_LONG_WORD = re.compile(rf"[!-~]{{{LONGEST_WORD + 1},}}")


def render_pdf(
    document: Document, *, paper: Paper = "a4", font_folder: Path | None = None
) -> bytes:
    """Set a document on A4 or Letter.

    Raises:
        FontMissingError: it has Chinese in it and no Chinese font is installed.
    """
    fonts = find_fonts(font_folder)
    if document.language == "zh" and not fonts.chinese:
        fonts.printable(ReportWords(document.language)("table"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree = _tree(document, fonts, folder)
        if document.language == "zh":
            _in_chinese_type(folder)
        (folder / "document.json").write_text(
            json.dumps({**tree, "paper": paper}, ensure_ascii=False), encoding="utf-8"
        )
        (folder / "report.typ").write_bytes(TEMPLATE.read_bytes())
        return typst.compile(
            folder / "report.typ",
            root=folder,
            font_paths=[font_folder_of(folder, fonts)],
            ignore_system_fonts=True,
            pdf_standards=list(STANDARDS),
            timestamp=document.made_at,
        )


def _in_chinese_type(folder: Path) -> None:
    """Name the Chinese font first in figures; else a Japanese one may stand in for it."""
    for figure in folder.glob("figure-*.svg"):
        svg = figure.read_text(encoding="utf-8")
        figure.write_text(svg.replace(FONT, f"{CHINESE_FAMILY}, {LATIN_FAMILY}"), encoding="utf-8")


def font_folder_of(folder: Path, fonts: Fonts) -> Path:
    """A folder with exactly the fonts wanted, so that no other can be taken for one of them."""
    place = folder / "fonts"
    place.mkdir()
    for font in (*fonts.latin, *fonts.chinese):
        try:
            (place / font.name).symlink_to(font)
        except OSError:  # Windows lets few people link
            (place / font.name).write_bytes(font.read_bytes())
    return place


def _tree(document: Document, fonts: Fonts, folder: Path) -> dict[str, Any]:
    words = ReportWords(document.language)
    order = numbers(document)
    tree = {
        "language": document.language,
        "kind": document.kind,
        "title": document.title,
        "running": asdict(document.running),
        "facts": asdict(document.facts),
        "blocks": [_block(b, order, fonts, folder) for b in document.blocks],
        "words": {
            "page": words("page", page="{page}", pages="{pages}"),
            **{k: words(k) for k in ("table", "figure", "contents", "demonstration", "sealed")},
        },
    }
    printable: dict[str, Any] = _printable(tree, fonts)
    return printable


def _block(block: Block, order: dict[int, int], fonts: Fonts, folder: Path) -> dict[str, Any]:
    kind = {"block": type(block).__name__}
    match block:
        case Section():
            inner = [_block(b, order, fonts, folder) for b in block.blocks]
            return {**kind, "title": block.title, "blocks": inner}
        case Figure():
            file = f"figure-{order[id(block)]}.svg"
            svg = fonts.printable(_SCREEN_COLOUR.sub(r"\1", block.drawing.svg))
            (folder / file).write_text(svg, encoding="utf-8")
            return {
                **kind,
                "number": order[id(block)],
                "caption": block.caption,
                "sentence": block.sentence,
                "file": file,
                "width": block.drawing.width,
                "height": block.drawing.height,
                "alternative": block.drawing.alternative,
            }
        case Table():
            return {**kind, "number": order[id(block)], **asdict(block)}
        case _:
            return {**kind, **asdict(block)}


def _printable(tree: Any, fonts: Fonts) -> Any:
    match tree:
        case str():
            return _LONG_WORD.sub(_breakable, fonts.printable(tree))
        case dict():
            return {key: _printable(value, fonts) for key, value in tree.items()}
        case list() | tuple():
            return [_printable(value, fonts) for value in tree]
        case _:
            return tree


def _breakable(match: re.Match[str]) -> str:
    """A word too long for a line may break after every eighth character."""
    word = match[0]
    return "\u200b".join(word[i : i + 8] for i in range(0, len(word), 8))


__all__ = ["FontMissingError", "Paper", "render_pdf"]
