"""Reading when things happen: anchors, visits, criteria, allocation."""

from trialwright.protocol.fields import Fields
from trialwright.protocol.model import (
    Allocation,
    Arm,
    Criterion,
    CriterionKind,
    Enrolment,
    Factor,
    Level,
    RunIn,
)
from trialwright.protocol.shapes import (
    ALLOCATION,
    ANCHOR,
    CRITERIA,
    CRITERION,
    ENROLMENT,
    FACTOR,
    FALLBACK,
    LEVEL,
    RUN_IN,
    VISIT,
)
from trialwright.protocol.typecheck import suggestion
from trialwright.protocol.visits import Anchor, Fallback, Reference, Step, Visit


def read_enrolment(root: Fields, run_in: RunIn | None) -> Enrolment | None:
    """The plan of enrolment, which must leave the run-in its time."""
    fields = root.within("enrolment", ENROLMENT)
    if fields is None:
        return None
    planned = Enrolment(fields.days("first_after_days"), fields.days("last_after_days"))
    takes = planned.last_after_days - planned.first_after_days
    least = (run_in.participants - 1) * run_in.days_apart if run_in else 0
    if fields.has("first_after_days") and fields.has("last_after_days") and takes < max(least, 1):
        message = "The last participant is planned no later than the first"
        way_out = "Write more days: both count from the signing."
        if takes > 0:
            message = f"The plan of enrolment takes {takes} days, the run-in alone {least}"
            way_out = "Plan the last participant later, or shorten the run-in."
        line = fields.line_of("last_after_days")
        fields.reading.problem(line, message, way_out, "enrolment")
    return planned


def read_anchors(root: Fields) -> tuple[Anchor, ...]:
    """The anchors; that their items exist is checked once the forms are known."""
    anchors = []
    for key, fields in root.named("anchors", ANCHOR):
        if fields.has("step") == fields.has("item"):
            message = f"The anchor `{key}` needs either a `step` or an `item`"
            way_out = "Name one: `step: treatment`, or `item: visit.form.item` holding its date."
            fields.reading.problem(fields.line, message, way_out, "anchor-source")
        item = fields.words("item")
        parts = item.split(".") if item else []
        if item and len(parts) != 3:
            message = f"{item!r} doesn't name an item at a visit"
            way_out = "Write `item: visit.form.item`."
            fields.reading.problem(fields.line_of("item"), message, way_out, "reference")
        anchors.append(
            Anchor(
                key=key,
                label=fields.text("label"),
                step=fields.choice("step", Step),
                item=Reference(*parts) if len(parts) == 3 else None,
                line=fields.line,
            )
        )
    return tuple(anchors)


def read_visits(root: Fields, anchors: tuple[Anchor, ...], forms: list[str]) -> tuple[Visit, ...]:
    """The visits, in the order written; their `only_if` not yet typed."""
    known = [anchor.key for anchor in anchors]
    return tuple(_visit(key, fields, known, forms) for key, fields in root.named("visits", VISIT))


def _visit(key: str, fields: Fields, anchors: list[str], forms: list[str]) -> Visit:
    names = fields.names("forms")
    for name in names:
        if name.text not in forms:
            message = f"The visit `{key}` uses the form `{name.text}`, which doesn't exist"
            way_out = suggestion(name.text, forms)
            fields.reading.problem(name.line, message, way_out, "unknown-form")
    if fields.has("forms") and not names:
        message = f"The visit `{key}` has no forms"
        way_out = "List its forms, or take the visit away."
        fields.reading.problem(fields.line_of("forms"), message, way_out, "unused-visit")
    anchor = _anchor(fields, anchors)
    for only_dated in ("day", "window_before_days", "window_after_days", "fallback"):
        if anchor is None and fields.has(only_dated) and not fields.has("anchor"):
            message = f"The visit `{key}` has `{only_dated}` and no `anchor` to count from"
            way_out = "Add `anchor:`, or take the key away: the visit is then open at any time."
            fields.reading.problem(fields.line_of(only_dated), message, way_out, "no-anchor")
    return Visit(
        key=key,
        label=fields.text("label"),
        forms=tuple(dict.fromkeys(name.text for name in names)),
        line=fields.line,
        anchor=anchor,
        day=fields.days("day", before=True),
        window_before_days=fields.days("window_before_days"),
        window_after_days=fields.days("window_after_days"),
        fallback=_fallback(fields, anchor, anchors),
        screening=fields.truth("screening"),
        remote=fields.truth("remote"),
        only_if=fields.expression("only_if"),
    )


