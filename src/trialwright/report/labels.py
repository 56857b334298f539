"""Labels of containers and wristbands as PDF: one a page, all alike but for the code.

Each has its code in letters and as bars (Code 39, ISO/IEC 16388), which scanners type. The file
says nothing of when or for what it was made: the same labels give the same bytes.
"""

import json
import re
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import typst

from trialwright.report.fonts import find_fonts
from trialwright.report.typst import font_folder_of

_WIDTH_MM, _HEIGHT_MM = 60, 30
_MADE_AT = datetime(2000, 1, 1, tzinfo=UTC)
_TEMPLATE = """\
#let told = json("labels.json")
#set document(title: "Label", date: none)
#set page(width: %(width)dmm, height: %(height)dmm, margin: 2.5mm)
#set text(font: "Source Sans Pro", size: 7pt)
#for (n, each) in told.enumerate() {
  if n > 0 { pagebreak() }
  text(size: 6pt)[#each.study]
  linebreak()
  for (k, part) in each.bars.enumerate() {
    box(width: part * 0.19mm, height: 9mm, fill: if calc.rem(k, 2) == 0 { black } else { none })
  }
  linebreak()
  text(size: 11pt, weight: "semibold")[#each.code]
  h(1fr)
  each.until
  linebreak()
  text(size: 6pt)[#each.words]
}
"""
_PATTERNS = (
    "nnnwwnwnn wnnwnnnnw nnwwnnnnw wnwwnnnnn nnnwwnnnw wnnwwnnnn nnwwwnnnn nnnwnnwnw "
    "wnnwnnwnn nnwwnnwnn wnnnnwnnw nnwnnwnnw wnwnnwnnn nnnnwwnnw wnnnwwnnn nnwnwwnnn "
    "nnnnnwwnw wnnnnwwnn nnwnnwwnn nnnnwwwnn wnnnnnnww nnwnnnnww wnwnnnnwn nnnnwnnww "
    "wnnnwnnwn nnwnwnnwn nnnnnnwww wnnnnnwwn nnwnnnwwn nnnnwnwwn wwnnnnnnw nwwnnnnnw "
    "wwwnnnnnn nwnnwnnnw wwnnwnnnn nwwnwnnnn nwnnnnwnw nwnnwnwnn"
)
"""Bars and gaps of each character in turn, narrow or wide."""
_CODE_39 = dict(
    zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-*", re.split(" ", _PATTERNS), strict=True)
)


@dataclass(frozen=True, slots=True)
class Label:
    """One label: the study, a code, its last day of use ("" where it has none), and a sentence."""

    study: str
    code: str
    until: str
    words: str


def bars_of(code: str) -> tuple[int, ...]:
    """The widths of bars and gaps in turn, a narrow one 1 and a wide one 3, from `*` to `*`.

    >>> len(bars_of("C0"))
    39

    Raises KeyError for a character that Code 39 can't write.
    """
    found: list[int] = []
    for each in f"*{code}*":
        found += [3 if part == "w" else 1 for part in _CODE_39[each]] + [1]
    return tuple(found[:-1])


def render_labels(labels: Sequence[Label]) -> bytes:
    """Set labels of 60 by 30 mm, one a page.

    Raises:
        FontMissingError: there is Chinese on one and no Chinese font is installed.
    """
    fonts = find_fonts(None)
    told = [
        {key: fonts.printable(text) for key, text in asdict(each).items()}
        | {"bars": bars_of(each.code)}
        for each in labels
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "labels.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        size = {"width": _WIDTH_MM, "height": _HEIGHT_MM}
        (folder / "labels.typ").write_text(_TEMPLATE % size, encoding="utf-8")
        return typst.compile(
            folder / "labels.typ",
            root=folder,
            font_paths=[font_folder_of(folder, fonts)],
            ignore_system_fonts=True,
            timestamp=_MADE_AT,
        )
