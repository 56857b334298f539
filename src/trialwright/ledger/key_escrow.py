"""The keys a second time, for a named custodian: wrapped under a passphrase that only they know.

The wrapped copy may lie anywhere, on paper too. Whoever has it and the passphrase has the keys.
`confirm_recovery` opens it and enters in the installation's ledger that it could be opened; a study
of real participants is activated only after that.
"""

import hashlib
import json
import secrets
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from trialwright.ledger import journal
from trialwright.ledger.encoding import INSTALLATION, LedgerError
from trialwright.ledger.keys import Keys, key_name
from trialwright.ledger.seal import Entropy, Sealer

FORMAT: Final = "trialwright-custody-1"
SHORTEST_PASSPHRASE: Final = 16
# scrypt at 64 MiB: about a quarter of a second for one guess.
_COST: Final = {"n": 2**16, "r": 8, "p": 1}
_MEMORY: Final = 128 * 1024 * 1024


def wrap(
    keys: Keys,
    custodian: str,
    passphrase: str,
    entropy: Entropy = secrets.token_bytes,
    *,
    beside: str = "",
) -> str:
    """The wrapped copy as JSON text: scrypt, then ChaCha20-Poly1305 bound to the custodian.

    Args:
        beside: the text of another key file that goes along.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise LedgerError(
            f"The passphrase has {len(passphrase)} characters; it guards every arm of every study."
            f" Take one of at least {SHORTEST_PASSPHRASE}, such as five words drawn at random."
        )
    salt = entropy(16)
    public = keys.public.hex()
    sealer = Sealer(_derived(passphrase, salt), entropy)
    plain = keys.signing + keys.sealing + beside.encode("ascii")
    wrapped = sealer.seal(plain, (FORMAT, custodian, public))
    content = {"format": FORMAT, "custodian": custodian, "public": public, "salt": salt.hex()}
    return json.dumps(content | {"wrapped": wrapped.hex()}, ensure_ascii=False, indent=1) + "\n"


def unwrap(text: str, passphrase: str) -> Keys:
    """The keys out of a wrapped copy."""
    plain = _opened(text, passphrase)
    return Keys(signing=plain[:32], sealing=plain[32:64])


def unwrap_beside(text: str, passphrase: str) -> str:
    """The other key file that went along; empty if none did."""
    return _opened(text, passphrase)[64:].decode("ascii")


def _opened(text: str, passphrase: str) -> bytes:
    try:
        content = json.loads(text)
        place = (content["format"], content["custodian"], content["public"])
        salt, wrapped = bytes.fromhex(content["salt"]), bytes.fromhex(content["wrapped"])
    except (ValueError, KeyError, TypeError) as error:
        raise LedgerError(f"This isn't a wrapped copy of format {FORMAT} ({error}).") from None
    try:
        return Sealer(_derived(passphrase, salt)).open(wrapped, place)
    except LedgerError:
        raise LedgerError(
            "The copy doesn't open: it was changed, or the passphrase is another one."
        ) from None


def confirm_recovery(
    text: str, passphrase: str, keys: Keys, *, by: UUID | str, happened_at: datetime
) -> None:
    """Open the copy, see that it holds the keys in use, and enter that in the ledger."""
    if unwrap(text, passphrase) != keys:
        raise LedgerError(
            f"The copy opens, but it holds other keys than {key_name(keys.public)}, which are in"
            " use. Wrap these and test again."
        )
    with transaction.atomic(), journal.open_entry(
        study=INSTALLATION, by=by, role="", action="test_recovery", happened_at=happened_at
    ) as writer:  # fmt: skip
        custodian = json.loads(text)["custodian"]
        writer.write(entity="keys", id=key_name(keys.public), field="custodian", new=custodian)


def recovery_was_tested(keys: Keys) -> bool:
    """Whether the keys in use have ever been opened out of a custodian's copy."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM ledger_row WHERE study = %s AND entity = 'keys'"
            " AND action = 'test_recovery' AND id = %s)",
            [INSTALLATION, key_name(keys.public)],
        )
        return bool(cursor.fetchone()[0])


def _derived(passphrase: str, salt: bytes) -> bytes:
    return hashlib.scrypt(passphrase.encode(), salt=salt, maxmem=_MEMORY, dklen=32, **_COST)
