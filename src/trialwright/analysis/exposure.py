"""Exposure: how many doses a group was given, and how much of what was planned."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from trialwright.analysis.cut_doses import Dose
from trialwright.analysis.summaries import Numeric, numeric


@dataclass(frozen=True, slots=True)
class Exposure:
    """Doses of one step in one group.

    participants: who was given one, in full or in part. full, part, none: doses so recorded. doses:
    of those given, by participant given any. total: the amount given by participant of whom all
    amounts are known, in `unit`. intensity: the share of the planned amounts that was given, in
    per cent, doses not given counted as 0, by participant of whom all planned amounts are known.
    """

    participants: int
    full: int
    part: int
    none: int
    doses: Numeric | None
    total: Numeric | None
    intensity: Numeric | None
    unit: str


def exposure(doses: Iterable[Dose]) -> Exposure:
    """Summarise the doses of one step.

    Relative dose intensity of a participant is Σ given / Σ planned over all doses recorded, as in
    Hryniuk and Bush, J Clin Oncol 2 (1984) 1281, over doses and not over time.

    >>> given = [Dose("C-1", "infuse", "v", n, "2026-01-01", "done", "200", "200", "mg")
    ...          for n in (1, 2)]
    >>> half = Dose("C-2", "infuse", "v", 1, "2026-01-01", "part", "200", "100", "mg")
    >>> found = exposure([*given, half])
    >>> found.participants, found.full, found.part, found.total.mean, found.intensity.mean
    (2, 2, 1, 250.0, 75.0)
    """
    by_person: dict[str, list[Dose]] = {}
    for dose in doses:
        by_person.setdefault(dose.participant, []).append(dose)
    counts = Counter(dose.status for each in by_person.values() for dose in each)
    given = [[dose for dose in each if dose.status != "not_done"] for each in by_person.values()]
    given = [each for each in given if each]
    known = [each for each in given if all(dose.amount for dose in each)]
    planned = [
        each
        for each in by_person.values()
        if all(d.planned and (d.amount or d.status == "not_done") for d in each)
    ]
    units = sorted({dose.unit for each in given for dose in each if dose.unit})
    return Exposure(
        participants=len(given),
        full=counts["done"],
        part=counts["part"],
        none=counts["not_done"],
        doses=numeric([float(len(each)) for each in given]),
        total=numeric([float(_given(each)) for each in known]) if len(units) == 1 else None,
        intensity=numeric([float(100 * _given(each) / _planned(each)) for each in planned]),
        unit=units[0] if len(units) == 1 else "",
    )


def _given(doses: Iterable[Dose]) -> Decimal:
    amounts = (Decimal(d.amount) for d in doses if d.amount and d.status != "not_done")
    return sum(amounts, Decimal(0))


def _planned(doses: Iterable[Dose]) -> Decimal:
    return sum((Decimal(dose.planned) for dose in doses), Decimal(0))
