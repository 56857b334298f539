"""Kits as a cut has them: where each is stands open, what is in it is sealed."""

from dataclasses import dataclass

from trialwright.analysis.cut_checks import date_text, one_of

STATUSES = ("depot", "sent", "stock", "dispensed", "returned", "set_aside")


@dataclass(frozen=True, slots=True)
class Kit:
    """One kit by its number; who has it, for which step, how much came back, in the protocol's
    unit, and its strength's key, where kits come in strengths."""

    kit: str
    site: str
    status: str
    expires_on: str | None = None
    participant: str = ""
    step: str = ""
    visit: str = ""
    occurrence: int = 1
    dispensed_on: str | None = None
    returned_on: str | None = None
    unused: str = ""
    reason: str = ""
    strength: str = ""

    def __post_init__(self) -> None:
        where = f"kit {self.kit}"
        one_of(self.status, STATUSES, where)
        date_text(self.expires_on, where)
        date_text(self.dispensed_on, where)
        date_text(self.returned_on, where)


@dataclass(frozen=True, slots=True)
class KitContent:
    """What is in a kit: the key of a product."""

    kit: str
    product: str
