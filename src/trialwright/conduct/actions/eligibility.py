"""Eligibility: criterion by criterion, with reasons, then signed by an investigator."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor
from trialwright.conduct.acting import ActionContext, acting, protocol_for
from trialwright.conduct.allocation.foreseeing import require_blind_choice
from trialwright.conduct.allocation.groups import GroupChoice, not_eligible, place_in_group
from trialwright.conduct.models import CriterionAnswer, Participant, State
from trialwright.conduct.models.participants import Answer
from trialwright.conduct.participants.criteria import computed_answer, known_by_criteria, unmet
from trialwright.conduct.participants.planning import replan
from trialwright.conduct.participants.states import require_consent, require_step
from trialwright.conduct.refusals import ActionRefused, Conflict, Problem
from trialwright.conduct.signing import ELIGIBILITY, eligibility_content, hash_of, sign, void
from trialwright.conduct.tables import rows_of


def assess_eligibility(
    *,
    by: Actor,
    code: str,
    answers: Mapping[str, tuple[Answer, str]],
    at: datetime | None = None,
) -> None:
    """Record what was found of the criteria; a change makes an earlier confirmation void.

    Args:
        answers: for each criterion named, what was found and why (needed unless it passed).

    Raises:
        ActionRefused: a criterion the protocol doesn't have, a reason missing, or an answer that
            the entered data contradict.
    """
    with acting(by, Act.ASSESS_ELIGIBILITY, "assess_eligibility", code=code, at=at) as context:
        participant = context.participant
        require_consent(participant)
        if participant.state not in (State.CONSENTED, State.ELIGIBLE):
            require_step(participant, State.ELIGIBLE, context.protocol)
        _check(context, answers)
        found = rows_of(CriterionAnswer, participant_id=participant.pk)
        known = {each.criterion: each for each in found}
        changed, new = False, []
        for key, (answer, why) in sorted(answers.items()):
            before, now = known.get(key), {"answer": answer.value, "why": why.strip()}
            if before is None:
                new.append(CriterionAnswer(participant=participant, criterion=key, **now))
            elif (before.answer, before.why) != (answer.value, why.strip()):
                context.change(before, **now)
                changed = True
        context.record_all(new)
        if (changed or new) and participant.state == State.ELIGIBLE:
            void(context, participant.signatures.filter(meaning=ELIGIBILITY), "a criterion changed")
            context.change(participant, **not_eligible(participant))
            _replan_enrolled(context)


def _check(context: ActionContext, answers: Mapping[str, tuple[Answer, str]]) -> None:
    values = known_by_criteria(context.participant, context.protocol)
    criteria = {criterion.key: criterion for criterion in context.protocol.criteria}
    problems = []
    for key, (answer, why) in answers.items():
        if key not in criteria:
            raise ActionRefused(_("The protocol has no criterion “%(key)s”.") % {"key": key})
        if answer is not Answer.PASS and not why.strip():
            problems.append(Problem(key, _("Say why this criterion is not met or not known.")))
        computed = computed_answer(criteria[key], values)
        if computed in (Answer.PASS, Answer.FAIL) and answer is not computed:
            problems.append(
                Problem(
                    key,
                    _(
                        "The entered data say otherwise. Correct the data, or give the answer "
                        "that follows from them."
                    ),
                )
            )
    if problems:
        raise ActionRefused(problems=tuple(problems))


def confirm_eligibility(
    *,
    by: Actor,
    code: str,
    content_hash: str | None = None,
    group: GroupChoice | None = None,
    at: datetime | None = None,
) -> None:
    """Sign, as investigator, that every criterion is met; in a file with groups the participant is
    placed in one.

    Args:
        content_hash: the hash of the answers as the page showed them; the signature is refused
            if they have changed since.
        group: the group and why, where somebody chooses it.
    """
    with acting(by, Act.CONFIRM_ELIGIBILITY, "confirm_eligibility", code=code, at=at) as context:
        participant = context.participant
        if not context.protocol.groups:
            require_blind_choice(context)
        require_consent(participant)
        if not _is_placed_again(context):
            require_step(participant, State.ELIGIBLE, context.protocol)
            _require_place(context)
        if open_ones := unmet(participant, context.protocol):
            raise ActionRefused(
                _(
                    "%(count)d criteria are not met or not answered, so the participant can't "
                    "be confirmed as eligible. Answer each, or record a screening failure."
                )
                % {"count": len(open_ones)}
            )
        content = eligibility_content(participant)
        if content_hash is not None and hash_of(content) != content_hash:
            raise Conflict(_("The answers changed while you read them. Read them again and sign."))
        placed = place_in_group(context, group)
        if placed is not None and group is not None:
            context.set_reason(group.why.strip())
        sign(context, meaning=ELIGIBILITY, content=content)
        context.change(
            participant,
            state=State.ELIGIBLE.value,
            eligible_at=context.at,
            **({} if placed is None else {"group": placed}),
        )
        if context.protocol.groups:
            # From here on the file's part of the group counts, with its own allocation.
            assert context.study.version is not None  # noqa: S101 - `acting` has asked
            context.protocol = protocol_for(participant, context.study.version)
            require_blind_choice(context)
        _replan_enrolled(context)


def _is_placed_again(context: ActionContext) -> bool:
    """Whether somebody is confirmed once more, who is in a group and not allocated yet: the group
    that they enter by now may be another."""
    participant = context.participant
    return (
        participant.group is not None
        and participant.state == State.ELIGIBLE
        and context.protocol.allocation is not None
    )


def _require_place(context: ActionContext) -> None:
    """Refuse more participants than the protocol has, where the eligible are enrolled."""
    if context.protocol.allocation is not None or context.participant.linked_to_id is not None:
        return
    rows = Participant.objects.filter(study=context.study, linked_to=None)
    count = rows.filter(eligible_at__isnull=False).count()
    if count >= context.protocol.participants:
        raise ActionRefused(
            _("All %(count)d places of the trial are taken. Record a screening failure.")
            % {"count": count}
        )


def _replan_enrolled(context: ActionContext) -> None:
    """Plan the visits again where eligibility decides who is enrolled."""
    if context.protocol.allocation is None:
        replan(context)
