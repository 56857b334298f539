"""A cut as bytes and back, and its hash.

The bytes are JSON: keys in the order of the types, no spaces, UTF-8. The hash is over the
text values alone, so it stays the same across releases, file formats and machines, as long
as the state is the same.
"""

import hashlib
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import orjson

from trialwright.analysis.cut import Cut, CutError, SealedPart

FORMAT = "trialwright-cut/22"

Part = TypeVar("Part", Cut, SealedPart)


def canonical_bytes(part: Cut | SealedPart) -> bytes:
    """The one spelling of a cut or of its sealed part.

    Keys and rows stand in the order of the types, so a changed type needs a new `FORMAT`.
    """
    return orjson.dumps({"format": FORMAT, "part": part})


def canonical_hash(part: Cut | SealedPart) -> str:
    """SHA-256 (hex) of `canonical_bytes`."""
    return hashlib.sha256(canonical_bytes(part)).hexdigest()


def from_bytes(kind: type[Part], content: bytes) -> Part:
    """Read back what `canonical_bytes` wrote.

    Raises:
        CutError: the bytes are of another format, or break a rule of the cut.
    """
    try:
        tree = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise CutError(f"a cut is JSON, and this is not: {error}") from None
    if not isinstance(tree, dict) or tree.get("format") != FORMAT:
        raise CutError(f"these bytes don't say that they are of the format {FORMAT}")
    try:
        built: Part = _build(kind, tree["part"])
    except (KeyError, TypeError) as error:
        raise CutError(f"this {kind.__name__} lacks a field or has one too many: {error}") from None
    return built


def check_sealed(cut: Cut, sealed: SealedPart) -> None:
    """Refuse a sealed part that belongs to another cut.

    Raises:
        CutError: the hashes differ, or it assigns somebody whom the cut doesn't list.
    """
    if sealed.cut_hash != canonical_hash(cut):
        raise CutError(
            f"the sealed part of {sealed.name} belongs to another cut than {cut.name}: "
            "open the one that was made together with it"
        )
    strangers = {a.participant for a in sealed.assignments} - {p.code for p in cut.participants}
    if strangers:
        raise CutError(f"assigned but not in the cut: {', '.join(sorted(strangers))}")


def _build(kind: Any, tree: Any) -> Any:
    if get_origin(kind) is UnionType:
        inner = next(k for k in get_args(kind) if k is not type(None))
        return None if tree is None else _build(inner, tree)
    if get_origin(kind) is tuple:
        return tuple(_build(get_args(kind)[0], one) for one in tree)
    if hasattr(kind, "__dataclass_fields__"):
        hints = _hints(kind)
        unknown = tree.keys() - hints.keys()
        if unknown:
            raise TypeError(f"{kind.__name__} has no {', '.join(sorted(unknown))}")
        return kind(**{name: _build(hints[name], value) for name, value in tree.items()})
    if not isinstance(tree, kind):
        raise TypeError(f"{tree!r} should be {kind.__name__}")
    return tree


_HINTS: dict[type, dict[str, Any]] = {}


def _hints(kind: type) -> dict[str, Any]:
    if kind not in _HINTS:
        _HINTS[kind] = get_type_hints(kind)
    return _HINTS[kind]
