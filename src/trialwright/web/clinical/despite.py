"""The question why something is done without what the protocol wants before it."""

from trialwright.conduct.participants.requirements import words_of
from trialwright.messages import Message, several
from trialwright.protocol.expression import Expression
from trialwright.protocol.forms import Item, ItemType
from trialwright.protocol.model import Protocol
from trialwright.protocol.requirements import Before
from trialwright.web.clinical.steps import question


def despite_questions(
    protocol: Protocol, lacking: Before, asked: Expression | None = None
) -> list[Item]:
    """Why it is done without; no question where nothing is missing."""
    if not lacking.warn:
        return []
    missing = several([words_of(protocol, each) for each in lacking.warn])
    words = Message("Why it is given without what is missing")
    hint = Message("Missing: {missing}", missing=missing)
    return [question("despite", words, ItemType.TEXT, hint=hint, longest=500, show_when=asked)]
