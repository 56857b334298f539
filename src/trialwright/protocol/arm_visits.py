"""Visits that some arms have and others don't: what must hold so that nobody is told an arm by one.

In an open trial the arms may come on different days and as often as each needs. Where somebody who
sees participants, their pooled data or the audit trail is blinded, a visit of some arms would tell.
"""

from collections.abc import Iterator

from trialwright.protocol.model import Protocol
from trialwright.protocol.problems import Problem
from trialwright.protocol.requirements import Requirement
from trialwright.protocol.roles import Act
from trialwright.protocol.steps import Step
from trialwright.protocol.visits import Visit

_RULE = "visit-arms"
_SEES_VISITS = (Act.SEE_PARTICIPANTS, Act.SEE_CUTS, Act.SEE_LEDGER)


def arms_of_step(protocol: Protocol, step: Step) -> frozenset[str]:
    """The keys of the arms whose participants can come to a step."""
    visits = {visit.key: visit for visit in protocol.visits}
    every = frozenset(arm.key for arm in protocol.arms)
    at = [visits[key] for key in step.at if key in visits]
    return frozenset().union(*(_arms(protocol, visit) for visit in at)) if at else every


def arm_visit_problems(protocol: Protocol) -> Iterator[Problem]:
    """Visits of arms that nobody is in yet, that tell an arm, or that everybody has to wait for."""
    limited = [visit for visit in protocol.visits if visit.arms]
    roles = protocol.roles
    seeing = sorted(roles.blinded & frozenset().union(*map(roles.who_may, _SEES_VISITS)))
    for visit in limited:
        if protocol.allocation is None:
            message = f"The visit `{visit.key}` is of some arms, and nobody is allocated to one"
            yield Problem(visit.line, message, "Take `arms` away.", _RULE)
        elif visit.screening:
            message = f"The visit `{visit.key}` is screening and of some arms, which come later"
            yield Problem(visit.line, message, "Take `arms` or `screening` away.", _RULE)
        elif seeing:
            yield Problem(
                visit.line,
                f"The visit `{visit.key}` is of some arms, and `{seeing[0]}`, who sees who comes "
                "to which visits, may not learn an arm",
                "Plan the visit in all arms, as a placebo is given at each, or write `knows_arm: "
                "yes` for the roles that see participants, pooled data or the audit trail.",
                _RULE,
            )
    if limited:
        yield from _waited_for_by_others(protocol, {visit.key: visit for visit in limited})


def _waited_for_by_others(protocol: Protocol, limited: dict[str, Visit]) -> Iterator[Problem]:
    """What everybody needs, and only some arms come to."""
    for before in protocol.before:
        for required in (*before.refuse, *before.warn):
            if required.visit in limited:
                message = f"`{required}` comes before the {before.milestone}, and is of some arms"
                way_out = "Name a visit that all arms have."
                yield Problem(before.line, message, way_out, _RULE)
    for step in protocol.steps:
        coming = arms_of_step(protocol, step)
        by_key = {each.key: each for each in protocol.steps}
        for name in step.after:
            visit = limited.get(Requirement.of(name).visit)
            needed = (
                arms_of_step(protocol, by_key[name])
                if name in by_key
                else _arms(protocol, visit)
                if visit is not None
                else coming
            )
            if not coming <= needed:
                message = f"The step `{step.key}` comes after `{name}`, which some arms don't have"
                way_out = "Take the step at visits of those arms alone, or write one for each arm."
                yield Problem(step.line, message, way_out, _RULE)


def _arms(protocol: Protocol, visit: Visit) -> frozenset[str]:
    return frozenset(visit.arms or (arm.key for arm in protocol.arms))
