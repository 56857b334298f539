"""Whether a participant's identity may be asked for, and whether there is one; never what it is."""

from trialwright.accounts.policy import Actor, role_to_identify
from trialwright.conduct.models import Identity, Participant
from trialwright.conduct.refusals import NotFound


def has_identity(by: Actor, participant: Participant) -> bool:
    """Whether something is kept of who they are; NotFound for who isn't of the site's staff."""
    if role_to_identify(by, participant.site) is None:
        raise NotFound
    return Identity.objects.filter(participant=participant).exists()


def identifies_somewhere(by: Actor) -> bool:
    """Whether the person may look for participants of a site by their hospital number."""
    return any(seat.site and role_to_identify(by, seat.site) for seat in by.seats)
