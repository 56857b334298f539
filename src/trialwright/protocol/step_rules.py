"""What must hold between the steps, who takes them, who is blinded, and what counts from them."""

from collections.abc import Iterator

from trialwright.protocol.model import Protocol
from trialwright.protocol.problems import Problem
from trialwright.protocol.roles import Act, Knows
from trialwright.protocol.steps import COME_BEFORE, Milestone, Step
from trialwright.protocol.visits import Anchor, Visit


def step_problems(protocol: Protocol) -> Iterator[Problem]:
    """Steps that can't be taken, or that tell an arm to whom they must not."""
    for step in protocol.steps:
        yield from _own(protocol, step)
        yield from _people(protocol, step)
    circles = tuple(_circles(protocol.steps))
    yield from circles
    if not circles:
        yield from _waiting_for_themselves(protocol)
    yield from _shown_after(protocol)
    yield from _limits(protocol)


def before_problems(protocol: Protocol) -> Iterator[Problem]:
    """What is asked for before a treatment that the file doesn't give."""
    for before in protocol.before:
        if before.milestone is Milestone.TREATMENT and not protocol.gives_doses:
            message = "Something comes before the treatment, and no dose is given"
            way_out = "Take `treatment` away from `before`, or write the `steps` that give one."
            yield Problem(before.line, message, way_out, "before-nothing")


def _own(protocol: Protocol, step: Step) -> Iterator[Problem]:
    """A step whose own keys don't go together, or that no participant comes to."""
    if step.reveals_arm and protocol.allocation is None:
        message = f"The step `{step.key}` reveals an arm, and nobody is allocated to one"
        yield Problem(step.line, message, "Take `reveals_arm` away.", "step-arm")
    if step.run_in and not (step.gives_dose and step.at):
        message = f"The step `{step.key}` is of the run-in and gives no dose at a visit"
        way_out = "Add `records: dose` and `at`, or take `run_in` away."
        yield Problem(step.line, message, way_out, "step-dose")
    for visit in protocol.visits:
        if visit.key not in step.at:
            continue
        if step.run_in and not visit.screening:
            message = (
                f"The step `{step.key}` is one of the run-in, and `{visit.key}` comes after it"
            )
            way_out = "Name visits with `screening: yes`, or take `run_in` away."
            yield Problem(step.line, message, way_out, "step-visit")
        if visit.screening and (step.treats or step.reveals_arm):
            message = f"The step `{step.key}` is taken at `{visit.key}`, which comes too early"
            way_out = "Name visits after screening: doses and arms come after enrolment."
            yield Problem(step.line, message, way_out, "step-early")
        if visit.any_time or visit.unscheduled:
            message = f"The step `{step.key}` is taken at `{visit.key}`, which has no date"
            way_out = "Name visits with an `anchor`, or leave `at` away: the step is taken once."
            yield Problem(step.line, message, way_out, "step-visit")


def _people(protocol: Protocol, step: Step) -> Iterator[Problem]:
    """Roles that see no participant, or are blinded and would be shown an arm."""
    for key in step.roles:
        role = protocol.roles.by_key[key]
        if Act.SEE_PARTICIPANTS not in role.grants:
            message = f"The role `{key}` takes the step `{step.key}` and sees no participant"
            way_out = "Add `see_participants` to its `may`, or name another role."
            yield Problem(step.line, message, way_out, "step-for-nobody")
        if step.reveals_arm and role.knows_arm is Knows.NO:
            message = f"The role `{key}` is blinded, and the step `{step.key}` tells it an arm"
            way_out = f"Name another role, or let `{key}` know the arm (`after {step.key}`)."
            yield Problem(step.line, message, way_out, "blinded-role")


