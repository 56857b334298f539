"""Reading the kinds of participant."""

from trialwright.protocol.fields import Fields
from trialwright.protocol.kinds import Kind
from trialwright.protocol.nodes import Block
from trialwright.protocol.shapes import KIND, PROVENANCE


def kind_keys(root: Fields) -> tuple[str, ...]:
    """The names of the file's kinds, which visits and criteria refer to."""
    node = root.block.get("kinds")
    keys = node.keys() if isinstance(node, Block) else ()
    return tuple(key for key in keys if key not in PROVENANCE)


def read_kinds(root: Fields) -> tuple[Kind, ...]:
    """The kinds, in the order written."""
    keys = kind_keys(root)
    return tuple(
        Kind(
            key,
            fields.text("label"),
            fields.line,
            fields.word_among("of", keys),
            fields.truth("shares_arm"),
            fields.truth("shares_consent"),
            fields.whole("participants", 1, minimum=1) if fields.has("participants") else None,
        )
        for key, fields in root.named("kinds", KIND)
    )
