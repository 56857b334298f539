"""Statuses and countries of all registers on one scale each; the register's own words stay beside.

`recruitment` answers one question: can somebody join? It is coarser than any register's statuses,
because the registers' own don't agree further: the portal ICTRP knows "Not recruiting" alone.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from trialwright.registry.record.record import Record

_CODES = {
    "RECRUITING": "OPEN",
    "ENROLLING_BY_INVITATION": "OPEN",
    "AVAILABLE": "OPEN",
    "NOT_YET_RECRUITING": "PLANNED",
    "ACTIVE_NOT_RECRUITING": "CLOSED",
    "COMPLETED": "CLOSED",
    "NO_LONGER_AVAILABLE": "CLOSED",
    "APPROVED_FOR_MARKETING": "CLOSED",
    "SUSPENDED": "STOPPED",
    "TERMINATED": "STOPPED",
    "WITHDRAWN": "STOPPED",
    "TEMPORARILY_NOT_AVAILABLE": "STOPPED",
    "UNKNOWN": "UNKNOWN",
}
# Words of other registers, in small letters: the EU register, CTIS, ISRCTN, ICTRP, ANZCTR, DRKS.
_WORDS = {
    "authorised, recruiting": "OPEN",
    "ongoing, recruiting": "OPEN",
    "open to recruitment": "OPEN",
    "enrolling by invitation": "OPEN",
    "authorised, recruitment pending": "PLANNED",
    "authorised, not started": "PLANNED",
    "ongoing, recruitment pending": "PLANNED",
    "not yet recruiting": "PLANNED",
    "pending": "PLANNED",
    "ongoing, recruitment ended": "CLOSED",
    "not recruiting": "CLOSED",
    "no longer recruiting": "CLOSED",
    "completed": "CLOSED",
    "ended": "CLOSED",
    "closed to recruitment of participants": "CLOSED",
    "temporarily halted": "STOPPED",
    "temporary halt": "STOPPED",
    "prematurely ended": "STOPPED",
    "suspended": "STOPPED",
    "halted": "STOPPED",
    "prohibited by ca": "STOPPED",
    "suspended by ca": "STOPPED",
    "stopped": "STOPPED",
    "withdrawn": "STOPPED",
}


def recruitment(status: str | None) -> str:
    """Return whether somebody can join: PLANNED, OPEN, CLOSED, STOPPED, UNKNOWN.

    "" where the register says nothing, or something that has no place on this scale: "Ongoing" of
    the EU register may recruit or not.

    >>> recruitment("RECRUITING"), recruitment("Not Recruiting"), recruitment("Ongoing")
    ('OPEN', 'CLOSED', '')
    """
    if not status:
        return ""
    return _CODES.get(status) or _WORDS.get(status.lower(), "")


def open_places(record: Record) -> list[tuple[float, float]]:
    """Return the coordinates of places that recruit by their own status, else by the trial's."""
    trial = recruitment(record.status.value) == "OPEN"
    found = []
    for place in record.locations:
        north, east = place.latitude.value, place.longitude.value
        own = place.status.value
        here = recruitment(own) == "OPEN" if own else trial
        if here and north is not None and east is not None:
            found.append((north, east))
    return list(dict.fromkeys(found))


def country(written: str) -> str:
    """Return a country by one name, however a register writes it; what isn't known as it is.

    >>> country("Korea, Republic of"), country("UK"), country("Atlantis")
    ('South Korea', 'United Kingdom', 'Atlantis')
    """
    return _countries().get(" ".join(written.lower().replace("the ", "").split()), written.strip())


@cache
def _countries() -> dict[str, str]:
    table = files("trialwright.registry").joinpath("data/countries.tsv").read_text("utf-8")
    lines = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {name.lower(): names[0] for names in lines for name in names}
