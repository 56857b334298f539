"""A donor turns out reactive: how long it takes until the lots have failed and the doctors know.

A study with 100,000 containers, of five donors with 20 lots each and 1,000 containers a lot; 50
participants were given one of each donor. Each donor's result is recorded as the laboratory does
it: the transaction excludes the donor, fails the lots, writes a notice and a deviation for each
recipient, and is committed with its signed head. Then who was given of the donor is read, and what
one participant was given among all containers.
"""

import os
import statistics
import time
from collections.abc import Iterator

DONORS, LOTS, EACH, GIVEN = 5, 20, 1_000, 50


def run() -> Iterator[str]:
    """Lines to print, as they come."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    from trialwright.config import scratch, starting

    with scratch.server():
        starting.migrate()
        yield from _measured()


def _measured() -> Iterator[str]:
    from tests.integration.conduct.product_trial import Cells
    from trialwright.conduct.models import Container, ProductNotice
    from trialwright.conduct.reads.tracing import trace

    cells = Cells()
    people = _participants(cells)
    donors = [cells.donor() for _ in range(DONORS)]
    for number, donor in enumerate(donors):
        _stock(cells, [cells.released(donor) for _ in range(LOTS)], people, number)
    _analyse()
    took, read, own = [], [], []
    for donor in donors:
        begun = time.perf_counter()
        cells.result("hiv", "yes", donor=donor)
        took.append((time.perf_counter() - begun) * 1e3)
        begun = time.perf_counter()
        found = trace(cells.by("safety_office"), donor)
        read.append((time.perf_counter() - begun) * 1e3)
        if len(found.participants) != GIVEN:
            raise AssertionError(found.participants)
    for code in people:
        begun = time.perf_counter()
        found = trace(cells.by("safety_office"), code)
        own.append((time.perf_counter() - begun) * 1e3)
        if len(found.lines) != DONORS:
            raise AssertionError(found.lines)
    if ProductNotice.objects.count() != DONORS * GIVEN:
        raise AssertionError("a doctor wasn't told")
    yield (
        f"recall: a donor over {Container.objects.count():,} containers, {LOTS} lots and {GIVEN} "
        f"recipients each: median {statistics.median(took):.0f} ms, longest {max(took):.0f} ms; "
        f"who was given, read: median {statistics.median(read):.0f} ms; what one participant was "
        f"given: median {statistics.median(own):.1f} ms, longest {max(own):.1f} ms"
    )


def _participants(cells: object) -> list[str]:
    """Codes of participants who stand in the table; how they came there isn't measured."""
    from tests.integration.conduct.other_trials import START
    from tests.integration.conduct.product_trial import STUDY
    from trialwright.conduct.models import Participant

    codes = [f"C-{number:03d}" for number in range(1, GIVEN + 1)]
    Participant.objects.bulk_create(
        Participant(
            study_id=STUDY, site="C", number=number, code=code, state="randomised",
            screened_at=START, consented_at=START, eligible_at=START, randomised_at=START,
        )
        for number, code in enumerate(codes, start=1)
    )  # fmt: skip
    return codes


def _stock(cells: object, lots: list[str], people: list[str], donor: int) -> None:
    """Containers of these lots; to each participant one was given."""
    from tests.integration.conduct.other_trials import START
    from tests.integration.conduct.product_trial import STUDY
    from trialwright.conduct import sealed_values
    from trialwright.conduct.models import Container, ContainerMove, Lot
    from trialwright.conduct.products.moves import Move, recipient_mark, text_of
    from trialwright.custody.containers import ContainerStatus

    rows = [
        Container(
            study_id=STUDY, code=f"C{donor}{at:02d}{number:04d}", lot=lot, holds="100", unit="10⁶",
            status="given" if _given(at, number) else "stock", site="C", place="Freezer",
            moves_made=1,
        )
        for at, lot in enumerate(Lot.objects.filter(code__in=lots).order_by("code"))
        for number in range(EACH)
    ]  # fmt: skip
    given = [row for row in rows if row.status == "given"][: len(people)]
    for row, code in zip(given, people, strict=True):
        row.recipient = recipient_mark(STUDY, code)
    Container.objects.bulk_create(rows, batch_size=5_000)
    moves = []
    for row, code in zip(given, people, strict=True):
        made = Move(row.code, ContainerStatus.GIVEN, START, "", "C", participant=code, amount="100",
                    unit="10⁶")  # fmt: skip
        move = ContainerMove(study_id=STUDY, container=row, number=1)
        move.sealed = sealed_values.seal_details("container_move", STUDY, move.pk, text_of(made))
        moves.append(move)
    ContainerMove.objects.bulk_create(moves)


def _given(lot: int, number: int) -> bool:
    return lot * EACH + number < GIVEN


def _analyse() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
