"""Small changes of a protocol file that leave every other byte as its author wrote it."""

import json
import re
import textwrap
from collections.abc import Mapping
from typing import Any

import yaml

from trialwright.protocol.nodes import Block, Scalar
from trialwright.protocol.yaml_nodes import read_nodes

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORD = re.compile(r"-?[0-9]+(\.[0-9]+)?|[A-Za-z][A-Za-z0-9_-]*|[0-9]{4}-[0-9]{2}-[0-9]{2}")
_KEY = r"^{key}[ \t]*:.*$"


class EditError(ValueError):
    """The file isn't written so that this can be changed in place; the message says what to do."""


def with_identifier(source: bytes, identifier: str) -> bytes:
    """The same file under another identifier.

    >>> with_identifier(b"protocol: 1\\nidentifier: A-1\\n", "B-2")
    b'protocol: 1\\nidentifier: B-2\\n'
    >>> with_identifier(b"protocol: 1\\nidentifier: {value: A-1, origin: confirmed}\\n", "B-2")
    b'protocol: 1\\nidentifier: B-2\\n'
    >>> with_identifier(b"identifier:\\n  value: A-1\\n  origin: assumed\\nprotocol: 1\\n", "B-2")
    b'identifier: B-2\\nprotocol: 1\\n'
    """
    return _with_word(source, "identifier", identifier)


def as_demonstration(source: bytes) -> bytes:
    """The same file as a demonstration, which is no registered trial but the twin of one.

    >>> as_demonstration(b"protocol: 1\\nregistered_as: NCT1\\n").decode()
    'protocol: 1\\ndemonstration: yes\\ntwin_of: NCT1\\n'
    """
    text = re.sub(r"^registered_as(?=[ \t]*:)", "twin_of", _text(source), flags=re.M)
    return _with_word(text.encode(), "demonstration", "yes")


def as_training(source: bytes, study: str, identifier: str) -> bytes:
    """The same file as the training copy of a study, under an identifier of its own.

    >>> as_training(b"protocol: 1\\nidentifier: A-1\\n", "A-1", "TRAINING-A-1").decode()
    'protocol: 1\\ntraining_of: A-1\\ndemonstration: yes\\nidentifier: TRAINING-A-1\\n'
    """
    marked = as_demonstration(with_identifier(source, identifier))
    return _with_word(marked, "training_of", study)


def as_real(source: bytes) -> bytes:
    """The same file for real participants, and again the registered trial itself."""
    text = re.sub(r"^twin_of(?=[ \t]*:)", "registered_as", _text(source), flags=re.M)
    return _with_word(text.encode(), "demonstration", "no")


def _with_word(source: bytes, key: str, word: str) -> bytes:
    """Set a key of the top level to one word, on its line or on a new one under the first key."""
    text = _text(source)
    root, problems = read_nodes(source)
    if root is None:
        raise EditError(str(problems[0]) if problems else "The file can't be read")
    node = root.get(key)
    line = f"{key}: {word}"
    if node is None:
        first = root.entries[0].line if root.entries else 1
        lines = text.split("\n")
        lines.insert(first, line)
        return "\n".join(lines).encode()
    fact = _composed(text, key)
    if _wraps(fact):
        # Who confirmed the old word says nothing of the new one.
        begin, end = _span(text, fact)
        rest = text[begin:end].rstrip()
        return (text[:begin].rstrip() + f" {word}" + text[begin + len(rest) :]).encode()
    if not isinstance(node, Scalar):
        raise EditError(f"Line {node.line}: `{key}` is not one word. Write `{line}` yourself.")
    return re.sub(_KEY.format(key=key), lambda _: line, text, count=1, flags=re.M).encode()


def _text(source: bytes) -> str:
    try:
        return source.decode()
    except UnicodeDecodeError:
        raise EditError("The file is not in UTF-8. Save it so, and send it again.") from None


