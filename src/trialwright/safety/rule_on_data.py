"""Hold a protocol's stopping rule against a study's data in SDTM.

The data don't know the protocol's stopping event, so one column of AE is told to answer it; and
they name arms in their own words, which are matched to the protocol's arms or told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from trialwright.design.section import designs_from_node
from trialwright.design.selection import SelectionDesign
from trialwright.design.stopping import StoppingRule
from trialwright.messages import Message
from trialwright.protocol.model import Protocol
from trialwright.safety.partial import PartialDate, may_be_by, may_be_from, partial_date
from trialwright.safety.people import Arm, People, people_of
from trialwright.safety.sdtm import DataError, Row, StudyData
from trialwright.safety.section import StoppingEvent, not_said, stopping_event
from trialwright.safety.standing import Followed, Standing, standings


@dataclass(frozen=True, slots=True)
class DataQuestion:
    """Which column of AE answers the stopping question, and with which value."""

    column: str
    answer: str = "Y"


def question(text: str) -> DataQuestion:
    """Read `AESHOSP`, `AE.AESHOSP` or `AESHOSP=Y`.

    >>> question("AE.AESER=Y")
    DataQuestion(column='AESER', answer='Y')
    """
    column, sign, answer = text.partition("=")
    return DataQuestion(column.strip().removeprefix("AE.").upper(), answer.strip() if sign else "Y")


def stopping_design(protocol: Protocol) -> SelectionDesign | StoppingRule:
    """The design of a protocol that holds for safety.

    Raises:
        DataError: it has none.
    """
    designs = designs_from_node(protocol.design).values() if protocol.design else ()
    for design in designs:
        if isinstance(design, SelectionDesign | StoppingRule):
            return design
    raise DataError(
        Message("{protocol} has no rule that holds for safety in its `design:` section.",
                protocol=protocol.identifier)
    )  # fmt: skip


def where_it_stands(
    protocol: Protocol,
    data: StudyData,
    asked: DataQuestion,
    *,
    arms: Mapping[str, str],
    by: Arm = "planned",
) -> list[Standing]:
    """How the rules stand on a study's data.

    Args:
        arms: the data's names of arms, to the protocol's keys, where the names are not the same.

    Raises:
        DataError: the column isn't there, an arm can't be matched, or the protocol has no rule.
    """
    design, window = stopping_design(protocol), stopping_event(protocol)
    if window is None:
        raise DataError(not_said("stopping_event"))
    if not any(asked.column in row for row in data.events):
        known = ", ".join(sorted(data.events[0])) if data.events else "none"
        raise DataError(
            Message("AE has no column {column}. Its columns are: {known}.",
                    column=asked.column, known=known)
        )  # fmt: skip
    people = people_of(data, by)
    keys = {name: _key_of(protocol, name, arms) for name in people.sizes}
    ends = _watched_until(data)
    followed = [
        _followed(person, keys[people.arms[person]], people, data, asked, window, ends)
        for person in people.first
    ]
    return standings(design, [arm.key for arm in protocol.arms], followed)


def _key_of(protocol: Protocol, name: str, told: Mapping[str, str]) -> str:
    known = {arm.key: (arm.key, arm.label.en, arm.label.zh) for arm in protocol.arms}
    wanted = told.get(name, name)
    for key, names in known.items():
        if wanted.casefold() in (each.casefold() for each in names):
            return key
    raise DataError(
        Message(
            "The data's arm {name} is none of the protocol's: {known}. Say which with "
            "--arm \"{name}=KEY\".",
            name=name, known=", ".join(known),
        )
    )  # fmt: skip


def _followed(
    person: str,
    arm: str,
    people: People,
    data: StudyData,
    asked: DataQuestion,
    window: StoppingEvent,
    ends: Mapping[str, date],
) -> Followed:
    first = partial_date(people.first[person])
    events = [
        row for row in data.events
        if row["USUBJID"] == person and row.get(asked.column) == asked.answer
    ]  # fmt: skip
    event = any(_in_window(row, first, window) for row in events)
    end = ends.get(person)
    days = (end - first.last).days if end and first else -1
    share = days / window.last_day if window.last_day else float(days >= 0)
    return Followed(arm, event, min(max(share, 0.0), 1.0))


def _in_window(row: Row, first: PartialDate | None, window: StoppingEvent) -> bool:
    """Whether the event may have begun in the window; what is unknown never excludes it."""
    if first is None:
        return True
    days = [timedelta(days=window.first_day), timedelta(days=window.last_day)]
    begin = PartialDate(first.first + days[0], first.last + days[0])
    end = PartialDate(first.first + days[1], first.last + days[1])
    started = partial_date(row.get("AESTDTC", ""))
    return may_be_from(started, begin) and may_be_by(started, end)


_DATES = {
    "DM": ("RFPENDTC", "RFENDTC", "DTHDTC"),
    "EX": ("EXSTDTC", "EXENDTC"),
    "AE": ("AESTDTC", "AEENDTC", "AEDTC"),
    "LB": ("LBDTC",),
    "DS": ("DSSTDTC", "DSDTC"),
}


def _watched_until(data: StudyData) -> dict[str, date]:
    """The last day on which the data saw each participant, as far as it is sure."""
    rows: Sequence[tuple[str, Sequence[Row]]] = (
        ("DM", data.demographics), ("EX", data.exposure), ("AE", data.events),
        ("LB", data.laboratory), ("DS", data.disposition),
    )  # fmt: skip
    ends: dict[str, date] = {}
    for domain, lines in rows:
        for row in lines:
            for column in _DATES[domain]:
                seen = partial_date(row.get(column, ""))
                if seen is not None:
                    person = row["USUBJID"]
                    ends[person] = max(seen.first, ends.get(person, seen.first))
    return ends
