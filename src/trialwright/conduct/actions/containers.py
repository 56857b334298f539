"""Containers: labelled from a lot, moved, thawed, set aside and counted; each move signed.

Giving one is the check at the bedside (`conduct.actions.bedside`).
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.models import Site
from trialwright.accounts.policy import Act, Actor
from trialwright.conduct import sealed_values
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.models import Container, ContainerMove, Lot, Participant
from trialwright.conduct.products.lots import followed, status_of
from trialwright.conduct.products.moves import (
    Move,
    last_moves,
    moves_of,
    reserved_for,
    write_move,
)
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem, Sentence
from trialwright.conduct.tables import row_of
from trialwright.custody.codes import Kind, as_typed, new_code
from trialwright.custody.containers import (
    BLOCKED,
    ENDED,
    NEXT,
    Balance,
    ContainerStatus,
    Held,
    balance,
)
from trialwright.custody.lots import USABLE, LotStatus
from trialwright.ledger import sources

_MOST = 1_000
MOST_MOVED = 200
"""How many containers one sending or receiving can be of."""
# What is said once of a move, so that a sentence about it names no container.
_OF_ALL = frozenset({"reason", "site", "participant", "temperature"})
_COLDEST, _WARMEST = Decimal(-273), Decimal(100)
BY_BEDSIDE = frozenset({ContainerStatus.GIVEN, ContainerStatus.PART_GIVEN})


@dataclass(frozen=True, slots=True)
class ToMove:
    """What becomes of a container: where it then is, how warm it was, why, and for whom.

    site: "" for the depot. temperature: in °C as typed. reason: needed where it is destroyed or
    returned. participant: the code of whom it is reserved for. happened: when, if not as it is
    recorded; the limit after thawing counts from it.
    """

    status: ContainerStatus
    site: str = ""
    place: str = ""
    temperature: str = ""
    reason: str = ""
    participant: str = ""
    happened: datetime | None = None


def label_containers(
    *, by: Actor, lot: str, number: int, place: str, at: datetime | None = None
) -> tuple[str, ...]:
    """Give containers of a lot their codes; they are in the depot's stock. Returns the codes.

    Raises:
        ActionRefused: the lot is over, or the number isn't from 1 to 1,000.
    """
    with acting(by, Act.RECORD_LOTS, "label_containers", at=at) as context:
        row = row_of(Lot, study_id=context.study.pk, code=lot)
        if row is None:
            raise NotFound
        plan = followed(context.protocol, row.product).container
        assert plan is not None  # noqa: S101 - the product is followed
        if not 1 <= number <= _MOST:
            raise _at("number", _("Enter how many containers, from 1 to 1,000."))
        if status_of(row, context.at) not in USABLE | {LotStatus.QUARANTINE}:
            raise ActionRefused(_("The lot is over, so it has no new containers."))
        rows = [
            Container(
                study=context.study,
                code=new_code(Kind.CONTAINER, sources.entropy(16)),
                lot=row,
                holds=f"{plan.holds:f}",
                unit=plan.unit,
                status=ContainerStatus.STOCK.value,
                place=place.strip(),
                moves_made=1,
            )
            for _each in range(number)
        ]
        context.record_all(rows)
        made = Move("", ContainerStatus.STOCK, context.at, str(context.by.person_id))
        context.record_all_sealed(
            [
                (
                    ContainerMove(study=context.study, container=each, number=1),
                    sealed_values.dump(_of(made, each.code, place.strip())),
                )
                for each in rows
            ]
        )
        return tuple(sorted(each.code for each in rows))


def _of(move: Move, code: str, place: str) -> Move:
    return Move(code, move.status, move.at, move.person, place=place)


def move_container(*, by: Actor, code: str, move: ToMove, at: datetime | None = None) -> None:
    """Record what became of one container: see `move_containers`."""
    move_containers(by=by, codes=[code], move=move, at=at)


def move_containers(
    *, by: Actor, codes: Collection[str], move: ToMove, at: datetime | None = None
) -> None:
    """Record what became of containers, of all of them or of none: each has a move of its own,
    signed by who did it. Who sends one doesn't receive it.

    Raises:
        NotFound: there is no such container, or it is at a site where the person handles none.
        ActionRefused: more than 200 are named, this can't follow where one stands, its
            lot may not be used, the temperature is none, or a site, a participant or a reason is
            missing; where several are named, with the codes that a sentence is about.
    """
    with acting(by, _handles, "move_container", at=at) as context:
        if len(set(codes)) > MOST_MOVED:
            raise _at("ticks", _("Record at most 200 containers at once."))
        containers = [_container(context, code) for code in dict.fromkeys(codes)]
        moves = last_moves(containers)
        _require_all(context, [(each, moves[each.pk]) for each in containers], move)
        for container in containers:
            site = container.site if move.status is not ContainerStatus.SENT else move.site
            write_move(
                context,
                container,
                Move(
                    container=container.code,
                    status=move.status,
                    at=move.happened or context.at,
                    person=str(context.by.person_id),
                    site=site,
                    place=move.place.strip(),
                    temperature=_temperature(move.temperature),
                    reason=" ".join(move.reason.split()),
                    participant=move.participant,
                ),
            )


def _require_all(
    context: ActionContext, containers: Collection[tuple[Container, Move]], move: ToMove
) -> None:
    """Refuse them all where one can't be moved so, each sentence once with the codes of which."""
    refused: dict[Problem, list[str]] = defaultdict(list)
    for container, before in containers:
        try:
            _require_way(context, container, before, move)
        except ActionRefused as error:
            for problem in error.problems:
                refused[problem].append(container.code)
    if not refused:
        return
    if len(containers) == 1:
        raise ActionRefused(problems=tuple(refused))
    words = _("%(codes)s: %(sentence)s")
    raise ActionRefused(
        problems=tuple(
            Problem(
                each.field,
                each.sentence
                if each.field in _OF_ALL
                else words % {"codes": ", ".join(found), "sentence": each.sentence},
            )
            for each, found in refused.items()
        )
    )