def with_confirmed(source: bytes, path: str, value: str | None, key: str, citation: str) -> bytes:
    """The same file with one fact confirmed, its value as it stands or another.

    Args:
        path: the keys that lead to the fact, with points between.
        value: the new value of a fact of one word or sentence; None keeps what stands.
        key, citation: the source that says who confirmed it; added to `sources` if it isn't there.

    Raises:
        EditError: the fact isn't there, or is written over several lines.

    >>> file = b"sources: {us: We}\\narms: {a: {description: Rest}}\\n"
    >>> print(with_confirmed(file, "arms.a.description", "Bed rest", "here", "Set-up").decode())
    sources: {here: "Set-up", us: We}
    arms: {a: {description: {value: "Bed rest", origin: confirmed, source: here}}}
    <BLANKLINE>
    """
    text = _text(source)
    node = _composed(text, path)
    wrapped = {name.value: part for name, part in node.value} if _wraps(node) else {}
    kept = [
        f"{name}: {_raw(text, wrapped[name])}"
        for name in ("safety_critical", "note")
        if name in wrapped
    ]
    held = wrapped.get("value", node)
    if value is not None and not isinstance(held, yaml.ScalarNode):
        raise EditError(f"`{path}` is more than one word or sentence. Change it in the file.")
    raw = _raw(text, held) if value is None else _scalar(value)
    parts = [f"value: {raw}", "origin: confirmed", f"source: {key}", *kept]
    begin, end = _span(text, node)
    ended = "\n" if text[begin:end].endswith("\n") else ""
    changed = text[:begin] + "{" + ", ".join(parts) + "}" + ended + text[end:]
    return _with_source(changed, key, citation).encode()


def with_blocks(source: bytes, blocks: Mapping[str, str], key: str, citation: str) -> bytes:
    """The same file with blocks of the top level that it lacks, at its end, each confirmed.

    Args:
        blocks: what stands under each key, as it is written in a file, its indentation left out.
        key, citation: the source that says who confirmed it.

    Raises:
        EditError: the file has such a block, or what was written can't be read under its key.

    >>> print(with_blocks(b"sources: {us: We}\n", {"participants": "40"}, "us", "").decode())
    sources: {us: We}
    participants: {value: 40, origin: confirmed, source: us}
    <BLANKLINE>
    """
    root, _problems = read_nodes(source)
    lines = [_with_source(_text(source), key, citation).rstrip("\n")]
    for name, text in blocks.items():
        if root is not None and root.get(name) is not None:
            raise EditError(f"The file has `{name}` already. Change it there.")
        body = textwrap.dedent(text.replace("\r\n", "\n")).strip("\n")
        if "\n" not in body and ":" not in body:
            lines.append(f"{name}: {{value: {body}, origin: confirmed, source: {key}}}")
            continue
        if not isinstance(read_nodes(f"{body}\n".encode())[0], Block):
            raise EditError(f"What stands under `{name}` is not written as `key: value` lines.")
        lines.append(f"{name}:\n  origin: confirmed\n  source: {key}")
        lines.append(textwrap.indent(body, "  "))
    changed = "\n".join([*lines, ""]).encode()
    again, problems = read_nodes(changed)
    if again is None or problems:
        raise EditError(str(problems[0]) if problems else "The file can't be read with it.")
    return changed


def _wraps(node: yaml.Node) -> bool:
    return isinstance(node, yaml.MappingNode) and any(
        name.value == "value" for name, _part in node.value
    )


def _composed(text: str, path: str) -> yaml.Node:
    node: Any = yaml.compose(text, Loader=_LOADER)
    for key in path.split("."):
        found = None
        if isinstance(node, yaml.MappingNode):
            found = next((part for name, part in node.value if name.value == key), None)
        if found is None:
            raise EditError(f"The file has no `{path}`.")
        node = found
    composed: yaml.Node = node
    return composed


def _span(text: str, node: yaml.Node) -> tuple[int, int]:
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    begin, end = node.start_mark, node.end_mark
    return starts[begin.line] + begin.column, starts[end.line] + end.column


def _raw(text: str, node: yaml.Node) -> str:
    begin, end = _span(text, node)
    if "\n" not in text[begin:end]:
        return text[begin:end]
    if isinstance(node, yaml.ScalarNode):
        return _scalar(" ".join(node.value.split()))
    raise EditError("This fact is written over several lines. Confirm it in the file.")


def _scalar(value: str) -> str:
    return value if _WORD.fullmatch(value) else json.dumps(value, ensure_ascii=False)


def _with_source(text: str, key: str, citation: str) -> str:
    root, _problems = read_nodes(text.encode())
    sources = root.get("sources") if root else None
    if not isinstance(sources, Block) or not sources.entries:
        return f"{text.rstrip()}\nsources: {{{key}: {json.dumps(citation, ensure_ascii=False)}}}\n"
    if sources.get(key) is not None:
        return text
    first, lines = sources.entries[0], text.split("\n")
    row, column = first.line - 1, first.column - 1
    before, after = lines[row][:column], lines[row][column:]
    # In braces, entries stand beside each other; else each has its line.
    apart = ", " if before.strip() else f"\n{before}"
    lines[row] = f"{before}{key}: {json.dumps(citation, ensure_ascii=False)}{apart}{after}"
    return "\n".join(lines)
