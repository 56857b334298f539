"""Group-sequential tests whose outcomes come late: who was recruited before a stop still counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from trialwright.analysis.notebook import Notebook
from trialwright.design.canonical import FAR, Boundaries, Walk, falling_root
from trialwright.design.checks import (
    require_between,
    require_count,
    require_kind,
    require_length,
    require_lists,
)
from trialwright.design.errors import DesignError
from trialwright.design.group_sequential import GroupSequential
from trialwright.design.table import Decision
from trialwright.messages import Message, sentences


@dataclass(frozen=True, slots=True)
class DelayedPerformance(Notebook):
    """Chances at one effect. power: to reject. stop: to end recruitment at each look but the last.
    reversal: to end it for effect at each of them and not reject once all outcomes are in.
    information: the expected one, in units of the planned maximum."""

    power: float
    stop: tuple[float, ...]
    reversal: tuple[float, ...]
    information: float


@dataclass(frozen=True, kw_only=True)
class DelayedResponse(Notebook):
    """A group-sequential test in which participants are recruited before the outcomes of others.

    At look k recruitment ends when Z_k reaches the upper or the lower bound of `test`. The outcomes
    in the pipeline are awaited, and at the information I_k + pipeline_k the hypothesis is rejected
    when Z is at least the decision bound c_k. c_k makes the chance, under no effect, of ending
    recruitment for effect and then not rejecting as large as that of ending it for futility and
    then rejecting, so that the level is that of the test.

    test: one-sided, with a binding futility bound. pipeline: for each look but the last, the share
    of the maximum information that is still to come from those recruited by then.

    Estimand: as of `GroupSequential`. Accuracy 1e-6. Source: Hampson and Jennison 2013, JRSS B
    75:3, error-spending tests with equal chances of reversal (section 4).

    >>> test = GroupSequential(timing=(0.5, 1.0), spending="pocock", futility="binding")
    >>> late = DelayedResponse(test=test, pipeline=(0.3,))
    >>> [round(c, 3) for c in late.decision_bounds]
    [1.506, 2.183]
    >>> late.decide(1, 2.3, 1.2).action
    'stop without effect'
    """

    kind: ClassVar[str] = "delayed-response"
    test: GroupSequential
    pipeline: tuple[float, ...]

    def __post_init__(self) -> None:
        require_kind("test", self.test, GroupSequential)
        if self.test.futility != "binding":
            raise DesignError(
                Message("futility is {futility!r}.", futility=self.test.futility),
                rule=Message("Late outcomes can reverse a stop for effect only where those of a "
                             "stop for futility can too."),
                fix=Message("Write futility: binding."),
            )  # fmt: skip
        require_lists(self, "pipeline")
        require_length("pipeline", self.pipeline, len(self.timing) - 1)
        for t, share in zip(self.timing, self.pipeline, strict=False):
            require_between("pipeline", share, 0, 1)
            require_between("information with the pipeline", t + share, 0, 1 + 1e-9)

    @property
    def timing(self) -> tuple[float, ...]:
        """The planned information at each look."""
        return self.test.timing

    @property
    def inflation(self) -> float:
        """That of the test."""
        return self.test.inflation

    @property
    def boundaries(self) -> Boundaries:
        """The bounds at which recruitment ends; the last ones decide."""
        return self.test.boundaries

    @cached_property
    def decision_bounds(self) -> tuple[float, ...]:
        """c_k of each look; the last is the test's own."""
        return decision_bounds(self.boundaries, self._with_pipeline)

    @cached_property
    def _with_pipeline(self) -> tuple[float, ...]:
        maximum = self.boundaries.information[-1]
        return tuple(
            info + share * maximum
            for info, share in zip(self.boundaries.information, self.pipeline, strict=False)
        )

    def performance(self, theta: float) -> DelayedPerformance:
        """Chances at a multiple of the planned effect."""
        require_between("theta", theta, -1e6, 1e6)
        bounds, decide_at = self.boundaries, self.decision_bounds
        power, stops, reversals, expected = 0.0, [], [], 0.0
        for look, up, down in _ends(bounds, theta):
            after, c = self._with_pipeline[look], decide_at[look]
            stop = up.size + down.size
            power += up.above(c, after) + down.above(c, after)
            stops.append(stop)
            reversals.append(up.below(c, after))
            expected += stop * after
        walk = _until(bounds, theta, len(stops))
        power += walk.above(decide_at[-1], bounds.information[-1])
        expected += (1 - sum(stops)) * bounds.information[-1]
        return DelayedPerformance(
            min(1.0, power), tuple(stops), tuple(reversals), expected / bounds.information[-1]
        )

    def power(self, theta: float) -> float:
        """The chance to reject at a multiple of the planned effect."""
        return self.performance(theta).power

    def decide(self, look: int, z: float, z_complete: float | None = None) -> Decision:
        """What to do at a look (from 1), and, once recruitment ended and all outcomes are in, with
        their Z: stop for effect or without."""
        require_count("look", look, 1, len(self.timing))
        require_between("z", z, -1e6, 1e6)
        first = self.test.decide(z, look)
        name = type(self).__name__
        if look == len(self.timing) or first.action == "continue":
            return Decision(first.action, None, first.reason, name)
        if z_complete is None:
            return Decision("suspend", None, sentences(first.reason, _WAIT), name)
        require_between("z_complete", z_complete, -1e6, 1e6)
        bound = self.decision_bounds[look - 1]
        effect = z_complete >= bound
        reason = (
            Message("Z = {z:.3f} reaches {b:.3f}.", z=z_complete, b=bound)
            if effect
            else Message("Z = {z:.3f} is below {bound:.3f}.", z=z_complete, bound=bound)
        )
        return Decision("stop for effect" if effect else "stop without effect", None, reason, name)

    def describe(self) -> Message:
        """The rule in words."""
        return sentences(
            self.test.describe(),
            Message(
                "A bound ends recruitment; the outcomes still to come, {pipeline} of the maximum "
                "information, are awaited, and the hypothesis is rejected at Z of {bounds} or "
                "more.",
                pipeline=", ".join(f"{share:g}" for share in self.pipeline),
                bounds=", ".join(f"{bound:.3f}" for bound in self.decision_bounds[:-1]),
            ),
        )


