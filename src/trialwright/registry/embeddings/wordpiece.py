"""WordPiece: a text in the pieces that BERT's uncased models know (Devlin et al. 2019).

The vocabulary is that of `bert-base-uncased` (Google, Apache-2.0), in its order: a piece's line is
its number.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources

_DATA = resources.files("trialwright.registry") / "data" / "wordpiece_vocabulary.txt"
_LONGEST_WORD = 100
# More characters than these make more pieces than any model reads.
_CHARACTERS_FOR_EACH = 40


@lru_cache(maxsize=1)
def vocabulary() -> dict[str, int]:
    """Each piece with its number; `##` begins one that goes on a word."""
    lines = _DATA.read_text(encoding="utf-8").splitlines()
    return {piece: number for number, piece in enumerate(lines)}


def tokens(text: str, most: int) -> list[int]:
    """Return the numbers of a text's pieces, between those for its beginning and end.

    Args:
        text: any text; its case and accents don't matter.
        most: how many there are at most; what comes after is left out.

    >>> tokens("Gouty arthritis", 16)
    [101, 2175, 4904, 2100, 27641, 102]
    """
    known = vocabulary()
    found = [known["[CLS]"]]
    for word in "".join(_parted(text[: most * _CHARACTERS_FOR_EACH])).split():
        found += pieces(word)
        if len(found) >= most - 1:
            break
    return [*found[: most - 1], known["[SEP]"]]


def _parted(text: str) -> Iterator[str]:
    """The characters of a text in lower case and without accents, signs and Chinese ones apart."""
    for each in unicodedata.normalize("NFD", text.lower()):
        kind = unicodedata.category(each)
        if each.isspace():
            yield " "
        elif kind == "Mn" or kind.startswith("C"):
            continue
        elif kind.startswith("P") or each in string.punctuation or "\u3400" <= each <= "\u9fff":
            yield f" {each} "
        else:
            yield each


@lru_cache(maxsize=50_000)
def pieces(word: str) -> tuple[int, ...]:
    """The numbers of a word's pieces: each the longest that the vocabulary knows there."""
    known, found, start = vocabulary(), [], 0
    while start < len(word):
        lead = "##" if start else ""
        ends = range(min(len(word), _LONGEST_WORD + start), start, -1)
        end = next((end for end in ends if lead + word[start:end] in known), None)
        if end is None or len(word) > _LONGEST_WORD:
            return (known["[UNK]"],)
        found.append(known[lead + word[start:end]])
        start = end
    return tuple(found)
