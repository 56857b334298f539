"""The moves of a container: each a signed record, sealed as a whole."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from trialwright.conduct import sealed_values
from trialwright.conduct.acting import ActionContext
from trialwright.conduct.models import Container, ContainerMove
from trialwright.custody.containers import ContainerStatus
from trialwright.ledger import files


@dataclass(frozen=True, slots=True)
class Move:
    """What became of a container, when, where, by whom; `person` and `second` are ids.

    temperature: in °C as decimal text, "" where it wasn't measured. participant: the code of whom
    it is reserved for or was given to, with the step, visit and occurrence, the amount in `unit`,
    the same per kg of body weight, and when the administration ended. counted: seen at a count of
    the stock, which changes nothing else.
    """

    container: str
    status: ContainerStatus
    at: datetime
    person: str
    site: str = ""
    place: str = ""
    temperature: str = ""
    reason: str = ""
    second: str = ""
    participant: str = ""
    step: str = ""
    visit: str = ""
    occurrence: int = 1
    amount: str = ""
    unit: str = ""
    per_kg: str = ""
    ended_at: datetime | None = None
    counted: bool = False


GIVEN = frozenset({ContainerStatus.GIVEN, ContainerStatus.PART_GIVEN})


def recipient_mark(study: str, participant: str) -> str:
    """By what the containers that a participant was given are found, without opening others."""
    return files.keys().mark(study, "recipient", participant)


def opened(row: ContainerMove) -> Move:
    """The move that a row holds; ask the policy first."""
    text = sealed_values.open_details("container_move", row.study_id, row.pk, bytes(row.sealed))
    return sealed_values.load(Move, text)


def write_move(context: ActionContext, container: Container, move: Move) -> None:
    """Write a move of a container, and where it now stands."""
    number = container.moves_made + 1
    row = ContainerMove(study=context.study, container=container, number=number)
    context.record_sealed(row, sealed_values.dump(move))
    columns: dict[str, Any] = {"moves_made": number, "site": move.site, "place": move.place}
    if not move.counted:
        columns["status"] = move.status.value
    if move.status in GIVEN and not move.counted:
        columns["recipient"] = recipient_mark(context.study.pk, move.participant)
    if move.status is ContainerStatus.THAWED:
        columns["thawed_at"] = move.at
    context.change(container, **columns)


def last_moves(containers: Collection[Container]) -> dict[UUID, Move]:
    """The last move of each of these containers, by their keys."""
    rows = ContainerMove.objects.filter(
        container__in=[each.pk for each in containers], number=F("container__moves_made")
    )
    return {row.container_id: opened(row) for row in rows}


def moves_of(container: Container) -> list[Move]:
    """All moves of a container, the first first."""
    return [opened(row) for row in container.moves.order_by("number")]


def reserved_for(moves: Iterable[Move]) -> str:
    """Whom a container is reserved for by its moves, "" for nobody: the last reservation counts
    until it is back in the stock."""
    code = ""
    for move in moves:
        if move.status is ContainerStatus.RESERVED:
            code = move.participant
        elif move.status is ContainerStatus.STOCK and not move.counted:
            code = ""
    return code
