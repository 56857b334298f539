"""A signature as the signed record carries it, on the screen and in print (21 CFR 11.50, 11.70)."""

from collections.abc import Sequence

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

_MEANINGS: dict[str, Promise] = {
    MEANING: _("I have checked these answers against their source and they are right."),
    ELIGIBILITY: _(
        "I confirm that each criterion was checked against its source and that the participant is "
        "eligible."
    ),
}


def meaning_of(kind: str) -> str:
    """What a signature of a kind says: the page on which one signs, and the signed record."""
    return str(_MEANINGS.get(kind, kind))


def signed_rows(frame: Frame, signatures: Sequence[Signature]) -> list[Row]:
    """Each signature: who, as what, when to the second, with which meaning, and the hash of what
    was signed; and since when it is void if it is."""
    names = names_of({str(row.signed_by) for row in signatures})
    rows = []
    for row in signatures:
        words = gettext("{name}, {role}, {moment}: “{meaning}” ({content})").format(
            name=names.get(str(row.signed_by), str(row.signed_by)),
            role=frame.role_name(row.role),
            moment=dates.exact(row.signed_at),
            meaning=meaning_of(row.meaning),
            content=row.content_hash[:16],
        )
        if row.void_at is not None:
            words = gettext(
                "{signature}; void since {moment}, because what was signed changed"
            ).format(signature=words, moment=dates.written(row.void_at))
        rows.append(Row(gettext("Signed"), words))
    return rows
