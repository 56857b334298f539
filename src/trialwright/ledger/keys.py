"""The key file: an Ed25519 key that signs heads and a key that seals values.

It lies outside the data folder and outside the backup, readable by its owner alone. Whoever holds
a backup without it can neither forge a head nor learn an arm.
"""

import hmac
import json
import os
import stat
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from trialwright.ledger import sources
from trialwright.ledger.encoding import LedgerError, frame
from trialwright.ledger.seal import Entropy, Sealer, study_key

FORMAT: Final = "trialwright-keys-1"
_MARK: Final = b"trialwright-mark-1"
KEY_BYTES: Final = 32


@dataclass(frozen=True, repr=False)
class Keys:
    """Both secrets, 32 bytes each. Never printed: `repr` shows the public key's name only."""

    signing: bytes
    sealing: bytes

    @cached_property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.signing)

    @cached_property
    def public(self) -> bytes:
        """The 32 bytes that anyone may have, to check the heads with."""
        return self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)

    def sealer(self, study: str, entropy: Entropy = sources.entropy) -> Sealer:
        return Sealer(study_key(self.sealing, study), entropy)

    def mark(self, study: str, *parts: str) -> str:
        """What stands for some text of a study in an index, and tells nothing without the key:
        64 hexadecimal digits (HMAC-SHA-256)."""
        content = frame(_MARK, *(part.encode() for part in parts))
        return hmac.digest(study_key(self.sealing, study), content, sha256).hex()

    def __repr__(self) -> str:
        return f"Keys({key_name(self.public)})"


def key_name(public: bytes) -> str:
    """The short name of a public key on the lines it signs."""
    return sha256(public).hexdigest()[:16]


def generate(path: Path, entropy: Entropy = sources.entropy) -> Keys:
    """Make a new key file; refuse to touch one that is there."""
    keys = Keys(signing=entropy(KEY_BYTES), sealing=entropy(KEY_BYTES))
    write(path, keys)
    return keys


def write(path: Path, keys: Keys) -> None:
    """Write a key file; refuse to touch one that is there.

    It is written whole under another name and then linked, so that a killed process leaves no
    half a key and of two that start together one is refused.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        content = {"format": FORMAT, "public": keys.public.hex()}
        secrets_ = {"signing": keys.signing.hex(), "sealing": keys.sealing.hex()}
        file.write(json.dumps(content | secrets_, indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        raise LedgerError(
            f"{path} exists. A key file is never overwritten: what it sealed would be lost."
            " Name another path."
        ) from None
    finally:
        draft.unlink()


def load(path: Path) -> Keys:
    """Read a key file; refuse one that others can read."""
    try:
        state = path.stat()
    except FileNotFoundError:
        raise LedgerError(
            f"There is no key file at {path}. Restore it from its custodian, or, for a new"
            " installation, make one."
        ) from None
    if os.name == "posix" and state.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise LedgerError(
            f"{path} can be read by others than its owner; keys that others can read protect"
            f" nothing. Run: chmod 600 {path}"
        )
    return _read(path, state.st_mtime_ns)


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> Keys:
    try:
        content = json.loads(path.read_text(encoding="ascii"))
        keys = Keys(bytes.fromhex(content["signing"]), bytes.fromhex(content["sealing"]))
    except (ValueError, KeyError, TypeError) as error:
        raise LedgerError(
            f"{path} isn't a key file of format {FORMAT} ({error}). Restore it from its custodian."
        ) from None
    if content.get("format") != FORMAT or keys.public.hex() != content.get("public"):
        raise LedgerError(
            f"{path} is damaged: its format or public key doesn't fit its secrets. Restore it from"
            " its custodian."
        )
    return keys
