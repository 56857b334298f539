"""Who is counted in the safety tables: the treated, by arm, each with the start of treatment."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from trialwright.messages import Message
from trialwright.safety.partial import may_be_from, partial_date
from trialwright.safety.sdtm import DataError, Row, StudyData

Arm = Literal["planned", "actual"]
NOT_TREATED: Final = "(not treated)"
_COLUMNS: Final[Mapping[Arm, tuple[str, ...]]] = {
    "planned": ("ARM", "ARMCD"),
    "actual": ("ACTARM", "ACTARMCD"),
}


@dataclass(frozen=True, slots=True)
class People:
    """The arm of each participant, the start of treatment of the treated, and the sizes of arms.

    `first` has no one who wasn't treated; its text may be partial, or empty if it isn't known.
    """

    arms: Mapping[str, str]
    first: Mapping[str, str]
    sizes: Mapping[str, int]

    def arm(self, person: str) -> str:
        """The arm of a participant, or that they were not treated."""
        return self.arms[person] if person in self.first else NOT_TREATED

    def is_emergent(self, event: Row) -> bool:
        """Whether an event may have begun with the treatment or later; an unknown start may."""
        person = event["USUBJID"]
        if person not in self.first:
            return False
        begin, first = event.get("AESTDTC", ""), self.first[person]
        if len(begin) >= 16 and len(first) >= 16:
            return begin[:16] >= first[:16]
        known = partial_date(first)
        return known is None or may_be_from(partial_date(begin), known)


def people_of(data: StudyData, arm: Arm = "planned") -> People:
    """Count the treated by arm.

    Raises:
        DataError: DM doesn't say who was in which arm.
    """
    column = next(
        (name for name in _COLUMNS[arm] if any(row.get(name) for row in data.demographics)), None
    )
    if column is None:
        raise DataError(
            Message("DM says of nobody which arm is {arm}: it needs the column {columns}.",
                    arm=arm, columns=" or ".join(_COLUMNS[arm]))
        )  # fmt: skip
    doses: dict[str, str] = {}
    for row in data.exposure:
        begin = row.get("EXSTDTC", "")
        known = doses.get(row["USUBJID"])
        doses[row["USUBJID"]] = begin if not known or (begin and begin < known) else known
    first = {}
    for row in data.demographics:
        begun = row.get("RFXSTDTC") or doses.get(row["USUBJID"])
        if begun is not None and (begun or row["USUBJID"] in doses):
            first[row["USUBJID"]] = begun
    arms = {row["USUBJID"]: row.get(column, "") or "(no arm)" for row in data.demographics}
    sizes = Counter(arms[person] for person in first)
    return People(arms, first, dict(sorted(sizes.items())))
