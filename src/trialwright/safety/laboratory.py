"""Grade a laboratory value by CTCAE, from the range of its own report and, where asked, a baseline.

The criteria are data (`data/laboratory_criteria.csv`), with the source beside it. Numbers are
decimal: 120 against a limit of 40 is exactly three times. A value without what its criterion needs
can't be graded, which is not grade 0. What is given is a proposal, confirmed by a person.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final, Literal

from trialwright.messages import Message
from trialwright.safety.ctcae import VERSIONS
from trialwright.safety.data_files import rows_of
from trialwright.safety.units import UnknownUnit, in_first_unit, known_tests

System = Literal["SI", "US"]
_GRADES: Final = (4, 3, 2, 1)
_LEAST: Final = Decimal("1e-9")
_NOTES: Final[Mapping[str, Message]] = {
    said.id: said
    for said in (
        Message("above 2 x ULN one grade less without signs or symptoms"),
        Message("above 3 x ULN one grade less without signs or symptoms"),
        Message("from 125 mmol/L grade 2 without symptoms"),
        Message("from 3.0 mmol/L grade 1 without symptoms"),
        Message("grade 1 without physiologic consequences"),
        Message("grades 1 and 2 of a fasting value"),
        Message("of calcium corrected for albumin"),
        Message("on anticoagulation multiples of the baseline count too"),
        Message("version 5.0 grades it by what was done about it"),
        Message('"Present": read as above the upper limit'),
        Message('"Present": read as below the lower limit'),
    )
}
"""What is to be known of a grade, as `note` of the criteria says it."""


@dataclass(frozen=True, slots=True)
class LabValue:
    """A value with the range of its report, and the baseline with the upper limit of its own.

    All stand in one unit. `baseline` is None for the baseline value itself.
    """

    test: str
    unit: str
    value: Decimal
    low: Decimal | None = None
    high: Decimal | None = None
    baseline: Decimal | None = None
    baseline_high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Graded:
    """The grade, 0 for none; None where it can't be told, and why."""

    grade: int | None
    term: str
    why: Message


@dataclass(frozen=True, slots=True)
class _Criterion:
    term: str
    higher: bool
    baseline: str
    unit: str
    of: str
    bounds: Mapping[int, str]
    not_below: str
    note: str


class _Lacking(Exception):
    """What a criterion needs isn't there; its message says what."""

    def __init__(self, message: Message) -> None:
        self.message = message


@lru_cache(maxsize=4)
def _criteria(version: str, system: System) -> Mapping[str, tuple[_Criterion, ...]]:
    found: dict[str, list[_Criterion]] = {}
    for row in rows_of("laboratory_criteria.csv"):
        if version not in row["versions"].split() or row["system"] not in ("any", system):
            continue
        bounds = {grade: row[f"grade_{grade}"] for grade in _GRADES if row[f"grade_{grade}"]}
        found.setdefault(row["test"], []).append(
            _Criterion(
                row["term"], row["direction"] == "H", row["baseline"], row["unit"], row["of"],
                bounds, row["not_below"], row["note"],
            )
        )  # fmt: skip
    return {test: tuple(each) for test, each in found.items()}


def tests_graded(version: str) -> frozenset[str]:
    """The tests that a version has a criterion for."""
    return frozenset(_criteria(version, "SI"))


def grade(version: str, lab: LabValue, system: System = "SI") -> Graded:
    """The worst grade that the criteria of a test give a value.

    Args:
        version: of CTCAE, "5.0" or "6.0".
        system: which of the two forms of a criterion counts where they differ.
    """
    if version not in VERSIONS:
        known = ", ".join(VERSIONS)
        return _not(
            Message("CTCAE {version} is not known here; known are {known}.",
                    version=version, known=known)
        )  # fmt: skip
    criteria = _criteria(version, system).get(lab.test)
    if criteria is None:
        return _not(
            Message("CTCAE {version} has no criterion here for the test {test}.",
                    version=version, test=lab.test)
        )  # fmt: skip
    try:
        in_first_unit(lab.test, lab.unit)
    except UnknownUnit:
        return _not(
            Message("The unit {unit} is not known for {test}.",
                    unit=lab.unit or "(none)", test=lab.test)
        )  # fmt: skip
    if lab.baseline is not None and lab.baseline_high is None:
        # Where it makes no difference whether the baseline was normal, that needs no telling.
        normal = _worst(replace(lab, baseline_high=lab.baseline), criteria)
        high = _worst(replace(lab, baseline_high=lab.baseline - _LEAST), criteria)
        if normal.grade == high.grade:
            return normal
    return _worst(lab, criteria)


def compares_with_baseline(version: str, test: str, system: System = "SI") -> bool:
    """Whether a criterion of a test asks for the participant's baseline."""
    return any(_asks_baseline(each) for each in _criteria(version, system).get(test, ()))