_WAIT = Message("Recruitment ends; the outcomes still to come decide.")


class _Ended:
    """The paths on which recruitment ended at a look beyond one bound."""

    def __init__(self, walk: Walk, low: float, high: float, information: float) -> None:
        self._walk = Walk(walk.theta)
        self._walk.information, self._walk.nodes = walk.information, walk.nodes
        self._walk.mass = walk.mass
        self._walk.go_on(low, high, information)
        self.size = float(self._walk.mass.sum())

    def above(self, bound: float, information: float) -> float:
        """The chance of a final Z above a bound."""
        return self._walk.above(bound, information)

    def below(self, bound: float, information: float) -> float:
        """The chance of a final Z below a bound."""
        return self._walk.below(bound, information)


def _ends(bounds: Boundaries, theta: float) -> Iterator[tuple[int, _Ended, _Ended]]:
    """For each look but the last: its number from 0, and who ended there above and below."""
    walk = Walk(theta)
    for look, (info, low, high) in enumerate(
        zip(bounds.information[:-1], bounds.lower, bounds.upper, strict=False)
    ):
        far = abs(theta) * info**0.5 + FAR
        yield look, _Ended(walk, high, far, info), _Ended(walk, -far, low, info)
        walk.go_on(low, high, info)


def _until(bounds: Boundaries, theta: float, looks: int) -> Walk:
    walk = Walk(theta)
    for info, low, high in zip(
        bounds.information[:looks], bounds.lower, bounds.upper, strict=False
    ):
        walk.go_on(low, high, info)
    return walk


def decision_bounds(bounds: Boundaries, with_pipeline: tuple[float, ...]) -> tuple[float, ...]:
    """c_k for bounds at which recruitment ends, with the information that there is in the end.

    bounds: upper and lower at each look; the last upper one decides. with_pipeline: for each look
    but the last, the information once all outcomes are in.
    """
    found = []
    for look, up, down in _ends(bounds, 0.0):
        after = with_pipeline[look]
        found.append(
            falling_root(lambda c: down.above(c, after) - up.below(c, after), -FAR, FAR)  # noqa: B023
        )
    return (*found, bounds.upper[-1])
