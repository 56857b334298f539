"""What a protocol says of clocks: who must be told what, by when, since which law says so.

safety:
  clocks:
    zone: Europe/Berlin
    no_immediate_report: {planned: {en: "Planned admission", zh: "…"}}
    remind_before_hours: [72, 24]
    rules:
      eu_grave:
        label: {en: "Fatal or life-threatening SUSAR", zh: "…"}
        region: EU
        when: [suspected_grave]
        counts_from: sponsor
        period: 7 days
        complete_within: 8 days
        in_force_from: 2022-01-31
        source: eu_536_2014

A law's number is a setting, with its source as any fact of the file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from zoneinfo import ZoneInfo

from trialwright.protocol.basics import Text
from trialwright.protocol.model import Protocol
from trialwright.protocol.nodes import Block, Entry, Node, Scalar
from trialwright.protocol.problems import Problem
from trialwright.safety.periods import DuePeriod, PeriodError, period, zone_of
from trialwright.safety.section import SectionError, text_of, value, words

_KEYS = frozenset(
    {"label", "region", "when", "counts_from", "period", "complete_within", "in_force_from",
     "in_force_until", "source", "origin", "note", "safety_critical"}
)  # fmt: skip


class Occasion(StrEnum):
    """What opens a clock.

    `suspected` is a serious event that counts as related and isn't expected; `suspected_grave` one
    that is fatal or life-threatening too. `news` is significant news on a case that was closed.
    """

    SERIOUS = "serious"
    SPECIAL = "special"
    SUSPECTED = "suspected"
    GRAVE = "suspected_grave"
    NEWS = "news"
    HOLD = "hold"


class CountsFrom(StrEnum):
    """Whose knowledge starts it: the site's (in its zone), the sponsor's, or the sponsor's
    judgement of the cause (both in the sponsor's zone)."""

    SITE = "site"
    SPONSOR = "sponsor"
    JUDGEMENT = "judgement"


@dataclass(frozen=True, slots=True)
class ClockRule:
    """One duty to report. `complete_within`: what may follow a first report that was incomplete.

    It applies to what starts on a day from `first` to `last`; None is without an end.
    """

    key: str
    label: Text
    region: str
    when: frozenset[Occasion]
    counts_from: CountsFrom
    period: DuePeriod
    complete_within: DuePeriod | None
    first: date | None
    last: date | None
    source: str

    def in_force(self, on: date) -> bool:
        """Whether it applies to what starts on a day."""
        return (self.first is None or self.first <= on) and (self.last is None or on <= self.last)


@dataclass(frozen=True, slots=True)
class ClockRules:
    """All of a protocol. `exempt` are the kinds of serious event that need no immediate report, by
    their keys; `remind_before_hours` when mails go out before something is due."""

    rules: tuple[ClockRule, ...]
    zone: ZoneInfo
    exempt: Mapping[str, Text]
    remind_before_hours: tuple[int, ...]

    def rule(self, key: str) -> ClockRule | None:
        """The rule of a key; None where the protocol no longer has it."""
        return next((each for each in self.rules if each.key == key), None)

    def on(self, occasion: Occasion, day: date) -> Iterable[ClockRule]:
        """The rules of an occasion that apply to what starts on a day."""
        return (each for each in self.rules if occasion in each.when and each.in_force(day))


def clock_rules(protocol: Protocol) -> ClockRules:
    """The clocks of a protocol; none where it names none.

    Raises:
        SectionError: something in it can't be read.
    """
    block = protocol.safety.get("clocks") if protocol.safety else None
    if not isinstance(block, Block):
        return ClockRules((), ZoneInfo("UTC"), {}, ())
    rules = block.get("rules")
    found = tuple(_rule(each, protocol) for each in (rules if isinstance(rules, Block) else ()))
    return ClockRules(found, _zone(block), _exempt(block.get("no_immediate_report")),
                      _hours(block))  # fmt: skip


def _zone(block: Block) -> ZoneInfo:
    node = value(block.get("zone"))
    try:
        return zone_of(node.text if isinstance(node, Scalar) else "")
    except PeriodError as error:
        line = node.line if node is not None else block.line
        raise _error(line, "`zone` of the clocks is no time zone", str(error)) from None


def _exempt(node: Node | None) -> Mapping[str, Text]:
    named = {}
    for entry in node if isinstance(node, Block) else ():
        text = text_of(entry.value)
        if text is None:
            raise _error(entry.line, f"`{entry.key}` has no words", "Write {en: …, zh: …}.")
        named[entry.key] = text
    return named


def _hours(block: Block) -> tuple[int, ...]:
    said = words(block, "remind_before_hours")
    if not all(each.isdigit() and 0 < int(each) <= 8784 for each in said):
        node = block.get("remind_before_hours")
        line = node.line if node is not None else block.line
        raise _error(line, "`remind_before_hours` are no hours", "Write [72, 24], for example.")
    return tuple(sorted({int(each) for each in said}, reverse=True))


def _rule(entry: Entry, protocol: Protocol) -> ClockRule:
    block = entry.value
    if not isinstance(block, Block):
        raise _error(entry.line, f"`{entry.key}` is no block", "Write `when`, `period` below it.")
    if unknown := set(block.keys()) - _KEYS:
        way_out = f"It may have {', '.join(sorted(_KEYS))}."
        raise _error(block.line, f"`{entry.key}` has the unknown key `{min(unknown)}`", way_out)
    when = words(block, "when")
    if not when or not set(when) <= set(Occasion):
        raise _error(block.line, f"`when` of `{entry.key}` names no occasion",
                     f"Write some of {', '.join(Occasion)}.")  # fmt: skip
    starts = _scalar(block, "counts_from") or CountsFrom.SPONSOR.value
    if starts not in set(CountsFrom):
        raise _error(block.line, f"`counts_from` of `{entry.key}` is {starts!r}",
                     f"Write one of {', '.join(CountsFrom)}.")  # fmt: skip
    further = _scalar(block, "complete_within")
    rule = ClockRule(
        entry.key,
        text_of(block.get("label")) or Text(entry.key, entry.key),
        _scalar(block, "region"),
        frozenset(map(Occasion, when)),
        CountsFrom(starts),
        _period(block, entry.key, "period"),
        _period(block, entry.key, "complete_within") if further else None,
        _day(block, "in_force_from"),
        _day(block, "in_force_until"),
        _source(entry.key, protocol),
    )
    if rule.complete_within and rule.complete_within.unit != rule.period.unit:
        raise _error(block.line, f"The two periods of `{entry.key}` have different units",
                     "Write both in days, or both in hours.")  # fmt: skip
    if rule.first and rule.last and rule.last < rule.first:
        raise _error(block.line, f"`{entry.key}` ends before it begins", "Correct one of the days.")
    return rule


def _source(key: str, protocol: Protocol) -> str:
    """The source of the rule's period, which the file gives it or its block."""
    path = f"safety.clocks.rules.{key}.period"
    return next((fact.source for fact in protocol.facts if fact.path == path), "")


def _scalar(block: Block, key: str) -> str:
    node = value(block.get(key))
    return node.text.strip() if isinstance(node, Scalar) else ""


def _period(block: Block, name: str, key: str) -> DuePeriod:
    try:
        return period(_scalar(block, key))
    except PeriodError as error:
        raise _error(block.line, f"`{key}` of `{name}` is no period", str(error)) from None


def _day(block: Block, key: str) -> date | None:
    text = _scalar(block, key)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise _error(block.line, f"`{key}` is no day", "Write 2026-04-28.") from None


def _error(line: int, what: str, way_out: str) -> SectionError:
    return SectionError(Problem(line, what, way_out, "safety"))
