"""Words, origins, roles: what every other noun of a protocol is made of."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

LANGUAGES = ("en", "zh")
Noun = TypeVar("Noun")


class UnknownKeyError(KeyError):
    """A key that this protocol doesn't have."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Text:
    """Words shown to people, in English and Simplified Chinese."""

    en: str
    zh: str

    def in_language(self, code: str) -> str:
        """The words in the language of a tag such as `en`, `zh` or `zh-hans`."""
        return self.zh if code.split("-")[0] == "zh" else self.en


class Origin(StrEnum):
    """Where a fact comes from. Only `assumed` still waits for someone to confirm it."""

    STATED = "stated"
    LITERATURE = "literature"
    ASSUMED = "assumed"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Source:
    """What a fact's `source:` key points at: a record, a paper, an assumption's author."""

    key: str
    citation: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One value of the protocol file, with its origin (its own or inherited from its block)."""

    path: str
    value: Text
    origin: Origin
    source: str
    line: int
    safety_critical: bool


class Role(StrEnum):
    """The keys of the bundled roles (`standard_roles.yaml`); a protocol may name others."""

    PARTICIPANT = "participant"
    INVESTIGATOR = "investigator"
    OPERATING_SURGEON = "operating_surgeon"
    COORDINATOR = "coordinator"
    OUTCOME_ASSESSOR = "outcome_assessor"
    PRODUCT_HANDLER = "product_handler"
    LABORATORY_RELEASER = "laboratory_releaser"
    MONITOR = "monitor"
    SAFETY_BOARD = "safety_board"
    BOARD_STATISTICIAN = "board_statistician"
    TRIAL_STATISTICIAN = "trial_statistician"
    SAFETY_PHYSICIAN = "safety_physician"
    SAFETY_OFFICE = "safety_office"
    ADJUDICATOR = "adjudicator"
    DATA_MANAGER = "data_manager"
    ADMINISTRATOR = "administrator"


def found(nouns: tuple[Noun, ...], attribute: str, key: str, what: str) -> Noun:
    """The noun whose `attribute` is `key`; raises UnknownKeyError naming the keys there are."""
    for noun in nouns:
        if getattr(noun, attribute) == key:
            return noun
    known = ", ".join(str(getattr(noun, attribute)) for noun in nouns)
    raise UnknownKeyError(f"This protocol has no {what} {key!r}; it has: {known or 'none'}.")
