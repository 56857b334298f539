"""What a protocol has graded, what is wrong with it, and the grade proposed for a result."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.loader import parse_file
from trialwright.safety import laboratory
from trialwright.safety.checked import check_file
from trialwright.safety.laboratory import LabValue, System, grade, screen
from trialwright.safety.laboratory_grading import (
    LaboratoryGrading,
    Measured,
    laboratory_grading,
    propose,
)
from trialwright.safety.units import units_known

SOURCE = demonstration().source_bytes.decode()
RULES = LaboratoryGrading("5.0", "SI", {"lab.alt": "ALT"}, "screening")


def limits(text: str, low: str = "", high: str = "") -> Measured:
    return Measured(text, Decimal(low) if low else None, Decimal(high) if high else None)


def test_the_demonstration_says_what_is_graded_and_how() -> None:
    found = laboratory_grading(demonstration())
    assert found is not None
    assert (found.version, found.units, found.baseline) == ("5.0", "SI", "screening")
    assert found.test_of("chemistry", "alt") == "ALT"
    assert found.test_of("chemistry", "d_dimer") == ""
    assert found.forms == {"blood_count", "chemistry"}


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("    units: SI\n", "", "which form of the criteria counts"),
        ("chemistry.alt: ALT", "chemistry.alt: XYZ", "no criterion here for `XYZ`"),
        ("chemistry.alt: ALT", "chemistry.none: ALT", "no item of a form"),
        ("chemistry.alt: ALT", "chemistry.within_limits: ALT", "no number that is typed"),
        ("chemistry.alt: ALT", "chemistry.bilirubin: ALT\n        chemistry.alt: ALT", "unit"),
        ("      baseline: screening\n", "", "graded against a baseline"),
        ("      baseline: screening\n", "      baseline: nowhere\n", "is no visit"),
        ("      baseline: screening\n", "      baseline: day_1\n", "graded against a baseline"),
        ("baseline: screening", "base_line: screening", "unknown here"),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_the_way_out(
    was: str, becomes: str, told: str
) -> None:
    begin = SOURCE.index("  grading:\n")
    source = SOURCE[:begin] + SOURCE[begin:].replace(was, becomes, 1)
    problems = [each for each in check_file(source.encode(), "x.yaml").problems if each.way_out]
    assert any(told in each.message and each.line > 0 for each in problems), problems


def test_without_items_nothing_is_graded() -> None:
    begin = SOURCE.index("    laboratory:\n      baseline")
    end = SOURCE.index("  stopping_event:\n    first_day")
    protocol = parse_file((SOURCE[:begin] + SOURCE[end:]).encode(), "x.yaml")
    assert laboratory_grading(protocol) is None


def test_the_form_of_the_criteria_is_the_protocols() -> None:
    """CTCAE 6.0, Hypomagnesemia: <1.2 - 0.9 mg/dL is grade 2, and <0.4 - 0.3 mmol/L grade 3."""
    rules, mg = replace(RULES, version="6.0"), limits("0.95", "1.7", "2.4")
    assert propose(rules, "MG", "mg/dL", mg, None, later=False).grade == 3
    assert propose(replace(rules, units="US"), "MG", "mg/dL", mg, None, later=False).grade == 2


@pytest.mark.parametrize(
    ("result", "baseline", "later", "grade"),
    [
        (limits("130", high="40"), limits("30", high="40"), True, 2),  # 3.25 x ULN
        (limits("130", high="60"), limits("30", high="40"), True, 1),  # by the own report's range
        (limits("150", high="40"), limits("100", high="40"), True, 1),  # baseline high: 1.5 x it
        (limits("150", high="40"), limits("100", high="120"), True, 2),  # normal by its own range
        (limits("150", high="40"), None, False, 2),  # the baseline value itself: by range
        (limits("150", high="40"), None, True, None),  # nobody has the baseline
        (limits("150"), limits("30", high="40"), True, None),  # no range is no grade 0
        (limits("30", high="40"), limits("30", high="40"), True, 0),
        (limits("<5", high="40"), limits("30", high="40"), True, 0),
        (limits("<200", high="40"), limits("30", high="40"), True, None),
        (limits(">900", high="40"), limits("30", high="40"), True, 4),
        (limits(">150", high="40"), limits("30", high="40"), True, None),
    ],
)
def test_a_result_goes_by_its_own_range_and_the_baseline_by_its_own(
    result: Measured, baseline: Measured | None, later: bool, grade: int | None
) -> None:
    found = propose(RULES, "ALT", "U/L", result, baseline, later=later)
    assert found.grade == grade and str(found.why)


def test_a_unit_that_is_not_known_gives_no_grade() -> None:
    found = propose(RULES, "ALT", "furlong", limits("30", high="40"), None, later=False)
    assert found.grade is None and "furlong" in str(found.why)


def test_without_a_baseline_the_worst_grade_stands_where_it_needs_none() -> None:
    """CTCAE 5.0, Creatinine increased: more than 6 x ULN is grade 4, whatever the baseline."""
    far, near = limits("500", high="73"), limits("80", high="73")
    assert propose(RULES, "CREAT", "umol/L", far, None, later=True).grade == 4
    assert propose(RULES, "CREAT", "umol/L", near, None, later=True).grade is None


def test_what_is_to_be_known_of_a_grade_is_said_in_chinese_too() -> None:
    found = propose(replace(RULES, version="5.0"), "K", "mmol/L", limits("2.8", "3.5", "5"), None,
                    later=False)  # fmt: skip
    assert found.grade == 3
    found = propose(RULES, "GLUC", "mmol/L", limits("9", "4", "6"), None, later=False)
    assert found.grade is None and "5.0" in found.why.in_language("zh")
    assert "graded" not in found.why.in_language("zh")


_AMOUNTS = st.decimals("0.01", "400", places=2)


@given(
    st.sampled_from(
        [(v, test) for v in ("5.0", "6.0") for test in sorted(laboratory.tests_graded(v))]
    ),
    st.sampled_from(["SI", "US"]),
    st.lists(_AMOUNTS, min_size=6, max_size=6),
    st.data(),
)
def test_whatever_has_a_grade_within_its_range_passes_the_screen(
    asked: tuple[str, str], system: System, drawn: list[Decimal], data: st.DataObject
) -> None:
    version, test = asked
    unit = data.draw(st.sampled_from(sorted(units_known(test))))
    low, value, high = sorted(drawn[:3])
    base_high = drawn[4]
    lab = LabValue(test, unit, value, low, high, drawn[3], base_high)
    found = grade(version, lab, system)
    assume(found.grade)
    bounds = screen(version, test, unit, system)
    assert (
        (bounds.below is not None and value <= bounds.below)
        or (bounds.above is not None and value >= bounds.above)
        or (bounds.times_baseline is not None and value >= bounds.times_baseline * drawn[3])
        or (
            bounds.times_high_baseline is not None
            and drawn[3] > base_high
            and value >= bounds.times_high_baseline * drawn[3]
        )
    ), found
