"""What an amendment of a running study may not take away: what data, steps or places stand under.

Everything else may change: windows and days, wording, checks, new visits, forms, items, steps,
criteria and roles, the consent, endpoints and analyses, safety rules.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from trialwright.protocol.allocations import Allocation
from trialwright.protocol.forms import Item
from trialwright.protocol.model import Protocol
from trialwright.protocol.problems import Problem
from trialwright.protocol.versions import Moves

_KEEP = "Keep it in the file: data, steps or people already stand under its key."
_LIST = (
    "Keep it as it is: the sealed list was made with it. Another list is another study, begun with "
    "a copy of this file."
)
_PACKED = "Keep it as it is: kits are packed with these products."


def problems_of_amendment(old: Protocol, new: Protocol) -> tuple[Problem, ...]:
    """What stands against putting a new version in the place of one that runs, by line."""
    return tuple(sorted({*_head(old, new), *_keys(old, new), *_items(old, new), *_list(old, new)}))


def _head(old: Protocol, new: Protocol) -> Iterator[Problem]:
    if new.version == old.version:
        message = f"The file has the version {new.version}, as the one in force"
        yield Problem(1, message, "Give it another `version`.", "amendment")
    if new.amendment is None:
        yield Problem(
            1,
            "The file doesn't say who moves to it",
            "Add `amendment: {moves: at_once, reconsent or new_only, why: …}`.",
            "amendment",
        )
    elif _nobody_consents(new) and new.amendment.moves is Moves.RECONSENT:
        message = "Participants move with a new consent, and the consent is waived"
        way_out = "Write `moves: at_once` or `moves: new_only`."
        yield Problem(1, message, way_out, "amendment")
    elif old.consent and new.consent is None:
        message = "The file has no consent document any more"
        yield Problem(1, message, "Add its `consent:` section again.", "amendment")


def _nobody_consents(protocol: Protocol) -> bool:
    return protocol.consent is not None and protocol.consent.waived is not None


def _keys(old: Protocol, new: Protocol) -> Iterator[Problem]:
    things: tuple[tuple[str, Callable[[Protocol], Iterable[Any]]], ...] = (
        ("visit", lambda each: each.visits),
        ("form", lambda each: each.forms),
        ("step", lambda each: each.steps),
        ("criterion", lambda each: each.criteria),
        ("anchor", lambda each: each.anchors),
        ("group", lambda each: each.groups),
        ("role", lambda each: each.roles.all),
    )
    for what, listed in things:
        yield from _gone(what, [one.key for one in listed(old)], [one.key for one in listed(new)])
    for visit in old.visits:
        now = next((each for each in new.visits if each.key == visit.key), None)
        if now is not None:
            yield from _gone(f"form of the visit `{visit.key}`", visit.forms, now.forms)
            if visit.repeats is not now.repeats or visit.unscheduled is not now.unscheduled:
                yield _changed(f"whether the visit `{visit.key}` comes again")


def _items(old: Protocol, new: Protocol) -> Iterator[Problem]:
    for form in old.forms:
        now = next((each for each in new.forms if each.key == form.key), None)
        if now is None:
            continue
        if form.repeating is not now.repeating:
            yield _changed(f"whether the form `{form.key}` repeats")
        after = {item.key: item for item in now.items}
        yield from _gone(f"item of the form `{form.key}`", [i.key for i in form.items], after)
        for item in form.items:
            if item.key in after:
                yield from _of_item(f"{form.key}.{item.key}", item, after[item.key])
        if form.unmasking_items - now.unmasking_items:
            yield _changed(f"that items of the form `{form.key}` could reveal an arm")


def _of_item(name: str, old: Item, new: Item) -> Iterator[Problem]:
    if (old.type, old.unit) != (new.type, new.unit):
        yield _changed(f"the type or unit of the item `{name}`")
    if old.code_list is not None:
        codes = [code.code for code in new.code_list] if new.code_list else []
        yield from _gone(f"answer of the item `{name}`", [c.code for c in old.code_list], codes)


def _list(old: Protocol, new: Protocol) -> Iterator[Problem]:
    if [arm.key for arm in old.arms] != [arm.key for arm in new.arms]:
        yield Problem(1, "The amendment changes the arms", _LIST, "amendment")
    if _allocations(old) != _allocations(new):
        yield Problem(1, "The amendment changes how participants are allocated", _LIST, "amendment")
    if (old.allocation or new.allocation) and old.participants != new.participants:
        yield Problem(1, "The amendment changes the number of participants", _LIST, "amendment")
    if old.kits and (new.kits is None or _packed(old) != _packed(new)):
        message = (
            "The amendment changes what the arms are given or its strengths, or takes the kits away"
        )
        yield Problem(1, message, _PACKED, "amendment")


def _packed(protocol: Protocol) -> object:
    """What is in the kits that an arm is given, and when."""
    strengths = protocol.kits.strength_keys if protocol.kits else ()
    return strengths, [(arm.products, dict(arm.in_epochs)) for arm in protocol.arms]


def _allocations(protocol: Protocol) -> list[object]:
    """What the sealed lists depend on: neither labels nor lines do."""
    return [_allocation(each) for each in protocol.allocations]


def _allocation(found: Allocation) -> object:
    levels = [[level.key for level in factor.levels] for factor in found.factors]
    rules = [(rule.arm, rule.when.text) for rule in found.rules]
    keys = [factor.key for factor in found.factors]
    when = found.when.text if found.when else ""
    bare = replace(found, line=0, pause_after=None, factors=(), rules=(), label=None, when=None)
    return bare, keys, levels, rules, when


def _gone(what: str, before: Sequence[str], after: Iterable[str]) -> Iterator[Problem]:
    kept = set(after)
    for key in before:
        if key not in kept:
            yield Problem(1, f"The amendment takes away the {what} `{key}`", _KEEP, "amendment")


def _changed(what: str) -> Problem:
    way_out = "Keep it as it is, and add another beside it."
    return Problem(1, f"The amendment changes {what}", way_out, "amendment")
