"""The arm of a participant, for who has seen it already. Seeing it first is an action."""

from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct import slots
from trialwright.conduct.reads.participants import Story
from trialwright.protocol.model import Arm


def arm_for(by: Actor, told: Story) -> Arm | None:
    """Her arm, if this person has seen it before; None says nothing, not even that there is one."""
    if told.row.randomised_at is None or not told.knows_arm:
        return None
    if not may(by, Act.SEE_ARM, site=told.row.site, knows_arm=True):
        return None
    number = slots.arm_of(told.row)
    return next(arm for arm in told.protocol.arms if arm.number == number)
