"""The eligibility of a participant: each criterion with what the data say and what was answered."""

from dataclasses import dataclass

from trialwright.accounts.policy import Actor
from trialwright.conduct.models import CriterionAnswer, Participant, Signature
from trialwright.conduct.models.participants import Answer
from trialwright.conduct.participants.criteria import computed_answer, known_by_criteria
from trialwright.conduct.reads.participants import participant_and_protocol
from trialwright.conduct.signing import eligibility_content, hash_of
from trialwright.protocol.groups import Group
from trialwright.protocol.model import Criterion


@dataclass(frozen=True, slots=True)
class CriterionLine:
    """One criterion. `computed` is None where only a person can judge."""

    criterion: Criterion
    computed: Answer | None
    answer: Answer | None
    why: str


@dataclass(frozen=True, slots=True)
class Eligibility:
    """All criteria in the protocol's order, the hash of the answers as they stand, who signed.

    group: that in which the participant is. choosable: the groups among which
    this person chooses. asks_group: whether nobody enters a group unchosen.
    """

    participant: Participant
    lines: tuple[CriterionLine, ...]
    content_hash: str
    signatures: tuple[Signature, ...]
    group: Group | None = None
    choosable: tuple[Group, ...] = ()
    asks_group: bool = False


def eligibility_of(by: Actor, code: str) -> Eligibility:
    """The eligibility of a participant this person may see."""
    participant, protocol = participant_and_protocol(by, code)
    values = known_by_criteria(participant, protocol)
    answers = {
        row.criterion: row for row in CriterionAnswer.objects.filter(participant=participant)
    }
    lines = []
    for criterion in protocol.criteria:
        row = answers.get(criterion.key)
        lines.append(
            CriterionLine(
                criterion=criterion,
                computed=computed_answer(criterion, values),
                answer=Answer(row.answer) if row else None,
                why=row.why if row else "",
            )
        )
    signatures = participant.signatures.filter(entry=None).order_by("signed_at")
    content_hash = hash_of(eligibility_content(participant))
    chosen = [each for each in protocol.groups if each.chosen_by]
    choosable = (each for each in chosen if by.role_among({each.chosen_by}, participant.site))
    return Eligibility(
        participant,
        tuple(lines),
        content_hash,
        tuple(signatures),
        group=protocol.of_group,
        choosable=tuple(choosable) if participant.linked_to_id is None else (),
        asks_group=bool(chosen) and len(chosen) == len(protocol.groups),
    )