@dataclass(frozen=True, slots=True)
class Screen:
    """Where a value within the limits of its range may begin to have a grade: below or above a
    number of the report's unit, or above so many times the baseline, or, of `times_high_baseline`,
    one that lies above its own limit."""

    below: Decimal | None
    above: Decimal | None
    times_baseline: Decimal | None
    times_high_baseline: Decimal | None


def screen(version: str, test: str, unit: str, system: System = "SI") -> Screen:
    """What every value passes that has a grade and lies within its range, its bounds included.

    >>> screen("6.0", "INR", "1").above
    Decimal('1.2')

    Raises:
        UnknownUnit: the unit isn't known for the test.
    """
    below: list[Decimal] = []
    above: list[Decimal] = []
    times: list[Decimal] = []
    high: list[Decimal] = []
    for criterion in _criteria(version, system).get(test, ()):
        bounds = [text.lstrip("<>=") for text in criterion.bounds.values()]
        if criterion.of == "baseline":
            (high if criterion.baseline == "high" else times).extend(map(Decimal, bounds))
        elif criterion.of == "value":
            factor = _factor(LabValue(test, unit, Decimal(0)), criterion.unit)
            numbers = [Decimal(text) / factor for text in bounds if text not in ("LLN", "ULN")]
            (above if criterion.higher else below).extend(numbers)
    return Screen(
        max(below, default=None),
        min(above, default=None),
        min(times, default=None),
        min(high, default=None),
    )


def grade_without_baseline(version: str, lab: LabValue, system: System = "SI") -> Graded:
    """Grade a value that is to be compared with a baseline which nobody has.

    What the other criteria give stands where no criterion could give more.
    """
    criteria = _criteria(version, system).get(lab.test, ())
    graded = grade(version, replace(lab, baseline=None), system)
    if not any(_asks_baseline(each) for each in criteria):
        return graded
    others = [each for each in criteria if not _asks_baseline(each)]
    most = max(max(each.bounds, default=0) for each in criteria)
    found = _worst(lab, others) if others and graded.grade is not None else graded
    if found.grade == most and others:
        return found
    return _not(Message("The criterion asks for the baseline, which is missing."))


def _asks_baseline(criterion: _Criterion) -> bool:
    return criterion.baseline != "any" or criterion.of in ("baseline", "ULN and baseline", _FALL)


def _worst(lab: LabValue, criteria: Iterable[_Criterion]) -> Graded:
    """Over all criteria; one that can't be judged leaves nothing but a grade the others give."""
    best: tuple[int, _Criterion] | None = None
    lacking: Message | None = None
    for criterion in criteria:
        try:
            found = _by(lab, criterion)
        except _Lacking as error:
            lacking = lacking or error.message
            found = _without_what_is_lacking(lab, criterion)
        if best is None or found > best[0]:
            best = (found, criterion)
    assert best is not None  # noqa: S101 - a test has at least one criterion
    worst, criterion = best
    if worst == 0:
        return _not(lacking) if lacking else Graded(0, "", Message("No criterion is met."))
    return Graded(worst, criterion.term, _said(criterion, worst))


def _by(lab: LabValue, criterion: _Criterion) -> int:
    """The worst grade of a criterion, 0 if none of its bounds is crossed.

    Raises:
        _Lacking: it needs what isn't there.
    """
    if not _holds_for_baseline(lab, criterion):
        return 0
    if criterion.not_below and lab.value < Decimal(criterion.not_below):
        raise _Lacking(
            Message("Below {bound} the criterion gives no grade.", bound=criterion.not_below)
        )
    if criterion.of == "judged":
        if lab.high is None or lab.value > lab.high:
            raise _Lacking(Message("{note}.", note=_NOTES[criterion.note]))
        return 0
    for number in _GRADES:
        if number in criterion.bounds and _crosses(lab, criterion, criterion.bounds[number]):
            return number
    return 0


def _without_what_is_lacking(lab: LabValue, criterion: _Criterion) -> int:
    """The worst grade whose bound can be judged: a value far out needs no range."""
    for number in _GRADES:
        try:
            if number in criterion.bounds and _crosses(lab, criterion, criterion.bounds[number]):
                return number if _holds_for_baseline(lab, criterion) else 0
        except _Lacking:
            continue
    return 0


def _holds_for_baseline(lab: LabValue, criterion: _Criterion) -> bool:
    if criterion.baseline == "any":
        return True
    if lab.baseline is None:
        # The baseline value itself is graded by its range.
        return criterion.baseline == "not high"
    if criterion.baseline == "low":
        if lab.low is None:
            raise _Lacking(Message("The lower limit of the range is missing."))
        return lab.baseline < lab.low
    if lab.baseline_high is None:
        raise _Lacking(
            Message("The upper limit of the baseline's own range is missing, so it isn't known "
                    "whether the baseline was normal.")
        )  # fmt: skip
    return (lab.baseline > lab.baseline_high) == (criterion.baseline == "high")


