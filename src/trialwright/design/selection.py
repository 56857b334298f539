"""Randomised selection among regimens against a control, with safety stopping; exact.

Exact under stated idealisations: outcomes known at once, complete blocks, one stratum, no stagger,
response stops nothing, a hold is final. `selection_simulation` drops the first four of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, permutations
from math import factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.analysis.best import chance_of_being_best
from trialwright.analysis.notebook import Notebook
from trialwright.analysis.words import Said, sentences
from trialwright.design.checks import (
    Floats,
    require_between,
    require_count,
    require_events,
    require_kind,
    require_lists,
    require_prior,
    scenario_matrix,
)
from trialwright.design.errors import DesignError
from trialwright.design.stopping import BetaBinomialStopping
from trialwright.design.table import Decision, RuleTable

# What one regimen is known by while toxicity is followed: participants treated, events among them.
Arm = tuple[int, int]
Terminal = tuple[tuple[Arm, ...], int, bool]


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
    held, with independent Beta priors; otherwise there is no clear regimen. When a single regimen
    is left unheld it is named, its probability being 1; when the pooled rule holds, none is.

    arms: all arms, control included. control: its number, from 1. blocks: complete blocks, which
    is the number per arm. arm_rule: for each regimen alone. pooled_rule: for all regimens
    together, read after each participant. name_at: in (0, 1). response_prior: (a, b).

    Accuracy: characteristics to about 1e-12. Source: Thall and Simon 1994, Biometrics 50:337, for
    the holds; Simon, Wittes and Ellenberg 1985, Cancer Treat Rep 69:1375, for selection among arms;
    the naming rule is that of the demonstration trial (ADR 0031).

    >>> arm = BetaBinomialStopping(0.15, (0.3, 1.7), 0.85, 10)
    >>> pooled = BetaBinomialStopping(0.10, (0.2, 1.8), 0.95, 40)
    >>> design = SelectionDesign(arms=5, control=2, blocks=10, arm_rule=arm, pooled_rule=pooled)
    >>> oc = design.operating_characteristics([[0, 0, 0, 0, 0]], [[.3, .3, .3, .3, .6]])
    >>> oc.named.round(2)
    array([[0.  , 0.  , 0.  , 0.  , 0.37]])
    """

    arms: int
    control: int
    blocks: int
    arm_rule: BetaBinomialStopping
    pooled_rule: BetaBinomialStopping
    name_at: float = 0.80
    response_prior: tuple[float, float] = (1.0, 1.0)

    def __post_init__(self) -> None:
        require_count("arms", self.arms, 2, 7)
        require_count("control", self.control, 1, self.arms)
        require_count("blocks", self.blocks, 1, 30)
        require_between("name_at", self.name_at, 0, 1)
        require_lists(self, "response_prior")
        require_prior("response_prior", self.response_prior)
        require_kind("arm_rule", self.arm_rule, BetaBinomialStopping)
        require_kind("pooled_rule", self.pooled_rule, BetaBinomialStopping)
        for name, rule, needed in (
            ("arm_rule", self.arm_rule, self.blocks),
            ("pooled_rule", self.pooled_rule, self.blocks * (self.arms - 1)),
        ):
            if rule.participants < needed:
                raise DesignError(
                    Said(
                        f"The table of {name} ends at {rule.participants} participants.",
                        f"{name} 的表止于 {rule.participants} 例。",
                    ),
                    rule=Said(f"It must reach {needed}.", f"须达到 {needed} 例。"),
                    fix=Said(
                        f"Set participants of {name} to {needed} or more.",
                        f"请将 {name} 的 participants 设为不小于 {needed}。",
                    ),
                )

    @property
    def regimens(self) -> tuple[int, ...]:
        """Numbers of the arms that compete: all but the control."""
        return tuple(arm for arm in range(1, self.arms + 1) if arm != self.control)

    def start(self) -> SelectionState:
        """Nobody treated yet."""
        zeros = (0,) * self.arms
        return SelectionState(zeros, zeros, zeros, zeros)

    def held(self, state: SelectionState) -> tuple[int, ...]:
        """The regimens that a rule holds now: all of them when the pooled rule does."""
        n, y = state.treated, state.events
        pooled = [sum(counts[arm - 1] for arm in self.regimens) for counts in (n, y)]
        if self._crosses(self.pooled_rule, *pooled):
            return self.regimens
        return tuple(
            arm for arm in self.regimens if self._crosses(self.arm_rule, n[arm - 1], y[arm - 1])
        )

    def decide(self, state: SelectionState) -> Decision:
        """At the end: name a regimen (as `dose`), or none, with the sentence."""
        held = self.held(state)
        safe = tuple(arm for arm in self.regimens if arm not in held)
        if not safe:
            reason = Said("Every regimen is on hold.", "所有方案均已暂停。")
            return Decision("none", None, reason, "SelectionDesign")
        chances = chance_of_being_best(
            [state.responses[arm - 1] for arm in safe],
            [state.assessed[arm - 1] for arm in safe],
            self.response_prior,
        )
        best = int(np.argmax(chances))
        arm, chance = safe[best], float(chances[best])
        on_hold_en = f" On hold: {', '.join(map(str, held))}." if held else ""
        on_hold_zh = f"已暂停：{'、'.join(map(str, held))}。" if held else ""
        if chance >= self.name_at:
            reason = Said(
                f"Arm {arm} is the best safe regimen with probability {chance:.2f}, "
                f"at or above {self.name_at:g}.{on_hold_en}",
                f"第 {arm} 组为最佳安全方案的概率为 {chance:.2f}，达到 {self.name_at:g}。"
                f"{on_hold_zh}",
            )
            return Decision("name", arm, reason, "SelectionDesign")
        reason = Said(
            f"No clear regimen: arm {arm} leads with probability {chance:.2f}, "
            f"below {self.name_at:g}.{on_hold_en}",
            f"无明确方案：第 {arm} 组领先，概率 {chance:.2f}，低于 {self.name_at:g}。{on_hold_zh}",
        )
        return Decision("none", None, reason, "SelectionDesign")

    def table(self) -> RuleTable:
        """Rows (pooled, treated, hold_at): first the arm rule (0), then the pooled rule (1)."""
        rows = tuple(
            (pooled, *row)
            for pooled, rule in enumerate((self.arm_rule, self.pooled_rule))
            for row in rule.table().rows
        )
        return RuleTable("SelectionDesign", ("pooled", "treated", "hold_at"), rows)

    def describe(self) -> Said:
        """The rule in words, for the protocol."""
        a, b = self.response_prior
        return sentences(
            Said("Each regimen:", "各方案："),
            self.arm_rule.describe(),
            Said("All regimens together:", "所有方案合并："),
            self.pooled_rule.describe(),
            Said(
                f"A regimen is named when its posterior probability of having the highest response "
                f"among the regimens not held is {self.name_at:g} or more "
                f"(priors Beta({a:g}, {b:g})); otherwise there is no clear regimen.",
                f"未暂停的方案中，若某方案应答率最高的后验概率达到或超过 {self.name_at:g} "
                f"（先验 Beta({a:g}, {b:g})），则指定该方案；否则为无明确方案。",
            ),
        )

    def operating_characteristics(
        self, event_rates: ArrayLike, response_rates: ArrayLike
    ) -> SelectionCharacteristics:
        """Exact behaviour in each scenario; both arguments are scenarios x arms.

        Toxicity paths are enumerated once (their weights don't depend on the truth), response is
        conditioned on who is safe and complete. Accuracy about 1e-12.
        """
        tox = scenario_matrix(event_rates, self.arms, "arms")
        resp = scenario_matrix(response_rates, self.arms, "arms")
        if len(tox) != len(resp):
            raise DesignError(
                Said(
                    f"{len(tox)} scenarios of event rates, {len(resp)} of response rates.",
                    f"事件率情景 {len(tox)} 个，应答率情景 {len(resp)} 个。",
                ),
                rule=Said("Each scenario has both.", "每个情景两者均须给出。"),
                fix=Said("Give arrays with the same number of rows.", "请给出同样多的行。"),
            )
        columns = [arm - 1 for arm in self.regimens]
        shape = (len(tox), self.arms)
        named, first, inflation = np.zeros(shape), np.zeros(shape), np.full(shape, np.nan)
        stopped, participants, events = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        stopped_all = np.zeros(len(tox))
        for s in range(len(tox)):
            safe_sets, totals = self._toxicity(tox[s, columns])
            stopped_all[s] = totals[0]
            participants[s, columns], participants[s, self.control - 1] = totals[1:-1], totals[-1]
            gain = np.zeros(self.arms)
            for members, chance in safe_sets.items():
                arms = [columns[i] for i in members]
                name, rank, excess = self._naming(tuple(resp[s, arms]))
                named[s, arms] += chance * name
                first[s, arms] += chance * rank
                gain[arms] += chance * excess
            for i, column in enumerate(columns):
                stopped[s, column] = 1 - sum(q for m, q in safe_sets.items() if i in m)
            with np.errstate(invalid="ignore", divide="ignore"):
                inflation[s] = gain / named[s]
        events = participants * tox
        return SelectionCharacteristics(
            named, 1 - named.sum(axis=1), first, stopped, stopped_all, participants, events,
            inflation, np.zeros(shape), "exact",
        )  # fmt: skip

    def _crosses(self, rule: BetaBinomialStopping, treated: int, events: int) -> bool:
        bound = rule.hold_at[treated]
        return bound is not None and events >= bound

    @cached_property
    def _terminals(self) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats, Floats, Floats]:
        """All ends of the toxicity process up to the order of the regimens.

        Returns n and y (ends x regimens), the weight of each, the control's participants, and
        whether the pooled rule ended it. The regimens are alike until the truth is known, so ends
        that differ only in their order share one weight.
        """
        count = self.arms - 1
        layer: dict[tuple[tuple[Arm, ...], bool], float] = {(((0, 0),) * count, False): 1.0}
        ends: dict[Terminal, float] = {}
        for block in range(self.blocks):
            for _ in range(count + 1):
                layer = self._one_participant(layer, block, ends)
            layer = {(arms, False): weight for (arms, _), weight in layer.items()}
        for (arms, _), weight in layer.items():
            key = (arms, self.blocks, False)
            ends[key] = ends.get(key, 0.0) + weight
        n = np.array([[a[0] for a in arms] for arms, _, _ in ends])
        y = np.array([[a[1] for a in arms] for arms, _, _ in ends])
        control = np.array([float(c) for _, c, _ in ends])
        pooled = np.array([float(p) for _, _, p in ends])
        return n, y, np.array(list(ends.values())), control, pooled

    def _one_participant(
        self,
        layer: dict[tuple[tuple[Arm, ...], bool], float],
        block: int,
        ends: dict[Terminal, float],
    ) -> dict[tuple[tuple[Arm, ...], bool], float]:
        """Fill one more place of the block, each open place equally likely to be the next."""
        following: dict[tuple[tuple[Arm, ...], bool], float] = {}
        for (arms, control_done), weight in layer.items():
            waiting = [
                i
                for i, (n, y) in enumerate(arms)
                if n == block and not self._crosses(self.arm_rule, n, y)
            ]
            places = len(waiting) + (not control_done)
            if places == 0:
                key = (arms, control_done)
                following[key] = following.get(key, 0.0) + weight
                continue
            share = weight / places
            if not control_done:
                following[arms, True] = following.get((arms, True), 0.0) + share
            for i in waiting:
                for event in (0, 1):
                    grown = list(arms)
                    grown[i] = (arms[i][0] + 1, arms[i][1] + event)
                    after = tuple(sorted(grown))
                    total_n, total_y = (sum(column) for column in zip(*after, strict=True))
                    if self._crosses(self.pooled_rule, total_n, total_y):
                        end = (after, block + control_done, True)
                        ends[end] = ends.get(end, 0.0) + share
                    else:
                        key = (after, control_done)
                        following[key] = following.get(key, 0.0) + share
        return following

    def _toxicity(self, rates: Floats) -> tuple[dict[tuple[int, ...], float], Floats]:
        """Chance of each set of safe regimens, and (pooled stop, participants per arm…)."""
        n, y, weight, control, pooled = self._terminals
        count = self.arms - 1
        held = np.array(
            [[self._crosses(self.arm_rule, a, b) for a, b in zip(*row, strict=True)]
             for row in zip(n, y, strict=True)]
        )  # fmt: skip
        code = np.where(pooled > 0, 0, ((~held) << np.arange(count)).sum(axis=1))
        totals = np.zeros(count + 2)
        sets: dict[tuple[int, ...], float] = {}
        for order in permutations(range(count)):
            p = rates[list(order)]
            chance = weight / factorial(count) * np.prod(p**y * (1 - p) ** (n - y), axis=1)
            totals[0] += chance @ pooled
            totals[[1 + i for i in order]] += chance @ n
            totals[-1] += chance @ control
            mass = np.bincount(code, weights=chance, minlength=2**count)
            for size in range(1, count + 1):
                for members in combinations(range(count), size):
                    arms = tuple(sorted(order[i] for i in members))
                    bits = sum(1 << i for i in members)
                    sets[arms] = sets.get(arms, 0.0) + float(mass[bits])
        return sets, totals

    def _naming(self, rates: tuple[float, ...]) -> tuple[Floats, Floats, Floats]:
        """For safe arms with these response rates: chance of naming, of ranking first, and the
        expected excess of the observed response of the named arm (as a joint expectation)."""
        from scipy.special import comb

        size, count = self.blocks, len(rates)
        best = _best_grid(size, count, self.response_prior)
        x = np.arange(size + 1)
        joint = np.ones((1,) * count)
        for i, q in enumerate(rates):
            mass = comb(size, x) * q**x * (1 - q) ** (size - x)
            joint = joint * mass.reshape([-1 if j == i else 1 for j in range(count)])
        leads = best >= best.max(axis=0) - 1e-9
        axes = tuple(range(1, count + 1))
        rank = (joint * leads / leads.sum(axis=0)).sum(axis=axes)
        named = joint * (best >= self.name_at)
        excess = [
            (named[i].sum(axis=tuple(j for j in range(count) if j != i)) * (x / size - q)).sum()
            for i, q in enumerate(rates)
        ]
        return named.sum(axis=axes), rank, np.array(excess)


_GRIDS: dict[tuple[int, int, tuple[float, float]], Floats] = {}


def _best_grid(size: int, count: int, prior: tuple[float, float]) -> Floats:
    """P(arm i is best) at [i, x1, …, xk] for all response counts out of `size` in each arm."""
    key = (size, count, prior)
    if key not in _GRIDS:
        counts = np.indices((size + 1,) * count).reshape(count, -1).T
        chances = chance_of_being_best(counts, np.full(count, size), prior)
        _GRIDS[key] = np.moveaxis(chances, -1, 0).reshape((count,) + (size + 1,) * count)
    return _GRIDS[key]


def total_inflation(oc: SelectionCharacteristics) -> Floats:
    """Expected observed minus true response of whichever regimen is named, given that one is."""
    weighted: Sequence[float] = np.nansum(oc.inflation * oc.named, axis=1)
    return np.asarray(weighted) / (1 - oc.none_named)
