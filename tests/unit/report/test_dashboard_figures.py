"""The drawings of the dashboards: what stands in them, and that nothing runs out of them."""

import re

import pytest

from trialwright.report.figures.counts import horizontal_bars
from trialwright.report.figures.heat import heat_figure, percent
from trialwright.report.figures.panels import PanelMeasure, panels_figure
from trialwright.report.figures.svg import text_width
from trialwright.report.figures.visits import GroupValues, visits_figure


def rectangles(svg: str) -> list[dict[str, float]]:
    found = re.findall(r"<rect ([^>]*)/>", svg)
    return [{k: float(v) for k, v in re.findall(r'([a-z-]+)="([0-9.]+)"', each)} for each in found]


def test_the_more_is_missing_the_darker_and_what_is_whole_has_no_shade() -> None:
    drawn = heat_figure(["A"], ["1", "2", "3"], {(0, 0): 1.0, (0, 1): 0.5, (0, 2): 0.0}, "said")
    shades = [each["fill-opacity"] for each in rectangles(drawn.svg)]
    assert len(shades) == 2 and shades[0] < shades[1] <= 0.45
    assert [t for t in ("100", "50", "0") if f">{t}</text>" in drawn.svg] == ["100", "50", "0"]


def test_only_what_is_whole_is_called_whole() -> None:
    assert percent(9999 / 10000) == 99
    assert [percent(count / 100) for count in range(101)] == list(range(101))


@pytest.mark.parametrize(
    "name", ["Twelve weeks of pregnancy and later", "妊娠十二周及以后的随访访视"]
)
def test_the_last_columns_name_stays_within_the_drawing(name: str) -> None:
    drawn = heat_figure(["A"], ["First", name], {(0, 0): 1.0}, "said")
    x = max(float(x) for x in re.findall(r"translate\(([0-9.]+) ", drawn.svg))
    (shown,) = re.findall(r"<text[^>]*>([^<]*)</text></g>", drawn.svg)[-1:]
    assert x + text_width(shown, 12) * 0.77 <= drawn.width


def test_a_mark_stands_where_the_plan_is_and_the_number_behind_it() -> None:
    drawn = horizontal_bars([("A", 5), ("B", 1)], "said", [10.0, None])
    (at,) = (float(x) for x in re.findall(r'<line x1="([0-9.]+)"', drawn.svg))
    bar = rectangles(drawn.svg)[0]
    assert at == pytest.approx(260 + 2 * bar["width"], abs=0.02)
    number = re.search(r'<text x="([0-9.]+)"[^>]*>5</text>', drawn.svg)
    assert number and float(number[1]) > at


def test_each_measure_has_its_own_scale_and_a_share_that_of_the_whole() -> None:
    measures = [
        PanelMeasure("Share", (0.5, None), ("50 %", "–"), full=1.0),
        PanelMeasure("N", (2.0, 4.0), ("2", "4")),
    ]  # fmt: skip
    half, none, two, four = rectangles(panels_figure(["A", "B"], measures, "said").svg)
    assert four["width"] == pytest.approx(2 * two["width"], abs=0.02)
    assert none["width"] == 1 and half["width"] < four["width"]


def test_the_names_of_many_groups_are_all_within_the_drawing() -> None:
    groups = [GroupValues(f"A long name of arm {n}", ((1.0, 2.0),)) for n in range(6)]
    drawn = visits_figure(groups, ["1", "2"], "y", "said")
    names = re.findall(r'<text x="([0-9.]+)" y="([0-9.]+)"[^>]*>(A long[^<]*)<', drawn.svg)
    assert len(names) == 6 and len({y for _x, y, _n in names}) > 1
    for x, y, name in names:
        assert float(x) + text_width(name, 12) <= drawn.width and float(y) < drawn.height
