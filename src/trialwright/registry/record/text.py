"""Register text made fit to show: escapes undone, stray separators gone, wrapped lines joined.

The result is plain text. Nothing here makes markup, and whoever shows it must escape it.
"""

from __future__ import annotations

import html
import re
from enum import StrEnum
from functools import lru_cache


class TextForm(StrEnum):
    """How a register's form writes its text."""

    MARKDOWN = "markdown"  # a backslash before punctuation is an escape
    WRAPPED = "wrapped"  # lines broken at a fixed width
    PLAIN = "plain"


# ClinicalTrials.gov v2 stores Markdown: a backslash before punctuation is an escape.
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
# Only a complete entity counts ("&#8805;"); "AT&T" and "a &lt b" stay as they are.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f]{2,}|[\t\u00a0\u2000-\u200a\u202f]")
_PLAIN_SPACES = re.compile(r"  +")
_ODD_SPACE = re.compile(r"[\t\u00a0\u2000-\u200a\u202f]")
_SPACES_AT_LINE_END = re.compile(r" +\n")
_BLANK_LINES = re.compile(r"\n{3,}")
# Text without any of these is fit to show as it is, and most short text is.
_SUSPECT = re.compile(r"[^ -~\u00a1-\u1fff\u2010-\u2027\u2030-\ud7ff]|[\\&]|  |^ | [;,]?$|\|\s*$")
# What can't be stored as UTF-8 or shown: control characters and halves of a surrogate pair.
_UNSHOWABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_CONTROLS = bytes({*range(32), 127} - set(b"\t\n\r"))
_BULLET = re.compile(r"\s*(?:[-*•·◦]|\(?\d{1,2}[.)]|[a-z][.)])\s")
_HEADING = re.compile(r"[^\n]{1,80}:\s*\Z")


def clean(raw: str, form: TextForm = TextForm.MARKDOWN) -> str:
    r"""Return the text to show for a register's raw text.

    Args:
        raw: the text as it stands in the record.
        form: how it is written; the lines of a wrapped paragraph are joined, and lists and
            headings kept.

    >>> clean("Lining \\< 6 mm &#8805; 2 cycles ;")
    'Lining < 6 mm ≥ 2 cycles'
    """
    # The same names and codes stand in thousands of records.
    return _cleaned_once(raw, form) if len(raw) <= _SHORT else _cleaned(raw, form)


def _cleaned(raw: str, form: TextForm) -> str:
    if _is_fit(raw):
        return raw
    # Each step looks first whether it has anything to do: most text needs one or two of them.
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    text = _shown(text)
    if form is TextForm.WRAPPED:
        text = _unwrap(text)
    if form is TextForm.MARKDOWN and "\\" in text:
        text = _ESCAPE.sub(r"\1", text)
    if "&" in text:
        text = _shown(_ENTITY.sub(lambda found: html.unescape(found[0]), text))
    if "\t" in text or (not text.isascii() and _ODD_SPACE.search(text)):
        text = _SPACES.sub(_one_space, text)
    elif "  " in text:
        text = _PLAIN_SPACES.sub(_one_space, text)
    if " \n" in text:
        text = _SPACES_AT_LINE_END.sub("\n", text)
    if "\n\n\n" in text:
        text = _BLANK_LINES.sub("\n\n", text)
    return _drop_stray_end(text).strip()


_SHORT = 40
_cleaned_once = lru_cache(maxsize=1 << 16)(_cleaned)


def _is_fit(raw: str) -> bool:
    if not raw.isascii():
        return not _SUSPECT.search(raw)
    return (
        raw.isprintable()
        and not ("\\" in raw or "&" in raw or "  " in raw)
        and not raw.startswith(" ")
        and not raw.endswith((" ", ";", ",", "|"))
    )


def _shown(text: str) -> str:
    """Replace what can't be stored or shown; looking for it in bytes is twenty times as fast."""
    try:
        data = text.encode()
    except UnicodeEncodeError:
        return _UNSHOWABLE.sub("\ufffd", text)
    clear = len(data.translate(None, _CONTROLS)) == len(data)
    return text if clear else _UNSHOWABLE.sub("\ufffd", text)


def _drop_stray_end(text: str) -> str:
    """Drop separators left standing alone at the end (" ;"), in one pass from the end."""
    end = len(text)
    while end:
        last = text[end - 1]
        if (
            last.isspace()
            or last == "|"
            or (last in ";," and (end == 1 or text[end - 2].isspace()))
        ):
            end -= 1
        else:
            break
    return text[:end]


def _one_space(found: re.Match[str]) -> str:
    """One space for a run of them, but the spaces that indent a line (nested lists) stay."""
    at = found.start()
    return found[0] if at == 0 or found.string[at - 1] == "\n" else " "


def _unwrap(text: str) -> str:
    """Join the lines of each paragraph or list item of a block wrapped at a fixed width."""
    out: list[str] = []
    joining = False
    for line in text.split("\n"):
        body = line.strip()
        if not body:
            joining = False
            out.append("")
            continue
        if joining and not _BULLET.match(line):
            out[-1] += " " + body
        else:
            out.append(body)
        joining = not _HEADING.match(body)
    return "\n".join(out)
