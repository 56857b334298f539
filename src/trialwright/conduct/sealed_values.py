"""What could reveal an arm, as ciphertexts of equal length bound to their place.

The arm of each place of the list; and an entry's unmasking values, all of them in one ciphertext,
since even their number or names would tell. Whoever opens one has asked the policy first.
"""

import json
from uuid import UUID

from trialwright.ledger import files

Stored = dict[str, dict[str, str | None]]
"""Item → {"text": canonical text or None, "missing": reason or None}."""


def seal_arm(study: str, list_name: str, place: int, arm: int) -> bytes:
    """The ciphertext of the arm at one place of one list."""
    bound_to = ("slot", list_name, str(place), "arm")
    return files.keys().sealer(study).seal(str(arm).encode(), bound_to)


def open_arm(study: str, list_name: str, place: int, sealed: bytes) -> str:
    """The number of the arm at one place, as text."""
    bound_to = ("slot", list_name, str(place), "arm")
    return files.keys().sealer(study).open(bytes(sealed), bound_to).decode()


def seal_values(study: str, entry: UUID, values: Stored) -> tuple[bytes, str]:
    """The ciphertext for an entry's row, and the text that the sealed chain keeps."""
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return files.keys().sealer(study).seal(text.encode(), _place(entry)), text


def open_text(study: str, entry: UUID, sealed: bytes) -> str:
    """The sealed values of an entry as their JSON text."""
    return files.keys().sealer(study).open(bytes(sealed), _place(entry)).decode()


def open_values(study: str, entry: UUID, sealed: bytes | memoryview | None) -> Stored:
    """The sealed values of an entry; none if it has none."""
    values: Stored = json.loads(open_text(study, entry, bytes(sealed))) if sealed else {}
    return values


def _place(entry: UUID) -> tuple[str, ...]:
    return ("entry", str(entry), "sealed")
