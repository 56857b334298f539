"""Tables of adverse events as safety offices and boards read them: people *and* events, by arm.

Counting rules (CONSORT Harms 2022): a participant counts once in a row, an event each time it is
recorded. Denominators are the treated of the arm. An event is emergent if it may have begun with
the treatment or later. Severity is the grade where the data have one, else AESEV.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from trialwright.safety.people import NOT_TREATED, Arm, People, people_of
from trialwright.safety.sdtm import Row, StudyData
from trialwright.safety.seriousness import SDTM, SeriousCriterion
from trialwright.safety.shifts import shifts

_ORDER: Final = (
    "1", "MILD", "2", "MODERATE", "3", "SEVERE", "4", "LIFE THREATENING", "5", "FATAL",
)  # fmt: skip
MISSING: Final = "missing"


@dataclass(frozen=True, slots=True)
class CountCell:
    """How many people and events a row has in an arm of n treated; no events where none are."""

    table: str
    row: str
    arm: str
    people: int
    events: int | None
    n: int


@dataclass(frozen=True, slots=True)
class _Events:
    """All events, those emergent, and who is counted."""

    people: People
    all: Sequence[Row]
    emergent: Sequence[Row]

    @property
    def arms(self) -> Sequence[str]:
        return list(self.people.sizes)


def safety_tables(data: StudyData, arm: Arm = "planned") -> list[CountCell]:
    """All tables of a study's data, in the order in which they are read."""
    people = people_of(data, arm)
    events = _Events(people, data.events, [row for row in data.events if people.is_emergent(row)])
    return [
        *_participants(people),
        *_overview(events),
        *_contradictions(events),
        *_each("class", events, _class_of),
        *_each("term", events, _term_of),
        *_worst_severity(events),
        *_disposition(data, people),
        *(
            CountCell("laboratory shift", row, arm_of, count, None, people.sizes[arm_of])
            for row, arm_of, count in shifts(data.laboratory, people)
        ),
    ]


def _participants(people: People) -> Iterable[CountCell]:
    for arm, size in people.sizes.items():
        yield CountCell("participants", "treated", arm, size, None, size)


def _overview(events: _Events) -> Iterable[CountCell]:
    has_flag = any("AESER" in row for row in events.all)
    rows: list[tuple[str, Sequence[Row]]] = [
        ("any event", events.all),
        ("emergent", events.emergent),
    ]
    if has_flag:
        flagged = [row for row in events.all if row.get("AESER") == "Y"]
        rows.append(("serious by flag", flagged))
    serious = [row for row in events.all if criteria_of(row)]
    rows.append(("serious by criteria", serious))
    rows.append(
        (
            "serious by criteria, since the treatment began",
            [row for row in events.emergent if criteria_of(row)],
        )
    )
    for criterion, column in SDTM.items():
        if any(column in row for row in events.all):
            met = [row for row in events.all if row.get(column) == "Y"]
            rows.append((f"serious: {criterion.value.replace('_', ' ')}", met))
    for name, chosen in rows:
        yield from _cells("events", name, events, chosen)
    outside = [row for row in events.all if events.people.arm(row["USUBJID"]) == NOT_TREATED]
    if outside:
        people = {row["USUBJID"] for row in outside}
        yield CountCell("events", "any event", NOT_TREATED, len(people), len(outside), 0)


def criteria_of(row: Row) -> list[SeriousCriterion]:
    """Which criteria of seriousness a line of AE answers with yes."""
    return [criterion for criterion, column in SDTM.items() if row.get(column) == "Y"]


def _contradictions(events: _Events) -> Iterable[CountCell]:
    """Each line whose flag says otherwise than its criteria."""
    whole = all(any(column in row for row in events.all) for column in SDTM.values())
    for row in events.all:
        met, flag = criteria_of(row), row.get("AESER", "")
        if "AESER" not in row or (bool(met) == (flag == "Y")) or (not met and not whole):
            continue
        said = ", ".join(f"{SDTM[one]}=Y" for one in met) or "no criterion is Y"
        name = f"{row['USUBJID']}, AESEQ {row.get('AESEQ', '')}: {said}; AESER={flag or '(empty)'}"
        arm = events.people.arm(row["USUBJID"])
        yield CountCell("contradiction", name, arm, 1, 1, events.people.sizes.get(arm, 0))


def _class_of(row: Row) -> str:
    return row.get("AEBODSYS") or row.get("AESOC") or MISSING


def _term_of(row: Row) -> str:
    return row.get("AEDECOD") or row.get("AETERM") or MISSING


def _each(table: str, events: _Events, named: Callable[[Row], str]) -> Iterable[CountCell]:
    """One row for each name among the emergent events."""
    groups: dict[str, list[Row]] = {}
    for row in events.emergent:
        groups.setdefault(named(row), []).append(row)
    for name in sorted(groups):
        yield from _cells(table, name, events, groups[name])


def severity_of(row: Row) -> str:
    """The grade, else the severity; "missing" if neither is known."""
    said = (row.get("AETOXGR") or row.get("AESEV") or "").upper()
    return said if said in _ORDER else MISSING


def _worst_severity(events: _Events) -> Iterable[CountCell]:
    """People by the worst of their emergent events; events by their own severity."""
    worst: dict[str, str] = {}
    for row in events.emergent:
        said, known = severity_of(row), worst.get(row["USUBJID"], MISSING)
        worst[row["USUBJID"]] = max(said, known, key=_rank)
    said_at_all = {severity_of(row) for row in events.emergent}
    for severity in sorted(said_at_all, key=_rank):
        for arm in events.arms:
            of_arm = [one for one in worst if events.people.arm(one) == arm]
            people = sum(worst[one] == severity for one in of_arm)
            count = sum(
                severity_of(row) == severity and events.people.arm(row["USUBJID"]) == arm
                for row in events.emergent
            )
            yield CountCell(
                "worst severity", severity, arm, people, count, events.people.sizes[arm]
            )


def _rank(severity: str) -> int:
    return _ORDER.index(severity) if severity in _ORDER else -1


def _disposition(data: StudyData, people: People) -> Iterable[CountCell]:
    said: dict[str, set[str]] = {}
    for row in data.disposition:
        if row.get("DSCAT", "DISPOSITION EVENT") == "DISPOSITION EVENT":
            said.setdefault(row["DSDECOD"] or MISSING, set()).add(row["USUBJID"])
    for name in sorted(said):
        for arm, size in people.sizes.items():
            count = sum(people.arm(one) == arm for one in said[name])
            yield CountCell("disposition", name, arm, count, None, size)


def _cells(table: str, name: str, events: _Events, rows: Sequence[Row]) -> Iterable[CountCell]:
    by_arm: Mapping[str, list[Row]] = {arm: [] for arm in events.arms}
    for row in rows:
        arm = events.people.arm(row["USUBJID"])
        if arm in by_arm:
            by_arm[arm].append(row)
    for arm, chosen in by_arm.items():
        people = {row["USUBJID"] for row in chosen}
        yield CountCell(table, name, arm, len(people), len(chosen), events.people.sizes[arm])
