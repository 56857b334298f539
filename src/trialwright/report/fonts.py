"""The fonts documents are set in: Source Sans Pro for Latin, Noto Sans CJK SC for Chinese.

Source Sans Pro comes with the installation (OFL). Noto Sans CJK is big, so it is looked for in
a folder of ours or where systems keep it; a document that needs it and can't have it is refused,
never printed with boxes. Which characters a font has is read from the font itself.
"""

import struct
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

LATIN_FAMILY = "Source Sans Pro"
CHINESE_FAMILY = "Noto Sans CJK SC"
LATIN_FILES = tuple(f"SourceSansPro-{face}.otf" for face in ("Regular", "It", "Semibold", "Bold"))
CHINESE_FILES = ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc")
CHINESE_FOLDERS = (
    "/usr/share/fonts/opentype/noto",
    "/usr/share/fonts/noto-cjk",
    "/usr/share/fonts/google-noto-sans-cjk-fonts",
    "/usr/local/share/fonts",
    "/Library/Fonts",
    "C:/Windows/Fonts",
)


class FontMissingError(RuntimeError):
    """A document needs a font that isn't there."""


@dataclass(frozen=True, slots=True)
class Fonts:
    """The font files at hand; `chinese` is empty where Noto Sans CJK isn't installed."""

    latin: tuple[Path, ...]
    chinese: tuple[Path, ...]

    def printable(self, text: str) -> str:
        """The text with every character these fonts lack written as its code point.

        Raises:
            FontMissingError: the text has Chinese in it and there is no Chinese font.
        """
        known = _known(self.latin[0], *self.chinese[:1])
        if known.issuperset(text):
            return text
        return "".join(c if c in known else self._stand_in(c, text) for c in text)

    def _stand_in(self, character: str, text: str) -> str:
        if not self.chinese and unicodedata.east_asian_width(character) in "WF":
            raise FontMissingError(
                f"The document holds Chinese text ({text[:20]!r}) and {CHINESE_FAMILY} isn't "
                "installed. Install it (Debian and Ubuntu: apt install fonts-noto-cjk), or put "
                f"{' and '.join(CHINESE_FILES)} into a folder and name it as the font folder."
            )
        return " " if character.isspace() else f"[U+{ord(character):04X}]"


def find_fonts(folder: Path | None = None) -> Fonts:
    """The fonts at hand; `folder`, if given, is looked into before the system's own."""
    shipped = Path(str(files("font_source_sans_pro"))) / "files"
    latin = tuple(shipped / name for name in LATIN_FILES)
    candidates = [folder] if folder else []
    for place in (*candidates, *map(Path, CHINESE_FOLDERS)):
        chinese = tuple(place / name for name in CHINESE_FILES)
        if all(path.is_file() for path in chinese):
            return Fonts(latin, chinese)
    return Fonts(latin, ())


@cache
def _known(*fonts: Path) -> frozenset[str]:
    """The characters that some font has, with the breaks that need no glyph."""
    points = frozenset[int]().union(*map(_code_points, fonts))
    return frozenset(map(chr, points)) | {"\n", "\u200b"}


def _code_points(font: Path) -> frozenset[int]:
    """The code points a font file has glyphs for, from its cmap table (formats 4 and 12)."""
    with font.open("rb") as stream:
        data = stream.read()
    start = struct.unpack_from(">I", data, 12)[0] if data[:4] == b"ttcf" else 0
    cmap = _table(data, start, b"cmap")
    count = struct.unpack_from(">H", data, cmap + 2)[0]
    found: set[int] = set()
    for index in range(count):
        subtable = cmap + struct.unpack_from(">I", data, cmap + 8 + 8 * index)[0]
        kind = struct.unpack_from(">H", data, subtable)[0]
        if kind == 12:
            found.update(_ranges_12(data, subtable))
        elif kind == 4:
            found.update(_ranges_4(data, subtable))
    return frozenset(found)


def _table(data: bytes, start: int, tag: bytes) -> int:
    count = struct.unpack_from(">H", data, start + 4)[0]
    for index in range(count):
        name, _, offset, _ = struct.unpack_from(">4sIII", data, start + 12 + 16 * index)
        if name == tag:
            return int(offset)
    raise FontMissingError(f"a font file has no {tag.decode()} table; install the font again")


def _ranges_12(data: bytes, at: int) -> Iterable[int]:
    for index in range(struct.unpack_from(">I", data, at + 12)[0]):
        first, last, _ = struct.unpack_from(">III", data, at + 16 + 12 * index)
        yield from range(first, last + 1)


def _ranges_4(data: bytes, at: int) -> Iterable[int]:
    segments = struct.unpack_from(">H", data, at + 6)[0] // 2
    lasts = struct.unpack_from(f">{segments}H", data, at + 14)
    firsts = struct.unpack_from(f">{segments}H", data, at + 16 + 2 * segments)
    for first, last in zip(firsts, lasts, strict=True):
        yield from (code for code in range(first, last + 1) if code != 0xFFFF)