def _require_way(context: ActionContext, container: Container, before: Move, move: ToMove) -> None:
    here, by = ContainerStatus(container.status), context.by
    handles = by.role_for(Act.HANDLE_PRODUCTS, container.site or None)
    if move.status in BY_BEDSIDE or not (handles or by.role_for(Act.RECORD_LOTS)):
        raise NotFound
    if move.status not in NEXT[here]:
        raise ActionRefused(_("This can't follow: look at where the container stands."))
    usable = status_of(container.lot, context.at) in USABLE
    # What is sent before the release may lie in wait at a site; nothing of it is made ready.
    if not usable and move.status not in BLOCKED:
        raise ActionRefused(
            _("The lot isn't one that may be used, so nothing is made ready of it.")
        )
    if here is ContainerStatus.SENT and before.person == str(context.by.person_id):
        raise ActionRefused(_("You sent this container, so somebody else receives it."))
    ends = move.status in (ContainerStatus.DESTROYED, ContainerStatus.RETURNED)
    if ends and not move.reason.strip():
        raise _at("reason", _("Say why."))
    sites = Site.objects.filter(study=context.study.pk)
    if move.status is ContainerStatus.SENT and not sites.filter(code=move.site).exists():
        raise _at("site", _("The study has no such site. Choose one of its sites."))
    if move.status is ContainerStatus.RESERVED:
        who = row_of(Participant, study_id=context.study.pk, code=move.participant)
        if who is None or who.site != container.site:
            words = _("Enter the code of a participant of the site where the container is.")
            raise _at("participant", words)
    if not before.at <= (move.happened or context.at) <= context.at:
        words = _("Enter a time after the container's last move, and none to come.")
        raise _at("happened", words)


def _temperature(typed: str) -> str:
    if not typed.strip():
        return ""
    try:
        value = Decimal(typed.strip().replace(",", ".").replace("\u2212", "-"))
        if _COLDEST <= value <= _WARMEST:
            return f"{value:f}"
    except InvalidOperation:
        pass
    raise _at("temperature", _("Enter the temperature in °C, such as -150."))


def count_stock(
    *, by: Actor, site: str, seen: Collection[str], at: datetime | None = None
) -> Balance:
    """Count a site's containers, or the depot's (""): which were seen, and which are missing.

    Each that was seen is recorded as seen; what is missing is told with its last place, person and
    time. Nothing changes but that.

    Raises:
        ActionRefused: a code is none of a container that should be there, with the code.
    """
    with acting(by, _handles, "count_stock", at=at) as context:
        if context.by.role_for(Act.RECORD_LOTS) is None and (
            context.by.role_for(Act.HANDLE_PRODUCTS, site or None) is None
        ):
            raise NotFound
        rows = list(Container.objects.filter(study=context.study, site=site).order_by("code"))
        codes = {as_typed(each) for each in seen if as_typed(each)}
        there = {row.code for row in rows if row.status not in ENDED}
        if strange := sorted(codes - there):
            words = _("These aren't containers that should be there: %(codes)s. Look again.")
            raise _at("seen", words % {"codes": ", ".join(strange[:10])})
        moves = last_moves(rows)
        for row in rows:
            if row.code in codes:
                write_move(context, row, _counted(context, row))
        held = [
            Held(row.code, ContainerStatus(row.status), row.place or site, moves[row.pk].person,
                 moves[row.pk].at)
            for row in rows
        ]  # fmt: skip
        return balance(held, codes)


def _counted(context: ActionContext, row: Container) -> Move:
    return Move(
        container=row.code,
        status=ContainerStatus(row.status),
        at=context.at,
        person=str(context.by.person_id),
        site=row.site,
        place=row.place,
        participant=reserved_for(moves_of(row)),
        counted=True,
    )


def _container(context: ActionContext, code: str) -> Container:
    found = row_of(Container, study_id=context.study.pk, code=as_typed(code))
    if found is None:
        raise NotFound
    return found


def _handles(context: ActionContext) -> str | None:
    by = context.by
    return by.role_for(Act.HANDLE_PRODUCTS) or by.role_for(Act.RECORD_LOTS)


def _at(field: str, sentence: Sentence) -> ActionRefused:
    return ActionRefused(problems=(Problem(field, sentence),))
