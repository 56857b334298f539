"""What must hold between the parts of a protocol, once each part has been read."""

from collections.abc import Iterable, Iterator

from trialwright.protocol.cycles import Cycle
from trialwright.protocol.dependencies import placed
from trialwright.protocol.epochs import Epoch
from trialwright.protocol.forms import CodeList, Form, Item, ItemType
from trialwright.protocol.model import Arm, Protocol
from trialwright.protocol.problems import Problem
from trialwright.protocol.products import Product
from trialwright.protocol.read_forms import MISSING_REASONS
from trialwright.protocol.steps import Milestone
from trialwright.protocol.typecheck import suggestion
from trialwright.protocol.visits import Anchor, Visit

_DATES = (ItemType.DATE, ItemType.PARTIAL_DATE)


def visit_problems(visits: tuple[Visit, ...], cycles: tuple[Cycle, ...]) -> Iterator[Problem]:
    """Visits before their anchor or outside their cycle, and windows that overlap."""
    by_key = {cycle.key: cycle for cycle in cycles}
    for visit in visits:
        if visit.cycle in by_key:
            yield from _outside_cycle(visit, by_key[visit.cycle])
            continue
        day = visit.after.least_days if visit.after else visit.day
        before = day - visit.window_before_days
        if not visit.any_time and before < 0 and not visit.screening:
            yield Problem(
                visit.line,
                f"The visit `{visit.key}` may come before its anchor `{visit.anchor}` "
                f"(from day {before}) and isn't screening",
                "Narrow `window_before_days`, choose a later `day`, or mark it `screening: yes`.",
                "before-anchor",
            )
    by_anchor: dict[tuple[str, str | None], list[Visit]] = {}
    for visit in visits:
        if visit.anchor is not None and visit.after is None:
            by_anchor.setdefault((visit.anchor, visit.kind), []).append(visit)
    for anchored in by_anchor.values():
        yield from _overlaps(sorted(anchored, key=lambda visit: visit.day))


def _outside_cycle(visit: Visit, cycle: Cycle) -> Iterator[Problem]:
    """A day that no occurrence has, or a window that reaches into the next occurrence's own."""
    shortest = min(stretch.every.least_days for stretch in cycle.stretches)
    if visit.day > shortest:
        yield Problem(
            visit.line,
            f"The visit `{visit.key}` is on day {visit.day} of the cycle `{cycle.key}`, whose "
            f"shortest occurrence has {shortest} days",
            "Choose an earlier `day`, from 1, or make the cycle longer.",
            "visit-of-cycle",
        )
    elif visit.window_before_days + visit.window_after_days >= shortest and cycle.times != 1:
        yield Problem(
            visit.line,
            f"The window of `{visit.key}` is as long as the cycle `{cycle.key}`, so that a day "
            "would belong to two occurrences",
            "Narrow the window.",
            "overlapping-windows",
        )


def _overlaps(visits: list[Visit]) -> Iterator[Problem]:
    for earlier, later in _followed(visits):
        last = earlier.day + earlier.window_after_days
        first = later.day - later.window_before_days
        if last >= first:
            yield Problem(
                later.line,
                f"The window of `{later.key}` (from day {first}) overlaps that of "
                f"`{earlier.key}` (to day {last}, line {earlier.line})",
                "Narrow one of the windows, so that each day belongs to one visit.",
                "overlapping-windows",
            )


def _followed(visits: list[Visit]) -> Iterator[tuple[Visit, Visit]]:
    """Each visit with the next that one participant can come to after it."""
    for number, earlier in enumerate(visits):
        later = next((each for each in visits[number + 1 :] if _of_one_person(earlier, each)), None)
        if later is not None:
            yield earlier, later


def _of_one_person(one: Visit, other: Visit) -> bool:
    """Whether one participant can come to both: an arm has both."""
    return not one.arms or not other.arms or bool(set(one.arms) & set(other.arms))


