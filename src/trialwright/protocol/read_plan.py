"""Reading when things happen: anchors, visits, criteria."""

from dataclasses import replace

from trialwright.protocol.allocations import Allocation
from trialwright.protocol.cycles import Cycle
from trialwright.protocol.durations import MOST_DAYS
from trialwright.protocol.epochs import Epoch
from trialwright.protocol.fields import Fields
from trialwright.protocol.model import Criterion, CriterionKind, Enrolment
from trialwright.protocol.shapes import (
    ANCHOR,
    CRITERIA,
    CRITERION,
    ENROLMENT,
    FALLBACK,
    VISIT,
)
from trialwright.protocol.steps import COUNTED_FROM
from trialwright.protocol.typecheck import suggestion
from trialwright.protocol.visits import Anchor, EndEvent, Fallback, Visit


def read_enrolment(
    root: Fields, allocation: Allocation | None, participants: int
) -> Enrolment | None:
    """The plan of enrolment, which must leave the run-in and the pause their time."""
    fields = root.within("enrolment", ENROLMENT)
    if fields is None:
        return None
    planned = Enrolment(fields.days("first_after_days"), fields.days("last_after_days"))
    takes = planned.last_after_days - planned.first_after_days
    least = allocation.least_days(participants) if allocation else 0
    if fields.has("first_after_days") and fields.has("last_after_days") and takes < max(least, 1):
        message = "The last participant is planned no later than the first"
        way_out = "Write more days: both count from the signing."
        if takes > 0:
            paused = allocation is not None and allocation.pause_after is not None
            what = "the run-in with its pause" if paused else "the run-in"
            message = f"The plan of enrolment takes {takes} days, {what} alone {least}"
            or_shorter = "the run-in or its pause" if paused else "the run-in"
            way_out = f"Plan the last participant later, or shorten {or_shorter}."
        line = fields.line_of("last_after_days")
        fields.reading.problem(line, message, way_out, "enrolment")
    return planned


def read_anchors(
    root: Fields, steps: tuple[str, ...], epochs: tuple[str, ...]
) -> tuple[Anchor, ...]:
    """The anchors; that their items exist is checked once the forms are known."""
    anchors = []
    for key, fields in root.named("anchors", ANCHOR):
        if sum(map(fields.has, _SOURCES)) != 1:
            message = f"The anchor `{key}` needs one source, such as a `step` or an `item`"
            way_out = "Name one: `step: treatment`, or `item: visit.form.item` holding its date."
            fields.reading.problem(fields.line, message, way_out, "anchor-source")
        anchors.append(
            Anchor(
                key=key,
                label=fields.text("label"),
                step=fields.word_among("step", (*COUNTED_FROM, *steps)),
                item=fields.reference("item"),
                line=fields.line,
                when=fields.expression("when"),
                visit=fields.words("visit"),
                epoch=fields.word_among("epoch", epochs),
                epoch_end=fields.word_among("epoch_end", epochs),
                event=fields.word_among("event", tuple(EndEvent)),
            )
        )
        if fields.has("when") and not fields.has("item"):
            message = f"The anchor `{key}` has `when` and no `item`"
            way_out = "Add the item that holds the date, or take `when` away."
            fields.reading.problem(fields.line_of("when"), message, way_out, "anchor-source")
    return tuple(anchors)


_SOURCES = ("step", "item", "visit", "epoch", "epoch_end", "event")


def read_visits(
    root: Fields,
    anchors: tuple[Anchor, ...],
    cycles: tuple[Cycle, ...],
    epochs: tuple[Epoch, ...],
    forms: list[str],
    arms: list[str],
    kinds: tuple[str, ...] = (),
) -> tuple[Visit, ...]:
    """The visits, in the order written; their `only_if` not yet typed."""
    known = [anchor.key for anchor in anchors]
    repeats = [cycle.key for cycle in cycles]
    periods = [epoch.key for epoch in epochs]
    return tuple(
        replace(
            _visit(key, fields, known, repeats, forms),
            epoch=fields.word_among("epoch", periods),
            arms=fields.words_among("arms", arms),
            kind=fields.word_among("kind", kinds),
        )
        for key, fields in root.named("visits", VISIT)
    )


def _visit(
    key: str, fields: Fields, anchors: list[str], cycles: list[str], forms: list[str]
) -> Visit:
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
    cycle = _cycle(key, fields, cycles)
    for only_dated in ("day", "after", "window_before_days", "window_after_days", "fallback"):
        if fields.has(only_dated) and not fields.has("anchor") and not fields.has("cycle"):
            message = f"The visit `{key}` has `{only_dated}` and no `anchor` to count from"
            way_out = "Add `anchor:`, or take the key away: the visit is then open at any time."
            fields.reading.problem(fields.line_of(only_dated), message, way_out, "no-anchor")
    unscheduled = fields.truth("unscheduled")
    for dated in ("anchor", "cycle", "screening", "only_if", "arms"):
        if unscheduled and fields.has(dated):
            message = f"The visit `{key}` is unscheduled and has `{dated}`"
            way_out = "Take one of the two away: an unscheduled visit is made when it is needed."
            fields.reading.problem(fields.line_of(dated), message, way_out, "unscheduled")
    if fields.has("day") and fields.has("after"):
        message = f"The visit `{key}` has both `day` and `after`"
        way_out = "Keep one: `day` counts days, `after` any length of time (`after: 3 months`)."
        fields.reading.problem(fields.line_of("after"), message, way_out, "day-or-after")
    return Visit(
        key=key,
        label=fields.text("label"),
        forms=tuple(dict.fromkeys(name.text for name in names)),
        line=fields.line,
        anchor=anchor,
        cycle=cycle,
        day=_first_day_is_1(fields) if cycle else fields.days("day", before=True),
        after=fields.duration("after"),
        window_before_days=fields.days("window_before_days"),
        window_after_days=fields.days("window_after_days"),
        fallback=_fallback(fields, anchor, anchors),
        screening=fields.truth("screening"),
        remote=fields.truth("remote"),
        only_if=fields.expression("only_if"),
        unscheduled=unscheduled,
    )


def _cycle(key: str, fields: Fields, cycles: list[str]) -> str | None:
    cycle = fields.words("cycle")
    if cycle is None:
        return None
    if cycle not in cycles:
        message = f"`{cycle}` is not a cycle"
        way_out = suggestion(cycle, cycles)
        fields.reading.problem(fields.line_of("cycle"), message, way_out, "unknown-cycle")
    for other in ("anchor", "after", "fallback", "screening"):
        if fields.has(other):
            message = f"The visit `{key}` has `{other}` beside `cycle`"
            way_out = "A visit of a cycle is counted from the cycle alone: by `day`, from day 1."
            fields.reading.problem(fields.line_of(other), message, way_out, "visit-of-cycle")
    return cycle


def _first_day_is_1(fields: Fields) -> int:
    return fields.whole("day", 1, minimum=1, maximum=MOST_DAYS)


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


def read_criteria(root: Fields, kinds: tuple[str, ...]) -> tuple[Criterion, ...]:
    """Inclusion criteria, then exclusion criteria; checks not yet typed."""
    fields = root.within("criteria", CRITERIA)
    if fields is None:
        return ()
    return tuple(
        Criterion(
            key,
            kind,
            inner.text("text"),
            inner.expression("check"),
            inner.line,
            inner.word_among("kind", kinds),
        )
        for kind in CriterionKind
        for key, inner in fields.named(kind, CRITERION)
    )
