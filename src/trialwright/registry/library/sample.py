"""The bundled sample: 36 trials on Asherman's syndrome and its neighbours.

Facts (titles, status, dates, design, arms, conditions, interventions, outcomes by name) are carried
over from public pages, which each record names. The free text of the starting record and the four
trials beside it on its page is condensed in our own words and marked so; that of the others is left
out (`Given.LEFT_OUT`), to be read at the register. Data processed November 2026; the source of the
facts is ClinicalTrials.gov, as repeated by those pages.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from functools import cache
from importlib.resources import files
from pathlib import Path

from trialwright.registry.index.schema import FORMAT
from trialwright.registry.library.adding import add
from trialwright.registry.library.library import newest_index
from trialwright.registry.readers.ctgov_v2 import COPY_KEY, read_v2
from trialwright.registry.readers.files import RawRecord
from trialwright.registry.record.record import Record

STARTING_RECORD = "NCT03223454"


def sample_bytes() -> bytes:
    """Return the sample as NDJSON, in the v2 form with one key of ours (`trialwrightSample`)."""
    return files("trialwright.registry").joinpath("data/sample.ndjson").read_bytes()


@cache
def sample_records() -> list[Record]:
    """Return the 36 records, the starting record first."""
    return [read_v2(line) for line in sample_bytes().splitlines()]


def sample_record(nct: str) -> Record:
    """Return one record of the sample.

    Raises:
        KeyError: the sample has no trial of this number.
    """
    for record in sample_records():
        if record.number == nct:
            return record
    raise KeyError(f"{nct} is not among the {len(sample_records())} trials of the bundled sample")


@cache
def sample_numbers() -> frozenset[str]:
    """Return the numbers of the 36 trials."""
    return frozenset(record.number for record in sample_records())


def sample_see_also(nct: str) -> tuple[Record, ...]:
    """Return the trials that the starting record's page lists beside it; none for any other."""
    notes = sample_record(nct).tree[COPY_KEY]
    return tuple(sample_record(other) for other in notes.get("seeAlso", ()))


def sample_pages(nct: str) -> tuple[str, ...]:
    """Return the public pages from which the record of the sample was read."""
    return tuple(sample_record(nct).tree[COPY_KEY]["readFrom"])


def sample_library(below: Path) -> Path:
    """Return the folder of the sample as a library, below a folder; built on first use.

    It is named by what it is made of, so that a later release builds its own, and put in its place
    whole, so that two processes that start together do no harm.
    """
    content = sample_bytes()
    folder = below / f"{FORMAT}-{hashlib.sha256(content).hexdigest()[:12]}"
    if newest_index(folder) is not None:
        return folder
    below.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=".part-", dir=below))
    add(part, [RawRecord(line, "sample", "") for line in content.splitlines()], processes=0)
    try:
        part.rename(folder)
    except OSError:
        shutil.rmtree(part)
        if newest_index(folder) is None:
            raise
    return folder
