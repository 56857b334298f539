"""The third demonstration study: a product followed from its donors to the participants.

A lot fails, a donor is excluded after their cells were given, a container is thawed too long, an
arm is shown in an emergency, and a pregnancy is followed to the child. All of it is invented.
"""

import hashlib
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib.resources import files

from django.db import transaction
from django.utils import timezone

from trialwright.accounts import actions as accounts
from trialwright.accounts.models import Person
from trialwright.accounts.reads import actor_in
from trialwright.conduct.actions import studies
from trialwright.conduct.clock import installation_zone
from trialwright.conduct.models import Study
from trialwright.conduct.refusals import NotFound
from trialwright.demonstration.cells_story import CellsStory
from trialwright.demonstration.people import SITES, give_seats
from trialwright.protocol.loader import parse_file
from trialwright.simulation.alone import alone

FILE = "demo_cells_01.yaml"
STUDY = "DEMO-CELLS-01"
DAYS = 500
"""From the signature of the protocol to the present."""
_LIST_SEED = hashlib.sha256(b"the list of the demonstration study DEMO-CELLS-01").digest()
_SEATS = (
    ("lin", "coordinator", "C"),
    ("zhao", "investigator", "C"),
    ("sun", "infusion_doctor", "C"),
    ("zhou", "product_handler", "C"),
    ("wu", "laboratory", ""),
    ("deng", "qualified_person", ""),
    ("feng", "monitor", ""),
    ("chen", "safety_board", ""),
    ("wei", "board_statistician", ""),
    ("jiang", "trial_statistician", ""),
    ("shen", "safety_physician", ""),
    ("luo", "safety_office", ""),
    ("yang", "data_manager", ""),
    ("admin", "administrator", ""),
)
"""The demonstration's people in this study: who, as what, at which site."""


def ensure_cells(*, tell: Callable[[str], None], now: datetime | None = None) -> str:
    """Build the third study unless it is there; all of it is committed at once.

    Args:
        now: the present, in which it ends.

    Returns a line that says what it is.
    """
    with alone("demonstration"):
        if not Study.objects.filter(identifier=STUDY).exists():
            began = time.monotonic()
            with transaction.atomic():
                _build(now or timezone.now())
            tell(f"Built the third study, {STUDY}, in {time.monotonic() - began:.0f} s.")
    names = ", ".join(name for name, _role, _site in _SEATS)
    return f"A third study, of cells in lots and containers, {STUDY}, is there for: {names}"


def _build(now: datetime) -> None:
    present = now.astimezone(installation_zone())
    began = present.replace(hour=9, minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
    code, name = SITES[0]
    names = {"name_en": name.in_language("en"), "name_zh": name.in_language("zh")}
    with accounts.entry("add_people", at=timezone.now()) as writer:
        accounts.ensure_site(writer, study=STUDY, code=code, **names)
    give_seats(STUDY, _SEATS)
    source = (files("trialwright.demonstration") / FILE).read_bytes()
    protocol = parse_file(source, FILE)
    signer = actor_in(Person.objects.get(username="zhao"), STUDY, protocol.roles)
    if signer is None:
        raise NotFound
    studies.sign_protocol(by=signer, source=source, file_name=FILE, seed=_LIST_SEED, at=began)
    CellsStory(protocol, began, present).tell()
