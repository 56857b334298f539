"""The design engine: exact enumeration, scenarios, Monte Carlo, and what a page would wait for."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import numpy as np

from trialwright.numerics.rule import Array, Rule

TOX = [[0.05, 0.15, 0.30, 0.45, 0.60]]


def best(action: Callable[[], object], times: int = 3) -> float:
    """The shortest of several runs, in seconds of this process's own time."""
    took = []
    for _ in range(times):
        start = time.process_time()
        action()
        took.append(time.process_time() - start)
    return min(took)


def run() -> Iterator[str]:
    """One line per figure, with the limit the project has set itself."""
    yield from _imports()
    yield from _dose_finding()
    yield from _two_arms()


def _imports() -> Iterator[str]:
    def seconds(module: str) -> float:
        code = (
            f"import time; t = time.process_time(); import {module}; print(time.process_time()-t)"
        )
        command = [sys.executable, "-c", code]
        return min(float(subprocess.check_output(command)) for _ in range(3))

    yield (
        f"design: import {seconds('trialwright.design'):.2f} s (limit 0.4), "
        f"NumPy alone {seconds('numpy'):.2f} s"
    )


def _dose_finding() -> Iterator[str]:
    from trialwright.design import Boin, Boin12, Crm
    from trialwright.design.characteristics import _cell_chances
    from trialwright.numerics.compiled import load

    kernels = load()
    Boin(target=0.3, doses=2, max_participants=6).operating_characteristics([[0.1, 0.2]])
    designs = [
        (f"BOIN 5 doses {n // 3}x3", Boin(target=0.3, doses=5, max_participants=n), limit)
        for n, limit in ((30, 0.010), (45, 0.150), (60, 3.0))
    ]
    crm = Crm(target=0.25, skeleton=(0.05, 0.12, 0.25, 0.40, 0.55))
    boin12 = Boin12(target=0.35, min_response=0.25, doses=5, max_participants=24)
    for name, design, limit in [*designs, ("CRM 10x3", crm, 0.060), ("BOIN12 8x3", boin12, 1.5)]:
        rule = design.rule

        def enumerate_all(rule: Rule = rule) -> tuple[Array, ...]:
            *ends, states = kernels.follow(rule, 10**7, 2 * 10**9, kernels._one_cohort)
            return *ends, kernels.choose_all(*rule.parts, *ends[:2]), states

        *ends, states = enumerate_all()
        took = best(enumerate_all, 2)
        chances = _cell_chances(rule, np.array(TOX[0]), None)
        one = best(lambda e=ends, p=chances, r=rule: kernels.weigh(r.whole, *e, p))
        yield (
            f"design: {name} {states:,} states {took * 1e3:.1f} ms (limit {limit * 1e3:.0f}), "
            f"a further scenario {one * 1e3:.2f} ms"
        )
    trials = 500_000
    boin = designs[0][1]
    took = best(lambda: boin.operating_characteristics(TOX, method="monte-carlo", trials=trials), 2)
    yield f"design: Monte Carlo BOIN {trials / took / 1e6:.2f} million trials/s (limit 2)"


def _two_arms() -> Iterator[str]:
    from trialwright.analysis.unconditional import masses, rejection_region, table_order
    from trialwright.design import BetaBinomialStopping, ExactTwoArm, SelectionDesign

    arm = BetaBinomialStopping(0.15, (0.3, 1.7), 0.85, 12)
    pooled = BetaBinomialStopping(0.10, (0.2, 1.8), 0.95, 48)

    def selection() -> None:
        design = SelectionDesign(arms=5, control=2, blocks=10, arm_rule=arm, pooled_rule=pooled)
        design.operating_characteristics([[0.05] * 5], [[0.3] * 4 + [0.6]])

    yield f"design: five-arm selection {best(selection):.2f} s (limit 5)"
    two = ExactTwoArm(per_arm=(8, 17, 25), upper=(3.47, 2.454, 2.004))
    yield f"design: exact two-arm, 3 looks, 99 nulls {best(two.size):.4f} s (limit 0.3)"
    for n, limit in ((25, 0.010), (100, 0.3)):

        def power(n: int = n) -> float:
            table_order.cache_clear()
            region = rejection_region(n, n, 0.025)
            p1, p2 = masses(n, np.array([0.6]))[0], masses(n, np.array([0.3]))[0]
            return float(p1 @ region @ p2)

        took = best(power) * 1e3
        yield f"design: Boschloo power at {n} an arm {took:.1f} ms (limit {limit * 1e3:.0f})"
