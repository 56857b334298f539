"""Enrolment against plan: a step for each participant randomised, and the planned line."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from trialwright.protocol.model import Protocol
from trialwright.report.document import Drawing
from trialwright.report.figures.svg import ACCENT, INK, LINE, QUIET, drawing, element, label, line
from trialwright.report.words import ReportWords

WIDTH, HEIGHT = 620.0, 250.0
LEFT, RIGHT, TOP, BOTTOM = 34.0, 118.0, 18.0, 30.0


@dataclass(frozen=True, slots=True)
class EnrolmentChart:
    """`days` are the days of randomisation, sorted; the plan runs straight to `target`."""

    days: tuple[date, ...]
    target: int
    plan_from: date | None
    plan_to: date | None
    until: date

    @property
    def planned(self) -> int | None:
        """How many the plan has by `until`, rounded down."""
        if self.plan_from is None or self.plan_to is None:
            return None
        span = (self.plan_to - self.plan_from).days
        share = (self.until - self.plan_from).days / span if span > 0 else 1.0
        return int(self.target * min(max(share, 0.0), 1.0))


def enrolment_chart(
    protocol: Protocol, days: Iterable[date], *, began: date, until: date
) -> EnrolmentChart:
    """The days of randomisation up to `until`, in a study begun on a day, against its plan."""
    begins, ends = protocol.enrolment.between(began) if protocol.enrolment else (None, None)
    return EnrolmentChart(tuple(sorted(days)), protocol.participants, begins, ends, until)


def enrolment_figure(chart: EnrolmentChart, words: ReportWords) -> Drawing:
    """The chart, 620 by 250, with its two lines labelled at their ends."""
    first = min([d for d in (*chart.days[:1], chart.plan_from) if d], default=chart.until)
    last = max(d for d in (chart.until, chart.plan_to) if d)
    scale = _Scale(first, last, max(chart.target, len(chart.days), 1))
    parts = [*_axes(scale, chart), *_plan(scale, chart, words), *_steps(scale, chart, words)]
    said = enrolment_sentence(chart, words)
    return Drawing(drawing(WIDTH, HEIGHT, said, parts), WIDTH, HEIGHT, said)


def enrolment_sentence(chart: EnrolmentChart, words: ReportWords) -> str:
    """What the chart says, in words."""
    counts = {"enrolled": len(chart.days), "target": chart.target}
    if chart.planned is None:
        return words("enrolled", **counts)
    return words("enrolled_plan", planned=chart.planned, **counts)


@dataclass(frozen=True, slots=True)
class _Scale:
    first: date
    last: date
    top: int

    def x(self, day: date) -> float:
        span = max((self.last - self.first).days, 1)
        share = (day - self.first).days / span
        return LEFT + (WIDTH - LEFT - RIGHT) * share

    def y(self, count: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * count / self.top


def _axes(scale: _Scale, chart: EnrolmentChart) -> Iterable[str]:
    for count in (0, chart.target):
        y = scale.y(count)
        yield line(LEFT, y, WIDTH - RIGHT, y, stroke=LINE)
        yield label(LEFT - 7, y + 4, str(count), anchor="end", fill=QUIET)
    for day, anchor in ((scale.first, "start"), (scale.last, "end")):
        if anchor == "end" and scale.first == scale.last:
            continue
        yield label(scale.x(day), HEIGHT - 8, day.isoformat()[:7], anchor=anchor, fill=QUIET)


def _plan(scale: _Scale, chart: EnrolmentChart, words: ReportWords) -> Iterable[str]:
    if chart.plan_from is None or chart.plan_to is None:
        return
    yield element(
        "path",
        d=f"M{scale.x(chart.plan_from):.2f} {scale.y(0):.2f}"
        f"L{scale.x(chart.plan_to):.2f} {scale.y(chart.target):.2f}",
        fill="none",
        stroke=QUIET,
        stroke_width=1.4,
        stroke_dasharray="5 4",
    )
    x = scale.x(chart.plan_to) + 8
    yield label(x, scale.y(chart.target) + 4, words("plan"), fill=QUIET)


def _steps(scale: _Scale, chart: EnrolmentChart, words: ReportWords) -> Iterable[str]:
    path = f"M{scale.x(scale.first):.2f} {scale.y(0):.2f}"
    for count, day in enumerate(chart.days, start=1):
        path += f"H{scale.x(day):.2f}V{scale.y(count):.2f}"
    end_x, end_y = scale.x(chart.until), scale.y(len(chart.days))
    path += f"H{end_x:.2f}"
    yield element("path", d=path, fill="none", stroke=ACCENT, stroke_width=2.2)
    yield element("circle", cx=end_x, cy=end_y, r=3.5, fill=ACCENT)
    said = words("enrolled_short", enrolled=len(chart.days))
    room = end_x + 8 + len(said) * 7 < WIDTH
    yield label(
        end_x + 8 if room else end_x,
        end_y + (4 if room else -9),
        said,
        anchor="start" if room else "end",
        fill=INK,
        weight=600,
    )