def _anchor(fields: Fields, anchors: list[str]) -> str | None:
    anchor = fields.words("anchor")
    if anchor is not None and anchor not in anchors:
        message = f"`{anchor}` is not an anchor"
        way_out = suggestion(anchor, anchors)
        fields.reading.problem(fields.line_of("anchor"), message, way_out, "unknown-anchor")
    return anchor


def _fallback(fields: Fields, anchor: str | None, anchors: list[str]) -> Fallback | None:
    inner = fields.within("fallback", FALLBACK)
    if inner is None:
        return None
    other = _anchor(inner, anchors)
    if other == anchor:
        message = f"The fallback counts from `{anchor}`, as the visit itself does"
        way_out = "Count it from an anchor that is known when this one can't come."
        inner.reading.problem(inner.line, message, way_out, "fallback-anchor")
    return Fallback(
        anchor=other or "",
        day=inner.days("day", before=True),
        window_before_days=inner.days("window_before_days"),
        window_after_days=inner.days("window_after_days"),
    )


def read_criteria(root: Fields) -> tuple[Criterion, ...]:
    """Inclusion criteria, then exclusion criteria; checks not yet typed."""
    fields = root.within("criteria", CRITERIA)
    if fields is None:
        return ()
    return tuple(
        Criterion(key, kind, inner.text("text"), inner.expression("check"), inner.line)
        for kind in CriterionKind
        for key, inner in fields.named(kind, CRITERION)
    )


def read_allocation(root: Fields, arms: tuple[Arm, ...]) -> Allocation | None:
    """The allocation; its strata not yet typed."""
    fields = root.within("allocation", ALLOCATION)
    if fields is None:
        return None
    given = {}
    for key, number in fields.shares("ratio"):
        if key not in [arm.key for arm in arms]:
            message = f"`{key}` is not an arm"
            way_out = suggestion(key, [arm.key for arm in arms])
            fields.reading.problem(fields.line_of("ratio"), message, way_out, "unknown-arm")
        given[key] = number
    absent = [arm.key for arm in arms if arm.key not in given]
    if absent and fields.has("ratio"):
        message = f"The ratio leaves out {', '.join(absent)}"
        way_out = "Give every arm its share, a whole number from 1."
        fields.reading.problem(fields.line_of("ratio"), message, way_out, "ratio")
    ratio = tuple(given.get(arm.key, 1) for arm in arms)
    run_in = _run_in(fields, sum(ratio))
    sizes = []
    for name in fields.names("block_sizes"):
        sizes.append(_block_size(fields, name.text, name.line, sum(ratio)))
    return Allocation(ratio, tuple(sizes), _factors(fields), run_in, fields.line)


def _run_in(fields: Fields, share: int) -> RunIn | None:
    inner = fields.within("run_in", RUN_IN)
    if inner is None:
        return None
    size = inner.whole("block_size", share, minimum=1)
    _block_size(inner, str(size), inner.line_of("block_size"), share)
    participants = inner.whole("participants", size, minimum=1)
    if participants % size:
        message = f"The run-in's {participants} participants don't fill blocks of {size}"
        way_out = "Make the number a multiple of the block size."
        line = inner.line_of("participants")
        inner.reading.problem(line, message, way_out, "block-size")
    return RunIn(participants, size, inner.days("days_apart"))


def _block_size(fields: Fields, text: str, line: int, share: int) -> int:
    size = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    if size < 1 or (share and size % share):
        message = f"A block of {text} can't hold the ratio, which adds up to {share}"
        way_out = f"Use multiples of {share}."
        fields.reading.problem(line, message, way_out, "block-size")
    return size


def _factors(fields: Fields) -> tuple[Factor, ...]:
    factors = []
    for key, factor in fields.named("strata", FACTOR):
        levels = tuple(
            Level(level_key, level.text("label"), level.needed_expression("when"))
            for level_key, level in factor.named("levels", LEVEL)
        )
        if len(levels) < 2:
            message = f"The factor `{key}` has fewer than two levels"
            way_out = "Add levels, or take the factor away."
            factor.reading.problem(factor.line, message, way_out, "levels")
        factors.append(Factor(key, factor.text("label"), levels))
    return tuple(factors)
