"""On which days a participant's anchors fall, from what has happened to them. Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from trialwright.protocol.dependencies import placed
from trialwright.protocol.epochs import Span, spans_of
from trialwright.protocol.evaluate import Values
from trialwright.protocol.expression import Expression
from trialwright.protocol.model import Protocol
from trialwright.protocol.occurrences import name_of
from trialwright.protocol.steps import Milestone
from trialwright.protocol.values import PartialDate
from trialwright.protocol.visits import Anchor, EndEvent


@dataclass(frozen=True, slots=True)
class Moments:
    """What has happened to a participant, each with its day.

    steps: milestones reached and the first record of each step. visits: those that took place
    (their day) or were missed (None), by key and occurrence. left: the day on which the
    participation ended. values: items by `visit.form.item`.
    """

    steps: Mapping[str, date] = field(default_factory=dict)
    visits: Mapping[tuple[str, int], date | None] = field(default_factory=dict)
    endings: Mapping[EndEvent, date] = field(default_factory=dict)
    left: date | None = None
    values: Values = field(default_factory=dict)


def days_of_anchors(protocol: Protocol, moments: Moments) -> dict[str, date]:
    """The days of the anchors that are known to the day."""
    known = {
        anchor.key: day
        for anchor in protocol.anchors
        if (day := _own_day(anchor, moments)) is not None
    }
    # Epochs count from anchors and anchors from epochs; each round can add the next.
    for _each in protocol.epochs:
        spans = {span.epoch.key: span for span in spans_by(protocol, known, moments)}
        for anchor in protocol.anchors:
            day = _of_epoch(anchor, spans)
            if day is not None:
                known[anchor.key] = day
    return known


def spans_by(protocol: Protocol, known: Mapping[str, date], moments: Moments) -> tuple[Span, ...]:
    """The participant's epochs; empty where the protocol has none."""
    consented = moments.steps.get(Milestone.CONSENT)
    return spans_of(protocol.epochs, known, consented, moments.left)


def missed_anchors(protocol: Protocol, moments: Moments) -> set[str]:
    """The anchors that can't come any more, since the visit that they are was missed."""
    return {
        anchor.key
        for anchor in protocol.anchors
        if anchor.visit is not None
        and (anchor.visit, 1) in moments.visits
        and _visited(anchor.visit, moments) is None
    }


def needed_for_anchors(protocol: Protocol, visits: Collection[tuple[str, int]]) -> Iterator[str]:
    """The items that anchors are read from, at each occurrence of their visit that came."""
    for anchor in protocol.anchors:
        if anchor.item is None:
            continue
        place = (anchor.item.visit, anchor.item.form)
        names = [anchor.item.item, *(anchor.when.references if anchor.when else ())]
        numbers = {1, *(number for key, number in visits if key == place[0])}
        for number in numbers if anchor.when else {1}:
            for name in names:
                yield placed(name, name_of(place[0], number), place[1])


def _own_day(anchor: Anchor, moments: Moments) -> date | None:
    if anchor.step is not None:
        return moments.steps.get(anchor.step)
    if anchor.visit is not None:
        return _visited(anchor.visit, moments)
    if anchor.event is not None:
        return moments.endings.get(EndEvent(anchor.event))
    return _of_item(anchor, moments)


def _visited(visit: str, moments: Moments) -> date | None:
    """The first day on which a visit took place."""
    days = [day for (key, _), day in moments.visits.items() if key == visit and day is not None]
    return min(days, default=None)


def _of_item(anchor: Anchor, moments: Moments) -> date | None:
    """The date in an item; of several records, in the first for which the condition holds."""
    if anchor.item is None:
        return None
    visit, form = anchor.item.visit, anchor.item.form
    numbers = sorted({1, *(number for key, number in moments.visits if key == visit)})
    days = []
    for number in numbers if anchor.when else [1]:
        here = name_of(visit, number)
        value = moments.values.get(placed(anchor.item.item, here, form))
        holds = anchor.when is None or _holds(anchor.when, moments, here, form)
        if holds and isinstance(value, PartialDate) and value.full is not None:
            days.append(value.full)
    return min(days, default=None)


def _holds(when: Expression, moments: Moments, visit: str, form: str) -> bool:
    """Whether a condition is true of one occurrence; of what is missing it isn't."""
    places = {name: placed(name, visit, form) for name in when.references}
    values = {name: moments.values.get(place) for name, place in places.items()}
    return when.holds(values) is True


def _of_epoch(anchor: Anchor, spans: Mapping[str, Span]) -> date | None:
    if anchor.epoch is not None:
        return spans[anchor.epoch].start if anchor.epoch in spans else None
    if anchor.epoch_end is not None:
        return spans[anchor.epoch_end].end if anchor.epoch_end in spans else None
    return None
