"""A design as the protocol's `design:` section says it: what `section.from_node` reads back.

Arguments left at their defaults are written too, so that the file still says the same when a later
version has others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from trialwright.design import _catalogue


def section_text(design: Any) -> str:
    """The YAML of a `design:` section.

    >>> from trialwright.design import SimonTwoStage
    >>> print(section_text(SimonTwoStage(n1=12, r1=1, n=35, r=5)))
    design:
      kind: simon-two-stage
      n1: 12
      r1: 1
      n: 35
      r: 5
    """
    lines = ["design:", f"  kind: {_catalogue.kind_of(design)}", *_block(design, "  ")]
    return "\n".join(lines)


def _block(design: Any, indent: str) -> Iterator[str]:
    for field in fields(design):
        value = getattr(design, field.name)
        if not field.init:
            continue
        if is_dataclass(value):
            yield f"{indent}{field.name}:"
            for kind, cls in _catalogue.outcomes().items():
                if type(value) is cls:
                    yield f"{indent}  kind: {kind}"
            yield from _block(value, indent + "  ")
        else:
            yield f"{indent}{field.name}: {_value(value)}"


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return repr(value)
