"""The design engine: exact enumeration, scenarios, Monte Carlo, and what a page would wait for."""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial

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
    """One line per figure, with the limit the project has set itself and, where there is one, a
    floor: what NumPy needs for the least that any method must do."""
    yield from _imports()
    yield from _first_calls()
    yield from _dose_finding()
    yield from _monte_carlo()
    yield from _two_arms()


def _alone(code: str, *, cache: str = "") -> tuple[str, float]:
    """What a fresh process prints, and the seconds of its own time."""
    environment = {**os.environ, "TRIALWRIGHT_CACHE_DIR": cache} if cache else None
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = subprocess.check_output(
        [sys.executable, "-c", code], env=environment, stderr=subprocess.DEVNULL, text=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return said, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _imports() -> Iterator[str]:
    def seconds(statement: str) -> float:
        code = f"import time; t = time.process_time(); {statement}\n"
        return min(float(_alone(code + "print(time.process_time() - t)")[0]) for _ in range(3))

    ours, floor = seconds("from trialwright.design import Boin"), seconds("import numpy")
    yield f"design: import of one engine {ours:.2f} s (limit 0.2; NumPy alone {floor:.2f})"


def _first_calls() -> Iterator[str]:
    code = (
        "from trialwright.design import Boin\n"
        "Boin(target=0.3, doses=5).operating_characteristics([[0.1] * 5], method={!r})"
    )
    for method in ("exact", "monte-carlo"):
        with tempfile.TemporaryDirectory() as folder:
            first, again = (_alone(code.format(method), cache=folder)[1] for _ in range(2))
        yield (
            f"design: first {method} call after `make setup` {again:.1f} s (limit 3), with nothing "
            f"compiled {first:.1f} s (limit 20)"
        )


def _dose_finding() -> Iterator[str]:
    from trialwright.design import Boin, Boin12, Crm
    from trialwright.design.characteristics import _cell_chances
    from trialwright.numerics.compiled import load

    kernels = load()
    designs = [
        (f"BOIN 5 doses {n // 3}x3", Boin(target=0.3, doses=5, max_participants=n), limit)
        for n, limit in ((30, 0.010), (45, 0.150), (60, 3.0))
    ]
    crm = Crm(target=0.25, skeleton=(0.05, 0.12, 0.25, 0.40, 0.55))
    boin12 = Boin12(target=0.35, min_response=0.25, doses=5, max_participants=24)
    for name, design, limit in [*designs, ("CRM 10x3", crm, 0.060), ("BOIN12 8x3", boin12, 0.4)]:
        rule = design.rule

        def enumerate_all(rule: Rule = rule) -> tuple[Array, ...]:
            *ends, states = kernels.follow(rule, 10**7, 2 * 10**9, kernels.one_cohort)
            return *ends, kernels.choose_all(*rule.parts, *ends[:2]), states

        *ends, states = enumerate_all()
        took = best(enumerate_all, 2)
        keys = np.random.default_rng(1).integers(0, 2**63, states)
        floor = best(lambda keys=keys: np.sort(keys))
        chances = _cell_chances(rule, np.array(TOX[0]), None)
        one = best(lambda e=ends, p=chances, r=rule: kernels.weigh(r.whole, *e, p))
        least = best(lambda e=ends, p=chances: (p[0, e[1]] * e[2]).sum())
        yield (
            f"design: {name} {states:,} states {took * 1e3:.1f} ms (limit {limit * 1e3:.0f}; "
            f"sorting as many numbers {floor * 1e3:.1f}), a further scenario {one * 1e3:.2f} ms "
            f"(one product for each end {least * 1e3:.2f})"
        )
    for name, code, limit in (
        ("BOIN 20x3", "Boin(target=0.3, doses=5, max_participants=60)"
         ".operating_characteristics([[0.1] * 5])", 1500),
        ("BOIN12 8x3", "Boin12(target=0.35, min_response=0.25, doses=5, max_participants=24)"
         ".operating_characteristics([[0.1] * 5], [[0.3] * 5], method='exact')", 300),
    ):  # fmt: skip
        # `ru_maxrss` of a started process is never below its parent's; `VmHWM` is its own.
        asked = (
            f"from trialwright.design import Boin, Boin12\n{code}\n"
            "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
        )
        held = int(_alone(asked)[0]) / 1024
        yield f"design: {name} holds {held:.0f} MB at most (limit {limit:,})"


def _monte_carlo() -> Iterator[str]:
    from trialwright.design import Boin, Crm, TiteBoin, TiteCrm

    boin = Boin(target=0.3, doses=5)
    crm = Crm(target=0.25, skeleton=(0.05, 0.12, 0.25, 0.40, 0.55))
    trials = 500_000
    drawing = np.random.default_rng(1)
    floor = best(lambda: drawing.random((trials, 10)))
    for name, design in (("BOIN", boin), ("CRM", crm)):
        ask = partial(design.operating_characteristics, TOX, method="monte-carlo", trials=trials)
        rate = trials / best(ask) / 1e6
        yield (
            f"design: Monte Carlo {name} 10x3 {rate:.2f} million trials/s (limit 2; NumPy draws "
            f"their random numbers at {trials / floor / 1e6:.0f})"
        )
    for timed in (TiteBoin(boin=boin), TiteCrm(crm=crm)):
        took = best(partial(timed.operating_characteristics, TOX, trials=10_000))
        yield f"design: {type(timed).__name__} over arrival times {10_000 / took:,.0f} trials/s"


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
