"""A stream encrypted in pieces, so that a backup of any size passes through little memory.

The file: one line of ASCII (JSON: format, name of the key, salt), then pieces, each its length in
4 bytes (big-endian) and a ChaCha20-Poly1305 ciphertext of at most 1 MiB. The key is derived from
the installation's sealing key and the salt; the nonce is the piece's number and whether it is the
last; the first line is authenticated with each. So a piece that is changed, missing, moved or of
another file is refused, and so is a file that was cut off.
"""

import hmac
import json
import secrets
from collections.abc import Iterator
from typing import IO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from trialwright.ledger.encoding import LedgerError, frame
from trialwright.ledger.keys import Keys, key_name

FORMAT: Final = "trialwright-backup-1"
_PIECE: Final = 1024 * 1024
_LONGEST_LINE: Final = 1024


class BackupError(LedgerError):
    """The file can't be read as a backup of this installation."""


def _key(keys: Keys, salt: bytes) -> bytes:
    return hmac.digest(keys.sealing, frame(FORMAT.encode(), salt), "sha256")


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


class SealedWriter:
    """A file-like object that encrypts what is written; `close` makes the file whole."""

    def __init__(self, to: IO[bytes], keys: Keys) -> None:
        salt = secrets.token_bytes(32)
        said = {"format": FORMAT, "key": key_name(keys.public), "salt": salt.hex()}
        self._line = (json.dumps(said) + "\n").encode("ascii")
        self._to, self._cipher = to, ChaCha20Poly1305(_key(keys, salt))
        self._kept, self._number = bytearray(), 0
        to.write(self._line)

    def write(self, content: bytes) -> int:
        """Take more; whole pieces go on to the file."""
        self._kept += content
        while len(self._kept) > _PIECE:
            self._put(bytes(self._kept[:_PIECE]), last=False)
            del self._kept[:_PIECE]
        return len(content)

    def close(self) -> None:
        """Write the last piece, which says that it is the last."""
        self._put(bytes(self._kept), last=True)

    def flush(self) -> None:
        """Nothing: a piece is written when it is whole."""

    def _put(self, piece: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number, last), piece, self._line)
        self._to.write(len(sealed).to_bytes(4, "big"))
        self._to.write(sealed)
        self._number += 1


class SealedReader:
    """A file-like object of what was encrypted.

    Raises:
        BackupError: it is no backup, of other keys, changed, or cut off; from any read.
    """

    def __init__(self, source: IO[bytes], keys: Keys) -> None:
        self._line = source.readline(_LONGEST_LINE)
        try:
            said = json.loads(self._line)
            known, salt = said["format"] == FORMAT, bytes.fromhex(said["salt"])
        except (ValueError, KeyError, TypeError):
            known, salt, said = False, b"", {}
        if not known:
            raise BackupError(f"This isn't a backup of format {FORMAT}. Name another file.")
        if said.get("key") != key_name(keys.public):
            raise BackupError(
                f"The backup was made under the keys {said.get('key')}, and those here are"
                f" {key_name(keys.public)}. Put the keys of that installation in their place:"
                " trialwright ledger restore-keys"
            )
        self._cipher = ChaCha20Poly1305(_key(keys, salt))
        self._pieces = self._open(source)
        self._kept = b""

    def read(self, size: int = -1) -> bytes:
        """The next bytes, fewer at the end."""
        parts, have = [self._kept], len(self._kept)
        while size < 0 or have < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            parts.append(piece)
            have += len(piece)
        whole = b"".join(parts)
        end = len(whole) if size < 0 else size
        self._kept = whole[end:]
        return whole[:end]

    def _open(self, source: IO[bytes]) -> Iterator[bytes]:
        number, last = 0, False
        while not last:
            length = int.from_bytes(source.read(4), "big")
            sealed = source.read(length) if 16 <= length <= _PIECE + 16 else b""
            if len(sealed) < 16 or len(sealed) < length:
                raise BackupError("The backup ends before its end: it was cut off. Take another.")
            # A piece of full length may be the last, so the next one's absence decides nothing.
            for last in (False, True):
                try:
                    yield self._cipher.decrypt(_nonce(number, last), sealed, self._line)
                    break
                except InvalidTag:
                    continue
            else:
                raise BackupError(f"Piece {number + 1} of the backup was changed. Take another.")
            number += 1
        if source.read(1):
            raise BackupError("Something was added to the backup after its end. Take another.")
