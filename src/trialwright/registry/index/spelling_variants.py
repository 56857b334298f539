"""Other writings of a word that a search finds too: British and American spelling, and synonyms.

"Oesophageal" finds "esophageal" and the other way round; "kidney" finds "renal".
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files

from trialwright.registry.index.schema import analyser

# British and American, in fragments that few other words have. What a rule makes of such a word is
# in no trial, and is found in none.
_SPELLINGS = (
    ("oesoph", "esoph"), ("oestr", "estr"), ("oedema", "edema"), ("aemi", "emi"), ("haem", "hem"),
    ("paed", "ped"), ("gynaec", "gynec"), ("anaes", "anes"), ("caesar", "cesar"),
    ("coeli", "celi"), ("faec", "fec"), ("foet", "fet"), ("rrhoe", "rrhe"), ("leuco", "leuko"),
    ("tumour", "tumor"), ("haviour", "havior"), ("colour", "color"), ("labour", "labor"),
    ("sulph", "sulf"), ("fibre", "fiber"), ("centre", "center"), ("isation", "ization"),
    ("aetiol", "etiol"), ("ischaem", "ischem"), ("paenia", "penia"), ("ageing", "aging"),
    ("glycaem", "glycem"), ("disc", "disk"),
)  # fmt: skip


def american(word: str) -> str:
    """Return a word as Americans spell it.

    >>> american("oesophageal"), american("anaemia"), american("asthma")
    ('esophageal', 'anemia', 'asthma')
    """
    for british, spelled in _SPELLINGS[:-1]:
        if british in word:
            word = word.replace(british, spelled)
    return word


@lru_cache(maxsize=10_000)
def respelled(word: str) -> tuple[str, ...]:
    """Return a word, in small letters, in the other spellings of it.

    >>> respelled("tumor"), respelled("haemoglobin"), respelled("asthma")
    (('tumour',), ('hemoglobin',), ())
    """
    other = dict.fromkeys(
        word.replace(one, two)
        for pair in _SPELLINGS
        for one, two in (pair, pair[::-1])
        if one in word and (one != pair[1] or pair[0] not in word)
    )
    return tuple(other)


@cache
def _synonym_tokens() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for words in _lines():
        tokens = tuple(dict.fromkeys(token for word in words for token in analyser().analyze(word)))
        found |= {token: tuple(other for other in tokens if other != token) for token in tokens}
    return found


def _lines() -> Iterator[list[str]]:
    table = files("trialwright.registry").joinpath("data/word_synonyms.tsv").read_text("utf-8")
    yield from (line.split() for line in table.splitlines() if line and line[0] != "#")


def synonyms(token: str) -> tuple[str, ...]:
    """Return the index's tokens of the words that name the same thing as a token.

    >>> synonyms("kidney")
    ('renal',)
    """
    return _synonym_tokens().get(token, ())
