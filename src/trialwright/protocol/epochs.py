"""The trial's structure in time: epochs one after another, and where a participant stands in them.

An epoch begins at its own moment or, without one, when the one before it has ended; it ends at the
first of its moments, after its length or, without either, when a later one begins. The first begins
with the consent. All of it follows from the days of anchors, so that nothing of it is stored.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from trialwright.protocol.basics import Text
from trialwright.protocol.durations import Duration


class EpochType(StrEnum):
    """What an epoch is for (CDISC, ICH M11)."""

    SCREENING = "screening"
    RUN_IN = "run_in"
    TREATMENT = "treatment"
    WASHOUT = "washout"
    EXTENSION = "extension"
    FOLLOW_UP = "follow_up"
    OBSERVATION = "observation"


@dataclass(frozen=True, slots=True)
class Epoch:
    """One period of the trial; `starts` and `ends` are anchors, of `ends` the first counts."""

    key: str
    label: Text
    type: EpochType
    line: int
    starts: str | None = None
    ends: tuple[str, ...] = ()
    length: Duration | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """An epoch of one participant: its first day, and the day on which it ended; None: not yet."""

    epoch: Epoch
    start: date | None = None
    end: date | None = None

    def holds(self, day: date) -> bool:
        """Whether a day is in the epoch; its last day belongs to what begins on it."""
        return (
            self.start is not None
            and self.start <= day
            and (self.end is None or day < self.end or day == self.start)
        )


def spans_of(
    epochs: Sequence[Epoch],
    known: Mapping[str, date],
    consented: date | None,
    left: date | None = None,
) -> tuple[Span, ...]:
    """The epochs of one participant, in order, as far as their days are known.

    Args:
        known: the days of anchors.
        consented: the day of the consent, on which the first epoch begins.
        left: the day on which the participation ended: no epoch begins after it.
    """
    found: list[Span] = []
    before = consented
    for epoch in epochs:
        start = known.get(epoch.starts) if epoch.starts else before
        before = _end(epoch, start, known)
        found.append(Span(epoch, start, before))
    spans = (
        Span(each.epoch, each.start, _until(each, found[number + 1 :]))
        for number, each in enumerate(found)
    )
    return tuple(spans if left is None else (_left(span, left) for span in spans))


def _left(span: Span, left: date) -> Span:
    if span.start is None or span.start > left:
        return Span(span.epoch)
    return Span(span.epoch, span.start, min(span.end or left, left))


def _end(epoch: Epoch, start: date | None, known: Mapping[str, date]) -> date | None:
    if start is None:
        return None
    ends = [known[anchor] for anchor in epoch.ends if anchor in known]
    if epoch.length is not None:
        ends.append(epoch.length.after(start))
    return max(start, min(ends)) if ends else None


def _until(span: Span, later: Iterable[Span]) -> date | None:
    """An epoch without an end of its own ends when a later one begins."""
    if span.end is not None or span.start is None:
        return span.end
    begun = [each.start for each in later if each.start is not None and each.start >= span.start]
    return min(begun, default=None)


def standing(spans: Sequence[Span], day: date) -> Epoch | None:
    """The epoch that a participant is in on a day; None before the first, or between two."""
    return next((span.epoch for span in reversed(spans) if span.holds(day)), None)
