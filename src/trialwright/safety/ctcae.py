"""NCI CTCAE 5.0 and 6.0 as data: terms, the grades each defines, and looking for one by words.

Source: `data/README.md`. 6.0 is read with its errata of 20 January 2026.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from trialwright.safety.data_files import rows_of

VERSIONS: Final = ("5.0", "6.0")
GRADES: Final = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class CtcaeTerm:
    """One term of a version; `grades` has the words of each grade that it defines."""

    version: str
    name: str
    soc: str
    grades: Mapping[int, str]
    definition: str
    note: str

    @property
    def needs_text(self) -> bool:
        """Whether the term says nothing by itself and asks for words ("Other, specify")."""
        return self.name.endswith("Other, specify")


@lru_cache(maxsize=len(VERSIONS))
def terms(version: str) -> tuple[CtcaeTerm, ...]:
    """All terms of a version, in its order.

    Raises:
        KeyError: no such version is known here.
    """
    if version not in VERSIONS:
        raise KeyError(version)
    return tuple(_term(version, row) for row in rows_of(f"ctcae_{version}.csv"))


def _term(version: str, row: Mapping[str, str]) -> CtcaeTerm:
    words = {grade: row[f"grade_{grade}"].strip() for grade in GRADES}
    grades = {grade: text for grade, text in words.items() if text not in ("", "-")}
    return CtcaeTerm(
        version, row["term"], row["soc"], grades, row["definition"], row["navigational_note"]
    )


@lru_cache(maxsize=len(VERSIONS))
def by_name(version: str) -> Mapping[str, CtcaeTerm]:
    """The terms of a version by their names; none has two of one name."""
    return {term.name: term for term in terms(version)}


@lru_cache(maxsize=1)
def _synonyms() -> tuple[tuple[str, str, str], ...]:
    """Words, the term they stand for in either version, and their language."""
    rows = rows_of("synonyms.csv")
    return tuple((row["words"], row["term"], row["language"]) for row in rows)


def chinese_name(name: str) -> str:
    """The Chinese name of a term in our own translation; empty where there is none yet."""
    return next((words for words, term, code in _synonyms() if term == name and code == "zh"), "")


def search(version: str, words: str, most: int = 20) -> list[CtcaeTerm]:
    """Terms for what a person typed, best first: by name, by synonym, then by definition.

    >>> [term.name for term in search("5.0", "pulmonary embolism")][:1]
    ['Thromboembolic event']
    """
    wanted = _words(words)
    if not wanted:
        return []
    synonyms: dict[str, list[str]] = {}
    for text, name, _language in _synonyms():
        synonyms.setdefault(name, []).append(text)
    ranked = []
    for place, term in enumerate(terms(version)):
        rank = _rank(wanted, term, synonyms.get(term.name, ()))
        if rank is not None:
            ranked.append((rank, len(term.name), place, term))
    return [each[-1] for each in sorted(ranked, key=lambda one: one[:3])[:most]]


def _rank(wanted: Sequence[str], term: CtcaeTerm, synonyms: Sequence[str]) -> int | None:
    typed, name = " ".join(wanted), " ".join(_words(term.name))
    others = [" ".join(_words(text)) for text in synonyms]
    if name == typed or typed in others:
        return 0
    if name.startswith(typed):
        return 1
    if all(word in name for word in wanted):
        return 2
    if any(all(word in other for word in wanted) for other in others):
        return 3
    told = " ".join(_words(f"{term.name} {term.definition} {' '.join(term.grades.values())}"))
    return 4 if all(word in told for word in wanted) else None


def _words(text: str) -> list[str]:
    """The words as they are compared: British and American spellings are one."""
    lowered = re.sub(r"[^\w]+", " ", text.casefold())
    spelled = lowered.replace("haem", "hem").replace("oed", "ed").replace("diarrhoea", "diarrhea")
    return spelled.replace("anaem", "anem").replace("oesoph", "esoph").split()
