"""Near a place: distances on the globe, and the cells of the index that a circle touches."""

from __future__ import annotations

import math
from array import array
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

import tantivy

from trialwright.registry.index.document import cell_of
from trialwright.registry.index.words import fold
from trialwright.registry.library.library import Library, LibraryError, summary_of

EARTH_RADIUS_KM = 6371.0088
_KM_PER_DEGREE = math.pi * EARTH_RADIUS_KM / 180
_RECORDS_ASKED = 5
_SLACK_DEGREES = 1e-4


@dataclass(frozen=True, slots=True)
class Near:
    """A circle: degrees north and east of its centre, its radius in km, and what was asked for."""

    latitude: float
    longitude: float
    within_km: float
    name: str = ""


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the great-circle distance between two places in degrees, by the haversine formula.

    >>> round(distance_km((29.56, 106.55), (31.22, 121.46)))
    1441
    """
    north_a, east_a, north_b, east_b = map(math.radians, (*a, *b))
    chord = (
        math.sin((north_b - north_a) / 2) ** 2
        + math.cos(north_a) * math.cos(north_b) * math.sin((east_b - east_a) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(chord)))


def cells_of(near: Near) -> list[str]:
    """Return every cell of one degree that the circle may touch."""
    span = near.within_km / _KM_PER_DEGREE
    south, north = max(-90.0, near.latitude - span), min(90.0, near.latitude + span)
    widest = max(abs(south), abs(north))
    shrink = math.cos(math.radians(min(widest, 89.9)))
    reach = min(180.0, span / shrink)
    cells = []
    for row in range(math.floor(south), math.floor(north) + 1):
        first, last = math.floor(near.longitude - reach), math.floor(near.longitude + reach)
        for column in range(first, min(last, first + 360) + 1):
            cells.append(cell_of(row, (column + 180) % 360 - 180))
    return list(dict.fromkeys(cells))


def nearest_km(document: tantivy.Document, near: Near, *, recruiting: bool = False) -> float:
    """Return how far a trial's nearest place is; infinity where none lies within the circle.

    With `recruiting` only places count that recruit by their own status.
    """
    kept = document.get_first("open_spots" if recruiting else "spots")
    if kept is None:
        return math.inf
    spots = array("f", bytes(kept))
    centre = (near.latitude, near.longitude)
    # Most places of a trial are far away, and one number tells so.
    span = near.within_km / _KM_PER_DEGREE + _SLACK_DEGREES
    south, north = near.latitude - span, near.latitude + span
    pairs = zip(spots[::2], spots[1::2], strict=True)
    return min(
        (distance_km(centre, pair) for pair in pairs if south <= pair[0] <= north),
        default=math.inf,
    )


def find_place(library: Library, name: str, within_km: float) -> Near:
    """Return the circle around a city, by the coordinates that records give it, or "29.5,106.5".

    Raises:
        LibraryError: no record names such a city with coordinates.
    """
    north, comma, east = name.partition(",")
    if comma:
        with suppress(ValueError):
            latitude, longitude = float(north), float(east)
            if abs(latitude) <= 90 and abs(longitude) <= 180:
                return Near(latitude, longitude, within_km, name)
    searcher = library.searcher()
    query = tantivy.Query.term_query(library.schema, "place", fold(name.strip()))
    every = max(searcher.num_docs, 1)
    found = searcher.search(query, every, count=False, order_by_field="number").hits
    # Old records give no coordinates at all, and may be hundreds before the first that does.
    documents = (searcher.doc(address) for _, address in found)
    located = (each for each in documents if each.get_first("spots") is not None)
    for document in islice(located, _RECORDS_ASKED):
        record = library.record(summary_of(document)["nct"])
        for place in record.locations:
            if fold(place.city.value or "") == fold(name.strip()) and place.latitude.value:
                return Near(
                    place.latitude.value, place.longitude.or_else(0.0), within_km, name.strip()
                )
    raise LibraryError(
        f"no trial of the library gives coordinates for a city “{name}”; "
        "write them as degrees north and east, such as 29.56,106.55"
    )
