"""What of a participant's steps has been done, and what may be done next, and why not. Pure.

Pages, actions and simulation ask this one place. A step comes after what its `after` names; what
gives a dose, dispenses a kit or reveals an arm comes after the allocation too, or after the
eligibility where nobody is allocated, and everything comes after consent.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from trialwright.protocol.model import Protocol
from trialwright.protocol.steps import Milestone, Step

Place = tuple[str, str, int]
"""A step, the visit at which it is taken (empty: at none) and the visit's occurrence."""


@dataclass(frozen=True, slots=True)
class StepFact:
    """One record of a step. `given` says of a dose whether some of it was given."""

    step: str
    visit: str = ""
    occurrence: int = 1
    given: bool | None = None

    @property
    def place(self) -> Place:
        """Where the record stands."""
        return self.step, self.visit, self.occurrence


@dataclass(frozen=True, slots=True)
class Progress:
    """What a participant has come by: the milestones reached and the steps recorded.

    `met` are the visits that took place, the forms that are complete and the signatures, as far as
    a step comes after them, by the names of `requirements`.
    """

    milestones: frozenset[Milestone] = frozenset()
    facts: tuple[StepFact, ...] = ()
    met: frozenset[str] = frozenset()

    @property
    def treated(self) -> bool:
        """Whether some dose was given, whole or in part."""
        return any(fact.given for fact in self.facts)

    def has(self, place: Place) -> bool:
        """Whether the step is recorded there, done or not done."""
        return any(fact.place == place for fact in self.facts)

    def done(self, step: Step, visit: str, occurrence: int) -> bool:
        """Whether a step is done, seen from a place: at the same visit if it is taken there."""
        here = (step.key, visit, occurrence)
        return any(
            fact.step == step.key and fact.given is not False
            for fact in self.facts
            if visit not in step.at or fact.place == here
        )


def required_by_steps(protocol: Protocol) -> frozenset[str]:
    """The visits, forms and signatures that some step comes after, by name."""
    known = {*Milestone, *(step.key for step in protocol.steps)}
    return frozenset(name for step in protocol.steps for name in step.after if name not in known)


def comes_after(protocol: Protocol, step: Step, visit: str = "") -> tuple[str, ...]:
    """What a step comes after: milestones, those implied among them, and other steps.

    Args:
        visit: the visit at which it is taken: from an epoch on at which participants are allocated
            again, it comes after that too.
    """
    enrolled = Milestone.ALLOCATION if protocol.has_allocated_arms else Milestone.ELIGIBILITY
    for_arm = step.treats or step.reveals_arm or step.dispenses is not None
    implied = enrolled if for_arm else Milestone.CONSENT
    later = protocol.allocations_by(visit) if for_arm and visit else ()
    return tuple(dict.fromkeys((implied.value, *(each.milestone for each in later), *step.after)))


def undone_before(
    protocol: Protocol, step: Step, progress: Progress, visit: str = "", occurrence: int = 1
) -> tuple[str, ...]:
    """What must be done before a step can be taken there, and isn't: milestones and steps."""
    by_key = {each.key: each for each in protocol.steps}
    return tuple(
        name
        for name in comes_after(protocol, step, visit)
        if not (
            progress.done(by_key[name], visit, occurrence)
            if name in by_key
            else name in progress.milestones or name in progress.met
        )
    )


def recorded_after(
    protocol: Protocol, step: Step, progress: Progress, visit: str = "", occurrence: int = 1
) -> str | None:
    """A step that comes after this one, and is recorded: what came before it is then over."""
    later = _followers(protocol, step)
    for fact in progress.facts:
        here = not fact.visit or not visit or fact.place[1:] == (visit, occurrence)
        if fact.step in later and here:
            return fact.step
    return None


def _followers(protocol: Protocol, step: Step) -> set[str]:
    """The steps that come after this one, directly or by way of others."""
    later = {step.key}
    for _each in protocol.steps:
        later |= {each.key for each in protocol.steps if later & set(each.after)}
    return later - {step.key}


def serves_treatment(protocol: Protocol, step: Step) -> bool:
    """Whether a step gives a dose, dispenses, reveals the arm or comes before one that does."""
    served = {step.key} | _followers(protocol, step)
    return any(
        each.treats or each.reveals_arm or each.dispenses is not None
        for each in protocol.steps
        if each.key in served
    )


def due_steps(
    protocol: Protocol, progress: Progress, visits: Collection[tuple[str, int]]
) -> Iterator[Place]:
    """The steps that can be taken now, in the protocol's order.

    Args:
        visits: the visits, with their occurrences, that a participant may come to now.
    """
    for step in protocol.steps:
        places = [each for each in visits if each[0] in step.at] if step.at else [("", 1)]
        for visit, occurrence in places:
            if (
                not progress.has((step.key, visit, occurrence))
                and not undone_before(protocol, step, progress, visit, occurrence)
                and not recorded_after(protocol, step, progress, visit, occurrence)
            ):
                yield step.key, visit, occurrence


def none_given(protocol: Protocol, progress: Progress, arm: str, since: str | None = None) -> bool:
    """Whether no dose was given and none is to come: each is recorded as not given.

    Args:
        arm: the key of the participant's arm, where visits of some arms ask for it; else "".
        since: the key of a later allocation, where only the doses at visits after it are meant.
    """
    own = {
        visit.key: visit
        for visit in protocol.visits
        if visit.is_for(arm) and (since is None or protocol.is_after(since, visit.key))
    }
    doses = [
        step
        for step in protocol.steps
        if step.treats and (own.keys() & step.at if step.at else since is None)
    ]
    places = [
        (step.key, visit, 1) for step in doses for visit in step.at or ("",) if visit in ("", *own)
    ]
    open_ended = any(visit and own[visit].cycle is not None for _step, visit, _number in places)
    return (
        bool(doses)
        and not open_ended
        and not progress.treated
        and all(progress.has(place) for place in places)
    )
