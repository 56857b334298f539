"""A trial of two arms whose endpoint is a time: events needed, and when accrual brings them."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, log1p

from trialwright.analysis.notebook import Notebook
from trialwright.design.canonical import crossing
from trialwright.design.checks import require_below_one, require_between, require_positive
from trialwright.design.errors import DesignError
from trialwright.design.group_sequential import GroupSequential
from trialwright.messages import Message

_LONGEST = 1e6


def events_needed(
    hazard_ratio: float, *, alpha: float = 0.025, power: float = 0.8, ratio: float = 1.0
) -> float:
    """Events of both arms for a log-rank test with that power, not rounded.

    (1 + r)² (z_alpha + z_power)² / (r log² hr), alpha one-sided, r the participants of the treated
    arm to one of the control. Approximate: for hazard ratios near 1. Source: Schoenfeld 1981,
    Biometrika 68:316.

    >>> round(events_needed(0.5, power=0.9), 2)
    87.48
    """
    from scipy.special import ndtri

    _require_ratio(hazard_ratio)
    require_between("alpha", alpha, 0, 0.5)
    require_between("power", power, alpha, 1)
    require_positive("ratio", ratio)
    reach = float(ndtri(1 - alpha) + ndtri(power))
    return (1 + ratio) ** 2 * reach**2 / (ratio * log(hazard_ratio) ** 2)


@dataclass(frozen=True, kw_only=True)
class SurvivalTrial(Notebook):
    """Exponential times in two arms, steady accrual, loss at a constant rate.

    hazard: of the control, per unit of time; hazard_ratio: of the treated arm to it. accrual: how
    long participants come; participants: how many in all. loss: share of each arm lost to follow-up
    by `loss_by`. ratio: treated to control. All times in one unit, from the first participant.

    Source: Lachin and Foulkes 1986, Biometrics 42:507. Accuracy: rounding, for expected numbers.

    >>> trial = SurvivalTrial(hazard=0.1, hazard_ratio=0.5, accrual=12, participants=200)
    >>> round(trial.expected_events(12), 2), round(trial.expected_events(24), 2)
    (66.57, 141.19)
    """

    hazard: float
    hazard_ratio: float
    accrual: float
    participants: int
    loss: float = 0.0
    loss_by: float = 12.0
    ratio: float = 1.0

    def __post_init__(self) -> None:
        require_positive("hazard", self.hazard)
        _require_ratio(self.hazard_ratio)
        for name in ("accrual", "participants", "loss_by", "ratio"):
            require_positive(name, getattr(self, name))
        require_below_one("loss", self.loss)

    def expected_events(self, time: float) -> float:
        """Events of both arms by a time from the first participant."""
        require_positive("time", time)
        control = self._share(self.hazard, time)
        treated = self._share(self.hazard * self.hazard_ratio, time)
        parts = (1 / (1 + self.ratio), self.ratio / (1 + self.ratio))
        return self.participants * (parts[0] * control + parts[1] * treated)

    def _share(self, hazard: float, time: float) -> float:
        """Of everybody to come in an arm, the share with an event by a time."""
        ends = hazard - log1p(-self.loss) / self.loss_by
        came = min(time, self.accrual)
        watched = (exp(-ends * (time - came)) - exp(-ends * time)) / ends
        return hazard / ends * (came - watched) / self.accrual

    def when(self, events: float) -> float:
        """The time at which so many events are expected.

        Raises DesignError where they never come, all participants being observed.
        """
        require_positive("events", events)
        if self.expected_events(_LONGEST * self.accrual) <= events:
            raise DesignError(
                Message("{events:.1f} events never come.", events=events),
                rule=Message(
                    "At most {most:.1f} are expected of {participants} participants.",
                    most=self.expected_events(_LONGEST * self.accrual),
                    participants=self.participants,
                ),
                fix=Message("Take more participants."),
            )
        low, high = 0.0, self.accrual
        while self.expected_events(high) < events:
            low, high = high, 2 * high
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if self.expected_events(middle) < events else (low, middle)
        return high

    def looks(self, design: GroupSequential) -> tuple[EventLook, ...]:
        """When each look of a group-sequential test comes, with the events it needs."""
        needed = self.maximum_events(design)
        bounds = design.boundaries
        alone = crossing(bounds, 1.0)[0]
        found, so_far = [], 0.0
        for fraction, upper, lower, chance in zip(
            design.timing, bounds.upper, bounds.lower, alone, strict=True
        ):
            events, so_far = fraction * needed, so_far + chance
            critical = exp(-upper / self._root_information(events))
            found.append(
                EventLook(fraction, events, self.when(events), upper, lower, critical, so_far)
            )
        return tuple(found)

    def maximum_events(self, design: GroupSequential) -> float:
        """Events at the last look for the power of a group-sequential test, not rounded."""
        theta = abs(log(self.hazard_ratio))
        return design.maximum_information(theta) * (1 + self.ratio) ** 2 / self.ratio

    def _root_information(self, events: float) -> float:
        return float((events * self.ratio / (1 + self.ratio) ** 2) ** 0.5)


@dataclass(frozen=True, slots=True)
class EventLook:
    """A look: its fraction of the events, how many, when they are expected, the bounds of Z, the
    hazard ratio at the upper one, and the chance to have crossed it by then at the alternative."""

    fraction: float
    events: float
    time: float
    upper: float
    lower: float
    critical_ratio: float
    power: float


def participants_needed(
    trial: SurvivalTrial, design: GroupSequential | None = None, *, duration: float,
    alpha: float = 0.025, power: float = 0.8,
) -> float:  # fmt: skip
    """Participants for the events of a test, if the trial ends after `duration`, not rounded.

    design: a group-sequential test, whose alpha and beta count; without one a single test at
    alpha. The number of `trial` doesn't matter.

    >>> trial = SurvivalTrial(hazard=0.1, hazard_ratio=0.5, accrual=12, participants=1)
    >>> round(participants_needed(trial, duration=24, power=0.9), 1)
    123.9
    """
    events = (
        events_needed(trial.hazard_ratio, alpha=alpha, power=power, ratio=trial.ratio)
        if design is None
        else trial.maximum_events(design)
    )
    return events * trial.participants / trial.expected_events(duration)


def _require_ratio(hazard_ratio: float) -> None:
    require_positive("hazard_ratio", hazard_ratio)
    if abs(log(hazard_ratio)) < 1e-6:
        raise DesignError(
            Message("hazard_ratio is 1."),
            rule=Message("A trial is planned for a difference."),
            fix=Message("Give the ratio that matters, such as 0.7."),
        )


def hazard_of(median: float) -> float:
    """The constant hazard with a median time to the event.

    >>> round(hazard_of(12), 5)
    0.05776
    """
    require_positive("median", median)
    return log(2) / median
