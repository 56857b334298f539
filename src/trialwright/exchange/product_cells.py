"""Kits and doses of a cut as rows of text, and back."""

from trialwright.analysis.cut_doses import Dose
from trialwright.analysis.cut_kits import Kit

KIT_COLUMNS = (
    "kit", "site", "status", "expires_on", "participant", "step", "visit", "occurrence",
    "dispensed_on", "returned_on", "unused", "reason", "strength",
)  # fmt: skip


def kit_cells(kit: Kit) -> tuple[str, ...]:
    """One kit in the order of `KIT_COLUMNS`."""
    days = (kit.dispensed_on or "", kit.returned_on or "")
    place = (kit.participant, kit.step, kit.visit, str(kit.occurrence))
    head = (kit.kit, kit.site, kit.status, kit.expires_on or "")
    return (*head, *place, *days, kit.unused, kit.reason, kit.strength)


def read_kit(cells: tuple[str, ...]) -> Kit:
    """The kit that these cells say."""
    kit, site, status, until, person, step, visit, occurrence, out, back, *rest = cells
    place = (person, step, visit, int(occurrence))
    return Kit(kit, site, status, until or None, *place, out or None, back or None, *rest)


DOSE_COLUMNS = (
    "participant", "step", "visit", "occurrence", "on", "status", "planned", "amount", "unit",
    "reason",
)  # fmt: skip


def dose_cells(dose: Dose) -> tuple[str, ...]:
    """One dose in the order of `DOSE_COLUMNS`."""
    place = (dose.participant, dose.step, dose.visit, str(dose.occurrence))
    return (*place, dose.on, dose.status, dose.planned, dose.amount, dose.unit, dose.reason)


def read_dose(cells: tuple[str, ...]) -> Dose:
    """The dose that these cells say."""
    participant, step, visit, occurrence, *rest = cells
    return Dose(participant, step, visit, int(occurrence), *rest)
