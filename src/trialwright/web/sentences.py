"""Words joined into lists, and sentences into texts, as the language in use does it."""

from collections.abc import Iterable

from django.utils.translation import get_language
from django.utils.translation import gettext as _


def listed(words: Iterable[str]) -> str:
    """Join words into a list of the language in use."""
    return _(", ").join(words)


def sentences(several: Iterable[str]) -> str:
    """Join sentences: Chinese has no space between them."""
    return ("" if (get_language() or "en").startswith("zh") else " ").join(several)
