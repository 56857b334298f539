"""The words of the pages, read from GLOSSARY.md beside this, whose first table they are."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from trialwright.messages import catalogue

SOURCE = Path(__file__).with_name("GLOSSARY.md")
"""The one source of the words, which the program carries with it."""


@dataclass(frozen=True, slots=True)
class Term:
    """One word, what it means here and what it is not ("" where nothing is confused with it)."""

    word: str
    meaning: str
    other: str

    @property
    def slug(self) -> str:
        """Its place in the page's address.

        >>> Term("Freeze, lock", "", "").slug
        'freeze-lock'
        """
        return re.sub(r"[^a-z]+", "-", self.word.lower()).strip("-")


@cache
def terms() -> tuple[Term, ...]:
    """The first table of the file, in its order."""
    table = SOURCE.read_text("utf-8").split("\n## ")[1]
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    return tuple(Term(*(cell.strip() for cell in row.strip("|").split("|"))) for row in rows)


def told(text: str, language: str) -> str:
    """A word or a meaning in a language; of one without a translation, the English."""
    return catalogue.translations(language).gettext(text) if text else ""
