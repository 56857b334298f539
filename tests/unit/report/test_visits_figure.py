"""The picture of a measure over visits: what stands in it, and when there is none."""

import pytest

from tests.unit.report.small_trial import cut_of, protocol
from trialwright.report.document import Figure
from trialwright.report.figures.visits import GroupValues, visits_figure
from trialwright.report.trial import trial_report

PROTOCOL = protocol()
CUT, SEALED = cut_of(PROTOCOL)


@pytest.mark.parametrize("by_arm", [True, False])
def test_a_number_of_several_visits_has_boxes_for_each_group(by_arm: bool) -> None:
    document = trial_report(CUT, PROTOCOL, language="en", sealed=SEALED if by_arm else None)
    found = [b for b in document.walk() if isinstance(b, Figure) and "over the" in b.caption]
    assert len(found) == 1 and found[0].caption == "Thickness (mm) over the visits"
    svg = found[0].drawing.svg
    # A box for each group at each of three visits, and one before each name.
    assert svg.count("<rect") == (2 if by_arm else 1) * 4
    assert ("Arm\xa02" in svg) == by_arm
    assert "Week 2" in svg and "Screening" in found[0].drawing.alternative


def test_boxes_are_quartiles_and_what_lies_far_is_a_dot() -> None:
    rows = tuple((value, None) for value in (1.0, 2.0, 3.0, 4.0, 40.0))
    svg = visits_figure([GroupValues("All", rows)], ["One", "Two"], "mm", "said").svg
    assert svg.count("<circle") == 1
    assert ">40<" in svg and ">1<" in svg
    many = tuple((float(k), float(k)) for k in range(80))
    threads = visits_figure([GroupValues("All", many)], ["One", "Two"], "mm", "said").svg
    assert "stroke-opacity" not in threads
