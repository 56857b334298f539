"""The password of an encrypted copy of the report by arm."""

from dataclasses import dataclass

from trialwright.conduct import sealed_values
from trialwright.conduct.models import ClosedReportCopy
from trialwright.ledger import sources

# No two of these look alike, on paper or when they are told on the telephone.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_GROUPS, _LONG = 5, 5


@dataclass(frozen=True, slots=True)
class CopyDetails:
    """What only unblinded people may know of a copy."""

    password: str


def new_password() -> str:
    """Draw a password of 25 letters and digits in groups of five: 123 bits."""
    drawn = int.from_bytes(sources.entropy(32))
    found = []
    for _each in range(_GROUPS * _LONG):
        drawn, place = divmod(drawn, len(_LETTERS))
        found.append(_LETTERS[place])
    text = "".join(found)
    return "-".join(text[at : at + _LONG] for at in range(0, len(text), _LONG))


def password_of(row: ClosedReportCopy) -> str:
    """The password of a copy; ask the policy first."""
    text = sealed_values.open_details("closed_report_copy", row.study_id, row.pk, bytes(row.sealed))
    return sealed_values.load(CopyDetails, text).password
