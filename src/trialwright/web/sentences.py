"""Words joined into lists, and sentences into texts, as the language in use does it."""

from collections.abc import Iterable
from functools import reduce

from django.utils.translation import get_language

from trialwright.messages import Message, several


def listed(words: Iterable[str]) -> str:
    """Join words into a list of the language in use."""
    return several(words).in_language(get_language() or "en")


def sentences(texts: Iterable[str]) -> str:
    """Join sentences: not every language has a space between them."""
    return reduce(_followed, texts, "")


def _followed(before: str, after: str) -> str:
    said = Message("{before} {after}", before=before, after=after)
    return said.in_language(get_language() or "en") if before else after
