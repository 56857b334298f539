"""Figures that trials reported so far: control rates and standard deviations for one planned.

A control group is one whose registered arm is a comparator, or whose own title or description
says so. The estimand of each trial is its own; what is put together here are figures to start
from, never evidence of an effect.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Literal

from trialwright.registry.index.schema import analyser
from trialwright.registry.record.record import Record
from trialwright.registry.results.measures import (
    OutcomeMeasure,
    ReportedFigure,
    ResultGroup,
    outcome_measures,
)

Kind = Literal["rate", "standard_deviation"]

_COMPARATORS = {"PLACEBO_COMPARATOR", "SHAM_COMPARATOR", "NO_INTERVENTION", "ACTIVE_COMPARATOR"}
_CONTROL = re.compile(
    r"(?i)\b(?:placebo|control|sham|usual care|standard (?:of )?(?:care|treatment|therapy)"
    r"|no (?:treatment|intervention)|observation|best supportive care|vehicle)\b"
)
_SHARES = re.compile(r"(?i)\b(?:percent|percentage|proportion|%)")
_PEOPLE = re.compile(r"(?i)participant|patient|subject|people|women|men|children")
_DEVIATION, _ERROR = "STANDARD_DEVIATION", "STANDARD_ERROR"
_Z95 = 1.959963984540054
WORTH = 20
"""Participants whom earlier control groups together count for in a prior, unless said otherwise."""


@dataclass(frozen=True, slots=True)
class PriorFigure:
    """What one control group of one trial reported.

    Attributes:
        kind: a rate (a share from 0 to 1 of participants) or a standard deviation.
        value: it; of a standard error the standard deviation that it means.
        low, high: of a rate its 95% Wilson interval; of a deviation that of normal data
            (by the Wilson-Hilferty approximation of chi-squared quantiles).
        participants: analysed in the group.
        unit: of a deviation.
    """

    number: str
    title: str
    measure: str
    time_frame: str
    role: str
    group: str
    kind: Kind
    value: float
    low: float
    high: float
    participants: int
    unit: str


@dataclass(frozen=True, slots=True)
class Spread:
    """How the figures of one kind and unit spread over trials: the least, median and greatest.

    `pooled` weighs each by its participants (deviations by their degrees of freedom).
    """

    kind: Kind
    unit: str
    trials: int
    low: float
    median: float
    high: float
    pooled: float


def prior_figures(records: Iterable[Record], outcome: str) -> tuple[PriorFigure, ...]:
    """Return the control groups' figures for outcomes whose title has all words of `outcome`."""
    wanted = set(analyser().analyze(outcome))
    found: list[PriorFigure] = []
    for record in records:
        for measure in outcome_measures(record):
            if wanted and wanted.issubset(analyser().analyze(measure.title)):
                found += _of_measure(record, measure)
    return tuple(found)


def spreads(figures: Iterable[PriorFigure]) -> tuple[Spread, ...]:
    """Return how figures spread, for each kind and unit, the ones of most trials first."""
    parts: dict[tuple[Kind, str], list[PriorFigure]] = {}
    for figure in figures:
        parts.setdefault((figure.kind, figure.unit.lower()), []).append(figure)
    found = [_spread(kind, those) for (kind, _), those in parts.items()]
    return tuple(sorted(found, key=lambda one: (-one.trials, one.kind, one.unit)))


def beta_prior(spread: Spread, worth: int = WORTH) -> tuple[float, float]:
    """Return a Beta(a, b) that a spread of control rates gives, as one group of `worth` would.

    With x = pooled · worth it is (x + 1, worth − x + 1), the posterior of a flat prior. Earlier
    groups are discounted by counting as few (a power prior; Ibrahim and Chen 2000, Stat Sci 15:46):
    trials differ by more than chance, so that all participants together would say too much.

    >>> beta_prior(Spread("rate", "", 3, 0.2, 0.3, 0.4, 0.3), 20)
    (7.0, 15.0)
    """
    events = spread.pooled * worth
    return events + 1, worth - events + 1


