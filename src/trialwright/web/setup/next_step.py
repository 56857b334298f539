"""Where one goes on: the first thing of the checklist that this person can do."""

from trialwright.accounts.policy import Act
from trialwright.conduct.models import Party
from trialwright.conduct.reads.external_lists import may_upload
from trialwright.conduct.reads.setup import Phase, Wanted
from trialwright.web.setup.frame import SetUpFrame

_MANAGED = {
    Wanted.PROTOCOL: "protocol",
    Wanted.FACTS: "protocol",
    Wanted.SITES: "sites",
    Wanted.INVESTIGATORS: "people",
    Wanted.SPONSOR: "people",
}


def next_address(frame: SetUpFrame) -> str:
    """The page of the first thing that this person can do now, or else the checklist."""
    told = frame.told
    if told.phase is not Phase.SET_UP:
        return frame.study_href
    for each in told.requirements:
        if each.met or each.optional:
            continue
        if frame.manages and each.what in _MANAGED:
            return f"{frame.href}/{_MANAGED[each.what]}"
        if each.what is Wanted.LIST and may_upload(frame.actor, told):
            return f"{frame.href}/list"
    if can_sign(frame):
        return f"{frame.href}/sign"
    if not told.missing_before_force() and (frame.manages or frame.signs):
        return f"{frame.href}/activation"
    return frame.href


def can_sign(frame: SetUpFrame) -> bool:
    """Whether the file that waits can be signed, and lacks a signature that this person gives."""
    waiting = frame.told.waiting
    if waiting is None or waiting.checked.problems or not frame.signs:
        return False
    signers = [seat.role for seat in frame.actor.seats if _signs(frame, seat.role)]
    mine = {
        Party.INVESTIGATOR if frame.roles.at_a_site(role) else Party.SPONSOR for role in signers
    }
    given = {each.party for each in waiting.signatures if each.person_id == frame.actor.person_id}
    if given and not frame.told.demonstration:
        return False
    return bool(mine - given)


def _signs(frame: SetUpFrame, role: str) -> bool:
    return role in frame.roles.who_may(Act.SIGN_PROTOCOL)
