"""Reading when an outcome is measured from the words of a registration, and nothing into them.

A time frame names points ("Week 4, 8 and 12"), a length of follow-up ("up to 2 years"), a
repetition ("every 12 weeks", "day 1 of each 21-day cycle"), or events that only a person can
place. What can't be counted is left to be asked: `whole` says whether every word was understood.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from trialwright.protocol.durations import Duration, Unit

_UNITS = {
    "min": None, "minute": None, "h": None, "hr": None, "hour": None,
    "d": Unit.DAY, "day": Unit.DAY,
    "w": Unit.WEEK, "wk": Unit.WEEK, "week": Unit.WEEK,
    "mo": Unit.MONTH, "mth": Unit.MONTH, "month": Unit.MONTH,
    "y": Unit.YEAR, "yr": Unit.YEAR, "year": Unit.YEAR,
}  # fmt: skip
_UNIT = (
    r"(?P<{0}>minutes?|mins?|hours?|hrs?|h|days?|d|weeks?|wks?|w|months?|mths?|mos?|years?|yrs?|y)"
)
_DIGITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve",
)  # fmt: skip
_WORDS = {word: str(number) for number, word in enumerate(_DIGITS)} | {
    "eighteen": "18",
    "twenty": "20",
    "twenty four": "24",
    "thirty": "30",
    "sixty": "60",
}
_AND = r"(?:\s*(?:,\s*and|,\s*&|,|;|/|&|and|or|then)\s*)"
_N = r"(?<![\d.,-])\d{1,4}(?![\d]|\.\d)"
# "Week 4, 8 and 12"; "days 1, 8 and 15".
_UNIT_FIRST = re.compile(
    rf"\b{_UNIT.format('unit')}\.?\s*(?P<numbers>{_N}(?:{_AND}{_N}(?!\s*-?\s*(?:days?|weeks?|months?|years?|hours?)\b))*)\b"
)
# "1, 3, 6 and 12 months"; "3-, 6- and 12-months"; "6 months".
_NUMBER_FIRST = re.compile(
    rf"(?P<numbers>{_N}(?:\s*-?{_AND}{_N})*)\s*-?\s*{_UNIT.format('unit')}\b\.?"
)
_RANGE = re.compile(
    rf"(?:\b{_UNIT.format('first')}\s*)?\b\d{{1,4}}\s*(?:-|~|to|through)\s*"
    rf"(?:{_UNIT.format('second')}\s*)?\d{{1,4}}(?:\s*-?\s*{_UNIT.format('third')})?\b(?!\.\d)"
)
_UP_TO = re.compile(
    r"\b(?:(?:for\s+)?(?:up\s*-?\s*to|until|till|through(?:out)?|within|during|over|at least|"
    r"at most|a?\s*maximum(?:\s+of)?|minimum(?:\s+of)?|max|average(?:\s+of)?|less than|more than|"
    r"no longer than|assessed|for|the|first)\s+)+(?:a\s+|an\s+|about\s+|approximately\s+|approx\.?"
    r"\s+|around\s+|period of\s+|total of\s+|the first\s+)*"
)
_WINDOW = re.compile(
    rf"(?:\+\s*/\s*-|±|plus or minus)\s*(?P<number>{_N})\s*-?\s*{_UNIT.format('unit')}\b"
)
_COMPOUND = re.compile(rf"\s*(?:and|,)?\s*{_N}\s*{_UNIT.format('unit')}\b")
_CYCLES = re.compile(r"\bcycles?\b|\bc\d+d\d+\b")
_ABOUT = re.compile(
    r"\b(?:about|approximately|approx|around|estimated|circa|average|mean|median)\b"
)
_EVERY = re.compile(rf"\b(?:every|each)\s+(?:(?P<number>{_N})\s*-?\s*)?{_UNIT.format('unit')}\b")
_CYCLE = re.compile(
    rf"\b(?P<length>{_N})\s*-?\s*{_UNIT.format('unit')}\s*(?:treatment\s+)?cycles?\b|"
    rf"\bcycles?\s*(?:\([^)]*\)\s*)?(?:is|are|=|of|\(|:|length)\s*(?P<length2>{_N})\s*-?\s*"
    rf"{_UNIT.format('unit2')}"
)
_DAY_OF_CYCLE = re.compile(rf"\bdays?\s*(?P<days>{_N}(?:{_AND}{_N})*)\s*of\s*(?:each|every|all)\b")
_ADVERBS = {
    "daily": Duration(1, Unit.DAY),
    "weekly": Duration(1, Unit.WEEK),
    "biweekly": None,
    "monthly": Duration(1, Unit.MONTH),
    "quarterly": Duration(3, Unit.MONTH),
    "yearly": Duration(1, Unit.YEAR),
    "annually": Duration(1, Unit.YEAR),
}
_BASELINE = re.compile(r"\b(?:baseline|base line|screening|enrol?lment|inclusion|pre-?treatment)\b")
_FILLER = re.compile(
    r"\b(?:at|and|to|from|the|of|in|on|a|an|each|all|visits?|change|post|after|before|following|"
    r"start|starting|first|last|dose|treatment|study|drug|randomi[sz]ation|then|thereafter|time|"
    r"points?|timepoints?|follow|up|end|by|as|is|are|was|were|measured|assessed)\b|[-,.;:()/&+]"
)


@dataclass(frozen=True, slots=True)
class Repetition:
    """What comes again: its length, and on which days of each occurrence, from 1."""

    every: Duration
    days: tuple[int, ...] = (1,)


@dataclass(frozen=True, slots=True)
class TimeFrame:
    """What a time frame says: points in its order, a follow-up no longer than `horizon`, and how
    much earlier or later than a point it may be (`window`)."""

    points: tuple[Duration, ...] = ()
    baseline: bool = False
    horizon: Duration | None = None
    repetitions: tuple[Repetition, ...] = ()
    window: Duration | None = None
    whole: bool = True

    @property
    def counted(self) -> bool:
        """Whether it places the outcome on days that can be counted."""
        return bool(self.points or self.repetitions)


def read_time_frame(text: str) -> TimeFrame:
    """Read a time frame.

    >>> [str(point) for point in read_time_frame("Baseline, weeks 4, 8 and 12").points]
    ['4 weeks', '8 weeks', '12 weeks']
    >>> str(read_time_frame("Up to approximately 24 months").horizon)
    '24 months'
    >>> read_time_frame("Day 1 of each 21-day cycle").repetitions
    (Repetition(every=Duration(number=21, unit=<Unit.DAY: 'day'>), days=(1,)),)
    >>> read_time_frame("through discharge").counted
    False
    """
    words = _plain(text)
    baseline = bool(_BASELINE.search(words))
    window, words = _window(words)
    repetitions, words = _repetitions(words)
    horizons, words = _horizons(words)
    points, words = _points(words)
    rest = _FILLER.sub(" ", _BASELINE.sub(" ", words))
    return TimeFrame(
        points=points,
        baseline=baseline or Duration(0, Unit.DAY) in points,
        horizon=max(horizons, key=lambda each: each.least_days, default=None),
        repetitions=repetitions,
        window=window,
        whole=not rest.strip(),
    )


def _plain(text: str) -> str:
    words = " ".join(text.lower().split()).replace("‐", "-").replace("–", "-").replace("—", "-")
    for word, digits in sorted(_WORDS.items(), key=lambda each: -len(each[0])):
        words = re.sub(rf"\b{word}\b", digits, words)
    return words


def _length(number: str, unit: str) -> Duration | None:
    """The length in days or more; None for hours and minutes, which lie within a visit."""
    short = unit.rstrip(".")
    known = _UNITS.get(short, _UNITS.get(short.removesuffix("s")))
    return None if known is None else Duration(int(number), known)


def _window(words: str) -> tuple[Duration | None, str]:
    found = {_length(match["number"], match["unit"]) for match in _WINDOW.finditer(words)}
    window = found.pop() if len(found) == 1 else None
    return window, _WINDOW.sub(" ", words) if window is not None else words


def _repetitions(words: str) -> tuple[tuple[Repetition, ...], str]:
    found: list[Repetition] = []
    cycle = _CYCLE.search(words)
    if cycle is not None:
        unit = cycle["unit"] or cycle["unit2"]
        every = _length(cycle["length"] or cycle["length2"], unit)
        on = _DAY_OF_CYCLE.search(words)
        if every is not None and every.number and on is not None:
            days = tuple(int(day) for day in re.findall(_N, on["days"]))
            if all(1 <= day <= every.least_days for day in days):
                found.append(Repetition(every, days))
                words = _DAY_OF_CYCLE.sub(" ", words)
        words = _CYCLE.sub(" ", words)
    for match in _EVERY.finditer(words):
        every = _length(match["number"] or "1", match["unit"])
        if every is not None and every.number:
            found.append(Repetition(every))
    words = _EVERY.sub(" ", words)
    for word, every in _ADVERBS.items():
        if every is not None and re.search(rf"\b{word}\b", words):
            found.append(Repetition(every))
            words = re.sub(rf"\b{word}\b", " ", words)
    return tuple(dict.fromkeys(found)), words


def _horizons(words: str) -> tuple[list[Duration], str]:
    """Lengths of follow-up and ranges, which name no day on which anything is measured."""
    found: list[Duration] = []

    def taken(match: re.Match[str]) -> str:
        unit = match["third"] or match["second"] or match["first"]
        numbers = re.findall(r"\d+", match[0])
        length = _length(numbers[-1], unit) if unit else None
        if length is not None:
            found.append(length)
        return " " if unit else match[0]

    words = _RANGE.sub(taken, words)
    parts: list[str] = []
    position = 0
    for lead in _UP_TO.finditer(words):
        if lead.start() < position:
            continue
        after = words[lead.end() :]
        measured = _NUMBER_FIRST.match(after) or _UNIT_FIRST.match(after)
        if measured is None:
            continue
        numbers = re.findall(_N, measured["numbers"])
        length = _length(numbers[-1], measured["unit"])
        if length is not None:
            found.append(length)
        parts.append(words[position : lead.start()])
        position = lead.end() + measured.end()
        if more := _COMPOUND.match(words, position):
            # "2 years and 10 months" is one length; that it is more than 2 years is enough here.
            parts.append("?")
            position = more.end()
    words = " ".join([*parts, words[position:]])
    return found, words


def _points(words: str) -> tuple[tuple[Duration, ...], str]:
    if _ABOUT.search(words) or _CYCLES.search(words):
        # About a day is no day, and a day of an unknown cycle can't be counted.
        return (), words
    found: list[tuple[int, Duration]] = []

    def taken(match: re.Match[str]) -> str:
        for number in re.findall(_N, match["numbers"]):
            length = _length(number, match["unit"])
            if length is not None:
                found.append((match.start(), length))
        return " " * len(match[0])

    words = _UNIT_FIRST.sub(taken, words)
    words = _NUMBER_FIRST.sub(taken, words)
    ordered = [length for _place, length in sorted(found, key=lambda each: each[0])]
    return tuple(dict.fromkeys(ordered)), words
