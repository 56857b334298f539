"""Holds: set by the system in the transaction that crosses a bound, and asked before all else.

A blinded person's statements, words and times are the same whichever arm is held.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor
from trialwright.conduct import sealed_values
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.allocation.links import allocated_at
from trialwright.conduct.models import Entry, Hold, HoldDecision, Participant, Study
from trialwright.conduct.models.holds import HoldKind, Pauses
from trialwright.conduct.refusals import ActionRefused
from trialwright.conduct.safety.hold_details import (
    Choice,
    DecisionDetails,
    HoldDetails,
    covered_by,
    details_of_decision,
    details_of_hold,
)
from trialwright.conduct.safety.safety_state import SafetyState, could_hold, safety_state
from trialwright.conduct.tables import rows_of
from trialwright.protocol.model import Protocol
from trialwright.protocol.progress import Progress
from trialwright.protocol.steps import Step
from trialwright.safety.hold_rules import ALL, hold_rules
from trialwright.safety.standing import ALL as ALL_GROUPS

BY_RULE = "A stopping rule of the protocol"
_INPUTS = frozenset(
    {"AdverseEvent", "EventGrade", "EventOpinion", "StepRecord", "Ending", "HoldDecision"}
)


class HoldDue(ActionRefused):
    """A rule holds by the passing of time alone, and nobody has written it down yet."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is in force: the open holds with their details, and what decisions have closed."""

    open: tuple[tuple[Hold, HoldDetails], ...]
    decisions: tuple[DecisionDetails, ...]

    @property
    def study_closed(self) -> bool:
        """Whether a decision has closed the study."""
        return any(each.choice is Choice.CLOSE_STUDY for each in self.decisions)

    @property
    def pauses_all(self) -> bool:
        """Whether a hold pauses all randomisation and every start of treatment."""
        return any(hold.pauses == Pauses.ALL for hold, _details in self.open)

    @property
    def closed_arms(self) -> frozenset[str]:
        """The arms that decisions have closed."""
        return frozenset(arm for each in self.decisions for arm in each.arms)

    @property
    def arms_not_given(self) -> frozenset[str]:
        """The arms that nobody is allocated to and nobody begins: on hold, or closed."""
        held = (details.group for hold, details in self.open if hold.pauses == Pauses.ARM)
        return self.closed_arms | frozenset(held)


def standing_of(study: Study | str) -> Standing:
    """What is in force in a study."""
    key = study if isinstance(study, str) else study.identifier
    holds = sorted(rows_of(Hold, study_id=key), key=lambda each: each.number)
    decided = sorted(rows_of(HoldDecision, study_id=key), key=lambda each: each.number)
    return Standing(
        tuple((hold, details_of_hold(hold)) for hold in holds if hold.decision_id is None),
        tuple(map(details_of_decision, decided)),
    )


def new_holds(
    study: Study, protocol: Protocol, now: datetime, standing: Standing
) -> list[tuple[HoldKind, str, HoldDetails]]:
    """What the rules hold now and no hold says yet: its kind, what it pauses, its details."""
    if standing.study_closed or not could_hold(study, protocol):
        return []
    return unwritten_holds(safety_state(study, protocol, now), standing)


def unwritten_holds(
    state: SafetyState, standing: Standing
) -> list[tuple[HoldKind, str, HoldDetails]]:
    """The same of a state that was read."""
    if standing.study_closed:
        return []
    covered = covered_by(standing.decisions)
    told = {(hold.kind, details.group) for hold, details in standing.open}
    found: list[tuple[HoldKind, str, HoldDetails]] = []
    for each in state.crossings(covered):
        if (HoldKind.RULE, each.group) in told or each.group in standing.closed_arms:
            continue
        said = each.standing
        details = HoldDetails(
            each.group, each.rule, tuple(sorted(each.who)), said.counted, said.events,
            said.treated, said.evaluable, said.hold_at,
        )  # fmt: skip
        # What counts all groups together has no arm that it could pause alone.
        pauses = ALL if each.group == ALL_GROUPS else each.pauses
        found.append((HoldKind.RULE, pauses, details))
    for met in state.holding_at_once(covered):
        if (HoldKind.AT_ONCE, met.rule.key) not in told:
            details = HoldDetails(met.rule.key, "at_once", tuple(sorted(met.who)))
            found.append((HoldKind.AT_ONCE, ALL, details))
    return found


