"""BOIN for two agents: which combination of doses has the target DLT rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from trialwright.analysis.notebook import Notebook
from trialwright.design.boin import Boin
from trialwright.design.characteristics import OperatingCharacteristics, columns
from trialwright.design.checks import (
    Floats,
    require_between,
    require_choice,
    require_count,
    require_dose,
    require_events,
    scenario_matrix,
)
from trialwright.design.errors import DesignError
from trialwright.design.finding import check_target
from trialwright.design.interval import STOP_WHEN
from trialwright.design.table import RuleTable
from trialwright.messages import Message, sentences
from trialwright.numerics.philox import uniforms

Pair = tuple[int, int]
Grid = tuple[tuple[int, ...], ...]
MOST = 6


@dataclass(frozen=True, slots=True)
class CombinationState(Notebook):
    """Counts at each combination, rows the doses of agent A and columns those of agent B, and the
    current one as (row, column), from 1."""

    treated: Grid
    dlts: Grid
    dose: Pair

    def __post_init__(self) -> None:
        for treated, dlts in zip(self.treated, self.dlts, strict=True):
            for n, y in zip(treated, dlts, strict=True):
                require_events(n, y, "DLTs")
        _require_pair(self.dose, len(self.treated), len(self.treated[0]))

    def observe(self, dose: Pair, treated: int, dlts: int) -> CombinationState:
        """The state after `treated` more at a combination, `dlts` of them with a DLT."""
        _require_pair(dose, len(self.treated), len(self.treated[0]))
        require_events(treated, dlts, "DLTs")
        return CombinationState(
            _added(self.treated, dose, treated), _added(self.dlts, dose, dlts), dose
        )


@dataclass(frozen=True, slots=True)
class CombinationDecision(Notebook):
    """Where the next cohort goes: action (escalate, stay, de-escalate, stop), combination (None
    when none is safe), and the reason."""

    action: str
    dose: Pair | None
    reason: Message


@dataclass(frozen=True, kw_only=True)
class CombinationBoin(Notebook):
    """The Bayesian optimal interval design for combinations of two agents.

    Estimand: the combination with the DLT rate nearest to `target`. At the current combination
    BOIN's boundaries say escalate, stay or de-escalate; one agent moves by one dose. Of the two
    neighbours above (below), the one is taken with the highest P(lambda_e < p <= lambda_d | y +
    0.5, n - y + 0.5) + 0.0005 n; a tie is drawn (agent A where `decide` gets no draw). A
    combination, with all that are as high or higher in both agents, is eliminated when P(p > target
    | Beta(1 + y, 1 + n - y)) exceeds `eliminate_at`, from 3 participants on; at the lowest one the
    trial ends. Without a neighbour to move to, it stays. Final: rates (y + 0.05)/(n + 0.1), made to
    rise in both agents by least squares with weights n + 0.1; of the combinations treated and not
    eliminated, the one nearest to the target after 1e-5 is added for each row and column.
    bound_mtd: only if its estimate is lambda_d or less.

    doses_a, doses_b: 2 to 6. Accuracy: decisions are closed form, estimates to 1e-9;
    characteristics are simulated, with standard errors. Source: Lin and Yin 2017, Stat Methods Med
    Res 26:2155; Yan, Zhang, Zhou, Pan, Liu and Yuan 2020, J Stat Softw 94(13), section 3.

    >>> design = CombinationBoin(target=0.3, doses_a=3, doses_b=4)
    >>> state = design.start().observe((1, 1), 3, 0)
    >>> design.decide(state).dose
    (2, 1)
    """

    kind: ClassVar[str] = "combination-boin"
    target: float
    doses_a: int
    doses_b: int
    cohort_size: int = 3
    max_participants: int = 48
    eliminate_at: float = 0.95
    stop_at_dose: int | None = None
    stop_when: str = "staying"
    bound_mtd: bool = False

    def __post_init__(self) -> None:
        check_target(self.target)
        for name in ("doses_a", "doses_b"):
            require_count(name, getattr(self, name), 2, MOST)
        require_count("max_participants", self.max_participants, 1, 240)
        require_count("cohort_size", self.cohort_size, 1, min(self.max_participants, 12))
        require_between("eliminate_at", self.eliminate_at, 0.5, 1.000001)
        require_choice("stop_when", self.stop_when, STOP_WHEN)
        if self.stop_at_dose is not None:
            require_count("stop_at_dose", self.stop_at_dose, 1)

    @property
    def doses(self) -> int:
        """How many combinations there are; rates are written row after row, agent A's lowest dose
        first."""
        return self.doses_a * self.doses_b

    @cached_property
    def boin(self) -> Boin:
        """BOIN whose table judges one combination."""
        return Boin(
            target=self.target, doses=1, cohort_size=self.cohort_size,
            max_participants=self.max_participants, eliminate_at=self.eliminate_at,
        )  # fmt: skip

    def start(self) -> CombinationState:
        """Nobody treated; the lowest combination is current."""
        zeros = ((0,) * self.doses_b,) * self.doses_a
        return CombinationState(zeros, zeros, (1, 1))

    def table(self, participants: int | None = None) -> RuleTable:
        """BOIN's table, by which each combination is judged."""
        return self.boin.table(participants)

    @cached_property
    def within(self) -> list[list[float]]:
        """How desirable a combination is, by participants and DLTs."""
        from scipy.special import betainc

        low, high = self.boin.lambda_e, self.boin.lambda_d
        found = []
        for n in range(self.max_participants + 1):
            y = np.arange(n + 1)
            mass = betainc(y + 0.5, n - y + 0.5, high) - betainc(y + 0.5, n - y + 0.5, low)
            found.append((mass + 0.0005 * n).tolist())
        return found

    def eliminated(self, treated: Sequence[Sequence[int]], dlts: Sequence[Sequence[int]]) -> Any:
        """Rows x columns: whether a combination is eliminated."""
        out = np.zeros((self.doses_a, self.doses_b), dtype=bool)
        for i, row in enumerate(treated):
            for j, n in enumerate(row):
                bound = self.boin.boundaries[n - 1][2] if n else None
                if bound is not None and dlts[i][j] >= bound:
                    out[i:, j:] = True
        return out

    def next_dose(
        self,
        treated: Sequence[Sequence[int]],
        dlts: Sequence[Sequence[int]],
        dose: Pair,
        draw: float = 0.0,
    ) -> Pair | None:
        """Where the next cohort goes; None when every combination is too toxic. draw: from 0 to 1,
        decides a tie; agent A moves below 0.5."""
        out = self.eliminated(treated, dlts)
        if out[0, 0]:
            return None
        i, j = dose[0] - 1, dose[1] - 1
        n, y = treated[i][j], dlts[i][j]
        up, down, _, _ = self.boin.boundaries[n - 1] if n else (0, 1, None, None)
        step = 1 if y <= up else -1 if y >= down or out[i, j] else 0
        places = [(i + step, j), (i, j + step)] if step else []
        places = places if draw < 0.5 else places[::-1]
        allowed = [
            (a, b) for a, b in places
            if 0 <= a < self.doses_a and 0 <= b < self.doses_b and not out[a, b]
        ]  # fmt: skip
        best = max(allowed, key=lambda at: self._desirable(treated, dlts, at), default=None)
        if best is None and out[i, j]:
            # Both neighbours below are eliminated too: the nearest combination that isn't.
            rest = [(a, b) for a in range(i + 1) for b in range(j + 1) if not out[a, b]]
            best = max(rest, key=lambda at: (sum(at), self._desirable(treated, dlts, at)))
        return dose if best is None else (best[0] + 1, best[1] + 1)

    def _desirable(
        self, treated: Sequence[Sequence[int]], dlts: Sequence[Sequence[int]], at: Pair
    ) -> float:
        i, j = at
        return round(self.within[treated[i][j]][dlts[i][j]], 12)

    def decide(self, state: CombinationState, draw: float = 0.0) -> CombinationDecision:
        """Where the next cohort goes, or that and why the trial ends. draw: as of `next_dose`."""
        self._require_fit(state)
        total = sum(map(sum, state.treated))
        i, j = state.dose
        if total == 0:
            return CombinationDecision(
                "stay",
                state.dose,
                Message(
                    "Start at dose {row} of agent A with dose {column} of agent B.", row=i, column=j
                ),
            )
        n, y = state.treated[i - 1][j - 1], state.dlts[i - 1][j - 1]
        after = self.next_dose(state.treated, state.dlts, state.dose, draw)
        if after is None:
            return CombinationDecision("stop", None, Message(
                "{y} of {n} DLTs: every combination is too toxic.", y=y, n=n))  # fmt: skip
        if total >= self.max_participants:
            reason = Message("All {total} participants have been treated.", total=total)
            return CombinationDecision("stop", after, reason)
        if self.enough(n, stays=after == state.dose):
            reason = Message("Enough participants: {n} at this combination.", n=n)
            return CombinationDecision("stop", after, reason)
        move = sum(after) - sum(state.dose)
        action = "escalate" if move > 0 else "de-escalate" if move < 0 else "stay"
        reason = Message(
            "{y} of {n} DLTs at dose {row} of agent A with dose {column} of agent B; next {a} with "
            "{b}.",
            y=y, n=n, row=i, column=j, a=after[0], b=after[1],
        )  # fmt: skip
        return CombinationDecision(action, after, reason)

    def next_cohort(self, state: CombinationState, draw: float = 0.0) -> int:
        """Size of the next cohort at the combination that `decide` gives; 0 at a stop."""
        if self.decide(state, draw).action == "stop":
            return 0
        return min(self.cohort_size, self.max_participants - sum(map(sum, state.treated)))

    def pair(self, number: int) -> Pair:
        """The combination by its number from 1, row after row."""
        require_dose(number, self.doses)
        row, column = divmod(number - 1, self.doses_b)
        return row + 1, column + 1

    def number(self, pair: Pair) -> int:
        """The number from 1 of a combination, row after row."""
        _require_pair(pair, self.doses_a, self.doses_b)
        return (pair[0] - 1) * self.doses_b + pair[1]

    def enough(self, treated: int, *, stays: bool) -> bool:
        """Whether so many at the current combination end the trial."""
        most = self.stop_at_dose
        return most is not None and treated >= most and (stays or self.stop_when == "reached")

    def estimates(self, state: CombinationState) -> Floats:
        """Rows x columns: DLT rates that rise in both agents, those of untried combinations too."""
        treated, dlts = np.array(state.treated), np.array(state.dlts)
        return rising((dlts + 0.05) / (treated + 0.1), treated + 0.1)

    def select(self, state: CombinationState) -> Pair | None:
        """The combination that would be selected if the trial ended now, or None."""
        self._require_fit(state)
        out = self.eliminated(state.treated, state.dlts)
        if out[0, 0]:
            return None
        place = np.add.outer(np.arange(1, self.doses_a + 1), np.arange(1, self.doses_b + 1))
        rates = self.estimates(state) + 1e-5 * place
        away = np.abs(rates - self.target)
        away[out | (np.array(state.treated) == 0)] = np.inf
        if self.bound_mtd:
            away[rates > self.boin.lambda_d] = np.inf
        if not np.isfinite(away).any():
            return None
        row, column = np.unravel_index(int(away.argmin()), away.shape)
        return int(row) + 1, int(column) + 1

    def operating_characteristics(
        self, scenarios: ArrayLike, *, method: str = "auto", trials: int = 1_000, seed: int = 1
    ) -> OperatingCharacteristics:
        """How the design performs under each scenario (scenarios x combinations of true DLT rates,
        row after row), by simulation; selections are remembered for their counts."""
        truth = scenario_matrix(scenarios, self.doses, "combinations")
        require_choice("method", method, ("auto", "monte-carlo"))
        require_count("trials", trials, 1, 10**7)
        require_count("seed", seed, 0, 2**64 - 1)
        sums = np.zeros((len(truth), 3, self.doses + 1))
        known: dict[tuple[Grid, Grid], Pair | None] = {}
        for s, rates in enumerate(truth):
            draws = uniforms(seed, s, 0, trials, 2 * self.max_participants)
            for own in draws:
                state, ended = self._one_trial(rates.reshape(self.doses_a, self.doses_b), own)
                key = state.treated, state.dlts
                if not ended and key not in known:
                    known[key] = self.select(state)
                chosen = None if ended else known[key]
                at = self.number(chosen) - 1 if chosen else self.doses
                sums[s, 0, at] += 1
                sums[s, 1, :-1] += np.ravel(state.treated)
                sums[s, 2, :-1] += np.ravel(state.dlts)
        found = columns(truth, self.target, sums / trials, "monte-carlo", trials, 0)
        return OperatingCharacteristics(**found)

    def _one_trial(self, rates: Floats, draws: Floats) -> tuple[CombinationState, bool]:
        """The state at the end, and whether every combination was too toxic."""
        treated = [[0] * self.doses_b for _ in range(self.doses_a)]
        dlts = [[0] * self.doses_b for _ in range(self.doses_a)]
        dose, used = (1, 1), 0
        after: Pair | None = dose
        while used < self.max_participants and after is not None:
            dose = after
            i, j = dose[0] - 1, dose[1] - 1
            size = min(self.cohort_size, self.max_participants - used)
            treated[i][j] += size
            dlts[i][j] += int((draws[used : used + size] < rates[i, j]).sum())
            used += size
            after = self.next_dose(treated, dlts, dose, draws[-used])
            if self.enough(treated[i][j], stays=after == dose):
                break
        state = CombinationState(tuple(map(tuple, treated)), tuple(map(tuple, dlts)), dose)
        return state, after is None

    def describe(self) -> Message:
        """The rule in words."""
        parts = [
            Message(
                "BOIN for two agents with target DLT rate {target:g}: {doses_a} doses of agent A "
                "with {doses_b} of agent B, cohorts of {cohort_size}, at most {max_participants} "
                "participants.",
                target=self.target, doses_a=self.doses_a, doses_b=self.doses_b,
                cohort_size=self.cohort_size, max_participants=self.max_participants,
            ),
            Message(
                "One agent moves up by a dose when the observed rate is {lambda_e:.3f} or less, "
                "down when it is {lambda_d:.3f} or more; of the two combinations that could be "
                "next, the one whose rate is likelier to lie between these is taken.",
                lambda_e=self.boin.lambda_e, lambda_d=self.boin.lambda_d,
            ),
            Message(
                "From 3 participants on, a combination is eliminated with all that are as high in "
                "both agents when the posterior probability that its rate exceeds the target is "
                "above {eliminate_at:g}; at the lowest one the trial stops.",
                eliminate_at=self.eliminate_at,
            ),
        ]  # fmt: skip
        return sentences(*parts)

    def _require_fit(self, state: CombinationState) -> None:
        shape = (len(state.treated), len(state.treated[0]))
        if shape != (self.doses_a, self.doses_b):
            raise DesignError(
                Message("The state has {rows} doses of agent A and {columns} of agent B.",
                        rows=shape[0], columns=shape[1]),
                rule=Message("This design has {rows} and {columns}.", rows=self.doses_a,
                             columns=self.doses_b),
                fix=Message("Begin with design.start()."),
            )  # fmt: skip
        require_count("treated", max(map(max, state.treated)), 0, self.max_participants)


