"""The arm of a participant, for who has seen it already. Seeing it first is an action."""

from trialwright.accounts.policy import Act, Actor, may, role_to_see_arm
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.allocation.links import allocated_at, holder_id
from trialwright.conduct.models import Participant, Unblinding
from trialwright.conduct.models.allocation import Urgency
from trialwright.conduct.participants.progress import records_of
from trialwright.conduct.reads.participants import Story, participant_and_protocol
from trialwright.conduct.refusals import NotFound
from trialwright.conduct.tables import rows_of
from trialwright.protocol.model import Arm, Protocol


def arm_for(by: Actor, told: Story) -> Arm | None:
    """The arm, if this person has seen it before; None says nothing, not even that there is one."""
    if allocated_at(told.row) is None or not told.knows_arm:
        return None
    if not may(by, Act.SEE_ARM, site=told.row.site, knows_arm=True):
        return None
    if not may(by, Act.SEE_ARM, site=told.row.site) and _only_unplanned(by, told.row):
        return None
    return told.protocol.arm_numbered(allocation_list.arm_of(told.row))


def _only_unplanned(by: Actor, row: Participant) -> bool:
    """Whether the person has seen the arm outside the plan alone: it is shown again only for a new
    reason."""
    seen = rows_of(Unblinding, participant_id=holder_id(row), person=by.person_id)
    return all(each.why in {urgency.value for urgency in Urgency} for each in seen)


def asks_for_arm(by: Actor, participant: Participant, protocol: Protocol) -> str | None:
    """The role under which a person may ask to be shown a participant's arm, or None."""
    if allocated_at(participant) is None:
        return None
    records = records_of(participant, protocol)
    return role_to_see_arm(
        by, protocol, site=participant.site, taken={record.step for record in records}
    )


def arm_to_see(by: Actor, code: str) -> Participant:
    """The participant whose arm a person may ask to see; NotFound for anybody else."""
    participant, protocol = participant_and_protocol(by, code)
    if asks_for_arm(by, participant, protocol) is None:
        raise NotFound
    return participant
