"""Eligibility: criterion by criterion, with reasons, then signed by an investigator."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor
from trialwright.conduct.acting import Scene, acting
from trialwright.conduct.criteria import computed_answer, unmet
from trialwright.conduct.models import CriterionAnswer, State
from trialwright.conduct.models.participants import Answer
from trialwright.conduct.reads.values import values_of
from trialwright.conduct.refusals import Conflict, Problem, Refused
from trialwright.conduct.signing import eligibility_content, hash_of, sign, void
from trialwright.conduct.states import require_consent, require_step
from trialwright.conduct.tables import rows_of

MEANING = "eligibility"


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
        Refused: a criterion the protocol doesn't have, a reason missing, or an answer that the
            entered data contradict.
    """
    with acting(by, Act.ASSESS_ELIGIBILITY, "assess_eligibility", code=code, at=at) as scene:
        participant = scene.participant
        require_consent(participant)
        if participant.state not in (State.CONSENTED, State.ELIGIBLE):
            require_step(participant, State.ELIGIBLE)
        _check(scene, answers)
        found = rows_of(CriterionAnswer, participant_id=participant.pk)
        known = {each.criterion: each for each in found}
        changed, new = False, []
        for key, (answer, why) in sorted(answers.items()):
            before, now = known.get(key), {"answer": answer.value, "why": why.strip()}
            if before is None:
                new.append(CriterionAnswer(participant=participant, criterion=key, **now))
            elif (before.answer, before.why) != (answer.value, why.strip()):
                scene.change(before, **now)
                changed = True
        scene.record_all(new)
        if (changed or new) and participant.state == State.ELIGIBLE:
            void(scene, participant.signatures.filter(meaning=MEANING), "a criterion changed")
            scene.change(participant, state=State.CONSENTED.value, eligible_at=None)


def _check(scene: Scene, answers: Mapping[str, tuple[Answer, str]]) -> None:
    values = values_of(scene.participant, scene.protocol)
    criteria = {criterion.key: criterion for criterion in scene.protocol.criteria}
    problems = []
    for key, (answer, why) in answers.items():
        if key not in criteria:
            raise Refused(_("The protocol has no criterion “%(key)s”.") % {"key": key})
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
        raise Refused(problems=tuple(problems))


def confirm_eligibility(
    *, by: Actor, code: str, content_hash: str | None = None, at: datetime | None = None
) -> None:
    """Sign, as investigator, that every criterion is met.

    Args:
        content_hash: the hash of the answers as the page showed them; the signature is refused
            if they have changed since.
    """
    with acting(by, Act.CONFIRM_ELIGIBILITY, "confirm_eligibility", code=code, at=at) as scene:
        participant = scene.participant
        require_consent(participant)
        require_step(participant, State.ELIGIBLE)
        if open_ones := unmet(participant, scene.protocol):
            raise Refused(
                _(
                    "%(count)d criteria are not met or not answered, so she can't be confirmed as "
                    "eligible. Answer each, or record a screening failure."
                )
                % {"count": len(open_ones)}
            )
        content = eligibility_content(participant)
        if content_hash is not None and hash_of(content) != content_hash:
            raise Conflict(_("The answers changed while you read them. Read them again and sign."))
        sign(scene, meaning=MEANING, content=content)
        scene.change(participant, state=State.ELIGIBLE.value, eligible_at=scene.at)
