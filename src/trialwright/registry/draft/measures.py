"""Reading what is measured in one participant from the words of an outcome.

An outcome is worded for a group ("Percentage of participants with remission"); a form asks one
participant. A unit or a range is taken only where the words give it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_WITH = re.compile(
    r"(?:the )?(?:number|percent(?:age)?|proportion|rate|incidence|frequency|count|share)"
    r"(?: \(?%\)?)? of (?:all |the |study )?"
    r"(?:participants?|patients?|subjects?|people|persons|individuals|women|men|children|infants)"
    r"\b.{0,40}?\b(?:with|who|whose|that|having|experiencing|achieving|reporting)\b",
    re.IGNORECASE,
)
_RANGE = re.compile(
    r"\b(?:scores?|scale|ranges?|ranging|ranged|vary|varies)\b[^.;]{0,40}?"
    r"\b(?P<low>\d{1,4}) ?(?:to|-|–|and) ?(?P<high>\d{1,4})\b"
    r"(?![\d%/]|\.\d| ?(?:years|weeks|days|months|points? (?:increase|change)))",
    re.IGNORECASE,
)
# A range in such a sentence may be that of a part of the score.
_OF_A_PART = re.compile(r"\b(?:each|every|items?|questions?|sub-?scales?|domains?)\b", re.I)
_SENTENCE = re.compile(r"(?<=[.;])\s+")
# Units as they are written in registrations; none that a common word could be.
_UNITS = (
    "mm Hg", "mmHg", "mg/dL", "mmol/L", "µmol/L", "umol/L", "g/dL", "g/L", "mg/L", "ng/mL",
    "pg/mL", "µg/mL", "ug/mL", "µg/L", "IU/mL", "IU/L", "U/L", "kU/L", "kUA/L", "mL/min",
    "kg/m2", "kg/m^2", "kg/m²", "cells/µL", "cells/uL", "cells/mm3", "ppb", "kg", "mm", "cm",
    "mL", "L/min", "bpm", "hours", "minutes", "seconds", "days", "cm/s", "mm2", "cm2",
)  # fmt: skip
_UNIT = re.compile(
    r"(?:\(|\[|\bin |\bmeasured in |\bas )(?:in )?(?P<unit>"
    + "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))
    + r")(?=\)|\]|[\s,.;]|$)",
    re.IGNORECASE,
)
_CANONICAL = {unit.casefold(): unit for unit in _UNITS} | {"mm hg": "mmHg"}
_TIME = {"hours", "minutes", "seconds", "days"}


@dataclass(frozen=True, slots=True)
class DraftMeasure:
    """The type of an item of a protocol, with the unit and the range that the words give.

    A number outside the range is to be asked about, never refused: words can be misread.
    """

    type: str
    unit: str | None = None
    minimum: int | None = None
    maximum: int | None = None


def read_measure(measure: str, description: str) -> DraftMeasure:
    """Read an outcome's title and description.

    >>> read_measure("Percentage of participants with remission", "")
    DraftMeasure(type='yes_no', unit=None, minimum=None, maximum=None)
    >>> read_measure("Systolic blood pressure (mmHg)", "").unit
    'mmHg'
    >>> read_measure("PHQ-9", "Scores range from 0 to 27; higher is worse.").maximum
    27
    >>> read_measure("Quality of life", "By questionnaire.").type
    'text'
    """
    words = " ".join(measure.split())
    if _WITH.match(words):
        return DraftMeasure("yes_no")
    ranges = {
        (int(found["low"]), int(found["high"]))
        for sentence in (words, *_SENTENCE.split(" ".join(description.split())))
        if not _OF_A_PART.search(sentence)
        for found in _RANGE.finditer(sentence)
        if int(found["low"]) < int(found["high"])
    }
    # Of two ranges it can't be said which is meant: a question.
    low, high = ranges.pop() if len(ranges) == 1 else (None, None)
    unit = _unit(words)
    if unit is None and low is None:
        return DraftMeasure("text")
    return DraftMeasure("number", unit, low, high)


def _unit(words: str) -> str | None:
    found = {_CANONICAL[match["unit"].casefold()] for match in _UNIT.finditer(words)}
    unit = found.pop() if len(found) == 1 else None
    bracketed = unit is not None and re.search(rf"[(\[](?:in )?{re.escape(unit)}", words, re.I)
    return None if unit in _TIME and not bracketed else unit
