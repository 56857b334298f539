"""Words of a narrative that could tell an arm: names of arms and products, and what is theirs."""

import re
from collections.abc import Collection, Iterable

from trialwright.protocol.model import Protocol

_LATIN = re.compile(r"[^\W\d_](?:[\w'-]*\w)?", re.ASCII)
_CHINESE = re.compile(r"[\u3400-\u9fff]{2,}")
_SHORTEST = 5
_COMMON = frozenset(
    {"about", "after", "alone", "before", "daily", "every", "group", "other", "treatment", "twice",
     "under", "weekly", "without"}
)  # fmt: skip
"""Words of labels that name nothing."""


def telling_words(protocol: Protocol) -> frozenset[str]:
    """The words that name an arm or product, lower case: each label and its words, in both
    languages, without those that all arms have in common.

    Where all participants get the same, no word tells.
    """
    if len(protocol.arms) < 2:
        return frozenset()
    by_arm = []
    for arm in protocol.arms:
        given = [each for each in protocol.products if each.key in arm.products]
        labels = [arm.label, *(each.label for each in given)]
        found = {arm.key, *arm.products}
        by_arm.append(found | _words(text for each in labels for text in (each.en, each.zh)))
    common = frozenset.intersection(*map(frozenset, by_arm))
    return frozenset().union(*by_arm) - common


def _words(texts: Iterable[str]) -> set[str]:
    found = set()
    for text in texts:
        said = text.casefold()
        found.add(said)
        found |= {each.casefold() for each in _LATIN.findall(text) if _names(each)}
        found |= set(_CHINESE.findall(said))
    return found


def _names(word: str) -> bool:
    """Whether a word of a label may name something: a long one, or an abbreviation."""
    if word.isupper() or any(each.isdigit() for each in word):
        return len(word) > 1
    return len(word) >= _SHORTEST and word.casefold() not in _COMMON


def words_found(text: str, words: Collection[str]) -> tuple[str, ...]:
    """Which of these words stand in a text, each once, in the order of the alphabet: Latin ones as
    whole words, others anywhere.

    >>> words_found("Fever after the Cells were given", {"cells", "cell"})
    ('cells',)
    """
    said = text.casefold()
    return tuple(
        sorted(
            word
            for word in words
            if (
                re.search(rf"(?<![\w]){re.escape(word)}(?![\w])", said, re.ASCII)
                if word.isascii()
                else word in said
            )
        )
    )
