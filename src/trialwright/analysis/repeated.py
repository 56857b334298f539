"""The mixed model for repeated measures: outcomes of all visits together, each with its own mean in
each arm, and any covariance between visits."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.analysis.result import AnalysisError, Estimate, require_level
from trialwright.messages import Message

Floats = NDArray[np.float64]
MOST_VISITS = 12
_ROUNDS = 200


def mmrm(
    outcomes: ArrayLike,
    group: ArrayLike,
    covariates: ArrayLike | None = None,
    *,
    visit: int = -1,
    level: float = 0.95,
    population: str = "all participants given",
) -> Estimate:
    """Difference of group 1 from the last group at one visit, by a mixed model of all visits.

    Estimand: the difference of the means at `visit` (-1 the last) that would be seen were nobody's
    outcome missing, if what is missing depends on what was observed alone (missing at random).
    outcomes: participants x visits, NaN where missing; group: 0 for the reference, 1 for the arm
    compared, 2, 3, … for further arms that share the covariance; covariates: one for each
    participant, or a matrix, each with a slope at each visit. The mean has an effect of the arm
    at each visit; the covariance of a participant's outcomes is unstructured, by restricted maximum
    likelihood; standard error and degrees of freedom are those of Kenward and Roger. Participants
    without any outcome, or with a missing covariate, are left out and counted.

    Accuracy: 1e-6 of the estimate. Source: Mallinckrodt and others 2008, Drug Inf J 42:303;
    Kenward and Roger 1997, Biometrics 53:983 (with the observed
    information of the covariance, as SAS's PROC MIXED and R's mmrm have it).
    """
    from scipy.special import stdtr, stdtrit

    require_level(level)
    y = np.asarray(outcomes, dtype=np.float64)
    g = np.asarray(group, dtype=np.float64)
    x = np.empty((len(y), 0)) if covariates is None else np.asarray(covariates, dtype=np.float64)
    if y.ndim != 2 or not 1 <= y.shape[1] <= MOST_VISITS or len(g) != len(y) or len(x) != len(y):
        raise AnalysisError(
            f"Outcomes of shape {y.shape}, {len(g)} groups, {len(x)} rows of covariates.",
            rule=f"Outcomes are participants x visits, at most {MOST_VISITS}, with one group and "
            "one row of covariates for each participant.",
            fix="Give one row for each participant.",
        )
    x = x.reshape(len(y), -1)
    keep = np.isfinite(y).any(axis=1) & np.isfinite(g) & np.isfinite(x).all(axis=1)
    y, g, x = y[keep], g[keep], x[keep]
    if not {0.0, 1.0} <= set(np.unique(g)):
        raise AnalysisError(
            Message("An arm has no value yet."),
            rule=Message("A comparison needs values in both arms."),
            fix=Message("Wait for them; until then the arms are described."),
        )
    others = [(g == k).astype(float) for k in sorted(set(g.tolist())) if k not in (0.0, 1.0)]
    columns = np.column_stack([np.ones(len(y)), g == 1, *others, x]).astype(float)
    visits, k = y.shape[1], columns.shape[1]
    design = np.zeros((len(y), visits, visits * k))
    for t in range(visits):
        design[:, t, t * k : (t + 1) * k] = columns
    contrast = np.zeros(visits * k)
    contrast[(visit % visits) * k + 1] = 1.0
    found = fit_unstructured(y, design).about(contrast)
    half = float(stdtrit(found.freedom, 0.5 + level / 2)) * found.error
    p = 2 * float(stdtr(found.freedom, -abs(found.estimate) / found.error))
    return Estimate(
        "adjusted-difference", f"mixed model, {found.freedom:.1f} degrees of freedom",
        found.estimate, found.estimate - half, found.estimate + half, level, p, len(y),
        int((~keep).sum()), population,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Contrast:
    """A combination of coefficients, its standard error and degrees of freedom."""

    estimate: float
    error: float
    freedom: float


@dataclass(frozen=True, slots=True)
class MixedModel:
    """A fitted model: coefficients, their covariance (plain, and adjusted by Kenward and Roger),
    the covariance of the visits, and what the degrees of freedom need."""

    coefficients: Floats
    plain: Floats
    adjusted: Floats
    covariance: Floats
    slopes: Floats
    spread: Floats

    def about(self, contrast: Floats) -> Contrast:
        """A contrast with Kenward and Roger's error and degrees of freedom, which for one contrast
        are Satterthwaite's of the plain variance."""
        plain = float(contrast @ self.plain @ contrast)
        gradient = np.array(
            [contrast @ self.plain @ s @ self.plain @ contrast for s in self.slopes]
        )
        freedom = 2 * plain**2 / float(gradient @ self.spread @ gradient)
        error = sqrt(float(contrast @ self.adjusted @ contrast))
        return Contrast(float(contrast @ self.coefficients), error, freedom)


