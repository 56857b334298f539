"""Holds: a person's own at once, the decision that ends all that are in force, and the look.

The holds of the rules are set by the system, in the transaction that crosses
(`conduct.safety.holding`).
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor, may, role_to_decide_hold
from trialwright.conduct import sealed_values
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.models import BoardMeeting, HoldDecision, HoldSignature
from trialwright.conduct.models.holds import HoldKind
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem
from trialwright.conduct.safety.hold_content import ToDecide, to_decide
from trialwright.conduct.safety.hold_details import (
    Choice,
    CoveredCounts,
    DecisionDetails,
    HoldDetails,
    details_of_decision,
)
from trialwright.conduct.safety.holding import standing_of, write_hold
from trialwright.conduct.safety.meeting_details import MeetingDetails, details_of
from trialwright.conduct.safety.safety_state import safety_state
from trialwright.safety.board import Recommendation
from trialwright.safety.hold_rules import ALL, ARM, hold_rules
from trialwright.safety.holding import regimens_of
from trialwright.safety.standing import ALL as ALL_GROUPS

LONGEST_REASON = 2_000


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody signs: the choice, the arms that it closes, why, and the number of the board's
    meeting in which it was made."""

    choice: Choice
    reason: str
    arms: Collection[str] = ()
    meeting: int | None = None


def set_hold(*, by: Actor, reason: str, arm: str = "", at: datetime | None = None) -> int:
    """Hold the trial at once; no rule is needed. Returns the hold's number.

    Args:
        arm: hold this arm alone, for whoever may see results by arm; else all randomisation and
            every start of treatment.
    """
    with acting(by, Act.HOLD_TRIAL, "set_hold", at=at) as context:
        _require_reason(reason)
        unblinded = may(context.by, Act.SEE_ARM) or may(context.by, Act.SEE_ARMS)
        if arm and (
            not may(context.by, Act.SEE_ARMS)
            or arm not in {each.key for each in context.protocol.arms}
        ):
            raise NotFound
        said = " ".join(reason.split())
        return write_hold(
            context,
            kind=HoldKind.PERSON,
            pauses=ARM if arm else ALL,
            details=HoldDetails(arm or ALL_GROUPS, "person", reason=said),
            reason="" if unblinded else said,
        )


def sign_decision(
    *, by: Actor, decision: Decision, content_hash: str, at: datetime | None = None
) -> bool:
    """Sign a decision about all holds in force; returns whether it takes effect by this.

    It does once the roles that the protocol names have signed the same, as often as it asks. What
    is signed is bound to the rule, the counts, the cut and the holds as they were read.

    Raises:
        NotFound: the protocol doesn't let this person decide.
        ActionRefused: nothing is on hold, no cut was made since, something has changed since it was
            read, the same person has signed it already, or a reason or an arm is missing.
    """
    with acting(by, _decider, "sign_hold_decision", at=at) as context:
        standing = standing_of(context.study)
        if not standing.open:
            raise ActionRefused(_("No hold is in force, so there is nothing to decide."))
        _require_reason(decision.reason)
        state = safety_state(context.study, context.protocol, context.at)
        read = to_decide(context.study, state, standing)
        if read.content_hash != content_hash:
            raise ActionRefused(
                _("The numbers have changed since you read them. Read them again, then sign.")
            )
        if read.cut is None:
            raise ActionRefused(
                _(
                    "No data cut was made since the hold was set. Cut the data first, so that what "
                    "the decision rests on can be read again."
                )
            )
        regimens = regimens_of(state.design, state.arms) if state.design else list(state.arms)
        arms = tuple(sorted(decision.arms)) if decision.choice is Choice.CLOSE_ARMS else ()
        if decision.choice is Choice.CLOSE_ARMS and not (arms and set(arms) <= set(regimens)):
            raise ActionRefused(
                problems=(Problem("arms", _("Say which arm is closed, or choose otherwise.")),)
            )
        meeting = _meeting(context, decision, read)
        signed = DecisionDetails(
            decision.choice,
            arms,
            " ".join(decision.reason.split()),
            content_hash,
            overrides=decision.choice is Choice.RESUME and read.still_holds,
            meeting=decision.meeting,
            against_board=meeting is not None and against_board(details_of(meeting), decision),
        )
        return _sign(context, signed, read, meeting)


