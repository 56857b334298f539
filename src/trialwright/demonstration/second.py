"""The second demonstration study: a registered trial of another kind, lived up to the present.

Its participants are of both sexes and come in cycles; it is lived by the simulation, from a bundled
example. A building that is broken off leaves the study as far as it came, and is not gone on with.
"""

import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils import timezone

from trialwright.conduct.models import Study
from trialwright.demonstration.people import give_seats
from trialwright.protocol.editing import with_identifier
from trialwright.simulation.alone import alone
from trialwright.simulation.examples import example
from trialwright.simulation.run import live_here

STUDY = "DEMO-LUNG-01"
FILE = "demo_lung_01.yaml"
_EXAMPLE, _SEED = "nct06868277", 1
_PARTICIPANTS, _DAYS_APART, _SINCE = 8, 18, timedelta(days=240)
_SEATS = (
    ("lin", "coordinator", "A"),
    ("zhao", "investigator", "A"),
    ("sun", "nurse", "A"),
    ("zhou", "pharmacist", "A"),
    ("zheng", "radiologist", "A"),
    ("feng", "monitor", ""),
    ("yang", "data_manager", ""),
    ("jiang", "statistician", ""),
    ("wei", "board_statistician", ""),
    ("admin", "administrator", ""),
)
"""The demonstration's people in this study: who, as what, at which site."""


def ensure_second(*, tell: Callable[[str], None], now: datetime | None = None) -> str:
    """Build the second study unless it is there, and give the demonstration's people their seats.

    Args:
        now: the present, in which it ends.

    Returns a line that says what it is.
    """
    with alone("demonstration"):
        if not Study.objects.filter(identifier=STUDY).exists():
            _build(tell, now or timezone.now())
        give_seats(STUDY, _SEATS)
    names = ", ".join(name for name, _role, _site in _SEATS)
    return f"A second study of another kind, {STUDY}, is there for: {names}"


def file_for(now: datetime) -> bytes:
    """The example's file as this study's: another identifier, begun so long before the present."""
    source = with_identifier(example(_EXAMPLE), STUDY)
    for pattern, new in (
        (rb"(?m)^date: .*$", f"date: {(now - _SINCE).date()}"),
        (rb"accrual_days: \d+", f"accrual_days: {_DAYS_APART}"),
    ):
        source, count = re.subn(pattern, new.encode(), source)
        if count != 1:
            raise ValueError(f"The example {_EXAMPLE} has {count} lines like {pattern!r}.")
    return source


def _build(tell: Callable[[str], None], now: datetime) -> None:
    tell(f"Building the second study, {STUDY} …")
    began = time.monotonic()
    live_here(file_for(now), FILE, participants=_PARTICIPANTS, seed=_SEED, until=now)
    tell(f"Built the second study in {time.monotonic() - began:.0f} s.")