def anchor_problems(protocol: Protocol) -> Iterator[Problem]:
    """Anchors whose date can't be had: no such item, not a date, or counted from itself."""
    anchors, visits, forms = protocol.anchors, protocol.visits, protocol.forms
    cycles = {cycle.key: cycle.anchor for cycle in protocol.cycles}
    by_form = {form.key: form for form in forms}
    by_visit = {visit.key: visit for visit in visits}
    needs: dict[str, set[str]] = {}
    for anchor in anchors:
        if anchor.visit is not None:
            if anchor.visit not in by_visit or by_visit[anchor.visit].unscheduled:
                way_out = suggestion(anchor.visit, list(by_visit))
                message = (
                    f"The anchor `{anchor.key}` is the visit `{anchor.visit}`, which has no day"
                )
                yield Problem(anchor.line, message, way_out, "unknown-visit")
            else:
                needs[anchor.key] = _counted_from(by_visit[anchor.visit], cycles)
        needs[anchor.key] = needs.get(anchor.key, set()) | _through_epochs(anchor, protocol.epochs)
        if anchor.item is None:
            continue
        visit, form = by_visit.get(anchor.item.visit), by_form.get(anchor.item.form)
        item = _item(form, anchor.item.item)
        if visit is None or form is None or item is None or form.key not in visit.forms:
            way_out = suggestion(str(anchor.item), _dates(visits, by_form))
            message = f"The anchor `{anchor.key}` counts from `{anchor.item}`, which isn't there"
            yield Problem(anchor.line, message, way_out, "unknown-item")
            continue
        if item.type not in _DATES or item.unmasking or form.repeating:
            way_out = "Use a date of a form with one record that everyone may see."
            message = f"The anchor `{anchor.key}` can't be counted from `{anchor.item}`"
            yield Problem(anchor.line, message, way_out, "anchor-item")
        # A condition looks for a later record, which may well come from its own cycle.
        if anchor.when is None:
            needs[anchor.key] = _counted_from(visit, cycles)
    yield from _anchor_cycles(anchors, needs)


def _counted_from(visit: Visit, cycles: dict[str, str]) -> set[str]:
    counted = cycles.get(visit.cycle, "") if visit.cycle else visit.anchor
    return {counted} if counted else set()


def _through_epochs(anchor: Anchor, epochs: tuple[Epoch, ...]) -> set[str]:
    """The anchors that decide when the anchor's epoch begins or ends."""
    needed: set[str] = set()
    begins = anchor.epoch is not None
    upto = next(
        (n for n, each in enumerate(epochs) if each.key == (anchor.epoch or anchor.epoch_end)), -1
    )
    for epoch in reversed(epochs[: upto + 1]):
        if not begins:
            needed.update(epoch.ends)
        begins = False
        if epoch.starts:
            return needed | {epoch.starts}
    return needed


def _anchor_cycles(anchors: tuple[Anchor, ...], needs: dict[str, set[str]]) -> Iterator[Problem]:
    for anchor in anchors:
        if anchor.key in _reached(anchor.key, needs):
            yield Problem(
                anchor.line,
                f"The anchor `{anchor.key}` is set at a visit that is itself counted from it",
                "Set it at a visit that comes from another anchor, or at one open at any time.",
                "anchor-cycle",
            )


def _item(form: Form | None, key: str) -> Item | None:
    return next((item for item in form.items if item.key == key), None) if form else None


def _dates(visits: tuple[Visit, ...], forms: dict[str, Form]) -> list[str]:
    return [
        f"{visit.key}.{key}.{item.key}"
        for visit in visits
        for key in visit.forms
        if key in forms
        for item in forms[key].items
        if item.type in _DATES
    ]