def rising(values: Floats, weights: Floats) -> Floats:
    """The matrix nearest to `values` by weighted least squares that rises (or stays) along rows and
    columns, by Dykstra's alternating projections, to 1e-9. Source: Dykstra and Robertson 1982,
    Ann Stat 10:708.

    >>> rising(np.array([[0.5, 0.1], [0.3, 0.9]]), np.ones((2, 2)))
    array([[0.3, 0.3],
           [0.3, 0.9]])
    """
    found = values.astype(float)
    down, across = np.zeros_like(found), np.zeros_like(found)
    for _ in range(2_000):
        before = found
        columns = _rising_rows((found + down).T, weights.T).T
        down = found + down - columns
        found = _rising_rows(columns + across, weights)
        across = columns + across - found
        if np.abs(found - before).max() < 1e-10 and np.abs(found - columns).max() < 1e-9:
            break
    return found


def _rising_rows(values: Floats, weights: Floats) -> Floats:
    """Each row pooled where it falls."""
    found = np.empty_like(values)
    for i, (row, weight) in enumerate(zip(values.tolist(), weights.tolist(), strict=True)):
        blocks: list[tuple[float, float, int]] = []
        for value, w in zip(row, weight, strict=True):
            count = 1
            while blocks and blocks[-1][0] >= value:
                other, u, more = blocks.pop()
                value, w, count = (value * w + other * u) / (w + u), w + u, count + more
            blocks.append((value, w, count))
        found[i] = [value for value, _, count in blocks for _ in range(count)]
    return found


def _added(grid: Grid, dose: Pair, more: int) -> Grid:
    rows = [list(row) for row in grid]
    rows[dose[0] - 1][dose[1] - 1] += more
    return tuple(map(tuple, rows))


def _require_pair(dose: Pair, rows: int, columns: int) -> None:
    if not (1 <= dose[0] <= rows and 1 <= dose[1] <= columns):
        raise DesignError(
            Message("Combination ({row}, {column}).", row=dose[0], column=dose[1]),
            rule=Message("There are {rows} doses of agent A and {columns} of agent B, from 1.",
                         rows=rows, columns=columns),
            fix=Message("Name one of them."),
        )  # fmt: skip
