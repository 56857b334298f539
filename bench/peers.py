"""The statistics' peers: SciPy here, lifelines and R's packages where they are, given the same work
in one run.

A figure is a ratio, peer's time over ours: above 1 we are faster. Each time is the shortest of
several runs of one process's own processor time, so that a shared machine says something; what R
says is measured by R in the same way. Caches of ours are emptied before each run.
"""

import shutil
import subprocess
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from bench.design import best

_R = """
args <- commandArgs(TRUE)
own <- function(f, times = 5) {
  f(); min(sapply(seq_len(times), function(i) {
    n <- 0; start <- proc.time()[["user.self"]]
    repeat { f(); n <- n + 1; took <- proc.time()[["user.self"]] - start; if (took > 0.2) break }
    took / n
  }))
}
say <- function(name, package, f) if (requireNamespace(package, quietly = TRUE))
  cat(name, own(f), "\\n") else cat(name, "absent", "\\n")
set.seed(1)
x <- round(rnorm(25, 7.5, 2), 1); y <- round(rnorm(25, 5, 2), 1)
g <- factor(rep(1:2, each = 25))
say("coin", "coin", function() coin::pvalue(coin::oneway_test(c(x, y) ~ g,
  distribution = coin::exact(algorithm = "shift"))))
say("exactRankTests", "exactRankTests", function() exactRankTests::perm.test(
  as.integer(10 * x), as.integer(10 * y), paired = FALSE, exact = TRUE))
n <- 200; t <- round(rexp(n, 0.1), 2); d <- rbinom(n, 1, 0.7); h <- rep(1:2, n / 2)
say("survdiff", "survival", function() survival::survdiff(survival::Surv(t, d) ~ h))
say("rpact", "rpact", function() rpact::getDesignCharacteristics(
  rpact::getDesignGroupSequential(kMax = 3, alpha = 0.025, beta = 0.2, typeOfDesign = "asOF")))
say("clinfun", "clinfun", function() clinfun::ph2simon(0.1, 0.3, 0.05, 0.2))
"""


def run() -> Iterator[str]:
    """A line for each peer that is there, and one that says which aren't."""
    yield from _scipy()
    yield from _lifelines()
    yield from _r()


def _exact_tests() -> Iterator[tuple[str, float, Callable[[], object]]]:
    """Our exact tests of two tables, each with its time and SciPy's call."""
    from scipy.stats import barnard_exact, boschloo_exact

    from trialwright.analysis import barnard, boschloo, unconditional

    caches = (
        unconditional.hypergeometric, unconditional.fisher_tails, unconditional.table_order,
        unconditional._grid,
    )  # fmt: skip
    for x1, n1, x2, n2 in ((60, 100, 45, 100), (10, 25, 20, 100)):
        table = [[x1, x2], [n1 - x1, n2 - x2]]
        for name, ours, theirs in (
            ("Barnard", barnard, barnard_exact), ("Boschloo", boschloo, boschloo_exact),
        ):  # fmt: skip
            for alternative in ("two-sided", "greater"):

                def alone(test=ours, x=(x1, n1, x2, n2), a=alternative) -> object:  # type: ignore[no-untyped-def]
                    for cache in caches:
                        cache.cache_clear()
                    return test(*x, a)

                def peer(test=theirs, t=table, a=alternative) -> object:  # type: ignore[no-untyped-def]
                    return test(t, alternative=a)

                yield f"{name} {n1} v {n2}, {alternative}", best(alone, 5), peer


def _scipy() -> Iterator[str]:
    for name, ours, peer in _exact_tests():
        yield f"peers: {name} {ours * 1e3:.1f} ms, SciPy / ours {best(peer, 5) / ours:.1f}"


def _lifelines() -> Iterator[str]:
    try:
        from lifelines.statistics import logrank_test
    except ImportError:
        yield "peers: lifelines isn't here (pip install lifelines)"
        return
    from trialwright.analysis import logrank

    t, d, h = _times()
    one, other = h == 1, h == 2
    ours = best(lambda: logrank(t, d, h), 5)
    peer = best(lambda: logrank_test(t[one], t[other], d[one], d[other]), 5)
    yield f"peers: log-rank of 200 {ours * 1e3:.2f} ms, lifelines / ours {peer / ours:.1f}"


def _times() -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """200 participants: times, events, groups 1 and 2."""
    drawing = np.random.default_rng(1)
    t = np.round(drawing.exponential(10, 200), 2)
    return t, (drawing.random(200) < 0.7).astype(np.int64), np.tile([1, 2], 100)


def _ours() -> dict[str, tuple[str, Callable[[], object]]]:
    """What R's packages are compared with, by the peer's name."""
    from trialwright.analysis import logrank, permutation
    from trialwright.design import GroupSequential, simon

    drawing = np.random.default_rng(1)
    x, y = (np.round(drawing.normal(mean, 2, 25), 1) for mean in (7.5, 5.0))
    t, d, h = _times()

    def spending() -> float:
        return GroupSequential(timing=(1 / 3, 2 / 3, 1.0), alpha=0.025, beta=0.2).inflation

    def search() -> object:
        simon._best_by_size.cache_clear()
        return simon.SimonTwoStage.search(p0=0.1, p1=0.3, alpha=0.05, beta=0.2)

    return {
        "coin": ("permutation of 25 and 25, one decimal", lambda: permutation(x, y)),
        "exactRankTests": ("permutation of 25 and 25, one decimal", lambda: permutation(x, y)),
        "survdiff": ("log-rank of 200", lambda: logrank(t, d, h)),
        "rpact": ("asOF at three looks with inflation", spending),
        "clinfun": ("Simon's search, 0.1 v 0.3", search),
    }


def _r() -> Iterator[str]:
    rscript = shutil.which("Rscript")
    if rscript is None:
        yield "peers: R isn't here (Debian: r-base-core r-cran-coin r-cran-survival r-cran-rpact)"
        return
    said = subprocess.run([rscript, "-e", _R], capture_output=True, text=True, check=True).stdout
    for name, took in (line.split() for line in said.splitlines()):
        what, action = _ours()[name]
        if took == "absent":
            yield f"peers: {what}: R's package for {name} isn't here"
            continue
        action()
        ours = best(action, 5)
        yield f"peers: {what} {ours * 1e3:.1f} ms, {name} / ours {float(took) / ours:.1f}"
