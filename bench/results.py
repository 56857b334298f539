"""Laboratory results by file: looking at one, and entering it, beside people's own pages.

A share of the issue's 100,000 values, so many participants with ten results each in files of
10,000 rows, on a database of its own (var/bench-results). Each form is saved by the action that
people's entries go through.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

_TESTS = {
    "blood_count.haemoglobin": "130", "blood_count.leukocytes": "5.1",
    "blood_count.platelets": "210", "chemistry.alt": "18", "chemistry.ast": "21",
    "chemistry.bilirubin": "9.5", "chemistry.creatinine": "56", "chemistry.inr": "1.0",
    "chemistry.fibrinogen": "2.8", "chemistry.d_dimer": "0.2",
}  # fmt: skip


def run(participants: int = 200) -> Iterator[str]:
    """Lines to print, as they come."""
    os.environ["TRIALWRIGHT_HOME"] = str(Path(__file__).parent.parent / "var" / "bench-results")
    from trialwright.config import starting

    with starting.database():
        starting.migrate()
        yield from _measure(participants)


def _measure(participants: int) -> Iterator[str]:
    from tests.integration.conduct.world import STUDY, begin
    from trialwright.conduct.actions.importing import (
        enter_results,
        keep_mapping,
        upload_results,
    )
    from trialwright.conduct.models import Study
    from trialwright.conduct.reads.results import preview
    from trialwright.protocol.basics import Role

    if Study.objects.filter(pk=STUDY).exists():
        yield "results: var/bench-results is used already; remove it first"
        return
    world = begin()
    codes = []
    for _each in range(participants):
        code = world.consented()
        world.visited(code, "screening")
        codes.append(code)
    keeper = world.person(Role.DATA_MANAGER)
    columns = [f"c{number}" for number in range(len(_TESTS))]
    mapping = "participant = who\nvisit = visit\n" + "".join(
        f"column {column} = {place}\n" for column, place in zip(columns, _TESTS, strict=True)
    )
    keep_mapping(by=keeper, name="CENTRAL", text=mapping, at=world.now)
    head = ",".join(["who", "visit", *columns])
    rows = [",".join([code, "screening", *_TESTS.values()]) for code in codes]
    source = "\n".join([head, *rows]).encode()
    begun = time.perf_counter()
    number = upload_results(
        by=keeper, mapping="CENTRAL", source=source, file_name="bench.csv", at=world.now
    )
    preview(keeper, number)
    looked = time.perf_counter() - begun
    begun = time.perf_counter()
    done = enter_results(by=keeper, number=number, at=world.now)
    entered = time.perf_counter() - begun
    values = participants * len(_TESTS)
    pace = 100_000 / values
    yield f"results: {values} values looked at in {looked:.1f} s; 100,000: {looked * pace:.0f} s"
    yield f"results: {done.values} values entered in {entered:.1f} s; all {entered * pace:.0f} s"
    yield f"results: {len(done.refused)} refused on saving"
