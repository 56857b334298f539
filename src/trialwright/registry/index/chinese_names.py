"""Chinese names of MeSH headings, so that a search in Chinese finds trials in English too."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files


@cache
def _names() -> tuple[dict[str, str], re.Pattern[str]]:
    table = files("trialwright.registry").joinpath("data/chinese_names.tsv").read_text("utf-8")
    headings: dict[str, str] = {}
    for line in table.splitlines():
        if line and not line.startswith("#"):
            heading, names, _ = line.split("\t")
            headings |= dict.fromkeys(names.split(), heading)
    longest_first = sorted(headings, key=len, reverse=True)
    return headings, re.compile("|".join(map(re.escape, longest_first)))


def headings_in(text: str) -> tuple[list[tuple[str, str]], str]:
    """Return the names in a text, each with its heading, and what Latin letters stand beside them.

    >>> headings_in("宫腔粘连的干细胞治疗II")
    ([('宫腔粘连', 'D006175'), ('干细胞', 'D013234')], 'II')
    """
    if text.isascii():
        return [], text
    headings, pattern = _names()
    found = [(name, headings[name]) for name in pattern.findall(text)]
    rest = pattern.sub(" ", text) if found else text
    return found, " ".join(re.findall(r"[!-~]+", rest)) if found else text
