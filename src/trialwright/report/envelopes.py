"""Sealed envelopes: one sheet a participant, folded so that the arm lies inside.

The sheet (A4, printed on one side) is folded in three like a Z: its lowest part is the outside and
says study, number and participant alone; the middle, with the arm, lies against the uppermost,
which is covered with letters so that nothing is read against the light. Whatever the arm, the
outside, the count of pages, the file's name and its metadata are the same.
"""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import typst

from trialwright.report.fonts import find_fonts
from trialwright.report.typst import font_folder_of

_TEMPLATE = Path(__file__).parent / "templates" / "envelopes.typ"
_MADE_AT = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class EnvelopeSheet:
    """One sheet.

    Attributes:
        outside: lines of the outside under the code: whom it is for, when it may be opened.
        arm: what the participant gets, described: its name, then more about it.
        inside: what to do once it is open, a line each.
        lines: what is written by hand once it is open: who, when, why.
        folding: how it is folded and sealed, for whoever prints.
        mark: of a demonstration, else "".
    """

    study: str
    number: str
    code: str
    outside: tuple[str, ...]
    arm: str
    described: str
    inside: tuple[str, ...]
    lines: tuple[str, ...]
    folding: str
    mark: str


def render_envelopes(sheets: Sequence[EnvelopeSheet], *, title: str, chinese: bool) -> bytes:
    """Set the sheets, one a page.

    Raises:
        FontMissingError: there is Chinese on one and no Chinese font is installed.
    """
    fonts = find_fonts(None)

    def printable(value: str | tuple[str, ...]) -> str | list[str]:
        if isinstance(value, str):
            return fonts.printable(value)
        return [fonts.printable(each) for each in value]

    told = {
        "title": title,
        "language": "zh" if chinese else "en",
        "sheets": [
            {key: printable(value) for key, value in asdict(each).items()} for each in sheets
        ],
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "envelopes.json").write_text(
            json.dumps(told, ensure_ascii=False), encoding="utf-8"
        )
        (folder / "envelopes.typ").write_bytes(_TEMPLATE.read_bytes())
        return typst.compile(
            folder / "envelopes.typ",
            root=folder,
            font_paths=[font_folder_of(folder, fonts)],
            ignore_system_fonts=True,
            timestamp=_MADE_AT,
        )
