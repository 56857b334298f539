"""What a protocol file can say, and this program can't run yet: said before it is signed."""

from collections.abc import Iterator

from trialwright.design.errors import DesignError
from trialwright.design.minimisation import Minimisation
from trialwright.design.section import designs_from_node
from trialwright.protocol.allocation_kinds import AllocationKind
from trialwright.protocol.allocations import Allocation
from trialwright.protocol.blinding import choosing_roles
from trialwright.protocol.groups import escalations
from trialwright.protocol.model import Protocol
from trialwright.protocol.problems import Note, Problem
from trialwright.protocol.steps import Milestone


def unrunnable(protocol: Protocol) -> tuple[Problem, ...]:
    """Why a file without a problem can't be signed, each with its line and the way out.

    `protocol check` says these, and signing refuses with the same sentences.
    """
    return tuple(_unrunnable(protocol))


def _unrunnable(protocol: Protocol) -> Iterator[Problem]:
    if protocol.allocation is None:
        yield from _unallocated(protocol)
    yield from _untreated(protocol)
    if protocol.design is None:
        return
    try:
        designs = designs_from_node(protocol.design)
    except DesignError:
        return  # `problems_of` says what is wrong with it.
    for key, design in designs.items():
        why = ""
        if hasattr(design, "doses") and key not in {each.rule for each in escalations(protocol)}:
            why = "chooses doses, and no `cohorts:` takes them from it"
        elif isinstance(design, Minimisation) and not _minimises(protocol):
            why = "allocates by minimisation, and `allocation:` doesn't"
        elif key == "arm_rule" and protocol.later_allocations:
            why = "counts participants by one arm, and they are allocated again"
        if why:
            yield Problem(
                protocol.design.line,
                f"The design `{key}` {why}",
                "Take it out of the file that is signed; `trialwright design` computes it.",
                "not-run-yet",
            )


def _minimises(protocol: Protocol) -> bool:
    kinds = [each.kind for each in protocol.entry_allocations]
    return AllocationKind.MINIMISATION in kinds


def _unallocated(protocol: Protocol) -> Iterator[Problem]:
    """Name what a trial in which nobody is allocated can't have: arms to choose from."""
    if len(protocol.arms) > 1:
        yield Problem(
            protocol.arms[0].line,
            f"The file has {len(protocol.arms)} arms and no `allocation`, and what is allocated "
            "otherwise than participants by a list can't be run yet",
            "Add `allocation:` if participants are randomised, or keep one arm.",
            "not-run-yet",
        )


def _untreated(protocol: Protocol) -> Iterator[Problem]:
    """Name anchors and paces that count from a treatment which nobody gives."""
    if protocol.gives_doses:
        yield from _untreated_later(protocol)
        return
    for cohorts in escalations(protocol):
        yield Problem(
            cohorts.line,
            "The window of the cohorts counts from the first dose, and no step gives one",
            "Add `steps:` with a step that has `records: dose`.",
            "not-run-yet",
        )
        return
    for anchor in protocol.anchors:
        if anchor.step == Milestone.TREATMENT:
            yield Problem(
                anchor.line,
                f"The anchor `{anchor.key}` counts from the treatment, and no step gives a dose",
                "Add `steps:` with a step that has `records: dose`, or count from another moment.",
                "not-run-yet",
            )
    for allocation in protocol.entry_allocations:
        apart = allocation.run_in is not None and allocation.run_in.days_apart > 0
        paced = {"`days_apart`": apart, "`pause_after`": allocation.pause_after is not None}
        if any(paced.values()):
            keys = " and ".join(key for key, there in paced.items() if there)
            yield Problem(
                allocation.line,
                f"The allocation has {keys}, and no step gives a dose to count from",
                "Add `steps:` with a step that has `records: dose`, or take it out.",
                "not-run-yet",
            )


def _untreated_later(protocol: Protocol) -> Iterator[Problem]:
    """Name dose cohorts that are joined at a later epoch, in which nobody gives a dose."""
    places = {visit for step in protocol.steps if step.treats for visit in step.at}
    for each in protocol.later_allocations:
        joined = each.kind is AllocationKind.DOSE_COHORT
        if joined and not any(protocol.is_after(each.key, visit) for visit in places):
            yield Problem(
                each.line,
                "The window of the cohorts counts from the first dose after they are joined, and "
                f"no step gives one at a visit from the epoch `{each.at}` on",
                "Name such a visit in `at:` of the step that gives the dose.",
                "not-run-yet",
            )


def _is_predictable(allocation: Allocation) -> bool:
    """Whether arms follow from the earlier ones without chance, but for ties."""
    drawn = (AllocationKind.MINIMISATION, AllocationKind.BIASED_COIN)
    return allocation.kind in drawn and allocation.probability == "1"


def _guessable(protocol: Protocol) -> Iterator[Note]:
    """Warn of a list drawn outside and of randomised cohorts, where somebody who knows arms chooses
    whom to allocate."""
    choosing = choosing_roles(protocol.roles)
    for each in protocol.entry_allocations if choosing else ():
        if each.kind is AllocationKind.EXTERNAL:
            message = (
                f"How the uploaded list was drawn isn't known here, and `{choosing[0]}`, who "
                "chooses whom to allocate, knows arms: blocks of one size could be guessed"
            )
            yield Note(each.line, message)
        elif each.control:
            message = (
                f"`{choosing[0]}`, who chooses whom to allocate, knows arms, and could guess who "
                "gets the last places of a cohort"
            )
            yield Note(each.line, message)


def unenforced(protocol: Protocol) -> tuple[Note, ...]:
    """Name what the file says and nothing holds people to while the study runs."""
    message = "With `probability: 1` an arm that is behind is always next: it can be foretold"
    predictable = filter(_is_predictable, protocol.entry_allocations)
    notes = [Note(each.line, message) for each in predictable]
    notes += _guessable(protocol)
    # Of a product in containers lots are followed, and both are asked at each release and bedside.
    for product in (each for each in protocol.products if each.container is None):
        said = ["release"] if product.release else []
        said += ["use_within_hours"] if product.use_within_hours is not None else []
        if said:
            keys = " and ".join(f"`{key}`" for key in said)
            message = f"Of `{product.key}`, {keys} are printed; nobody is held to them yet"
            notes.append(Note(product.line, message))
    return tuple(notes)
