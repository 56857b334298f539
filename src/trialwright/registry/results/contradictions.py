"""Where a record's results contradict themselves: counts checked against its own totals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trialwright.messages import Message
from trialwright.registry.record.record import Record
from trialwright.registry.results.events import AdverseEvents, EventTerm, adverse_events
from trialwright.registry.results.flow import ReportedFlow, participant_flow
from trialwright.registry.results.measures import (
    OutcomeMeasure,
    baseline_measures,
    outcome_measures,
)
from trialwright.registry.results.quantities import Quantity


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What doesn't agree: the part of the results, its title, and what is said."""

    part: str
    title: str
    what: Message


def contradictions(record: Record) -> tuple[Contradiction, ...]:
    """Return where the results of a record contradict themselves, in their order."""
    flow, events = participant_flow(record), adverse_events(record)
    found = [
        *(_in_flow(flow) if flow else ()),
        *(one for measure in baseline_measures(record) for one in _in_measure("baseline", measure)),
        *(one for measure in outcome_measures(record) for one in _in_measure("outcome", measure)),
        *(_in_events(events) if events else ()),
    ]
    return tuple(dict.fromkeys(found))


def _in_flow(flow: ReportedFlow) -> Iterator[Contradiction]:
    for period in flow.periods:
        started, completed, left = map(period.milestone, ("STARTED", "COMPLETED", "NOT COMPLETED"))
        for group in flow.groups:
            begun, ended, gone = (
                _of(one.counts, group.id) if one else None for one in (started, completed, left)
            )
            if begun is not None and ended is not None and ended > begun:
                what = Message("{group}: {ended} completed, and {begun} started.",
                               group=group.title, ended=_n(ended), begun=_n(begun))  # fmt: skip
                yield Contradiction("flow", period.title, what)
            elif None not in (begun, ended, gone) and begun != (ended or 0) + (gone or 0):
                what = Message(
                    "{group}: {begun} started, {ended} completed and {gone} did not.",
                    group=group.title, begun=_n(begun), ended=_n(ended), gone=_n(gone),
                )  # fmt: skip
                yield Contradiction("flow", period.title, what)
            given = [_of(reason.counts, group.id) for reason in period.reasons]
            reasons = sum(count for count in given if count is not None)
            if gone is not None and given and reasons != gone:
                what = Message("{group}: {gone} left, and reasons are given for {reasons}.",
                               group=group.title, gone=_n(gone), reasons=_n(reasons))  # fmt: skip
                yield Contradiction("flow", period.title, what)


def _in_measure(part: str, measure: OutcomeMeasure) -> Iterator[Contradiction]:
    """Counts of participants and percentages beyond the whole, and limits around no value."""
    whole = measure.denominators
    for line in measure.lines:
        for figure in line.figures:
            group = measure.group(figure.group)
            name = group.title if group else figure.group
            most = _of(line.denominators, figure.group) or _of(whole, figure.group)
            value = figure.value.value
            if value is None:
                continue
            if measure.summary == "COUNT_OF_PARTICIPANTS" and most is not None and value > most:
                what = Message("{group}: {count} participants of {whole} analysed.",
                               group=name, count=_n(value), whole=_n(most))  # fmt: skip
                yield Contradiction(part, measure.title, what)
            elif _is_share(measure.unit) and not 0 <= value <= 100:
                what = Message("{group}: {value} percent of participants.",
                               group=name, value=_n(value))  # fmt: skip
                yield Contradiction(part, measure.title, what)
            low, high = figure.low.value, figure.high.value
            if (low is not None and value < low) or (high is not None and value > high):
                what = Message("{group}: {value} lies outside its limits, {low} to {high}.",
                               group=name, value=_n(value), low=figure.low.text or "?",
                               high=figure.high.text or "?")  # fmt: skip
                yield Contradiction(part, measure.title, what)


def _is_share(unit: str) -> bool:
    return unit.lower() in {"percentage of participants", "percent of participants"}


def _in_events(events: AdverseEvents) -> Iterator[Contradiction]:
    for group in events.groups:
        for kind, (affected, at_risk) in (
            ("deaths", group.deaths), ("serious", group.serious), ("other", group.other)
        ):  # fmt: skip
            most = at_risk.value
            if affected.value is not None and most is not None and affected.value > most:
                what = Message("{group}: {affected} affected, of {at_risk} at risk.",
                               group=group.title, affected=_n(affected.value),
                               at_risk=_n(most))  # fmt: skip
                yield Contradiction("adverse events", kind, what)
        for kind, (total, _) in (("serious", group.serious), ("other", group.other)):
            of_kind = [term for term in events.terms if term.seriousness == kind]
            yield from _against_total(group.id, group.title, total, of_kind)


def _against_total(
    id: str, name: str, total: Quantity, terms: list[EventTerm]
) -> Iterator[Contradiction]:
    """No term affects more than all terms together, and all together no more than their sum."""
    counts = [(term, one) for term in terms for one in term.counts if one.group == id]
    affected = [one.affected.value for _, one in counts if one.affected.value is not None]
    complete = terms and total.value is not None and len(affected) == len(terms)
    if complete and not max(affected) <= (total.value or 0) <= sum(affected):
        what = Message(
            "{group}: {total} affected by any; by the terms at most {largest} by one and "
            "{sum} in sum.",
            group=name, total=_n(total.value), largest=_n(max(affected)), sum=_n(sum(affected)),
        )  # fmt: skip
        yield Contradiction("adverse events", terms[0].seriousness, what)
    for term, one in counts:
        most = one.at_risk.value
        if one.affected.value is not None and most is not None and one.affected.value > most:
            what = Message("{group}: {affected} affected, of {at_risk} at risk.", group=name,
                           affected=_n(one.affected.value), at_risk=_n(most))  # fmt: skip
            yield Contradiction("adverse events", term.term, what)


def _of(counts: dict[str, Quantity], group: str) -> float | None:
    found = counts.get(group)
    return None if found is None else found.value


def _n(value: float | None) -> str:
    return "?" if value is None else f"{value:g}"