def _crosses(lab: LabValue, criterion: _Criterion, bound: str) -> bool:
    inclusive, text = ("=" in bound), bound.lstrip("<>=")
    value, limit = _COMPARED[criterion.of](lab, criterion, text)
    if value is None:
        return False
    if inclusive and value == limit:
        return True
    return value > limit if criterion.higher or criterion.of == _FALL else value < limit


Compared = tuple[Decimal | None, Decimal]
_FALL: Final = "fall in %, below LLN"


def _the_value(lab: LabValue, criterion: _Criterion, text: str) -> Compared:
    if text in ("LLN", "ULN"):
        return lab.value, _limit(lab, higher=text == "ULN")
    return _converted(lab, criterion.unit), Decimal(text)


def _of_upper(lab: LabValue, _criterion: _Criterion, text: str) -> Compared:
    return lab.value, Decimal(text) * _limit(lab, higher=True)


def _of_lower(lab: LabValue, _criterion: _Criterion, text: str) -> Compared:
    return lab.value, Decimal(text) * _limit(lab, higher=False)


def _of_baseline(lab: LabValue, _criterion: _Criterion, text: str) -> Compared:
    # The baseline value itself is no multiple of a baseline.
    return (None, Decimal(0)) if lab.baseline is None else (lab.value, Decimal(text) * lab.baseline)


def _of_both(lab: LabValue, _criterion: _Criterion, _text: str) -> Compared:
    upper = _limit(lab, higher=True)
    if lab.baseline is None and lab.value > upper:
        raise _Lacking(Message("The criterion asks for the baseline, which is missing."))
    return lab.value, max(upper, lab.baseline or upper)


def _above_upper(lab: LabValue, criterion: _Criterion, text: str) -> Compared:
    over = lab.value - _limit(lab, higher=True)
    return over * _factor(lab, criterion.unit), Decimal(text)


def _fall(lab: LabValue, _criterion: _Criterion, text: str) -> Compared:
    if lab.baseline is None or lab.baseline <= 0 or lab.value >= _limit(lab, higher=False):
        return None, Decimal(0)
    return (lab.baseline - lab.value) / lab.baseline * 100, Decimal(text)


_COMPARED: Final[Mapping[str, Callable[[LabValue, _Criterion, str], Compared]]] = {
    "value": _the_value,
    "ULN": _of_upper,
    "LLN": _of_lower,
    "baseline": _of_baseline,
    "ULN and baseline": _of_both,
    "above ULN": _above_upper,
    _FALL: _fall,
}


def _limit(lab: LabValue, *, higher: bool) -> Decimal:
    limit = lab.high if higher else lab.low
    if limit is None:
        upper = Message("The upper limit of the range is missing.")
        raise _Lacking(upper if higher else Message("The lower limit of the range is missing."))
    return limit


def _converted(lab: LabValue, unit: str) -> Decimal:
    return lab.value * _factor(lab, unit)


def _factor(lab: LabValue, unit: str) -> Decimal:
    """What one of the report's units is in the criterion's; exactly 1 where they are the same."""
    if not unit:
        return Decimal(1)
    here, there = in_first_unit(lab.test, lab.unit), in_first_unit(lab.test, unit)
    return Decimal(1) if here == there else here / there


def _said(criterion: _Criterion, grade: int) -> Message:
    """The bound that was crossed, as a formula that needs no language, and what is to be known."""
    bound = criterion.bounds[grade]
    text = bound.lstrip("<>=")
    sign = bound[: len(bound) - len(text)] or (">" if criterion.higher else "<")
    of = criterion.of
    if of == "value":
        unit = f"x {criterion.unit}" if criterion.unit.startswith("10") else criterion.unit
        said = f"{sign} {text}" if text in ("LLN", "ULN") else f"{sign} {text} {unit}"
    elif of == "ULN and baseline":
        said = "> ULN, > baseline"
    elif of == "above ULN":
        said = f"> ULN + {text} {criterion.unit}"
    elif of == _FALL:
        said = f"< LLN, baseline - {text} %"
    else:
        said = f"{sign} {text} x {of}" if text != "1" else f"{sign} {of}"
    if not criterion.note:
        return Message("{bound}", bound=said.strip())
    return Message("{bound} ({note})", bound=said.strip(), note=_NOTES[criterion.note])


def _not(why: Message) -> Graded:
    return Graded(None, "", why)


def number_of(text: str) -> Decimal | None:
    """A number as a laboratory writes it; None where it is empty or no plain number."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


__all__ = ["Graded", "LabValue", "System", "grade", "known_tests", "number_of", "tests_graded"]
