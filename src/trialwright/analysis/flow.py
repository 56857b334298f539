"""The flow of participants through the study, as CONSORT 2025 counts it, from a cut.

Every count of a group adds up: allocated = treated in full + in part + not + still to come,
and allocated = followed to the end + still followed + withdrawn + lost + died.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from trialwright.analysis.cut import Assignment, Cut, SealedPart
from trialwright.analysis.cut_participants import EXCLUSIONS, RANDOMISED, Participant


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason as recorded, and of how many people."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Excluded:
    """People not randomised for one kind of reason; a person may fail several criteria."""

    kind: str
    count: int
    criteria: tuple[Reason, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class FlowGroup:
    """One arm's way through the study, or everybody's when `arm` is None.

    Pooled, the treatment's reasons are left empty: they are for unblinded people alone.
    """

    arm: str | None
    codes: tuple[str, ...]
    treated: int
    partly: tuple[Reason, ...]
    untreated: tuple[Reason, ...]
    treatment_pending: int
    withdrawn: tuple[Reason, ...]
    lost: tuple[Reason, ...]
    died: int
    completed: int
    followed: int

    @property
    def allocated(self) -> int:
        return len(self.codes)


@dataclass(frozen=True, slots=True)
class Path:
    """The arms that participants went through, one for each allocation, and how many did.

    None stands for an allocation that was not made of them, or not yet.
    """

    arms: tuple[str | None, ...]
    count: int


def paths(sealed: SealedPart, allocations: Sequence[str], arms: Sequence[str]) -> tuple[Path, ...]:
    """How many went which way: first arm, then the arm after each later allocation.

    Args:
        allocations: the keys of the later ones, in order. arms: the order of the arms' keys.

    Every participant is counted once, so that the counts add up to all who entered.
    """
    counted: Counter[tuple[str | None, ...]] = Counter()
    for each in sealed.assignments:
        after = {again.allocation: again.arm for again in each.again}
        counted[(each.arm, *(after.get(key) for key in allocations))] += 1
    place = {arm: number for number, arm in enumerate(arms)}
    rows = sorted(
        counted.items(),
        key=lambda row: [len(place) if arm is None else place[arm] for arm in row[0]],
    )
    return tuple(Path(way, count) for way, count in rows)


@dataclass(frozen=True, slots=True)
class Flow:
    """Everybody screened: excluded, still in screening, or randomised into the groups."""

    screened: int
    in_screening: int
    excluded: tuple[Excluded, ...]
    randomised: int
    groups: tuple[FlowGroup, ...]


def participant_flow(cut: Cut, sealed: SealedPart | None = None, arms: Sequence[str] = ()) -> Flow:
    """Count the flow, pooled, or by arm, in the order of `arms`, when the sealed part is given.

    Who is linked to another participant isn't in the flow: they were neither allocated nor not.
    A withdrawal from treatment alone doesn't end the following and isn't counted as withdrawn.
    """
    people = [p for p in cut.participants if not p.linked_to]
    randomised = [p for p in people if p.at(RANDOMISED)]
    excluded = [p for p in people if p.exclusion]
    if sealed is None:
        groups = [_group(None, randomised, {})]
    else:
        told = {a.participant: a for a in sealed.assignments}
        groups = [
            _group(arm, [p for p in randomised if told[p.code].arm == arm], told)
            for arm in ordered_arms(sealed, arms)
        ]
    return Flow(
        screened=len(people),
        in_screening=len(people) - len(randomised) - len(excluded),
        excluded=tuple(_excluded(kind, excluded) for kind in EXCLUSIONS),
        randomised=len(randomised),
        groups=tuple(groups),
    )


def ordered_arms(sealed: SealedPart, arms: Sequence[str]) -> tuple[str, ...]:
    """These arms, also those nobody was allocated to, then any others of the sealed part."""
    others = {a.arm for a in sealed.assignments} - set(arms)
    return (*arms, *sorted(others))


def end_of_following(participant: Participant) -> str:
    """How the following of a participant stands: died, lost, withdrawn, completed or followed."""
    kinds = {
        e.kind
        for e in participant.endings
        if e.kind != "withdrawn" or "visits" in e.stops or "contact" in e.stops
    }
    for kind in ("died", "lost", "withdrawn", "completed"):
        if kind in kinds:
            return kind
    return "followed"


def _group(arm: str | None, people: list[Participant], told: Mapping[str, Assignment]) -> FlowGroup:
    ends = Counter(end_of_following(p) for p in people)
    given = Counter(p.treatment.status if p.treatment else "pending" for p in people)
    return FlowGroup(
        arm=arm,
        codes=tuple(p.code for p in people),
        treated=given["full"],
        partly=_treatment_reasons(people, told, "part"),
        untreated=_treatment_reasons(people, told, "none"),
        treatment_pending=given["pending"],
        withdrawn=_end_reasons(people, "withdrawn"),
        lost=_end_reasons(people, "lost"),
        died=ends["died"],
        completed=ends["completed"],
        followed=ends["followed"],
    )


def _excluded(kind: str, people: list[Participant]) -> Excluded:
    found = [p.exclusion for p in people if p.exclusion and p.exclusion.kind == kind]
    return Excluded(
        kind,
        len(found),
        criteria=_counted(criterion for e in found for criterion in e.criteria),
        reasons=_counted(e.reason for e in found if not e.criteria),
    )


def _treatment_reasons(
    people: list[Participant], told: Mapping[str, Assignment], status: str
) -> tuple[Reason, ...]:
    these = [p for p in people if p.treatment and p.treatment.status == status]
    return _counted(told[p.code].treatment_reason if told else "" for p in these)


def _end_reasons(people: list[Participant], kind: str) -> tuple[Reason, ...]:
    ended = [p for p in people if end_of_following(p) == kind]
    return _counted(next(e.reason for e in p.endings if e.kind == kind) for p in ended)


def _counted(reasons: Iterable[str]) -> tuple[Reason, ...]:
    """The most frequent first, then by name."""
    counts = sorted(Counter(reasons).items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Reason(reason, count) for reason, count in counts)


def total(reasons: Iterable[Reason]) -> int:
    """How many people the reasons stand for."""
    return sum(reason.count for reason in reasons)
