"""The plan of source data verification: what is verified in full, and the sample of the rest.

ICH E6(R3), Annex 1, 3.11.4.5.4(b): data of higher criticality are held against the source, others
"on the basis of using samples", whose size follows "previous monitoring results or other
indications of insufficient data quality". The numbers of the rule are the file's.
"""

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from trialwright.protocol.problems import Problem

if TYPE_CHECKING:
    from trialwright.protocol.forms import Form, Item
    from trialwright.protocol.model import Protocol


class SignalKind(StrEnum):
    """What raises the share of a site, each as a rate: see `SiteRecord.rate`."""

    QUERIES = "query_rate"
    DEVIATIONS = "deviation_rate"
    LATE_ENTRIES = "late_entries"
    ERRORS = "verification_errors"


class Why(StrEnum):
    """Why a value is to be verified: it is critical, or its participant is in the sample."""

    CRITICAL = "critical"
    SAMPLE = "sample"


@dataclass(frozen=True, slots=True)
class RiskSignal:
    """Where a site's rate lies above a limit, its share is larger by so much."""

    kind: SignalKind
    above: Decimal
    adds: Fraction


@dataclass(frozen=True, slots=True)
class SiteRecord:
    """What a site's records say of its quality, as counts.

    Attributes:
        values: values entered; queries: queries about them, whatever became of them.
        participants: screened; deviations: of all of them.
        forms: forms of visits that took place, entered or due for longer than the plan allows;
            late: those of them that were entered later than that, or aren't yet.
        verified: verifications of a value in the source, and queries by who verifies; errors: those
            verifications whose value was changed since, and these queries.
    """

    values: int = 0
    queries: int = 0
    participants: int = 0
    deviations: int = 0
    forms: int = 0
    late: int = 0
    verified: int = 0
    errors: int = 0

    def rate(self, kind: SignalKind) -> Fraction | None:
        """Queries to a value, deviations to a participant, late forms of all, errors to a value
        verified or asked about; None where there is nothing yet to divide by."""
        part, of = {
            SignalKind.QUERIES: (self.queries, self.values),
            SignalKind.DEVIATIONS: (self.deviations, self.participants),
            SignalKind.LATE_ENTRIES: (self.late, self.forms),
            SignalKind.ERRORS: (self.errors, self.verified),
        }[kind]
        return Fraction(part, of) if of else None


@dataclass(frozen=True)
class MonitoringPlan:
    """What is verified in the source.

    Attributes:
        critical: forms by key and items as `form.item`, verified of every participant.
        sample: the share of a site's participants of whom everything is, without a signal.
        late_after_days: days after its visit from which a form is entered late.
        signals: what makes the share larger.
    """

    critical: tuple[str, ...]
    sample: Fraction
    late_after_days: int
    signals: tuple[RiskSignal, ...]
    line: int

    @cached_property
    def _critical(self) -> frozenset[str]:
        return frozenset(self.critical)

    def is_critical(self, form: str, item: str) -> bool:
        """Whether an item of a form is verified of every participant."""
        return form in self._critical or f"{form}.{item}" in self._critical

    def raised_by(self, record: SiteRecord) -> tuple[RiskSignal, ...]:
        """The signals whose limit a site's rate lies above."""
        found = ((signal, record.rate(signal.kind)) for signal in self.signals)
        return tuple(s for s, rate in found if rate is not None and rate > Fraction(s.above))

    def share(self, record: SiteRecord) -> Fraction:
        """The share of a site's participants of whom everything is verified, at most 1.

        Estimand: the probability with which a participant is in the sample, given the site's
        record. `sample` and what each signal adds whose rate lies above its limit, no more than 1.
        """
        return min(self.sample + sum((s.adds for s in self.raised_by(record)), Fraction(0)), _ALL)


@dataclass(frozen=True, slots=True)
class SitePlan:
    """What is to be verified at a site: the whole answer, for one form and item after the other."""

    plan: MonitoringPlan
    record: SiteRecord
    share: Fraction
    sampled: frozenset[str]

    def why(self, code: str, form: "Form", item: "Item") -> Why | None:
        """Why a participant's value of an item is to be verified; None where it isn't, as what is
        computed or tells an arm never is."""
        if item.computed or item.key in form.unmasking_items:
            return None
        if self.plan.is_critical(form.key, item.key):
            return Why.CRITICAL
        return Why.SAMPLE if code in self.sampled else None


_ALL = Fraction(1)
_BYTES = 8


def site_plan(
    plan: MonitoringPlan, *, seed: bytes, record: SiteRecord, codes: Iterable[str]
) -> SitePlan:
    """What is to be verified at a site with this record and these participants.

    A participant is in the sample where their draw lies below the site's share, so a larger share
    keeps everybody who was in it. Where nobody's does, the lowest draw is in it: a small site is
    never without a sample, unless the plan wants none.

    Args:
        seed: 32 secret bytes of the study, drawn when the plan came into force.
        codes: of the site's participants.
    """
    share = plan.share(record)
    draws = {code: draw(seed, code) for code in codes}
    sampled = {code for code, drawn in draws.items() if drawn < share}
    if share and draws and not sampled:
        sampled = {min(draws, key=draws.__getitem__)}
    return SitePlan(plan, record, share, frozenset(sampled))


def draw(seed: bytes, code: str) -> Fraction:
    """A participant's draw, from 0 up to 1: the first 64 bits of HMAC-SHA-256 of their code under
    the seed. It needs no order of coming, and without the seed nobody can say it."""
    digest = hmac.digest(seed, f"trialwright source sample {code}".encode(), "sha256")
    return Fraction(int.from_bytes(digest[:_BYTES]), 1 << (8 * _BYTES))


def monitoring_problems(protocol: "Protocol") -> Iterator[Problem]:
    """What is wrong with the plan: what it calls critical can be verified, and a sample drawn."""
    plan = protocol.monitoring
    if plan is None:
        return
    for name in plan.critical:
        if found := _why_not(protocol, name):
            yield Problem(plan.line, *found, "monitoring")
    named = [name for name in plan.critical if name.split(".")[0] in plan.critical and "." in name]
    for name in named:
        message = f"`{name}` is critical by its form already"
        yield Problem(plan.line, message, "Name the form or the item, not both.", "monitoring")


def _why_not(protocol: "Protocol", name: str) -> tuple[str, str] | None:
    form_key, _point, item_key = name.partition(".")
    form = next((form for form in protocol.forms if form.key == form_key), None)
    item = next((i for i in form.items if i.key == item_key), None) if form else None
    if form is None or (item_key and item is None):
        return f"`{name}` names no form and no item of one", "Write `form`, or `form.item`."
    if item is not None and item.computed:
        return (
            f"`{name}` is computed, so no source has it",
            "Name the items that it is computed from.",
        )
    if form.unmasking or (item is not None and item_key in form.unmasking_items):
        return (
            f"`{name}` could reveal an arm, and who verifies must not learn one by it",
            "Take it away.",
        )
    return None
