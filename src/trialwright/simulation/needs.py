"""What the rules of a protocol read before enrolment, and what its forms refuse."""

from collections.abc import Iterator

from trialwright.protocol.forms import Severity
from trialwright.protocol.groups import Group, escalations
from trialwright.protocol.model import Criterion, CriterionKind, Protocol
from trialwright.simulation.solving import Wish


def needed_items(protocol: Protocol) -> frozenset[str]:
    """The items (`visit.form.item`) that decide who enters and when visits are."""
    return frozenset(_needed(protocol))


def _needed(protocol: Protocol) -> Iterator[str]:
    for anchor in protocol.anchors:
        if anchor.item is not None:
            yield str(anchor.item)
    factors = [factor for each in protocol.entry_allocations for factor in each.factors]
    rules = [rule for each in protocol.entry_allocations for rule in each.rules]
    for cohorts in escalations(protocol):
        yield from cohorts.references
    for expression in (
        *(group.when for group in protocol.groups),
        *(criterion.check for criterion in protocol.criteria),
        *(level.when for factor in factors for level in factor.levels),
        *(rule.when for rule in rules),
        *(visit.only_if for visit in protocol.visits),
    ):
        yield from expression.names if expression else ()


def unrefused(protocol: Protocol, visit: str, form: str) -> list[Wish]:
    """That none of a form's checks refuses."""
    return [
        Wish(f"{form}.{check.key}", check.when, False, visit, form, strictly=False)
        for check in protocol.form(form).checks
        if check.severity is Severity.REFUSE
    ]


def entering(protocol: Protocol, missed: Criterion | None = None) -> list[Wish]:
    """That every criterion with a check is met, but for one that is missed."""
    wishes = []
    for criterion in protocol.criteria:
        if criterion.check is not None:
            truth = criterion.kind is CriterionKind.INCLUSION
            wishes.append(Wish(criterion.key, criterion.check, truth is (criterion is not missed)))
    return wishes


def in_group(protocol: Protocol, group: Group | None) -> list[Wish]:
    """That the participant belongs to this group, and to none before it that asks for others."""
    wishes: list[Wish] = []
    for each in protocol.groups if group is not None else ():
        if each == group:
            return wishes + ([Wish(f"group.{each.key}", each.when, True)] if each.when else [])
        own = group.when.text if group and group.when else ""
        if each.when is not None and each.when.text != own and not each.chosen_by:
            wishes.append(Wish(f"group.{each.key}", each.when, False, strictly=False))
    return wishes


def in_stratum(protocol: Protocol, number: int) -> list[Wish]:
    """That the participant of this number falls into the next stratum in turn, or by the rule
    gets the next arm."""
    wishes = []
    factors = protocol.allocation.factors if protocol.allocation else ()
    rules = protocol.allocation.rules if protocol.allocation else ()
    if rules:
        place = number % len(rules)
        for rule in rules[:place]:
            wishes.append(Wish(f"rule.{rule.arm}", rule.when, False))
        wishes.append(Wish(f"rule.{rules[place].arm}", rules[place].when, True))
    for factor in factors:
        number, place = divmod(number, len(factor.levels))
        for level in factor.levels[:place]:
            wishes.append(Wish(f"{factor.key}.{level.key}", level.when, False, strictly=False))
        level = factor.levels[place]
        wishes.append(Wish(f"{factor.key}.{level.key}", level.when, True))
    return wishes
