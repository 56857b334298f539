"""Which assumptions stand between a protocol and real participants."""

from trialwright.protocol.basics import Fact, Origin
from trialwright.protocol.model import Protocol


def unready_for_real_participants(protocol: Protocol) -> tuple[Fact, ...]:
    """The safety-critical facts that are only assumed; none if real participants may be enrolled.

    A demonstration has them too: it is exempt since its participants are invented, and marked.
    """
    return tuple(
        fact for fact in protocol.facts if fact.safety_critical and fact.origin is Origin.ASSUMED
    )
