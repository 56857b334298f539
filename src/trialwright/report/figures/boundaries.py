"""A decision table as a picture: which count of events leads where, for each number treated."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from trialwright.report.document import Drawing
from trialwright.report.figures.svg import (
    ACCENT,
    INK,
    LINE,
    QUIET,
    STOP,
    drawing,
    element,
    label,
    line,
    text_width,
)

LEFT, TOP, BOTTOM = 40.0, 26.0, 44.0
SIZE = 12.0
_AMBER = "var(--amber, #d99a1b)"
_FILLS = {"up": (ACCENT, 0.16), "rest": (QUIET, 0.07), "down": (_AMBER, 0.28), "out": (STOP, 0.22)}


@dataclass(frozen=True, slots=True)
class Band:
    """A region from the bottom up: `until[n - 1]` is the first count above it when n are treated
    (None where no count is above it)."""

    name: str
    look: Literal["up", "rest", "down", "out"]
    until: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class BoundaryChart:
    """Bands that fill all counts from 0 to n, lowest first; `step` is the distance of the ticks."""

    bands: tuple[Band, ...]
    x_name: str
    y_name: str
    step: int = 3


def boundaries_figure(chart: BoundaryChart, said: str, width: float = 620.0) -> Drawing:
    """The picture; `said` is its text alternative."""
    place = _Place(chart, width)
    parts = [*_axes(chart, place)]
    below = (0,) * place.most
    for band in chart.bands:
        is_last = band is chart.bands[-1]
        above = tuple(
            min(n + 1 if bound is None else bound, place.top + 1, n + 1)
            for n, bound in enumerate(band.until, start=1)
        )
        parts += _band(band, below, above, place, edge=not is_last)
        below = above
    parts += _names(chart, place)
    return Drawing(drawing(width, place.height, said, parts), width, place.height, said)


class _Place:
    """Where a count stands: columns centred on n, rows on y."""

    def __init__(self, chart: BoundaryChart, width: float) -> None:
        self.most = len(chart.bands[0].until)
        bounds = [b for band in chart.bands for b in band.until if b is not None]
        self.top = min(max(bounds, default=1) + 1, self.most)
        names = max(text_width(band.name, SIZE) for band in chart.bands)
        self.right = width - names - 16
        self.row = min(max(170.0 / (self.top + 1), 7.0), 26.0)
        self.column = (self.right - LEFT) / self.most
        self.height = TOP + self.row * (self.top + 1) + BOTTOM

    def x(self, edge: float) -> float:
        """The left edge of column 1 + `edge`."""
        return LEFT + self.column * edge

    def y(self, count: float) -> float:
        """The lower edge of the row of a count."""
        return self.height - BOTTOM - self.row * count


def _axes(chart: BoundaryChart, place: _Place) -> Iterable[str]:
    yield label(0, 12, chart.y_name, fill=QUIET, size=SIZE)
    every = max(1, round(place.top / 5))
    for count in range(0, place.top + 1, every):
        y = place.y(count + 0.5) + 4
        yield label(LEFT - 8, y, str(count), anchor="end", fill=QUIET, size=SIZE)
    step = chart.step
    while place.most / step > (place.right - LEFT) / 34:
        step += chart.step
    for n in range(step, place.most + 1, step):
        x = place.x(n - 0.5)
        yield label(x, place.y(0) + 17, str(n), anchor="middle", fill=QUIET, size=SIZE)
    middle = (LEFT + place.right) / 2
    yield label(middle, place.height - 6, chart.x_name, anchor="middle", fill=QUIET, size=SIZE)
    yield line(LEFT, place.y(0), place.right, place.y(0), stroke=LINE)


def _band(
    band: Band, below: tuple[int, ...], above: tuple[int, ...], place: _Place, *, edge: bool
) -> Iterable[str]:
    colour, opacity = _FILLS[band.look]
    along = [(n, side) for n in range(place.most) for side in (n, n + 1)]
    upper = [f"{place.x(side):.1f} {place.y(above[n]):.1f}" for n, side in along]
    lower = [f"{place.x(side):.1f} {place.y(below[n]):.1f}" for n, side in reversed(along)]
    yield element("path", d=f"M{'L'.join(upper + lower)}Z", fill=colour, fill_opacity=opacity)
    if edge:
        yield element("path", d=f"M{'L'.join(upper)}", fill="none", stroke=INK, stroke_width=0.8)


def _names(chart: BoundaryChart, place: _Place) -> Iterable[str]:
    """Each band's name beside its last column, from the bottom up, never two on one line."""
    n, before, last = place.most, 0, place.y(0) + 12
    for band in chart.bands:
        bound = band.until[-1]
        above = min(n + 1 if bound is None else bound, place.top + 1)
        if above > before:
            y = min(place.y((before + above) / 2) + 4, last - 15)
            yield label(place.right + 8, y, band.name, size=SIZE, weight=600, fill=INK)
            last = y
        before = above
