"""What the entered data say of the eligibility criteria, and which still stand in the way."""

from trialwright.conduct.models import CriterionAnswer, Participant
from trialwright.conduct.models.participants import Answer
from trialwright.conduct.reads.values import Known, known_by
from trialwright.protocol.evaluate import Values
from trialwright.protocol.model import Criterion, CriterionKind, Protocol


def computed_answer(criterion: Criterion, values: Values) -> Answer | None:
    """What the data say of a criterion; None where only a person can judge."""
    if criterion.check is None:
        return None
    truth = criterion.check.holds(values)
    if not isinstance(truth, bool):
        return Answer.UNKNOWN
    wanted = criterion.kind is CriterionKind.INCLUSION
    return Answer.PASS if truth is wanted else Answer.FAIL


def known_by_criteria(participant: Participant, protocol: Protocol) -> Known:
    """What the checks of the criteria need of a participant's data."""
    return known_by(participant, protocol, (each.check for each in protocol.criteria))


def unmet(participant: Participant, protocol: Protocol) -> list[Criterion]:
    """The criteria not answered as passed, or passed against what the data say by now."""
    values = known_by_criteria(participant, protocol)
    passed = set(
        CriterionAnswer.objects.filter(
            participant=participant, answer=Answer.PASS.value
        ).values_list("criterion", flat=True)
    )
    return [
        criterion
        for criterion in protocol.criteria
        if criterion.key not in passed or computed_answer(criterion, values) is Answer.FAIL
    ]
