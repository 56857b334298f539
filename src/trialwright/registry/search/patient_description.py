"""Reading a description of a person: age, sex, and what is said to be there and to be absent.

"A 34-year-old woman with asthma. No history of stroke" is sought by asthma among trials that admit
her; stroke is what she has not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from trialwright.messages import Message, sentences
from trialwright.registry.record.codes import Language

_UNIT = r"(years?|yrs?|y|months?|mos?|weeks?|days?|hours?)"
_AGE = re.compile(
    rf"(?i)\b(\d{{1,3}})[\s-]*{_UNIT}\b[\s.-]*(?:old|of age)\b"
    r"|\b(\d{1,3})[\s-]?(?:yo|y/o|y\.o\.)(?!\w)|\baged?\s*:?\s*(\d{1,3})\b|(\d{1,3})\s*岁"
)
# As hospital notes begin: "48 M with", "74M hx of", "60 yo F".
_NOTED = re.compile(
    r"(?:^|[.;\n(])\s*(?:[Aa]n?\s+)?(\d{1,3})\s?-?(?:yo|y/o|y\.o\.)?\s?([MF])(?=[\s,)])"
)
_NEWBORN = re.compile(
    r"(?i)\b(?:newborn|neonate|infant|born (?:at|after) \d+ weeks|gestational age)\b"
)
_SEX = re.compile(
    r"(?i)\b(?:(man|male|boy|gentleman|he|his)|(woman|female|girl|lady|she|her|pregnant))\b"
    r"|(男)|(女)"
)
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|[\n。；！？]+")
_CLAUSE_END = re.compile(
    r"(?i),|\bbut\b|\bhowever\b|\bexcept\b|\balthough\b|\band (?=(?:he|she|it|has|is|was|takes)\b)"
)
# "Does not control her asthma" denies no asthma: "not" counts before having and taking alone.
_DENIAL = re.compile(
    r"(?i)\b(?:no|never|without|neither|nor|none|denie[sd]|denying|negative for|free of|absence of"
    r"|ruled out|(?:not|n['\u2019]t) (?:yet )?(?:had|have|having|taken?|taking|received?|used?))\b"
)
# A clause with one of these says something anew; one without goes on with the list before it.
_SAYS_ANEW = re.compile(
    r"(?i)\b(?:he|she|they|it|has|had|have|is|was|were|are|takes|shows?|with|his|her|after)\b"
)

# Words that tell who the person is and not what a trial is about.
PEOPLE = frozenset(
    re.findall(
        r"\w+",
        """man men male males boy gentleman woman women female females girl lady he she his her him
        old year years yo aged age day days week weeks month months healthy
        男 女 男性 女性 患者""",
    )
)

Sex = Literal["", "MALE", "FEMALE"]
_SEXES = {
    "MALE": Message.in_context("person", "male"),
    "FEMALE": Message.in_context("person", "female"),
}


@dataclass(frozen=True, slots=True)
class DescribedPerson:
    """A person described.

    Attributes:
        age: whole years; None when not told.
        said_age: whether it is told in numbers.
        sex: as registers code it; "" when not told.
        told: the sentences on what is there, without the age.
        denied: the clauses on what is absent.
    """

    age: int | None
    said_age: bool
    sex: Sex
    told: tuple[str, ...]
    denied: tuple[str, ...]

    def note(self, language: Language) -> str:
        """What was understood, a sentence or two; "" when neither age nor sex is told."""
        if self.age is None and not self.sex:
            return ""
        sex = _SEXES.get(self.sex)
        if self.age is None and sex:
            facts = sex
        elif not self.sex:
            facts = Message.in_context("person", "aged {age}").filled(age=self.age)
        else:
            known = Message.in_context("person", "aged {age}, {sex}")
            facts = known.filled(age=self.age, sex=sex)
        read = Message(
            "Read as a description of a person, {facts}; trials that admit such a person come"
            " first.",
            facts=facts,
        )
        if not self.denied:
            return read.in_language(language)
        absent = Message("What is said to be absent was not searched.")
        return sentences(read, absent).in_language(language)


def read_person(text: str) -> DescribedPerson:
    """Read a description.

    >>> read_person("34 yo woman with asthma. No stroke or diabetes, and takes iron.")
    DescribedPerson(age=34, said_age=True, sex='FEMALE', told=('woman with asthma.', \
'takes iron.'), denied=('No stroke or diabetes',))
    """
    told: list[str] = []
    denied: list[str] = []
    for sentence in _SENTENCE_END.split(_AGE.sub(" ", _NOTED.sub(" ", text))):
        kept: list[str] = []
        denying = False
        for clause in _CLAUSE_END.split(sentence):
            denial = _DENIAL.search(clause)
            if denial:
                kept.append(clause[: denial.start()])
                denied.append(clause[denial.start() :].strip())
            elif denying and not _SAYS_ANEW.search(clause):
                denied.append(clause.strip())
                continue
            else:
                kept.append(clause)
            denying = denial is not None
        if said := " ".join(" ".join(kept).split()):
            told.append(said)
    said_age = _AGE.search(text) is not None or _NOTED.search(text) is not None
    return DescribedPerson(
        _age_of(text), said_age, _sex_of(text), tuple(told), tuple(filter(None, denied))
    )


def tells_a_person(text: str) -> bool:
    """Whether a text has a person's age as notes write it: "62 yo", "34-year-old", "48 M with"."""
    ages = (found for found in _AGE.finditer(text) if found[1] or found[3])
    return any(ages) or _NOTED.search(text) is not None


def _age_of(text: str) -> int | None:
    if found := _AGE.search(text):
        number, unit, *others = found.groups()
        if number:
            return int(number) if unit.lower().startswith("y") else _years(int(number), unit)
        return int(next(filter(None, others)))
    if noted := _NOTED.search(text):
        return int(noted[1])
    return 0 if _NEWBORN.search(text) else None


def _years(number: int, unit: str) -> int:
    months_a_year = 12
    return number // months_a_year if unit.lower().startswith("m") else 0


def _sex_of(text: str) -> Sex:
    if noted := _NOTED.search(text):
        return "MALE" if noted[2] == "M" else "FEMALE"
    found = _SEX.search(text)
    if not found:
        return ""
    return "MALE" if found[1] or found[3] else "FEMALE"
