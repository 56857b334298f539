"""A signature as the signed record carries it, on the screen and in print (21 CFR 11.50, 11.70)."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.reads import names_of
from trialwright.conduct.actions.entering import MEANING
from trialwright.conduct.models import Signature
from trialwright.conduct.signing import ELIGIBILITY
from trialwright.web import dates
from trialwright.web.clinical.frame import Frame
from trialwright.web.components import Row

PROTOCOL = "protocol"
DELEGATION = "delegation"
LOCK = "lock"
HOLD = "hold"
MEETING = "meeting"
CLOCK = "clock"
VISIT = "visit"
ACKNOWLEDGED = "acknowledged"

_MEANINGS: dict[str, Promise] = {
    MEANING: _("I have checked these answers against their source and they are right."),
    ELIGIBILITY: _(
        "I confirm that each criterion was checked against its source and that the participant is "
        "eligible."
    ),
    PROTOCOL: _(
        "With my signature I confirm that I have read this version of the protocol and that "
        "the study is run by it."
    ),
    DELEGATION: _("With my signature I take this on, on these days."),
    LOCK: _("With my signature these data are as they are meant to be."),
    HOLD: _("I have read these numbers, and this is my decision about all holds in force."),
    CLOCK: _("What I enter here is how this duty to report was met."),
    VISIT: _("I made this visit, and its report with the findings is right."),
    ACKNOWLEDGED: _("I have read this report, and the site follows up its findings."),
    MEETING: _("I took part in this meeting, and its record is right."),
}


def meaning_of(kind: str) -> str:
    """What a signature of a kind says: the page on which one signs, and the signed record."""
    return str(_MEANINGS.get(kind, kind))


def signature_line(signer: str, at: datetime, kind: str, content: str) -> str:
    """A signature as its record carries it: who and as what, when to the second, what the
    signature says, and the beginning of the hash of what was signed."""
    return gettext("{signer}, {moment}: “{meaning}” ({content})").format(
        signer=signer, moment=dates.exact(at), meaning=meaning_of(kind), content=content[:16]
    )


def signed_rows(frame: Frame, signatures: Sequence[Signature]) -> list[Row]:
    """Each signature: who, as what, when to the second, with which meaning, and the hash of what
    was signed; and since when it is void if it is."""
    names = names_of({str(row.signed_by) for row in signatures})
    rows = []
    for row in signatures:
        name = names.get(str(row.signed_by), str(row.signed_by))
        signer = frame.name_and_role(name, row.role)
        words = signature_line(signer, row.signed_at, row.meaning, row.content_hash)
        if row.void_at is not None:
            words = gettext(
                "{signature}; void since {moment}, because what was signed changed"
            ).format(signature=words, moment=dates.written(row.void_at))
        rows.append(Row(gettext("Signed"), words))
    return rows