def decided_day_problems(protocol: Protocol) -> Iterator[Problem]:
    """Days of the next occurrence that can't be had: of another cycle, no date, or not for all."""
    by_form = {form.key: form for form in protocol.forms}
    for cycle in protocol.cycles:
        named = cycle.next_on
        if named is None:
            continue
        own = [visit for visit in protocol.visits if visit.cycle == cycle.key]
        form = by_form.get(named.form)
        item = _item(form, named.item)
        there = any(visit.key == named.visit and named.form in visit.forms for visit in own)
        if form is None or item is None or not there:
            message = f"The cycle `{cycle.key}` has its days from `{named}`, which isn't at it"
            way_out = suggestion(str(named), _dates(tuple(own), by_form))
            yield Problem(cycle.line, message, way_out, "unknown-item")
        elif not item.future or item.unmasking or form.repeating:
            message = f"The cycle `{cycle.key}` can't have its days from `{named}`"
            way_out = (
                "Use a date with `future: yes`, of a form with one record that everyone may see."
            )
            yield Problem(cycle.line, message, way_out, "anchor-item")


def cycle_problems(visits: tuple[Visit, ...], forms: tuple[Form, ...]) -> Iterator[Problem]:
    """Items whose value or showing depends on itself, at any visit."""
    by_form = {form.key: form for form in forms}
    needs: dict[str, set[str]] = {}
    lines: dict[str, int] = {}
    for visit in visits:
        for form in (by_form[key] for key in visit.forms if key in by_form):
            for item in form.items:
                name = f"{visit.key}.{form.key}.{item.key}"
                needs[name] = set(_needed(item, visit.key, form.key))
                lines[name] = item.line
    told: set[int] = set()
    for name in needs:
        if name in _reached(name, needs) and lines[name] not in told:
            told.add(lines[name])
            yield Problem(
                lines[name],
                f"The item `{name.split('.', 1)[1]}` is computed or shown from itself",
                "Break the circle: let one of its items be typed, or always be shown.",
                "cycle",
            )


def _needed(item: Item, visit: str, form: str) -> Iterator[str]:
    for expression in (item.expression, item.show_when):
        if expression is not None:
            many = (term.path for term in expression.series)
            yield from (placed(name, visit, form) for name in (*expression.references, *many))


def _reached(start: str, needs: dict[str, set[str]]) -> set[str]:
    """Everything that `start` needs, directly or not."""
    found: set[str] = set()
    waiting = list(needs.get(start, ()))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(needs.get(name, ()))
    return found


def unused_problems(
    *,
    forms: tuple[Form, ...],
    visits: tuple[Visit, ...],
    anchors: tuple[Anchor, ...],
    epochs: tuple[Epoch, ...],
    cycles: tuple[Cycle, ...],
    code_lists: tuple[CodeList, ...],
    products: tuple[Product, ...],
    arms: tuple[Arm, ...],
) -> Iterator[Problem]:
    """Forms, anchors, cycles, code lists and products that nothing uses."""
    counted = {visit.anchor for visit in visits}
    counted |= {visit.fallback.anchor for visit in visits if visit.fallback}
    counted |= {cycle.anchor for cycle in cycles} | {cycle.until for cycle in cycles}
    counted |= {key for epoch in epochs for key in (epoch.starts, *epoch.ends)}
    steps = {anchor.key for anchor in anchors if anchor.step == Milestone.CONSENT}
    items = [item for form in forms for item in form.items]
    items += [test.item for each in products for test in (*each.release, *each.donor_tests)]
    lists = {item.code_list.key for item in items if item.code_list} | {MISSING_REASONS}
    yield from _unused(forms, {key for visit in visits for key in visit.forms}, "form", "a visit")
    yield from _unused(anchors, counted | steps, "anchor", "a visit")
    repeated = {visit.cycle for visit in visits}
    yield from _unused(cycles, repeated, "cycle", "a visit")
    yield from _unused(code_lists, lists, "code list", "an item")
    yield from _unused(products, {key for arm in arms for key in arm.products}, "product", "an arm")


def _unused(
    nouns: Iterable[Form | Anchor | Cycle | CodeList | Product],
    used: set[str] | set[str | None],
    what: str,
    user: str,
) -> Iterator[Problem]:
    for noun in nouns:
        if noun.key not in used:
            message = f"The {what} `{noun.key}` is used by nothing"
            way_out = f"Name it in {user}, or take it away."
            yield Problem(noun.line, message, way_out, f"unused-{what.replace(' ', '-')}")
