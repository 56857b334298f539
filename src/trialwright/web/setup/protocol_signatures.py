"""The signatures on a protocol file, as it carries them wherever it is shown."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from trialwright.conduct.models import Party
from trialwright.conduct.reads.setup import ProtocolSigned
from trialwright.web.components import Row
from trialwright.web.setup.frame import SetUpFrame
from trialwright.web.signature_words import PROTOCOL, signature_line


def party_words(party: Party) -> str:
    """On whose behalf somebody signs."""
    return _("for the sponsor") if party is Party.SPONSOR else _("as investigator")


def protocol_rows(
    frame: SetUpFrame, signatures: Sequence[ProtocolSigned], sha256: str
) -> list[Row]:
    """A row for each signature on the file with this hash."""
    return [
        Row(
            party_words(each.party),
            signature_line(frame.name_and_role(each.name, each.role), each.at, PROTOCOL, sha256),
        )
        for each in signatures
    ]
