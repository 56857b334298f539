"""Sealing: ciphertexts of equal length, bound to the place they belong to.

ChaCha20-Poly1305 (RFC 8439) under a key of each study's own. What is sealed for one place opens
at no other; short texts all come out at one length, so that a length betrays nothing.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from trialwright.ledger.encoding import LedgerError, frame

Entropy = Callable[[int], bytes]

# The plaintext is padded up to the first of these that holds it; longer ones to a multiple of the
# last. An arm, a lot and a short note share the first.
SIZES: Final = (256, 1024, 4096, 16384, 65536)

_STUDY_KEY: Final = b"trialwright-study-key-1"
_SEALED: Final = b"trialwright-sealed-1"
_NONCE_BYTES: Final = 12
_LENGTH_BYTES: Final = 4


def study_key(sealing_key: bytes, study: str) -> bytes:
    """The key that opens one study's sealed values and nothing else (HMAC-SHA-256)."""
    return hmac.digest(sealing_key, frame(_STUDY_KEY, study.encode()), hashlib.sha256)


class Sealer:
    """Seals and opens for one study. `bound_to` names the place, part by part."""

    def __init__(self, key: bytes, entropy: Entropy = secrets.token_bytes) -> None:
        self._cipher = ChaCha20Poly1305(key)
        self._entropy = entropy

    def seal(self, plain: bytes, bound_to: tuple[str, ...]) -> bytes:
        """Nonce (12 bytes), ciphertext, tag (16 bytes)."""
        nonce = self._entropy(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, _padded(plain), _place(bound_to))

    def open(self, sealed: bytes, bound_to: tuple[str, ...]) -> bytes:
        """The plaintext; `LedgerError` if it was changed, moved, or sealed under another key."""
        nonce, body = bytes(sealed[:_NONCE_BYTES]), bytes(sealed[_NONCE_BYTES:])
        try:
            padded = self._cipher.decrypt(nonce, body, _place(bound_to))
        except (InvalidTag, ValueError):  # the latter where it is shorter than a nonce
            raise LedgerError(
                f"What is sealed at {' / '.join(bound_to)} doesn't open: it was changed, moved from"
                " another place, or sealed under another key. Run `trialwright verify`, and check"
                " that TRIALWRIGHT_KEYS names this installation's key file."
            ) from None
        length = int.from_bytes(padded[:_LENGTH_BYTES], "big")
        return padded[_LENGTH_BYTES : _LENGTH_BYTES + length]


def _place(bound_to: tuple[str, ...]) -> bytes:
    return frame(_SEALED, *(part.encode() for part in bound_to))


def _padded(plain: bytes) -> bytes:
    body = len(plain).to_bytes(_LENGTH_BYTES, "big") + plain
    largest = SIZES[-1]
    size = next((size for size in SIZES if len(body) <= size), -(-len(body) // largest) * largest)
    return body.ljust(size, b"\0")