def settle(context: ActionContext) -> None:
    """Hold what the rules hold once an action has changed what they read; its last statement."""
    if not context.touched & _inputs(context.protocol):
        return
    for kind, pauses, details in new_holds(
        context.study, context.protocol, context.at, standing_of(context.study)
    ):
        with context.following(BY_RULE):
            write_hold(context, kind=kind, pauses=pauses, details=details)


def read_rules(*, by: Actor, at: datetime | None = None) -> None:
    """Read the stopping rules, and write the holds that the passing of time alone has brought."""
    with acting(by, _anybody, "read_stopping_rules", at=at) as context:
        context.touched.add(HoldDecision.__name__)


def _anybody(context: ActionContext) -> str | None:
    return context.by.role_for(Act.SEE_STUDY)


def write_hold(
    context: ActionContext, *, kind: HoldKind, pauses: str, details: HoldDetails, reason: str = ""
) -> int:
    """Write a hold; returns its number."""
    numbers = Hold.objects.filter(study=context.study)
    hold = Hold(
        study=context.study,
        number=(numbers.aggregate(last=Max("number"))["last"] or 0) + 1,
        kind=kind.value,
        pauses=pauses,
        set_at=context.at,
        set_by=context.by.person_id if kind is HoldKind.PERSON else None,
        reason=reason,
    )
    context.record_sealed(hold, sealed_values.dump(details))
    return hold.number


def _inputs(protocol: Protocol) -> frozenset[str]:
    """The names under which an action notes that it changed something the rules read."""
    forms = {rule.same.split(".")[1] for rule in hold_rules(protocol).at_once if rule.same}
    return _INPUTS | {f"{Entry.__name__}:{form}" for form in forms}


def require_no_hold(context: ActionContext) -> frozenset[str]:
    """Refuse a randomisation under a hold of all; returns the arms whose places are skipped."""
    standing = standing_of(context.study)
    _require_open(context, standing)
    return standing.arms_not_given


def require_may_begin(context: ActionContext, step: Step, progress: Progress) -> None:
    """Refuse to begin a treatment under a hold; what began before may be finished.

    Asked at the first dose, and at the steps that stand directly before a dose.
    """
    begins = step.gives_dose or any(
        each.gives_dose and step.key in each.after for each in context.protocol.steps
    )
    if progress.treated or not begins:
        return
    standing = standing_of(context.study)
    _require_open(context, standing)
    if arm_of(context.participant, context.protocol) in standing.arms_not_given:
        raise ActionRefused(
            _(
                "A hold is in force, and no treatment begins that it concerns. Give standard care, "
                "record of the dose that it was not given, and why."
            )
        )


def arm_of(participant: Participant, protocol: Protocol) -> str:
    """The key of a participant's arm; "" without one."""
    if allocated_at(participant) is None:
        return ""
    return protocol.arm_numbered(allocation_list.arm_of(participant)).key


def numbers_of(protocol: Protocol, arms: Collection[str]) -> frozenset[int]:
    """The numbers of arms by their keys."""
    return frozenset(arm.number for arm in protocol.arms if arm.key in arms)


def _require_open(context: ActionContext, standing: Standing) -> None:
    if standing.study_closed:
        raise ActionRefused(
            _(
                "A signed decision has closed the trial: nobody is randomised, and no treatment "
                "begins. Those in it are followed as the protocol says."
            )
        )
    due = new_holds(context.study, context.protocol, context.at, standing)
    if standing.pauses_all or due:
        words = _(
            "The trial is on hold: nobody is randomised, and no treatment begins, until the hold "
            "is ended by a signed decision. Whoever is allocated and not treated has standard care."
        )
        raise (HoldDue if due and not standing.pauses_all else ActionRefused)(words)