def _limits(protocol: Protocol) -> Iterator[Problem]:
    """Time limits that count from a step which needn't have been taken by then."""
    by_key = {step.key: step for step in protocol.steps}
    for step in protocol.steps:
        if step.within is None:
            continue
        other = by_key.get(step.within.step)
        if other is not None and other.key not in _before(by_key, step):
            message = (
                f"The step `{step.key}` is taken within hours of `{other.key}`, and doesn't come "
                "after it"
            )
            yield Problem(step.line, message, f"Add `{other.key}` to its `after`.", "step-limit")
        elif other is not None and other.at and set(other.at) != set(step.at):
            message = f"The steps `{step.key}` and `{other.key}` aren't taken at the same visits"
            way_out = "Let a time limit count from a step of the same visits, or one taken once."
            yield Problem(step.line, message, way_out, "step-limit")


def _before(by_key: dict[str, Step], step: Step) -> set[str]:
    """Every step that one comes after, directly or by way of others."""
    seen: set[str] = set()
    waiting = list(step.after)
    while waiting:
        name = waiting.pop()
        if name not in seen and name in by_key:
            seen.add(name)
            waiting += by_key[name].after
    return seen


def _circles(steps: tuple[Step, ...]) -> Iterator[Problem]:
    """Steps that come after themselves, directly or by way of others."""
    by_key = {step.key: step for step in steps}
    for step in steps:
        if step.key in _before(by_key, step):
            message = f"The step `{step.key}` comes after itself"
            way_out = "Break the circle: take a name out of one step's `after`."
            yield Problem(step.line, message, way_out, "step-circle")


def _waiting_for_themselves(protocol: Protocol) -> Iterator[Problem]:
    """Steps at a visit whose day is known only once the step itself, or one after it, is taken."""
    possible: set[str] = set()
    while True:
        dated = {visit.key for visit in protocol.visits if _can_be_dated(protocol, visit, possible)}
        found = {
            step.key
            for step in protocol.steps
            if possible.issuperset(name for name in step.after if name not in COME_BEFORE)
            and (not step.at or dated & set(step.at))
        }
        if found == possible:
            break
        possible = found
    for step in protocol.steps:
        for visit in (protocol.visit(key) for key in step.at):
            if visit.base not in dated and not visit.any_time and not visit.unscheduled:
                message = (
                    f"The step `{step.key}` is taken at `{visit.key}`, whose day counts from "
                    "something that comes only after the step"
                )
                way_out = (
                    f"Count `{visit.key}` from an earlier moment, such as `allocation`, or leave "
                    "it out of the step's `at`."
                )
                yield Problem(step.line, message, way_out, "step-waits")


def _can_be_dated(protocol: Protocol, visit: Visit, possible: set[str]) -> bool:
    """Whether a visit's day can be known once these steps are taken.

    Of an anchor or a cycle that the file doesn't have, another rule speaks.
    """
    anchors = {anchor.key: anchor for anchor in protocol.anchors}
    cycles = {cycle.key: cycle.anchor for cycle in protocol.cycles}
    own = cycles.get(visit.cycle, "") if visit.cycle else visit.anchor
    named = [own, visit.fallback.anchor if visit.fallback else None]
    return any(
        key not in anchors or _can_be_known(protocol, anchors[key], possible)
        for key in named
        if key is not None
    )


def _can_be_known(protocol: Protocol, anchor: Anchor, possible: set[str]) -> bool:
    if anchor.step is None or anchor.step in COME_BEFORE:
        return True
    if anchor.step == Milestone.TREATMENT:
        return any(step.treats and step.key in possible for step in protocol.steps)
    return anchor.step in possible


def _shown_after(protocol: Protocol) -> Iterator[Problem]:
    """Roles that know an arm after a step of the file that doesn't show it to them."""
    by_key = {step.key: step for step in protocol.steps}
    for role in protocol.roles.all:
        step = by_key.get(role.after or "")
        if step and not (step.reveals_arm and role.key in step.roles):
            message = f"The role `{role.key}` knows the arm after `{step.key}`, which doesn't show"
            way_out = f"Name `{role.key}` in its `roles` and say `reveals_arm: yes`."
            yield Problem(role.line, f"{message} it one", way_out, "role")
