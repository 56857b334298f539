"""What waits for a person's signature: on one participant, and where to go on."""

from dataclasses import dataclass

from trialwright.accounts.policy import Actor, role_to_sign
from trialwright.conduct.acting import knows_arm
from trialwright.conduct.models import Participant
from trialwright.conduct.participants.signable import signable
from trialwright.conduct.reads.forms import FormPage, form_page
from trialwright.conduct.reads.participants import participant_and_protocol
from trialwright.conduct.reads.waiting import waiting_for
from trialwright.conduct.refusals import NotFound


@dataclass(frozen=True, slots=True)
class ToSign:
    """The forms to be signed together, each as its page shows it, and the hash of them all."""

    participant: Participant
    role: str
    pages: tuple[FormPage, ...]
    content_hash: str


def to_sign(by: Actor, code: str, visit: str | None = None) -> ToSign | None:
    """What this person can sign now of a participant, at one visit or at all; None where nothing
    waits. NotFound where this person signs no form at all."""
    participant, protocol = participant_and_protocol(by, code)
    knows = knows_arm(by, participant)
    site = participant.site
    if not any(role_to_sign(by, each, site=site, knows_arm=knows) for each in protocol.forms):
        raise NotFound
    waits = signable(by, participant, protocol, knows_arm=knows, visit=visit)
    if waits is None:
        return None
    pages = tuple(form_page(by, code, each.visit, each.form, each.repeat) for each in waits.entries)
    return ToSign(participant, waits.role, pages, waits.content_hash)


def next_to_sign(by: Actor, after: tuple[str, str] = ("", "")) -> tuple[str, str] | None:
    """The participant and visit of the next forms that wait for this person's signature.

    Args:
        after: the participant and visit that were just signed or put off.
    """
    places = waiting_for(by).signatures.values_list("participant__code", "visit").distinct()
    found = sorted(set(places))
    return next((place for place in found if place > after), None)
