"""What could reveal an arm, as ciphertexts of equal length bound to their place.

The arm of each place of the list; and an entry's unmasking values, all of them in one ciphertext,
since even their number or names would tell. Whoever opens one has asked the policy first.
"""

import json
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache
from types import NoneType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints
from uuid import UUID

from trialwright.ledger import files

T = TypeVar("T")
Stored = dict[str, dict[str, str | None]]
"""Item → {"text": canonical text or None, "missing": reason or None}."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """An entry's unmasking values, and what was said of each: why it is unlikely, why it changed.

    No query is asked about them: its words would tell, and who asks and closes queries is masked.
    """

    values: Stored = field(default_factory=dict)
    remarks: dict[str, str] = field(default_factory=dict)
    change_reasons: dict[str, str] = field(default_factory=dict)


def seal_arm(study: str, list_name: str, place: int, arm: int) -> bytes:
    """The ciphertext of the arm at one place of one list."""
    bound_to = ("slot", list_name, str(place), "arm")
    return files.keys().sealer(study).seal(str(arm).encode(), bound_to)


def open_arm(study: str, list_name: str, place: int, sealed: bytes) -> str:
    """The number of the arm at one place, as text."""
    bound_to = ("slot", list_name, str(place), "arm")
    return files.keys().sealer(study).open(bytes(sealed), bound_to).decode()


def seal_source(study: str, text: str) -> bytes:
    """The ciphertext of what all arms of a study follow from."""
    return files.keys().sealer(study).seal(text.encode(), ("allocation", "source"))


def open_source(study: str, sealed: bytes) -> str:
    """What all arms of a study follow from, as its JSON text."""
    return files.keys().sealer(study).open(bytes(sealed), ("allocation", "source")).decode()


def seal_entry(study: str, entry: UUID, content: Sealed) -> tuple[bytes, str]:
    """The ciphertext for an entry's row, and the text that the sealed chain keeps."""
    text = dump(content)
    return files.keys().sealer(study).seal(text.encode(), _place(entry)), text


def open_text(study: str, entry: UUID, sealed: bytes) -> str:
    """What an entry holds sealed, as its JSON text."""
    return files.keys().sealer(study).open(bytes(sealed), _place(entry)).decode()


def open_entry(study: str, entry: UUID, sealed: bytes | memoryview | None) -> Sealed:
    """What an entry holds sealed; nothing if it holds nothing."""
    return Sealed(**json.loads(open_text(study, entry, bytes(sealed)))) if sealed else Sealed()


def seal_step(study: str, step: UUID, text: str) -> bytes:
    """The ciphertext for the details of a step's row."""
    return files.keys().sealer(study).seal(text.encode(), ("step", str(step), "sealed"))


def open_step(study: str, step: UUID, sealed: bytes) -> str:
    """What a step holds sealed, as its JSON text."""
    bound_to = ("step", str(step), "sealed")
    return files.keys().sealer(study).open(bytes(sealed), bound_to).decode()


def seal_details(entity: str, study: str, key: UUID, text: str) -> bytes:
    """The ciphertext for the details of a row of a table."""
    return files.keys().sealer(study).seal(text.encode(), (entity, str(key), "sealed"))


def open_details(entity: str, study: str, key: UUID, sealed: bytes) -> str:
    """What a row of a table holds sealed, as its JSON text."""
    return files.keys().sealer(study).open(bytes(sealed), (entity, str(key), "sealed")).decode()


def dump(details: Any) -> str:
    """A dataclass as the text that is sealed: its fields by name, moments and ids as their text.

    Raises:
        TypeError: a field holds what `load` couldn't read back.
    """
    return json.dumps(
        asdict(details), ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain
    )


def load(kind: type[T], text: str) -> T:
    """The dataclass that a text of `dump` was made of."""
    return cast("T", _built(kind, json.loads(text)))


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no text in what is sealed")


def _built(kind: Any, value: Any) -> Any:
    """A value of JSON as what the annotation of its field says."""
    parts = get_args(kind)
    if NoneType in parts:
        (other,) = (each for each in parts if each is not NoneType)
        return None if value is None else _built(other, value)
    if get_origin(kind) is tuple:
        return tuple(_built(parts[0], each) for each in value)
    if is_dataclass(kind):
        hints = _hints(cast("Any", kind))
        return cast("Any", kind)(**{key: _built(hints[key], each) for key, each in value.items()})
    if kind is datetime:
        return datetime.fromisoformat(value)
    if kind is UUID or (isinstance(kind, type) and issubclass(kind, Enum)):
        return kind(value)
    return value


@lru_cache(maxsize=64)
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _place(entry: UUID) -> tuple[str, ...]:
    return ("entry", str(entry), "sealed")
