"""What of a protocol a simulation reached, counted in its cut, and what it never did, by name."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from trialwright.analysis.cut import Cut, SealedPart
from trialwright.analysis.cut_entries import Entry
from trialwright.analysis.cut_participants import ELIGIBLE, ENDINGS, RANDOMISED
from trialwright.analysis.cut_products import CONTAINER_STATUSES, LOT_STATUSES, Products
from trialwright.analysis.values import Values
from trialwright.custody.bedside import Refusal
from trialwright.protocol.forms import Form, Item, ItemType, Severity
from trialwright.protocol.model import Protocol
from trialwright.simulation.tally import LifeTally


@dataclass(frozen=True, slots=True)
class Reached:
    """One thing of the protocol, and how often it was met with: 0 is never."""

    kind: str
    name: str
    times: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """The whole table.

    refusals: actions that a person would have expected to be taken and that were refused, with
    their sentences. unmet: what no answers found bring about. accepted: what should be refused.
    """

    screened: int
    enrolled: int
    completed: int
    actions: int
    lines: tuple[Reached, ...]
    refusals: tuple[tuple[str, str, int], ...]
    unmet: tuple[str, ...]
    accepted: tuple[str, ...]

    @property
    def never(self) -> tuple[Reached, ...]:
        """What was never reached."""
        return tuple(line for line in self.lines if line.times == 0)


def cover(protocol: Protocol, cut: Cut, sealed: SealedPart, tally: LifeTally) -> Coverage:
    """Count what a cut, with its sealed part, has of a protocol."""
    entries = (*cut.entries, *sealed.entries)
    lines = (
        *_arms(protocol, sealed),
        *_strata(protocol, cut),
        *_groups(protocol, cut),
        *_criteria(protocol, cut),
        *_visits(protocol, cut),
        *_steps(protocol, cut, sealed),
        *_epochs(protocol, cut),
        *_items(protocol, entries),
        *_checks(protocol, cut, tally),
        *_strengths(protocol, cut),
        *_products(protocol, sealed.products),
        *_endings(cut),
    )
    entered = RANDOMISED if protocol.allocation else ELIGIBLE
    enrolled = [p for p in cut.participants if p.at(entered) and not p.linked_to]
    return Coverage(
        screened=len(cut.participants),
        enrolled=len(enrolled),
        completed=sum(p.state == "completed" for p in cut.participants),
        actions=tally.actions,
        lines=lines,
        refusals=tuple((*what, n) for what, n in sorted(tally.refusals.items())),
        unmet=tuple(sorted(tally.unmet)),
        accepted=tuple(sorted(tally.accepted)),
    )


def _count(kind: str, names: Iterable[str], found: Counter[str]) -> Iterator[Reached]:
    return (Reached(kind, name, found[name]) for name in names)


def _arms(protocol: Protocol, sealed: SealedPart) -> Iterator[Reached]:
    if protocol.allocation is None:
        return iter(())
    found = Counter(arm for each in sealed.assignments for arm in {*each.path})
    return _count("arm", [arm.key for arm in protocol.arms], found)


def _groups(protocol: Protocol, cut: Cut) -> Iterator[Reached]:
    entered = RANDOMISED if protocol.allocation else ELIGIBLE
    found = Counter(p.group for p in cut.participants if p.group and p.at(entered))
    return _count("group", [group.key for group in protocol.groups], found)


def _strengths(protocol: Protocol, cut: Cut) -> Iterator[Reached]:
    strengths = protocol.kits.strengths if protocol.kits else ()
    found = Counter(kit.strength for kit in cut.kits if kit.dispensed_on)
    return _count("strength of kits", [each.key for each in strengths], found)


def _strata(protocol: Protocol, cut: Cut) -> Iterator[Reached]:
    factors = [factor for each in protocol.entry_allocations for factor in each.factors]
    values = Values(cut, protocol)
    for factor in factors:
        found: Counter[str] = Counter()
        for person in cut.participants:
            levels = (each for each in factor.levels if values.of(each.when, person) is True)
            level = next(levels, None)
            if level is not None:
                found[level.key] += 1
        for each in factor.levels:
            yield Reached("stratum", f"{factor.key}.{each.key}", found[each.key])


def _criteria(protocol: Protocol, cut: Cut) -> Iterator[Reached]:
    failed = Counter(c for p in cut.participants if p.exclusion for c in p.exclusion.criteria)
    return _count("criterion missed", [each.key for each in protocol.criteria], failed)


def _visits(protocol: Protocol, cut: Cut) -> Iterator[Reached]:
    done = Counter(each.visit for each in cut.visits if each.status == "done")
    done += Counter(each.visit for each in cut.entries if protocol.visit(each.visit).any_time)
    missed = Counter(each.visit for each in cut.visits if each.status == "missed")
    outside = Counter(
        each.visit
        for each in cut.visits
        if each.actual and each.opens and each.closes
        and not each.opens <= each.actual <= each.closes
    )  # fmt: skip
    yield from _count("visit", [visit.key for visit in protocol.visits], done)
    dated = [visit.key for visit in protocol.visits if not visit.any_time]
    yield from _count("visit missed", [v for v in dated if not protocol.visit(v).screening], missed)
    yield from _count("visit outside its window", dated, outside)


def _steps(protocol: Protocol, cut: Cut, sealed: SealedPart) -> Iterator[Reached]:
    taken = [step.name for p in cut.participants for step in p.steps]
    taken += [step.name for each in sealed.assignments for step in each.steps]
    found = Counter(taken)
    for step in protocol.steps:
        for name in [f"{step.key}/{visit}" for visit in step.at] or [step.key]:
            again = (n for each, n in found.items() if each.startswith(f"{name}/"))
            yield Reached("step", name, found[name] + sum(again))
    if protocol.gives_doses:
        given = Counter(p.treatment.status for p in cut.participants if p.treatment)
        yield from _count("treatment", ["full", "part", "none"], given)


def _epochs(protocol: Protocol, cut: Cut) -> Iterator[Reached]:
    keys = [epoch.key for epoch in protocol.epochs]
    yield from _count("epoch", keys, Counter(each.epoch for each in cut.epochs))
    ended = Counter(each.epoch for each in cut.epochs if each.end)
    yield from _count("epoch ended", keys, ended)


def _products(protocol: Protocol, found: Products) -> Iterator[Reached]:
    """Each status of a lot and of a container, and what may forbid giving one."""
    followed = [product.key for product in protocol.products if product.container]
    product_of = {each.lot: each.product for each in found.lots}
    lot_of = {each.container: each.lot for each in found.containers}
    lots = Counter(f"{each.product}: quarantine" for each in found.lots)
    lots += Counter(f"{each.product}: {made.status}" for each in found.lots
                    for made in each.decisions)  # fmt: skip
    lots += Counter(f"{each.product}: expired" for each in found.lots if each.status == "expired")
    moves = Counter(
        f"{product_of[lot_of[each.container]]}: {each.status}" for each in found.handling
    )
    for key in followed:
        yield from _count("lot", [f"{key}: {status}" for status in LOT_STATUSES], lots)
        yield from _count("container", [f"{key}: {each}" for each in CONTAINER_STATUSES], moves)
    if followed:
        excluded = Counter("excluded" for each in found.donors if each.excluded_on)
        yield from _count("donor", ["excluded"], excluded)
        misses = Counter(why for each in found.checks for why in each.refusals)
        yield from _count("near miss", [each.value for each in Refusal], misses)


def _items(protocol: Protocol, entries: Sequence[Entry]) -> Iterator[Reached]:
    found: Counter[tuple[str, str]] = Counter()
    missing: Counter[tuple[str, str]] = Counter()
    texts: Counter[tuple[str, str, str]] = Counter()
    for entry in entries:
        for value in entry.values:
            key = (entry.form, value.item)
            found[key] += 1
            if value.text is None:
                missing[key] += 1
            else:
                texts[(*key, value.text)] += 1
    asked = Counter(entry.form for entry in entries)
    for form in protocol.forms:
        for item in form.items:
            key, name = (form.key, item.key), f"{form.key}.{item.key}"
            yield Reached("item", name, found[key])
            if item.missing_reasons and not item.computed:
                yield Reached("item missing with a reason", name, missing[key])
            if item.show_when is not None:
                yield Reached("item not asked", name, asked[form.key] - found[key])
            yield from _answers(form, item, texts)


def _answers(form: Form, item: Item, texts: Counter[tuple[str, str, str]]) -> Iterator[Reached]:
    choices: list[str] = []
    if item.type is ItemType.YES_NO:
        choices = ["yes", "no"]
    elif item.code_list is not None:
        choices = [code.code for code in item.code_list]
    for choice in choices:
        times = texts[form.key, item.key, choice]
        yield Reached("answer", f"{form.key}.{item.key} = {choice}", times)


def _checks(protocol: Protocol, cut: Cut, tally: LifeTally) -> Iterator[Reached]:
    questions = Counter((query.form, query.text) for query in cut.queries)
    for form in protocol.forms:
        for check in form.checks:
            name = f"{form.key}.{check.key}"
            if check.severity is Severity.REFUSE:
                yield Reached("check that refuses", name, tally.fired[form.key, check.key])
            else:
                times = questions[form.key, check.message.in_language("en")]
                yield Reached("check that asks", name, times)


def _endings(cut: Cut) -> Iterator[Reached]:
    found = Counter(each.kind for p in cut.participants for each in p.endings)
    found["screening failure"] = sum(p.exclusion is not None for p in cut.participants)
    return _count("ending", [*ENDINGS, "screening failure"], found)
