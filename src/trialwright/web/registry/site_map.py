"""A map of a trial's places, drawn here: coastlines from a file, no tiles of anybody."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.registry.record.record import Record
from trialwright.report.figures.svg import (
    ACCENT,
    INK,
    INSET,
    LINE,
    PAPER,
    drawing,
    element,
    label,
    number,
)

WIDTH, _TALLEST, _LOWEST = 720.0, 420.0, 180.0
# A map shows at least so many degrees, with some room around the places.
_LEAST_SPAN, _ROOM = 24.0, 0.18
_OPEN = {"RECRUITING", "ENROLLING_BY_INVITATION"}
_MOST_NAMED = 8
Point = tuple[float, float]


def site_map(record: Record) -> tuple[SafeString, str] | None:
    """Draw where a trial runs, and say it in a sentence; None where no place has coordinates."""
    places = [
        (place.longitude.value, place.latitude.value, place.city.value or "",
         (place.status.value or record.status.value) in _OPEN)
        for place in record.locations
        if place.longitude.value is not None and place.latitude.value is not None
    ]  # fmt: skip
    places = [p for p in places if abs(p[0] or 0) <= 180 and abs(p[1] or 0) <= 90]
    if not places:
        return None
    words = ngettext("{count} place with coordinates.", "{count} places with coordinates.",
                     len(places))  # fmt: skip
    sentence = words.format(count=f"{len(places):,}")
    if any(is_open for *_rest, is_open in places):
        sentence = _("{sentence} Filled: recruiting there.").format(sentence=sentence)
    window = _Window([(east or 0.0, north or 0.0) for east, north, _city, _is_open in places])
    parts = [element("rect", x=0, y=0, width=WIDTH, height=window.height, fill=INSET)]
    parts += [
        element("path", d=path, fill=PAPER, stroke=LINE, stroke_width=1)
        for path in map(window.path, _land())
        if path
    ]
    named: set[str] = set()
    for east, north, city, is_open in places:
        x, y = window.place((east or 0.0, north or 0.0))
        fill = ACCENT if is_open else PAPER
        parts.append(element("circle", cx=x, cy=y, r=4.5, fill=fill, stroke=ACCENT, stroke_width=2))
        if city and len(places) <= _MOST_NAMED and city not in named:
            named.add(city)
            right = x > WIDTH * 0.8
            anchor = "end" if right else "start"
            parts.append(label(x - 9 if right else x + 9, y + 4, city, anchor=anchor, fill=INK))
    svg = drawing(WIDTH, window.height, sentence, parts)
    # What stands in the drawing was escaped when it was made.
    return mark_safe(svg), sentence  # noqa: S308


class _Window:
    """The part of the world shown; a degree is as long to the north as to the east."""

    def __init__(self, points: list[Point]) -> None:
        easts, norths = [east for east, _ in points], [north for _, north in points]
        span = max(max(easts) - min(easts), 1.6 * (max(norths) - min(norths)), _LEAST_SPAN)
        span = min(360.0, span * (1 + 2 * _ROOM))
        middle = (min(easts) + max(easts)) / 2
        self.west = max(-180.0, min(180.0 - span, middle - span / 2))
        self.scale = WIDTH / span
        tall = max(norths) - min(norths)
        self.height = min(_TALLEST, max(_LOWEST, (tall + 2 * _ROOM * span) * self.scale))
        self.north = (max(norths) + min(norths)) / 2 + self.height / self.scale / 2

    def place(self, point: Point) -> Point:
        """A point's place in the drawing."""
        east, north = point
        return (east - self.west) * self.scale, (self.north - north) * self.scale

    def path(self, outline: tuple[Point, ...]) -> str:
        """An outline as a path; "" where all of it lies outside."""
        points = [self.place(point) for point in outline]
        inside = any(-50 <= x <= WIDTH + 50 and -50 <= y <= self.height + 50 for x, y in points)
        around = min(x for x, _ in points) < 0 and max(x for x, _ in points) > WIDTH
        if not inside and not around:
            return ""
        kept = [f"{number(_near(x, WIDTH))} {number(_near(y, self.height))}" for x, y in points]
        return "M" + "L".join(dict.fromkeys(kept)) + "Z"


def _near(value: float, edge: float) -> float:
    """A coordinate not far beyond the drawing, where it can't be seen anyway."""
    return max(-2 * edge, min(3 * edge, value))


@cache
def _land() -> tuple[tuple[Point, ...], ...]:
    return tuple(_outlines())


def _outlines() -> Iterator[tuple[Point, ...]]:
    text = files("trialwright.registry").joinpath("data/land_110m.txt").read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            pairs = (pair.split(",") for pair in line.split())
            yield tuple((float(east), float(north)) for east, north in pairs)
