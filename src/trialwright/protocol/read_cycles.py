"""Reading the cycles: what repeats, from when, how long, and what ends it."""

from trialwright.protocol.cycles import MOST_TIMES, PARTICIPATION_END, Cycle, NextFrom, Stretch
from trialwright.protocol.durations import Duration, Unit
from trialwright.protocol.fields import Fields
from trialwright.protocol.nodes import Block, Listing, Node
from trialwright.protocol.shapes import CYCLE, STRETCH
from trialwright.protocol.typecheck import suggestion
from trialwright.protocol.visits import Anchor

_PLACEHOLDER = Duration(10, Unit.YEAR)


def read_cycles(root: Fields, anchors: tuple[Anchor, ...]) -> tuple[Cycle, ...]:
    """Return the cycles, in the order written."""
    known = [anchor.key for anchor in anchors]
    return tuple(_cycle(key, fields, known) for key, fields in root.named("cycles", CYCLE))


def _cycle(key: str, fields: Fields, anchors: list[str]) -> Cycle:
    stretches = _stretches(key, fields)
    until = fields.words("until")
    times = [stretch.times for stretch in stretches]
    if until is None and None in times:
        message = f"Nothing ends the cycle `{key}`"
        way_out = (
            "Add `times:`, or `until:` with an anchor after whose day no occurrence begins, or "
            f"`until: {PARTICIPATION_END}`."
        )
        fields.reading.problem(fields.line, message, way_out, "cycle-end")
    return Cycle(
        key=key,
        label=fields.text("label"),
        anchor=_anchor(fields, "from", fields.words("from") or "", anchors),
        stretches=stretches,
        until=_end(fields, until, anchors),
        next_from=fields.choice("next_from", NextFrom) or NextFrom.PLAN,
        line=fields.line,
        next_on=fields.reference("next_on"),
    )


def _end(fields: Fields, until: str | None, anchors: list[str]) -> str | None:
    if until is None or until == PARTICIPATION_END:
        return None
    return _anchor(fields, "until", until, [*anchors, PARTICIPATION_END])


def _anchor(fields: Fields, key: str, word: str, known: list[str]) -> str:
    if word and word not in known:
        message = f"`{word}` is not an anchor (`{key}`)"
        way_out = suggestion(word, known)
        fields.reading.problem(fields.line_of(key), message, way_out, "unknown-anchor")
    return word


def _stretches(key: str, fields: Fields) -> tuple[Stretch, ...]:
    node = fields.block.get("length")
    if not isinstance(node, Listing):
        return (Stretch(fields.duration("length") or _PLACEHOLDER, _times(fields)),)
    if fields.has("times"):
        message = f"The cycle `{key}` has `times` beside stretches"
        way_out = "Give each stretch its own `times`."
        fields.reading.problem(fields.line_of("times"), message, way_out, "cycle-length")
    stretches = tuple(_stretch(fields, each) for each in node)
    if not stretches or any(stretch.times is None for stretch in stretches[:-1]):
        message = f"A stretch of the cycle `{key}` has no end, and another one follows"
        way_out = "Write `length: [{every: 6 w, times: 8}, {every: 9 w}]`; only the last is open."
        fields.reading.problem(node.line, message, way_out, "cycle-length")
    return stretches


def _stretch(fields: Fields, node: Node) -> Stretch:
    if not isinstance(node, Block):
        message = "A stretch of a cycle is not a block"
        way_out = "Write `{every: 6 w, times: 8}`."
        fields.reading.problem(node.line, message, way_out, "cycle-length")
        return Stretch(_PLACEHOLDER, 1)
    path = fields.path_to("length")
    inner = Fields(fields.reading, node, STRETCH, path, fields.provenance)
    return Stretch(inner.duration("every") or _PLACEHOLDER, _times(inner))


def _times(fields: Fields) -> int | None:
    if not fields.has("times"):
        return None
    return fields.whole("times", 1, minimum=1, maximum=MOST_TIMES)