def wilson(events: float, participants: float) -> tuple[float, float]:
    """Return the 95% Wilson interval of a share (Wilson 1927, J Am Stat Assoc 22:209).

    >>> [round(limit, 4) for limit in wilson(5, 20)]
    [0.1119, 0.4687]
    """
    share, z2 = events / participants, _Z95**2
    centre = (share + z2 / (2 * participants)) / (1 + z2 / participants)
    half = _Z95 * math.sqrt(
        share * (1 - share) / participants + z2 / (4 * participants**2)
    ) / (1 + z2 / participants)  # fmt: skip
    return max(0.0, centre - half), min(1.0, centre + half)


def _of_measure(record: Record, measure: OutcomeMeasure) -> Iterator[PriorFigure]:
    comparators = {
        (arm.label.value or "").casefold() for arm in record.arms if arm.type.value in _COMPARATORS
    }
    for line in measure.lines:
        for figure in line.figures:
            group = measure.group(figure.group)
            if group is None or not _is_control(group, comparators):
                continue
            whole = line.denominators.get(figure.group) or measure.denominators.get(figure.group)
            if whole is None or not whole.value or figure.value.value is None:
                continue
            named = " ".join(filter(None, (measure.title, line.class_title, line.category)))
            for kind, value, (low, high) in _figures(measure, figure, whole.value):
                yield PriorFigure(
                    record.number, record.title.value or "", named, measure.time_frame,
                    measure.role, group.title, kind, value, low, high, int(whole.value),
                    "" if kind == "rate" else measure.unit,
                )  # fmt: skip


def _is_control(group: ResultGroup, comparators: set[str]) -> bool:
    title = group.title.casefold()
    return title in comparators or _CONTROL.search(group.title) is not None


def _figures(
    measure: OutcomeMeasure, figure: ReportedFigure, participants: float
) -> Iterator[tuple[Kind, float, tuple[float, float]]]:
    value = figure.value.value or 0.0
    if measure.summary == "COUNT_OF_PARTICIPANTS" and value <= participants:
        yield "rate", value / participants, wilson(value, participants)
    elif measure.summary == "NUMBER" and _is_share(measure.unit) and 0 <= value <= 100:
        share = value / 100
        yield "rate", share, wilson(share * participants, participants)
    spread = figure.spread.value
    if measure.summary != "MEAN" or spread is None or participants < 2 or spread <= 0:
        return
    if measure.dispersion in {_DEVIATION, _ERROR}:
        times = math.sqrt(participants) if measure.dispersion == _ERROR else 1.0
        yield "standard_deviation", spread * times, _of_deviation(spread * times, participants)


def _is_share(unit: str) -> bool:
    return bool(_SHARES.search(unit)) and bool(_PEOPLE.search(unit))


def _of_deviation(deviation: float, participants: float) -> tuple[float, float]:
    free = participants - 1
    limits = []
    for z in (_Z95, -_Z95):
        quantile = free * (1 - 2 / (9 * free) + z * math.sqrt(2 / (9 * free))) ** 3
        limits.append(deviation * math.sqrt(free / quantile) if quantile > 0 else math.inf)
    return limits[0], limits[1]


def _spread(kind: Kind, figures: list[PriorFigure]) -> Spread:
    values = [figure.value for figure in figures]
    if kind == "rate":
        whole = sum(figure.participants for figure in figures)
        pooled = sum(figure.value * figure.participants for figure in figures) / whole
    else:
        free = sum(figure.participants - 1 for figure in figures)
        squares = sum(figure.value**2 * (figure.participants - 1) for figure in figures)
        pooled = math.sqrt(squares / free)
    trials = len({figure.number for figure in figures})
    unit = figures[0].unit
    return Spread(kind, unit, trials, min(values), median(values), max(values), pooled)
