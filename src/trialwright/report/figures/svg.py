"""A very small SVG: shapes and text with escaped content, and a guess at how wide a text is."""

import unicodedata
from collections.abc import Iterable
from html import escape

INK = "var(--ink, #1b2226)"
QUIET = "var(--quiet-ink, #5a666d)"
LINE = "var(--line, #c9d1d5)"
PAPER = "var(--paper, #ffffff)"
INSET = "var(--quiet, #f4f6f7)"
ACCENT = "var(--accent, #0b5c63)"
STOP = "var(--stop, #a8321f)"
# Okabe and Ito's colours (jfly.uni-koeln.de/color, 2008), told apart with any colour vision;
# black and yellow are left out, which vanish on dark and on light.
SERIES = (
    "var(--series-1, #0072b2)",
    "var(--series-2, #d55e00)",
    "var(--series-3, #009e73)",
    "var(--series-4, #cc79a7)",
    "var(--series-5, #56b4e9)",
)
FONT = "Source Sans Pro, Noto Sans CJK SC, system-ui, sans-serif"


def number(value: float) -> str:
    """A coordinate with two decimals at most."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def element(name: str, content: str = "", **attributes: str | float) -> str:
    """One element; `_` in an attribute's name stands for `-`, its value is escaped."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_text(value))}"'
        for key, value in attributes.items()
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def label(
    x: float,
    y: float,
    words: str,
    *,
    size: float = 12,
    anchor: str = "start",
    fill: str = INK,
    weight: int = 400,
) -> str:
    """One line of text with its baseline at `y`."""
    return element(
        "text",
        escape(words),
        x=x,
        y=y,
        font_size=size,
        text_anchor=anchor,
        fill=fill,
        font_weight=weight,
    )


def line(
    x1: float, y1: float, x2: float, y2: float, *, stroke: str = LINE, width: float = 1
) -> str:
    """A straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, stroke_width=width)


def drawing(width: float, height: float, title: str, parts: Iterable[str]) -> str:
    """The whole SVG; `title` is its text alternative."""
    return element(
        "svg",
        element("title", escape(title)) + "".join(parts),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(width)} {number(height)}",
        role="img",
        class_="figure",
        font_family=FONT,
    )


def text_width(words: str, size: float) -> float:
    """About how wide a text is set: wide characters one em, others a little over half."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in words)
    return size * (wide + 0.54 * (len(words) - wide))


def wrap(words: str, width: float, size: float) -> tuple[str, ...]:
    """Break a text into lines no wider than `width`; Chinese breaks between any characters."""
    lines: list[str] = []
    current = ""
    for piece in _pieces(words):
        if current and text_width((current + piece).rstrip(), size) > width:
            lines.append(current.rstrip())
            current = ""
        current += piece
        while text_width(current.rstrip(), size) > width and len(current) > 1:
            cut = max(1, int(width / size / 0.54))
            cut = cut if text_width(current[:cut], size) <= width else max(1, int(width / size))
            lines.append(current[:cut])
            current = current[cut:]
    return (*lines, current.rstrip()) if current.strip() or not lines else tuple(lines)


# Chinese punctuation that may not begin a line stays with the character before it.
_CLOSING = "，。、；：？！）》」』】％"


def _pieces(words: str) -> Iterable[str]:
    piece = ""
    for character in words:
        wide = unicodedata.east_asian_width(character) in "WF"
        if piece and wide and character not in _CLOSING:
            yield piece
            piece = ""
        piece += character
        if character == " ":
            yield piece
            piece = ""
    if piece:
        yield piece


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else number(value)
