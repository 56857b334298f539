"""Which results a protocol has graded, by which criteria, and the grade proposed for one of them.

safety:
  grading:
    ctcae: "6.0"
    units: SI
    laboratory:
      tests: {blood_count.platelets: PLAT, chemistry.alt: ALT}
      baseline: screening

`tests` says which test of the criteria an item holds; `baseline` names the visit whose values are
the baseline.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from trialwright.messages import Message
from trialwright.protocol.basics import UnknownKeyError
from trialwright.protocol.forms import Form, Item
from trialwright.protocol.model import Protocol
from trialwright.protocol.nodes import Block, Scalar
from trialwright.protocol.problems import Problem
from trialwright.protocol.read_forms import NUMERIC
from trialwright.protocol.shapes import PROVENANCE
from trialwright.safety.laboratory import (
    Graded,
    LabValue,
    System,
    compares_with_baseline,
    grade,
    grade_without_baseline,
    tests_graded,
)
from trialwright.safety.section import SectionError, grading, value
from trialwright.safety.units import UnknownUnit, in_first_unit

_KEYS: Final = ("tests", "baseline")
_RESULT: Final = re.compile(r"([<>]?)(-?\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class LaboratoryGrading:
    """The criteria, the test of each item by `form.item`, and the visit of the baseline ("": none
    is named)."""

    version: str
    units: System
    tests: Mapping[str, str]
    baseline: str

    @property
    def forms(self) -> frozenset[str]:
        """The forms with a result that is graded."""
        return frozenset(name.split(".")[0] for name in self.tests)

    def test_of(self, form: str, item: str) -> str:
        """The test that an item holds; "" where it isn't graded."""
        return self.tests.get(f"{form}.{item}", "")


@dataclass(frozen=True, slots=True)
class Measured:
    """A result as it is stored, such as `12.5` or `<0.3`, with the limits that it goes by."""

    text: str
    low: Decimal | None
    high: Decimal | None


def laboratory_grading(protocol: Protocol) -> LaboratoryGrading | None:
    """What the protocol has graded; None where it names no item.

    Raises:
        SectionError: the block can't be read, or names what can't be graded.
    """
    said = grading(protocol)
    section = protocol.safety.get("grading") if protocol.safety else None
    block = section.get("laboratory") if isinstance(section, Block) else None
    if said is None or block is None or not isinstance(section, Block):
        return None
    if not isinstance(block, Block):
        raise _error(block.line, "`laboratory` is no block", "Write `tests:` beneath it.")
    for entry in block:
        if entry.key not in (*_KEYS, *PROVENANCE):
            raise _error(entry.line, f"`{entry.key}` is unknown here",
                         f"Write some of: {', '.join(_KEYS)}.")  # fmt: skip
    if section.get("units") is None:
        # The two forms of a criterion disagree for some values: one must be chosen knowingly.
        raise _error(block.line, "`units` doesn't say which form of the criteria counts",
                     "Write `units: SI` or `units: US` beside `ctcae`.")  # fmt: skip
    found = LaboratoryGrading(said.version, said.units, _tests(block), _baseline(block))
    _check(protocol, found, block)
    return found


def _error(line: int, message: str, way_out: str) -> SectionError:
    return SectionError(Problem(line, message, way_out, "safety"))


def _tests(block: Block) -> Mapping[str, str]:
    tests = value(block.get("tests"))
    if not isinstance(tests, Block) or not tests.entries:
        line = tests.line if tests is not None else block.line
        raise _error(line, "`tests` names no item", "Write `form.item: test`, for each one.")
    found = {}
    for entry in tests:
        if not isinstance(entry.value, Scalar):
            raise _error(entry.line, f"`{entry.key}` names no test", "Write one, such as `PLAT`.")
        found[entry.key] = entry.value.text
    return found


def _baseline(block: Block) -> str:
    visit = value(block.get("baseline"))
    return visit.text if isinstance(visit, Scalar) else ""


def _check(protocol: Protocol, found: LaboratoryGrading, block: Block) -> None:
    tests = value(block.get("tests"))
    lines = {entry.key: entry.line for entry in tests} if isinstance(tests, Block) else {}
    forms = _forms_of_baseline(protocol, found, block)
    for name, test in found.tests.items():
        line, (form, item) = lines[name], _item(protocol, name, lines[name])
        if test not in tests_graded(found.version):
            known = ", ".join(sorted(tests_graded(found.version)))
            raise _error(line, f"CTCAE {found.version} has no criterion here for `{test}`",
                         f"Write one of: {known}.")  # fmt: skip
        try:
            in_first_unit(test, item.unit or "")
        except UnknownUnit:
            message = f"The unit `{item.unit or ''}` of `{name}` is not known for {test}"
            way_out = "Name the test that the item holds, or leave it away."
            raise _error(line, message, way_out) from None
        if compares_with_baseline(found.version, test, found.units) and form.key not in forms:
            message = f"{test} is graded against a baseline, which nothing names"
            way_out = "Name the visit as `baseline`; the form is asked there, once."
            raise _error(line, message, way_out)


def _forms_of_baseline(
    protocol: Protocol, found: LaboratoryGrading, block: Block
) -> frozenset[str]:
    if not found.baseline:
        return frozenset()
    try:
        visit = protocol.visit(found.baseline)
    except UnknownKeyError:
        raise _error(block.line, f"`{found.baseline}` is no visit", "Name one.") from None
    return frozenset(key for key in visit.forms if not protocol.form(key).repeating)


def _item(protocol: Protocol, name: str, line: int) -> tuple[Form, Item]:
    try:
        form_key, key = name.split(".")
        form = protocol.form(form_key)
        item = form.item(key)
    except (ValueError, UnknownKeyError):
        raise _error(line, f"`{name}` is no item of a form", "Write `form.item`.") from None
    if item.type not in NUMERIC or item.computed:
        raise _error(line, f"`{name}` is no number that is typed", "Name one that is.")
    return form, item


def propose(
    rules: LaboratoryGrading,
    test: str,
    unit: str,
    result: Measured,
    baseline: Measured | None,
    *,
    later: bool,
) -> Graded:
    """The grade proposed for a result, from the range of its own report.

    A result beyond the limit of measuring is graded where all that it may be is of one grade.

    Args:
        unit: of the result and of the baseline.
        baseline: the participant's, with the range of its own report; None where there is none.
        later: whether the result is to be compared with it: the baseline itself, and what was
            measured before, are graded by their range alone.
    """
    sign, number = _read(result.text)
    if number is None:
        return Graded(None, "", Message("The value is missing."))
    lab = LabValue(test, unit, number, result.low, result.high)
    before = _read(baseline.text)[1] if later and baseline and baseline.text[:1].isdigit() else None
    if baseline is not None and before is not None:
        lab = replace(lab, baseline=before, baseline_high=baseline.high)
    known = not later or before is not None

    def graded(each: LabValue) -> Graded:
        judged = grade if known else grade_without_baseline
        return judged(rules.version, each, rules.units)

    at_limit = graded(lab)
    if not sign or at_limit.grade is None:
        return at_limit
    beyond = graded(replace(lab, value=Decimal(0) if sign == "<" else abs(number) * 10**6 + 1))
    if (beyond.grade, beyond.term) == (at_limit.grade, at_limit.term):
        return at_limit
    return Graded(None, "", Message("The result lies beyond the limit of measuring, and what it "
                                    "may be is of more than one grade."))  # fmt: skip


def _read(text: str) -> tuple[str, Decimal | None]:
    found = _RESULT.fullmatch(text)
    return (found[1], Decimal(found[2])) if found else ("", None)
