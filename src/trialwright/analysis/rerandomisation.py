"""The re-randomisation test: what the outcomes would have given under other lists of the procedure
that was really used to allocate."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.analysis.result import AnalysisError, Estimate, drawn_from, is_number, numbers
from trialwright.messages import Message

Floats = NDArray[np.float64]
Arms = NDArray[np.int64]
_SLACK = 1e-12


class Procedure(Protocol):
    """Whatever makes the lists of a trial, arms numbered from 1: `design.PermutedBlocks`."""

    def list(self, seed: bytes, stratum: str, length: int) -> tuple[int, ...]:
        """The first `length` arms of the list of a stratum."""
        ...


def redrawn(
    lists: Sequence[str], procedure: Procedure, *, samples: int = 2_000, seed: int = 1
) -> Arms:
    """Arms at [sample, participant] under new lists of a procedure.

    lists: the name of the list that served each participant, in the order of randomisation.
    """
    if not is_number(samples) or samples < 1:
        raise AnalysisError(
            f"samples is {samples}.", rule="It is 1 or more.", fix="Use the default."
        )
    names = np.array(lists)
    places = [(str(name), np.flatnonzero(names == name)) for name in dict.fromkeys(lists)]
    drawn = np.empty((int(samples), len(lists)), dtype=np.int64)
    for sample in range(int(samples)):
        secret = hashlib.sha256(f"re-randomisation/1 {seed} {sample}".encode()).digest()
        for name, where in places:
            drawn[sample, where] = procedure.list(secret, name, len(where))
    return drawn


def rerandomisation(
    outcome: ArrayLike,
    arms: ArrayLike,
    drawn: Arms,
    *,
    arm: int,
    reference: int,
    population: str = "all participants given",
) -> Estimate:
    """Test of no effect on anybody, two-sided, by the difference of the means of two arms.

    Everybody randomised stands here, in the order of randomisation: outcome (NaN where missing) and
    arm, numbered from 1; drawn: the arms of as many new lists, from `redrawn`. The difference is
    taken again under each; the p-value is (as far out or farther + 1)/(samples + 1), with a
    standard error of sqrt(p(1 - p)/samples). Whoever has no outcome keeps a place in the list and
    gives no value; lists that leave an arm without values count as far out.

    Estimand: the difference of means. It needs no distribution, and strata, blocks and run-in are
    in the test since they were in the trial. Source: Rosenberger and Lachin 2015, Randomization in
    Clinical Trials, chapter 6; Phipson and Smyth 2010, Stat Appl Genet Mol Biol 9:39, for the 1.

    >>> lists = np.array([[1, 1, 2, 2], [1, 2, 1, 2], [2, 1, 1, 2]])
    >>> rerandomisation([5.0, 6.0, 1.0, 2.0], [1, 1, 2, 2], lists, arm=1, reference=2).p_value
    0.5
    """
    y, seen_arms = numbers("outcome", outcome), np.asarray(arms)
    if y.shape != seen_arms.shape or drawn.ndim != 2 or drawn.shape[1:] != y.shape:
        raise AnalysisError(
            f"{y.size} outcomes, {seen_arms.size} arms, lists of shape {drawn.shape}.",
            rule="Each randomised participant has an outcome or NaN, and an arm in every list.",
            fix="Give everybody randomised, in order.",
        )
    known = np.isfinite(y)
    values, both = y[known], known & np.isin(seen_arms, (arm, reference))
    seen = float(_differences(values, seen_arms[known][None, :], arm, reference)[0])
    if not np.isfinite(seen):
        raise AnalysisError(
            Message("An arm has no value yet."),
            rule=Message("A comparison needs values in both arms."),
            fix=Message("Wait for them; until then the arms are described."),
        )
    bar = abs(seen) - _SLACK * float(np.abs(values).sum())
    found = _differences(values, drawn[:, known], arm, reference)
    p = (int((~(np.abs(found) < bar)).sum()) + 1) / (len(drawn) + 1)
    return Estimate(
        "mean-difference", f"re-randomisation, {len(drawn)} lists", seen,
        p_value=p, participants=int(both.sum()),
        missing=int((~known & np.isin(seen_arms, (arm, reference))).sum()), population=population,
        accuracy=drawn_from(len(drawn), p),
    )  # fmt: skip


def _differences(values: Floats, arms: Arms, arm: int, reference: int) -> Floats:
    """The difference of means for each row of arms; NaN where one of them has no value."""
    one, other = arms == arm, arms == reference
    with np.errstate(invalid="ignore", divide="ignore"):
        means = [(group @ values) / group.sum(axis=1) for group in (one, other)]
    return np.asarray(means[0] - means[1], dtype=np.float64)
