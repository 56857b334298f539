"""Randomised selection among regimens against a control, with safety stopping.

`selection_exact` follows it exactly under stated idealisations, `selection_simulation` as it runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from trialwright.analysis.best import chance_of_being_best
from trialwright.analysis.notebook import Notebook
from trialwright.design.allocation import PermutedBlocks
from trialwright.design.checks import (
    Floats,
    require_below_one,
    require_between,
    require_choice,
    require_count,
    require_events,
    require_kind,
    require_lists,
    require_prior,
)
from trialwright.design.counting import EVALUABLE, TREATED, describe_counted
from trialwright.design.errors import DesignError
from trialwright.design.places import LOST, REFILLED, largest_number
from trialwright.design.stopping import BetaBinomialStopping, require_reach
from trialwright.design.table import Decision, RuleTable
from trialwright.messages import Message, sentences, several


@dataclass(frozen=True, slots=True)
class SelectionState(Notebook):
    """Counts per arm, arms numbered from 1: treated, stopping events, assessed, responses.

    >>> SelectionState((10, 10), (1, 0), (9, 10), (6, 3)).responses
    (6, 3)
    """

    _along = "arm"
    treated: tuple[int, ...]
    events: tuple[int, ...]
    assessed: tuple[int, ...]
    responses: tuple[int, ...]

    def __post_init__(self) -> None:
        for treated, events, assessed, responses in zip(
            self.treated, self.events, self.assessed, self.responses, strict=True
        ):
            require_events(treated, events)
            require_events(assessed, responses, "responses")


@dataclass(frozen=True, slots=True)
class SelectionCharacteristics(Notebook):
    """How the design behaves in each scenario; arrays are scenarios x arms (control included).

    named: chance that this arm is named (the control never is). none_named: chance of no clear
    regimen. stopped: chance that the arm rule or the pooled rule held it. stopped_all: chance
    that the pooled rule held all. ranked_first: chance of the highest probability of being best
    among those safe, ties shared. participants, events: expected numbers. inflation: expected
    observed minus true response of the arm when it is named (NaN where it never is).
    method: "exact" or "monte-carlo"; standard_error belongs to `named` (zero when exact).
    """

    named: Floats
    none_named: Floats
    ranked_first: Floats
    stopped: Floats
    stopped_all: Floats
    participants: Floats
    events: Floats
    inflation: Floats
    standard_error: Floats
    method: str


@dataclass(frozen=True)
class SelectionDesign(Notebook):
    """Several regimens and a control in equal blocks; safe regimens compete to be named.

    Estimand: the regimen with the highest response probability among those not held for safety.
    A regimen is named when P(it has the highest response | data) >= name_at, over the regimens not
    held, and P(its response is higher than the control's | data) >= above_control_at, with
    independent Beta priors; otherwise there is no clear regimen. A single regimen left unheld has
    the first probability 1, so that the second alone decides; when the pooled rule holds, none is.

    arms: all arms, control included. control: its number, from 1. blocks: complete blocks, which
    is the number per arm while none is held. arm_rule: for each regimen alone. pooled_rule: for
    all regimens together, read after each participant. name_at: in (0, 1). response_prior: (a, b).
    above_control_at: from 0, which asks for nothing, to below 1. held_places: what becomes of the
    places of a held regimen. "lost": its places are skipped, and the trial has so many fewer.
    "refilled": the next place of the list that isn't held is taken instead, until the trial has
    blocks x arms participants or every regimen is held. counted: whom the safety rules count,
    "treated" or "evaluable" (see `counting`); the same where outcomes are known at once.

    Accuracy: characteristics to about 1e-12. Source: Thall and Simon 1994, Biometrics 50:337, for
    the holds; Simon, Wittes and Ellenberg 1985, Cancer Treat Rep 69:1375, for selection among arms;
    the naming rule is that of the demonstration trial (ADR 0031).

    >>> arm = BetaBinomialStopping(0.15, (0.3, 1.7), 0.85, 10)
    >>> pooled = BetaBinomialStopping(0.10, (0.2, 1.8), 0.95, 40)
    >>> design = SelectionDesign(arms=5, control=2, blocks=10, arm_rule=arm, pooled_rule=pooled)
    >>> oc = design.operating_characteristics([[0, 0, 0, 0, 0]], [[.3, .3, .3, .3, .6]])
    >>> oc.named.round(2)
    array([[0.  , 0.  , 0.  , 0.  , 0.35]])
    """

    arms: int
    control: int
    blocks: int
    arm_rule: BetaBinomialStopping
    pooled_rule: BetaBinomialStopping
    name_at: float = 0.80
    response_prior: tuple[float, float] = (1.0, 1.0)
    above_control_at: float = 0.80
    held_places: str = LOST
    counted: str = TREATED

    def __post_init__(self) -> None:
        require_count("arms", self.arms, 2, 7)
        require_count("control", self.control, 1, self.arms)
        require_count("blocks", self.blocks, 1, 30)
        require_between("name_at", self.name_at, 0, 1)
        require_lists(self, "response_prior")
        require_prior("response_prior", self.response_prior)
        require_below_one("above_control_at", self.above_control_at)
        require_choice("held_places", self.held_places, (LOST, REFILLED))
        require_choice("counted", self.counted, (TREATED, EVALUABLE))
        require_kind("arm_rule", self.arm_rule, BetaBinomialStopping)
        require_kind("pooled_rule", self.pooled_rule, BetaBinomialStopping)
        for name, rule in (("arm_rule", self.arm_rule), ("pooled_rule", self.pooled_rule)):
            if rule.counted != TREATED:
                raise DesignError(
                    Message("{name} counts {counted!r}.", name=name, counted=rule.counted),
                    rule=Message("The counted of the selection is that of both of its rules."),
                    fix=Message("Write `counted` once, beside `held_places`."),
                )
        self.require_reach(PermutedBlocks(self.arms, block_sizes=(self.arms,)), self.participants)

    @property
    def regimens(self) -> tuple[int, ...]:
        """Numbers of the arms that compete: all but the control."""
        return tuple(arm for arm in range(1, self.arms + 1) if arm != self.control)

    @property
    def refillable(self) -> tuple[int, ...]:
        """The arms whose places others take once they are held."""
        return self.regimens if self.held_places == REFILLED else ()

    @property
    def participants(self) -> int:
        """All participants of the trial while no place is lost."""
        return self.arms * self.blocks

    def largest_numbers(self, allocation: PermutedBlocks, participants: int) -> tuple[int, int]:
        """The most participants that a list can bring to one regimen, and to all together.

        With places refilled, any of the regimens may be held from the first participant on.
        """
        one, together = (
            max(
                largest_number(allocation, participants, group, self.refillable) for group in groups
            )
            for groups in ([{arm} for arm in self.regimens], [set(self.regimens)])
        )
        return one, together

    def require_reach(self, allocation: PermutedBlocks, participants: int) -> None:
        """Refuse tables that end before the largest number that a list can produce."""
        needs = self.largest_numbers(allocation, participants)
        rules = {"arm_rule": self.arm_rule, "pooled_rule": self.pooled_rule}
        for (name, rule), needed in zip(rules.items(), needs, strict=True):
            require_reach(name, rule, needed)

    def start(self) -> SelectionState:
        """Nobody treated yet."""
        zeros = (0,) * self.arms
        return SelectionState(zeros, zeros, zeros, zeros)

    def held(self, state: SelectionState) -> tuple[int, ...]:
        """The regimens that a rule holds now: all of them when the pooled rule does."""
        n, y = state.treated, state.events
        pooled = [sum(counts[arm - 1] for arm in self.regimens) for counts in (n, y)]
        if crosses(self.pooled_rule, *pooled):
            return self.regimens
        return tuple(arm for arm in self.regimens if crosses(self.arm_rule, n[arm - 1], y[arm - 1]))

    def decide(self, state: SelectionState) -> Decision:
        """At the end: name a regimen (as `dose`), or none, with the sentence."""
        held = self.held(state)
        safe = tuple(arm for arm in self.regimens if arm not in held)
        if not safe:
            reason = Message("Every regimen is on hold.")
            return Decision("none", None, reason, "SelectionDesign")
        chances = self._chances_of_being_best(state, safe)
        best = int(np.argmax(chances))
        arm, chance = safe[best], float(chances[best])
        return self._named(arm, chance, self._above_control(state, arm), held)

    def _above_control(self, state: SelectionState, arm: int) -> float:
        """Posterior probability that the response to an arm is higher than in the control."""
        return self._chances_of_being_best(state, (arm, self.control))[0]

    def _chances_of_being_best(
        self, state: SelectionState, arms: tuple[int, ...]
    ) -> tuple[float, ...]:
        x, n = (
            tuple(counts[arm - 1] for arm in arms) for counts in (state.responses, state.assessed)
        )
        return _chances_of_being_best(x, n, self.response_prior)

    def _named(self, arm: int, best: float, above: float, held: tuple[int, ...]) -> Decision:
        """The decision about the leading regimen, and why."""
        on_hold = [Message("On hold: {arms}.", arms=several(held))] if held else []
        if best < self.name_at:
            reason = Message(
                "No clear regimen: arm {arm} leads with probability {chance:.2f}, below "
                "{name_at:g}.",
                arm=arm,
                chance=best,
                name_at=self.name_at,
            )
        elif above < self.above_control_at:
            reason = Message(
                "No clear regimen: arm {arm} leads, but its response is higher than the control's "
                "with probability {chance:.2f}, below {above_control_at:g}.",
                arm=arm,
                chance=above,
                above_control_at=self.above_control_at,
            )
        else:
            reason = Message(
                "Arm {arm} is the best safe regimen with probability {best:.2f}, at or above "
                "{name_at:g}, and better than the control with probability {above:.2f}, at or "
                "above {above_control_at:g}.",
                arm=arm,
                best=best,
                name_at=self.name_at,
                above=above,
                above_control_at=self.above_control_at,
            )
            return Decision("name", arm, sentences(reason, *on_hold), "SelectionDesign")
        return Decision("none", None, sentences(reason, *on_hold), "SelectionDesign")

    def table(self) -> RuleTable:
        """Rows (pooled, treated, hold_at): first the arm rule (0), then the pooled rule (1)."""
        rows = tuple(
            (pooled, *row)
            for pooled, rule in enumerate((self.arm_rule, self.pooled_rule))
            for row in rule.table().rows
        )
        return RuleTable("SelectionDesign", ("pooled", "treated", "hold_at"), rows)

    def describe(self) -> Message:
        """The rule in words, for the protocol."""
        a, b = self.response_prior
        return sentences(
            Message("Each regimen:"),
            self.arm_rule.describe(),
            Message("All regimens together:"),
            self.pooled_rule.describe(),
            describe_counted(self.counted),
            Message(
                "A regimen is named when its posterior probability of having the highest response "
                "among the regimens not held is {name_at:g} or more, and that of a higher response "
                "than the control {above_control_at:g} or more (priors Beta({a:g}, {b:g})); "
                "otherwise there is no clear regimen.",
                name_at=self.name_at,
                above_control_at=self.above_control_at,
                a=a,
                b=b,
            ),
            _BECOME_OF_PLACES[self.held_places],
        )

    def operating_characteristics(
        self, event_rates: ArrayLike, response_rates: ArrayLike
    ) -> SelectionCharacteristics:
        """Exact behaviour in each scenario; both arguments are scenarios x arms.

        Accuracy about 1e-12; the idealisations stand in `selection_exact`.
        """
        from trialwright.design.selection_exact import exact_characteristics

        return exact_characteristics(self, event_rates, response_rates)


@lru_cache(maxsize=4096)
def _chances_of_being_best(
    responses: tuple[int, ...], assessed: tuple[int, ...], prior: tuple[float, float]
) -> tuple[float, ...]:
    return tuple(map(float, chance_of_being_best(responses, assessed, prior)))


_BECOME_OF_PLACES = {
    LOST: Message("The places of a held regimen are lost: nobody takes them."),
    REFILLED: Message(
        "The places of a held regimen are refilled: the next place of the list that isn't held is "
        "taken instead."
    ),
}


def crosses(rule: BetaBinomialStopping, treated: int, events: int) -> bool:
    """Whether so many events among so many treated hold."""
    bound = rule.hold_at[treated]
    return bound is not None and events >= bound


def total_inflation(oc: SelectionCharacteristics) -> Floats:
    """Expected observed minus true response of whichever regimen is named, given that one is."""
    weighted: Sequence[float] = np.nansum(oc.inflation * oc.named, axis=1)
    return np.asarray(weighted) / (1 - oc.none_named)
