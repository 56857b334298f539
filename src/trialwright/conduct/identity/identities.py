"""An identity sealed, opened and found again: what is kept of it, and under which key."""

import hashlib
import hmac
import json
import unicodedata
from dataclasses import asdict, dataclass
from uuid import UUID

from trialwright.conduct.identity import keys as identity_keys
from trialwright.conduct.models import Identity
from trialwright.ledger import sources
from trialwright.ledger.encoding import LedgerError, frame
from trialwright.ledger.seal import Sealer


@dataclass(frozen=True, slots=True)
class Known:
    """Who a participant is. Birth date as typed (ISO, perhaps partial); all may be empty.

    mail: where reminders of their diary go.
    """

    name: str = ""
    born: str = ""
    telephone: str = ""
    hospital_number: str = ""
    mail: str = ""


def seal(row: Identity, known: Known, study: str, site: str) -> None:
    """Put it into the row under the present key."""
    present = identity_keys.keys(in_use=Identity.objects.exists())
    row.key = next(iter(present))
    text = json.dumps(asdict(known), ensure_ascii=False)
    # One length for nearly all, so that a name's length tells nothing.
    plain = text.encode() + b" " * (-len(text.encode()) % 512)
    row.sealed = Sealer(present[row.key], sources.entropy).seal(plain, _place(row.pk))
    row.hospital_mark = mark(present[row.key], study, site, known.hospital_number)


def open_one(row: Identity) -> Known:
    """What the row holds."""
    key = identity_keys.keys(in_use=True).get(row.key)
    if key is None:
        raise LedgerError(
            f"The key {row.key} of identities is not in {identity_keys.path()}. Put the file back"
            " from the custodian's copy."
        )
    return Known(**json.loads(Sealer(key).open(bytes(row.sealed), _place(row.pk))))


def mark(key: bytes, study: str, site: str, number: str) -> str:
    """By what a hospital number is found at its site; empty for none.

    Width, case, spaces and hyphens don't count.
    """
    plain = unicodedata.normalize("NFKC", number).upper()
    plain = "".join(letter for letter in plain if letter.isalnum())
    if not plain:
        return ""
    content = frame(b"trialwright-hospital-1", study.encode(), site.encode(), plain.encode())
    return hmac.digest(key, content, "sha256").hex()


def marks(study: str, site: str, number: str) -> list[str]:
    """The same under every key that may be in use."""
    keys = identity_keys.keys(in_use=Identity.objects.exists())
    return [found for key in keys.values() if (found := mark(key, study, site, number))]


def committed(id: UUID, sealed: bytes, hospital_mark: str, key: str) -> str:
    """What the ledger keeps of it: that it is this ciphertext, of which nothing can be told."""
    parts = (str(id).encode(), bytes(sealed), hospital_mark.encode(), key.encode())
    return hashlib.sha256(frame(*parts)).hexdigest()


def _place(id: UUID) -> tuple[str, ...]:
    return ("identity", str(id))
