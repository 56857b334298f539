"""The normal form of words, in which terms are compared: folded, without plural and possessive."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[a-z0-9]+")
_POSSESSIVE = re.compile(r"['\u2019\u2018]s\b")
# "intra-uterine" and "intrauterine" are one word.
_PREFIX = re.compile(
    r"\b(anti|extra|hyper|hypo|inter|intra|micro|multi|neo|non|peri|post|pre|re|sub|trans)-(?=[a-z])"
)
# Words of every registration, which tell nothing of what it is about.
EMPTY_WORDS = frozenset(
    re.findall(
        r"\w+",
        """a an and are as at based be by can clinical compare compared comparing comparison control
        controlled different effect effectiveness effects efficacy evaluate evaluation for from
        group groups human in into investigate is it its men new not of on or outcome outcomes
        participants patient patients phase pilot placebo prospective purpose random randomised
        randomized safety study subjects than that the their therapy this to treat treated
        treating treatment trial two use used using versus vs was we were whether which who will
        with women""",
    )
)
_EU_NUMBER = re.compile(r"(\d{4}-\d{6}-\d{2})(?:-\w{2,3})?")
_CJK = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")


def fold(text: str) -> str:
    """Return the text without case, accents and typographic width.

    >>> fold("Ménière ＡＦＳ")
    'meniere afs'
    """
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def words_of(text: str) -> list[str]:
    """Return the words of a text in normal form, in order.

    >>> words_of("Asherman's Syndromes; intra-uterine adhesions")
    ['asherman', 'syndrome', 'intrauterine', 'adhesion']
    """
    folded = fold(text)
    if "'" in folded or not folded.isascii():
        folded = _POSSESSIVE.sub("", folded)
    if "-" in folded:
        folded = _PREFIX.sub(r"\1", folded)
    return [singular(word) for word in _WORD.findall(folded)]


@lru_cache(maxsize=1 << 16)
def singular(word: str) -> str:
    """Return an English word without the usual endings of the plural.

    >>> [singular(word) for word in ("diseases", "biopsies", "pus", "sepsis", "mass")]
    ['disease', 'biopsy', 'pus', 'sepsis', 'mass']
    """
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1]


def normal_form(term: str) -> str:
    """Return a term in normal form, its words parted by single spaces."""
    return " ".join(words_of(term))


def without_suffix(number: str) -> str:
    """Return an EU number without its country or version; "" for any other number.

    >>> without_suffix("2019-000001-11-DE"), without_suffix("NCT01234567")
    ('2019-000001-11', '')
    """
    found = _EU_NUMBER.fullmatch(number)
    return found[1] if found else ""


def chinese_pairs(text: str) -> list[str]:
    """Return the overlapping pairs of Chinese characters, by which Chinese text is searched.

    >>> chinese_pairs("糖尿病 II 期")
    ['糖尿', '尿病', '期']
    """
    pairs: list[str] = []
    for run in _CJK.findall(text):
        pairs += [run] if len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)]
    return pairs