def _meeting(context: ActionContext, decision: Decision, read: ToDecide) -> BoardMeeting | None:
    """The meeting that a decision names, whose members have signed and read the same cut."""
    if decision.meeting is None:
        return None
    rows = BoardMeeting.objects.filter(study=context.study, number=decision.meeting)
    row = rows.exclude(signed_at=None).first()
    if row is None or read.cut is None or row.cut_id != read.cut.pk:
        words = _(
            "The members of that meeting haven't signed it yet, or they read another cut. Name a "
            "signed meeting on the cut that this decision rests on, or none."
        )
        raise ActionRefused(problems=(Problem("meeting", words),))
    return row


def against_board(recommended: MeetingDetails, decision: Decision) -> bool:
    """Whether a decision is another one than the board recommended."""
    choices = {
        Recommendation.STOP: {Choice.CLOSE_STUDY},
        Recommendation.STOP_ARM: {Choice.CLOSE_ARMS},
        Recommendation.PAUSE: set[Choice](),
    }
    agreeing = choices.get(recommended.recommendation, {Choice.RESUME})
    other_arms = set(recommended.arms) != set(decision.arms)
    return decision.choice not in agreeing or (bool(recommended.arms) and other_arms)


def _sign(
    context: ActionContext, signed: DecisionDetails, read: ToDecide, meeting: BoardMeeting | None
) -> bool:
    pending = [
        row
        for row in HoldSignature.objects.filter(study=context.study, decision=None).order_by(
            "signed_at"
        )
        if details_of_decision(row).content_hash == signed.content_hash
    ]
    # Whoever signs another choice has changed their mind: the latest of a person counts.
    latest = {row.signed_by: row for row in pending}
    own = latest.pop(context.by.person_id, None)
    if own is not None and _same(details_of_decision(own), signed):
        raise ActionRefused(_("You have signed this decision already; others have to sign it too."))
    agreeing = [row for row in latest.values() if _same(details_of_decision(row), signed)]
    row = HoldSignature(
        study=context.study,
        signed_at=context.at,
        signed_by=context.by.person_id,
        role=context.role,
    )
    context.record_sealed(row, sealed_values.dump(signed))
    agreeing.append(row)
    if not hold_rules(context.protocol).complete([each.role for each in agreeing]):
        return False
    _decide(context, signed, read, agreeing, meeting)
    return True


def _decide(
    context: ActionContext,
    signed: DecisionDetails,
    read: ToDecide,
    signatures: list[HoldSignature],
    meeting: BoardMeeting | None,
) -> None:
    counts = {each.group: (each.counted, each.events) for each in read.standings}
    covered = tuple(
        CoveredCounts(group, *counts.get(group, (0, len(who))), who)
        for group, who in sorted(read.who.items())
    )
    numbers = HoldDecision.objects.filter(study=context.study)
    decision = HoldDecision(
        study=context.study,
        number=(numbers.aggregate(last=Max("number"))["last"] or 0) + 1,
        goes_on=signed.choice is not Choice.CLOSE_STUDY,
        cut=read.cut,
        meeting=meeting,
        decided_at=context.at,
    )
    context.record_sealed(decision, sealed_values.dump(replace(signed, covered=covered)))
    for each in signatures:
        context.change(each, decision=decision)
    for hold, _details in read.holds:
        context.change(hold, decision=decision)


def _same(one: DecisionDetails, other: DecisionDetails) -> bool:
    return (one.choice, one.arms, one.meeting) == (other.choice, other.arms, other.meeting)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise ActionRefused(problems=(Problem("reason", _("Write why.")),))
    if len(reason) > LONGEST_REASON:
        words = _("Write at most %(most)d characters.") % {"most": LONGEST_REASON}
        raise ActionRefused(problems=(Problem("reason", words),))


def _decider(context: ActionContext) -> str | None:
    deciders = hold_rules(context.protocol).deciders(context.protocol)
    return role_to_decide_hold(context.by, deciders)
