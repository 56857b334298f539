"""Describing a variable in a group: known values, and why the others are missing."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from trialwright.analysis.cut import Cut, SealedPart
from trialwright.analysis.flow import Reason, ordered_arms
from trialwright.analysis.summaries import Description, Share, numeric, shares
from trialwright.protocol.terms import Kind, Sort
from trialwright.protocol.values import Censored, Missing, Value

NOT_RECORDED = "not_recorded"
NOT_DUE = "not_due"
VISIT_MISSED = "visit_missed"
INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Group:
    """Randomised participants and who shares their arms: of one arm, or all when `arm` is None."""

    arm: str | None
    codes: tuple[str, ...]


def groups_of(
    cut: Cut, sealed: SealedPart | None = None, arms: Sequence[str] = ()
) -> tuple[Group, ...]:
    """All who have or share an arm in one group, or with the sealed part one for each arm."""
    allocated = cut.allocated()
    randomised = tuple(p.code for p in cut.participants if p.code in allocated)
    if sealed is None:
        return (Group(None, randomised),)
    arm_of = {a.participant: a.arm for a in sealed.assignments}
    return tuple(
        Group(arm, tuple(code for code in randomised if arm_of[code] == arm))
        for arm in ordered_arms(sealed, arms)
    )


def describe(kind: Kind, found: Iterable[Value | Missing]) -> Description:
    """Describe values of one kind; a `Missing` counts under its reason.

    Numbers get a numeric summary, yes/no and choices the share of each code among the known;
    texts, dates and times are counted only.
    """
    values: list[Value] = []
    reasons: Counter[str] = Counter()
    for value in found:
        if isinstance(value, Missing):
            reasons[value.reason] += 1
        else:
            values.append(value)
    missing = tuple(
        Reason(reason, count) for reason, count in sorted(reasons.items(), key=lambda p: p[0])
    )
    match kind.sort:
        case Sort.NUMBER:
            censored = sum(isinstance(value, Censored) for value in values)
            numbers = [float(value) for value in values if isinstance(value, Decimal)]
            summary = None if censored else numeric(numbers)
            return Description(len(values), missing, summary, censored=censored)
        case Sort.YES_NO:
            return Description(len(values), missing, shares=_yes_no(values))
        case Sort.CHOICE:
            texts = [str(value) for value in values]
            return Description(len(values), missing, shares=shares(texts, kind.codes))
        case _:
            return Description(len(values), missing)


def _yes_no(values: Sequence[Value]) -> tuple[tuple[str, Share], ...]:
    return shares(["yes" if value else "no" for value in values], ("yes", "no"))[:1]