def fit_unstructured(outcomes: Floats, design: Floats) -> MixedModel:
    """Fit y = X b + e with any covariance of e between the visits of a participant, by REML.

    outcomes: participants x visits, NaN where missing. design: participants x visits x
    coefficients. The covariance is found by Fisher's scoring, halving steps that leave the positive
    definite matrices or lower the likelihood. Raises AnalysisError where it doesn't settle.
    """
    seen = np.isfinite(outcomes)
    patterns = [
        (np.flatnonzero(pattern), np.flatnonzero((seen == pattern).all(axis=1)))
        for pattern in np.unique(seen, axis=0)
        if pattern.any()
    ]
    parts = [(at, design[np.ix_(who, at)], outcomes[np.ix_(who, at)]) for at, who in patterns]
    visits = outcomes.shape[1]
    _require_enough(seen, parts, design.shape[2])
    pairs = [(i, j) for i in range(visits) for j in range(i + 1)]
    state = _State(parts, np.diag([float(np.nanvar(outcomes[:, t])) for t in range(visits)]), pairs)
    for _ in range(_ROUNDS):
        step, size = np.linalg.solve(state.information, state.score), 1.0
        while True:
            moved = state.covariance.copy()
            for (i, j), change in zip(pairs, size * step, strict=True):
                moved[i, j] += change
                moved[j, i] = moved[i, j]
            if np.linalg.eigvalsh(moved)[0] > 1e-10 * np.trace(moved):
                following = _State(parts, moved, pairs)
                if following.likelihood >= state.likelihood - 1e-9:
                    break
            size /= 2
            if size < 1e-8:
                raise _unsettled()
        settled = float(step @ state.score) < 1e-12 * max(1.0, abs(state.likelihood))
        state = following
        if settled:
            return state.model()
    raise _unsettled()


def _unsettled() -> AnalysisError:
    return AnalysisError(
        Message("The covariance between visits can't be estimated."),
        rule=Message(
            "A mixed model needs participants seen at each pair of visits, whose outcomes don't "
            "follow from each other."
        ),
        fix=Message("Take fewer visits, or an analysis of covariance of the last one."),
    )


def _require_enough(
    seen: NDArray[np.bool_], parts: list[tuple[NDArray[np.int64], Floats, Floats]], k: int
) -> None:
    both = seen.T.astype(int) @ seen.astype(int)
    stacked = np.concatenate([x.reshape(-1, k) for _, x, _ in parts])
    if len(stacked) <= k or np.linalg.matrix_rank(stacked) < k:
        raise AnalysisError(
            Message("{n} complete rows for {k} coefficients.", n=len(stacked), k=k),
            rule=Message(
                "A mixed model needs each arm at each visit, and covariates that differ from each "
                "other and from the arm."
            ),
            fix=Message("Take fewer visits or covariates, or wait for outcomes."),
        )
    if (both < 2).any():
        raise _unsettled()


