"""A protocol's facts in words: where each comes from, when a visit is, who does what."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.protocol.basics import Fact, Origin
from trialwright.protocol.forms import Form, Item, ItemType
from trialwright.protocol.model import Protocol
from trialwright.protocol.visits import Visit
from trialwright.web.components import Origin as Mark
from trialwright.web.forms.presenter import unit_text
from trialwright.web.sentences import listed


class Origins(NamedTuple):
    """The origin of each fact of a protocol, by the path of the fact."""

    facts: dict[str, Fact]
    citations: dict[str, str]

    @classmethod
    def of(cls, protocol: Protocol) -> "Origins":
        """Index a protocol's facts."""
        facts = {fact.path: fact for fact in protocol.facts}
        return cls(facts, {source.key: source.citation for source in protocol.sources})

    def mark(self, path: str) -> Mark | None:
        """Mark where a fact comes from; None where the file says nothing at this path."""
        fact = self.facts.get(path)
        if fact is None:
            return None
        return Mark(
            fact.origin.value, origin_word(fact.origin), self.citations.get(fact.source, "")
        )


def origin_word(origin: Origin) -> str:
    """Name an origin."""
    return {
        Origin.STATED: _("stated"),
        Origin.LITERATURE: _("literature"),
        Origin.ASSUMED: _("assumed"),
        Origin.CONFIRMED: _("confirmed"),
    }[origin]


def roles(protocol: Protocol, several: Iterable[str], language: str) -> str:
    """List roles by name, in the order in which the protocol names them."""
    return listed(protocol.roles.labels(set(several), language))


def days(count: int) -> str:
    """Write a number of days."""
    return ngettext("{count} day", "{count} days", count).format(count=count)


def visit_time(protocol: Protocol, visit: Visit, language: str) -> str:
    """Say when a visit is: "90 days after treatment (7 days before to 7 after)"."""
    if visit.anchor is None:
        return _("At any time after consent")
    text = _counted(protocol, visit.anchor, visit.day, language)
    before, after = visit.window_before_days, visit.window_after_days
    if before or after:
        window = _("{text} (from {before} before to {after} after)")
        text = window.format(text=text, before=days(before), after=days(after))
    if visit.fallback is not None:
        otherwise = _counted(protocol, visit.fallback.anchor, visit.fallback.day, language)
        text = _("{text}; where that can't come, {otherwise}").format(
            text=text, otherwise=otherwise
        )
    return text


def _counted(protocol: Protocol, anchor: str, day: int, language: str) -> str:
    label = next(a.label for a in protocol.anchors if a.key == anchor).in_language(language)
    if day == 0:
        return _("On the day: {anchor}").format(anchor=label)
    text = _("{days} after: {anchor}") if day > 0 else _("{days} before: {anchor}")
    return text.format(days=days(abs(day)), anchor=label)


def item_kind(item: Item, language: str) -> str:
    """Say what kind of answer an item takes: "Number, mm, from 0.5 to 30"."""
    kinds = {
        ItemType.NUMBER: _("Number"),
        ItemType.INTEGER: _("Whole number"),
        ItemType.TEXT: _("Text"),
        ItemType.DATE: _("Date"),
        ItemType.PARTIAL_DATE: _("Date, perhaps partial"),
        ItemType.TIME: _("Time"),
        ItemType.CHOICE: _("Choice"),
        ItemType.YES_NO: _("Yes or no"),
        ItemType.SCORE: _("Score"),
        ItemType.LAB: _("Laboratory value"),
    }
    parts = [kinds[item.type]]
    if item.code_list is not None:
        labels = listed(code.label.in_language(language) for code in item.code_list)
        parts = [_("{kind}: {choices}").format(kind=parts[0], choices=labels)]
    if unit := unit_text(item.unit):
        parts.append(unit)
    if item.minimum is not None and item.maximum is not None:
        range_text = _("{low} to {high}")
        parts.append(range_text.format(low=f"{item.minimum:f}", high=f"{item.maximum:f}"))
    if item.optional:
        parts.append(_("optional"))
    return listed(parts)


def completed_by(protocol: Protocol, form: Form, language: str) -> str:
    """Say who completes a form, and who signs it."""
    diary = form.diary is not None
    text = _("the participant") if diary else roles(protocol, form.completed_by, language)
    if form.signed_by is None:
        return text
    signer = roles(protocol, [form.signed_by], language)
    return _("{who}; signed by: {signer}").format(who=text, signer=signer)
