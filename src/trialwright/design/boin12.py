"""BOIN12: the optimal biological dose by desirability ranks of toxicity and efficacy together."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from trialwright.design.boin import Boin
from trialwright.design.characteristics import (
    MAX_MEMORY_MB,
    MAX_STATES,
    Budget,
    OperatingCharacteristics,
    characteristics,
)
from trialwright.design.checks import (
    Floats,
    require_between,
    require_choice,
    require_count,
    require_dose,
    require_events,
    require_length,
    scenario_matrix,
)
from trialwright.design.errors import DesignError
from trialwright.design.finding import DoseFinding, DoseState, check_sizes, check_target
from trialwright.design.interval import STOP_WHEN, isotonic_inputs
from trialwright.design.table import RuleTable
from trialwright.messages import Message, sentences
from trialwright.numerics import rule as rules
from trialwright.numerics.rule import Rule


@dataclass(frozen=True, slots=True)
class EfficacyState(DoseState):
    """Counts per dose with responses; `observe` takes them too."""

    responses: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        DoseState.__post_init__(self)
        require_length("responses", self.responses, len(self.treated))
        for treated, responses in zip(self.treated, self.responses, strict=True):
            require_events(treated, responses, "responses")

    def observe(self, dose: int, treated: int, dlts: int, responses: int = 0) -> EfficacyState:
        """The state after `treated` more at `dose`, `dlts` with a DLT, `responses` responding."""
        require_dose(dose, len(self.treated))
        require_events(treated, dlts, "DLTs")
        require_events(treated, responses, "responses")
        d = dose - 1

        def added(counts: tuple[int, ...], more: int) -> tuple[int, ...]:
            return (*counts[:d], counts[d] + more, *counts[d + 1 :])

        return replace(
            self,
            treated=added(self.treated, treated),
            dlts=added(self.dlts, dlts),
            responses=added(self.responses, responses),
            dose=dose,
            last=(treated, dlts),
        )


@dataclass(frozen=True, kw_only=True)
class Boin12(DoseFinding):
    """BOIN12 with utilities 100 (response, no DLT), `neither`, `both`, and 0 (DLT, no response).

    Estimand: the dose of highest mean utility among those neither too toxic nor futile. With n
    treated at a dose, x = (neither (n - y) + both r)/100 quasi-responses (y DLTs, r responses);
    desirability is P(u > benchmark | Beta(1 + x, 1 + n - x)), which ranks doses as the paper's rank
    table does; an untried dose has that of Beta(1, 1). The benchmark is (100 + U)/2 percent, U the
    utility of a dose at exactly `target` and `min_response`, the two independent. At the current
    dose, BOIN's boundaries say where to look: de-escalate when the rate is at or above lambda_d;
    else among the neighbours, without the higher one when the rate is above lambda_e and n >=
    `certain_from`. The most desirable admissible one is taken.

    Inadmissible: a dose, with all above, whose P(DLT rate > target) exceeds `toxic_at`; a dose
    whose P(response rate < min_response) exceeds `futile_at`; both from 3 participants on.
    Final: the highest mean utility among treated admissible doses up to the MTD (isotonic).
    With `explore_from` treated, a rate below lambda_d and the next dose untried, that is tried.
    Ties: the higher dose where it may be chosen, the lower where the higher neighbour is barred, as
    the authors' application does (the paper leaves ties open; other tools take the lower dose or
    pick at random); at the end the lower. If no neighbour is admissible, the nearest admissible
    dose below, else above within reach, else the trial stops.

    The trial ends when `stop_at_dose` participants are at one dose and the rule stays there
    ("staying"), or as soon as they are ("reached").

    Utilities must be additive, neither + both = 100, so that the two margins are enough.
    Exact characteristics take DLT and response to be independent in a participant.

    Accuracy: desirabilities to 1e-14, equal within 1e-9.
    Source: Lin, Zhou, Yan, Li and Yuan 2020, JCO Precis Oncol 4:1393.

    >>> design = Boin12(target=0.35, min_response=0.25, doses=5)
    >>> round(design.benchmark, 3)
    0.705
    """

    kind: ClassVar[str] = "boin12"
    target: float
    min_response: float
    doses: int
    neither: float = 40.0
    both: float = 60.0
    cohort_size: int = 3
    max_participants: int = 30
    certain_from: int = 6
    explore_from: int = 9
    toxic_at: float = 0.95
    futile_at: float = 0.90
    stop_at_dose: int | None = 12
    stop_when: str = "staying"
    first_dose: int = 1

    def __post_init__(self) -> None:
        check_target(self.target)
        check_sizes(self.doses, self.cohort_size, self.max_participants, self.first_dose)
        require_count("max_participants", self.max_participants, 1, 43)
        require_choice("stop_when", self.stop_when, STOP_WHEN)
        for name in ("min_response", "toxic_at", "futile_at"):
            require_between(name, getattr(self, name), 0, 1)
        require_count("certain_from", self.certain_from, 1)
        for name in ("neither", "both"):
            require_between(name, getattr(self, name), -1e-9, 100 + 1e-9)
        if abs(self.neither + self.both - 100) > 1e-9 or not 0 <= self.neither <= 100:
            raise DesignError(
                Message(
                    "Utilities neither = {neither:g} and both = {both:g}.",
                    neither=self.neither,
                    both=self.both,
                ),
                rule=Message("They add to 100, each from 0 to 100."),
                fix=Message("Choose for example 40 and 60."),
            )

    @property
    def benchmark(self) -> float:
        """The utility, as a share of 100, that a dose is compared with."""
        base = self.neither * (1 - self.target) + self.both * self.min_response
        return (100 + base) / 200

    @cached_property
    def boin(self) -> Boin:
        """BOIN with the same target and sizes, whose boundaries say where to look."""
        return Boin(
            target=self.target,
            doses=self.doses,
            cohort_size=self.cohort_size,
            max_participants=self.max_participants,
            eliminate_at=self.toxic_at,
        )

    @cached_property
    def rule(self) -> Rule:
        from scipy.special import betainc, betaincc

        lattice = rules.triples(self.cohort_size, self.max_participants)
        n, y, r = lattice["treated"], lattice["events"], lattice["responses"]
        pair = n * (n + 1) // 2 + y
        x = (self.neither * (n - y) + self.both * r) / 100
        real = isotonic_inputs(n, y)
        real[rules.RANK] = betaincc(1 + x, 1 + n - x, self.benchmark)
        real[rules.UTILITY] = (1 + x) / (2 + n)
        futile = (n >= 3) & (betainc(1 + r, 1 + n - r, self.min_response) > self.futile_at)
        return rules.make_rule(
            lattice,
            target=self.target,
            code=self.boin.rule.whole[rules.CODE_FIRST : rules.CODE + 1, pair],
            futile=futile,
            real=real,
            numbers={
                "kind": rules.BOIN12,
                "doses": self.doses,
                "start": self.first_dose - 1,
                "cohort": self.cohort_size,
                "participants": self.max_participants,
                "stop_at": self.stop_at_dose or 0,
                "stop_mode": STOP_WHEN[self.stop_when] if self.stop_at_dose else rules.STOP_NEVER,
                "selection": rules.BEST_UTILITY,
                "certain_from": self.certain_from,
                "explore_from": self.explore_from,
            },
        )

    def start(self) -> EfficacyState:
        zeros = (0,) * self.doses
        return EfficacyState(zeros, zeros, self.first_dose, (0, 0), zeros)

    def _cells(self, state: DoseState) -> Any:
        if not isinstance(state, EfficacyState):
            raise DesignError(
                Message("The state has no responses."),
                rule=Message("BOIN12 needs them."),
                fix=Message("Begin with design.start()."),
            )
        super()._cells(state)
        return np.array(
            [
                n * (n + 1) * (2 * n + 1) // 6 + y * (n + 1) + r
                for n, y, r in zip(state.treated, state.dlts, state.responses, strict=True)
            ]
        )

    def operating_characteristics(  # type: ignore[override]
        self,
        scenarios: ArrayLike,
        responses: ArrayLike,
        *,
        method: str = "auto",
        trials: int = 10_000,
        seed: int = 1,
        executor: Executor | None = None,
        max_states: int = MAX_STATES,
        max_memory_mb: int = MAX_MEMORY_MB,
        first_scenario: int = 0,
    ) -> OperatingCharacteristics:
        """As for other designs, with true response rates beside the DLT rates."""
        tox, eff = both_rates(scenarios, responses, self.doses)
        return characteristics(
            self.rule, tox, target=self.target, method=method, trials=trials, seed=seed,
            executor=executor, budget=Budget(max_states, max_memory_mb),
            first_scenario=first_scenario, responses=eff,
        )  # fmt: skip

    def table(self, participants: int | None = None) -> RuleTable:
        """Rows (treated, dlts, responses, desirability rank, admissible) for complete cohorts.

        The rank-based desirability score of the paper's table 3: from 1, the least desirable, among
        the admissible rows of this table; None for others. Equal desirability has the same rank,
        the lowest of those it takes up (the paper leaves this open).

        >>> table = Boin12(target=0.35, min_response=0.25, doses=5).table(9)
        >>> {row[:3]: row[3] for row in table.rows}[0, 0, 0]
        60
        """
        from trialwright.design.characteristics import responses_of

        last = self.max_participants if participants is None else participants
        require_count("participants", last, 1, self.max_participants)
        rule = self.rule
        n, y, r = rule.treated, rule.events, responses_of(rule)
        keep = np.flatnonzero((n <= last) & (n % self.cohort_size == 0))
        admissible = (rule.whole[rules.CODE] != rules.ELIMINATE) & (rule.whole[rules.FUTILE] == 0)
        values = rule.real[rules.RANK].round(12)
        ordered = np.sort(values[keep][admissible[keep]])
        ranks = np.searchsorted(ordered, values) + 1
        rows = tuple(
            (int(n[c]), int(y[c]), int(r[c]), int(ranks[c]) if admissible[c] else None,
             int(admissible[c]))
            for c in keep
        )  # fmt: skip
        columns = ("treated", "dlts", "responses", "rank", "admissible")
        return RuleTable("Boin12", columns, rows)

    def describe(self) -> Message:
        return sentences(
            Message(
                "BOIN12: DLT rate at most {target:g}, response rate at least {min_response:g}, "
                "utilities 100, {neither:g}, {both:g} and 0, {doses} doses, cohorts of "
                "{cohort_size}, at most {max_participants} participants.",
                target=self.target,
                min_response=self.min_response,
                neither=self.neither,
                both=self.both,
                doses=self.doses,
                cohort_size=self.cohort_size,
                max_participants=self.max_participants,
            ),
            Message(
                "De-escalate at an observed DLT rate of {lambda_d:.3f} or more; otherwise take "
                "the neighbouring admissible dose of highest desirability, no higher one when "
                "the rate is above {lambda_e:.3f} and {certain_from} or more are treated.",
                lambda_d=self.boin.lambda_d,
                lambda_e=self.boin.lambda_e,
                certain_from=self.certain_from,
            ),
        )


def both_rates(scenarios: ArrayLike, responses: ArrayLike, doses: int) -> tuple[Floats, Floats]:
    """True DLT rates and true response rates, each scenarios x doses, of as many scenarios."""
    tox, eff = scenario_matrix(scenarios, doses), scenario_matrix(responses, doses)
    if len(tox) != len(eff):
        raise DesignError(
            Message(
                "{tox} scenarios of DLT rates, {eff} of response rates.",
                tox=len(tox),
                eff=len(eff),
            ),
            rule=Message("Each scenario has both."),
            fix=Message("Give arrays with the same number of rows."),
        )
    return tox, eff