class _State:
    """A covariance, and all that scoring reads of the restricted likelihood at it."""

    def __init__(
        self,
        parts: list[tuple[NDArray[np.int64], Floats, Floats]],
        covariance: Floats,
        pairs: list[tuple[int, int]],
    ) -> None:
        self.covariance, self.pairs = covariance, pairs
        k = parts[0][1].shape[2]
        inverses: list[Floats] = [
            np.asarray(np.linalg.inv(covariance[np.ix_(at, at)]), np.float64) for at, _, _ in parts
        ]
        gram, moment = np.zeros((k, k)), np.zeros(k)
        for inverse, (_, x, y) in zip(inverses, parts, strict=True):
            weighted = np.einsum("ab,nbk->nak", inverse, x)
            gram += np.einsum("nak,nal->kl", x, weighted)
            moment += np.einsum("nak,na->k", weighted, y)
        self.plain: Floats = np.asarray(np.linalg.inv(gram), dtype=np.float64)
        self.coefficients = self.plain @ moment
        self._derive(parts, inverses)
        self.likelihood -= 0.5 * float(np.linalg.slogdet(gram)[1])

    def _derive(
        self, parts: list[tuple[NDArray[np.int64], Floats, Floats]], inverses: list[Floats]
    ) -> None:
        """Score, expected and observed information, and Kenward and Roger's P and Q of each
        parameter (their notation: here slopes, without sign, and curves)."""
        many, k, c = len(self.pairs), len(self.plain), self.plain
        score, trace2, curved = np.zeros(many), np.zeros((many, many)), np.zeros((many, many))
        slopes, curves = np.zeros((many, k, k)), np.zeros((many, many, k, k))
        pulls = np.zeros((many, k))
        self.likelihood = 0.0
        for inverse, (at, x, y) in zip(inverses, parts, strict=True):
            rest = y - x @ self.coefficients
            pulled = rest @ inverse
            self.likelihood -= 0.5 * float((pulled * rest).sum())
            self.likelihood += 0.5 * len(y) * float(np.linalg.slogdet(inverse)[1])
            weighted = np.einsum("ab,nbk->nak", inverse, x)
            # Sums over participants, once for each pair of visits, so that parameters are cheap.
            wide = weighted.reshape(len(y), -1)
            among = (wide.T @ wide).reshape(len(at), k, len(at), k).transpose(0, 2, 1, 3)
            with_rest = (wide.T @ pulled).reshape(len(at), k, len(at)).transpose(0, 2, 1)
            rests = pulled.T @ pulled
            units = {
                a: unit for a, pair in enumerate(self.pairs) if (unit := _unit(pair, at)).any()
            }
            for a, unit in units.items():
                turned = inverse @ unit
                score[a] += 0.5 * float((unit * rests).sum() - len(y) * np.trace(turned))
                slopes[a] += np.tensordot(unit, among, 2)
                pulls[a] += np.tensordot(unit, with_rest, 2)
                for b, other in units.items():
                    trace2[a, b] += len(y) * float((turned * (inverse @ other).T).sum())
                    middle = unit @ inverse @ other
                    curves[a, b] += np.tensordot(middle, among, 2)
                    curved[a, b] += float((middle * rests).sum())
        score += 0.5 * np.einsum("kl,alk->a", c, slopes)
        trace = trace2 - 2 * np.einsum("kl,ablk->ab", c, curves)
        halves = np.array([c @ slope for slope in slopes])
        trace += np.einsum("akl,blk->ab", halves, halves)
        self.score, self.information = score, trace / 2
        self._observed = curved - pulls @ c @ pulls.T - trace / 2
        self._slopes, self._curves = slopes, curves

    def model(self) -> MixedModel:
        spread, c = np.linalg.inv(self._observed), self.plain
        extra = np.zeros_like(c)
        for a in range(len(self.pairs)):
            for b in range(len(self.pairs)):
                inner = self._curves[a, b] - self._slopes[a] @ c @ self._slopes[b]
                extra += spread[a, b] * inner
        adjusted = c + 2 * c @ extra @ c
        return MixedModel(
            self.coefficients, c, (adjusted + adjusted.T) / 2, self.covariance, self._slopes, spread
        )


def _unit(pair: tuple[int, int], at: NDArray[np.int64]) -> Floats:
    """The derivative of a pattern's covariance by one parameter."""
    i, j = pair
    unit = np.zeros((len(at), len(at)))
    if i in at and j in at:
        a, b = int(np.searchsorted(at, i)), int(np.searchsorted(at, j))
        unit[a, b] = unit[b, a] = 1.0
    return unit
