"""Encrypted copies of the report by arm: which were made for whom, and what opens them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from trialwright.accounts.policy import Act, Actor, may
from trialwright.accounts.reads import holders_on, names_of
from trialwright.conduct.clock import day_of, installation_zone
from trialwright.conduct.models import ClosedReportCopy
from trialwright.conduct.reads.cuts import one_cut
from trialwright.conduct.reads.meetings import keeps_board
from trialwright.conduct.reads.participants import study_and_protocol
from trialwright.conduct.refusals import NotFound
from trialwright.conduct.safety.closed_report_details import password_of
from trialwright.safety.board import board_rules


@dataclass(frozen=True, slots=True)
class CopyLine:
    """One copy. password: for its reader and for who made it; "" for others, who get no file."""

    number: int
    reader: str
    language: str
    made_at: datetime
    made_by: str
    password: str


@dataclass(frozen=True, slots=True)
class CopiesToRead:
    """The copies of a cut's report by arm, the latest first; readers: for whom one can be made, by
    name."""

    cut: str
    copies: tuple[CopyLine, ...]
    readers: dict[UUID, str]


def copies_kept(by: Actor) -> bool:
    """Whether the copies for the board are there for a person."""
    _study, protocol = study_and_protocol(by)
    return may(by, Act.SEE_CUTS) and keeps_board(by, protocol)


def copies_of(by: Actor, cut: str) -> CopiesToRead:
    """The copies of a cut's report by arm.

    Raises:
        NotFound: there is no such cut, or this person doesn't keep the board's records.
    """
    row = one_cut(by, cut)
    if not copies_kept(by):
        raise NotFound
    _study, protocol = study_and_protocol(by)
    rows = list(ClosedReportCopy.objects.filter(study=by.study, cut=row).order_by("-number"))
    names = names_of({str(each) for row in rows for each in (row.reader, row.made_by)})
    today = day_of(timezone.now(), installation_zone())
    return CopiesToRead(
        row.name,
        tuple(_line(by, each, names) for each in rows),
        holders_on(by.study, board_rules(protocol).members, today),
    )


def copy_to_open(by: Actor, cut: str, number: int) -> CopyLine:
    """One copy, with its password.

    Raises:
        NotFound: there is none of this number, or it is neither theirs nor made by them.
    """
    for each in copies_of(by, cut).copies:
        if each.number == number and each.password:
            return each
    raise NotFound


def _line(by: Actor, row: ClosedReportCopy, names: dict[str, str]) -> CopyLine:
    theirs = by.person_id in (row.reader, row.made_by)
    return CopyLine(
        row.number,
        names.get(str(row.reader), str(row.reader)),
        row.language,
        row.made_at,
        names.get(str(row.made_by), str(row.made_by)),
        password_of(row) if theirs else "",
    )
