"""Grade rows of a table of laboratory values: what stands in its cells, and what can't be read."""

from collections.abc import Mapping
from typing import Final

from trialwright.messages import Message
from trialwright.safety.laboratory import Graded, LabValue, System, grade, number_of

COLUMNS: Final = ("ctcae", "test", "unit", "value", "low", "high", "baseline", "baseline_high")
_NUMBERS: Final = COLUMNS[3:]


def grade_row(row: Mapping[str, str], system: System = "SI") -> Graded:
    """Grade one row with the columns of `COLUMNS`; a cell that is no number leaves no grade."""
    numbers = {name: number_of(row[name]) for name in _NUMBERS}
    for name in _NUMBERS:
        if row[name] and numbers[name] is None:
            return Graded(None, "", Message("{name} is {text}, which is no number.",
                                            name=name, text=row[name]))  # fmt: skip
    value = numbers.pop("value")
    if value is None:
        return Graded(None, "", Message("The value is missing."))
    return grade(row["ctcae"], LabValue(row["test"].upper(), row["unit"], value, **numbers), system)
