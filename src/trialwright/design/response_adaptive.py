"""Two arms whose allocation follows the responses so far, with its exact performance and bias."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from trialwright.analysis.notebook import Notebook
from trialwright.design.checks import (
    Floats,
    require_between,
    require_count,
    require_events,
    require_lists,
    require_prior,
    scenario_matrix,
)
from trialwright.design.errors import DesignError
from trialwright.design.table import Decision
from trialwright.messages import Message
from trialwright.numerics.quadrature import over_rates

MOST = 100
_NODES = 400


@dataclass(frozen=True, slots=True)
class AdaptiveCharacteristics(Notebook):
    """Exact figures at each pair of true response rates (scenarios x 2 where it says each arm).

    named: chance that each arm is named the better one. allocated: expected participants of each
    arm. responses: expected, of both arms. worse_gets_more: chance that the arm with the lower true
    rate gets more participants than the other (0 where they are equal). bias: of each arm's
    observed rate, among trials in which it has participants, less the true rate. bias_difference:
    of the observed difference, first less second, among trials in which both have.
    """

    rates: Floats
    named: Floats
    allocated: Floats
    responses: Floats
    worse_gets_more: Floats
    bias: Floats
    bias_difference: Floats
    method: str = "exact"


@dataclass(frozen=True, kw_only=True)
class ResponseAdaptive(Notebook):
    """Allocate the next participant to the first arm with a probability that follows the responses.

    Estimand: p1 - p2, the difference of the response rates. With c = P(p1 > p2 | data), Beta priors
    for both, the first arm gets the next participant with probability c^k / (c^k + (1 - c)^k),
    moved into [least, 1 - least]; the first `burn_in` participants of each arm come in turn. k =
    `strength`: 0 is equal allocation, 1 Thompson's; "rising" n/(2 N), n the participants so far. At
    the end the first arm is named when c >= name_at, the second when 1 - c >= name_at. Each
    response is known before the next participant comes.

    Observed rates are biased downwards under such allocation, since an arm that begins badly stays
    small; `operating_characteristics` says by how much, exactly.

    participants: N, at most 100. Accuracy: rounding, given c to 1e-10. Source: Thompson 1933,
    Biometrika 25:285; Thall and Wathen 2007, Eur J Cancer 43:859, for n/(2 N); Villar, Bowden and
    Wason 2015, Stat Sci 30:199, for the bias.

    >>> design = ResponseAdaptive(participants=40, burn_in=5)
    >>> oc = design.operating_characteristics([[0.5, 0.2]])
    >>> oc.allocated.round(1), oc.bias.round(3)
    (array([[25.5, 14.5]]), array([[-0.007, -0.014]]))
    """

    kind: ClassVar[str] = "response-adaptive"
    participants: int
    burn_in: int = 5
    strength: float | str = "rising"
    least: float = 0.1
    name_at: float = 0.95
    prior: tuple[float, float] = (1.0, 1.0)

    def __post_init__(self) -> None:
        require_count("participants", self.participants, 2, MOST)
        require_count("burn_in", self.burn_in, 0, self.participants // 2)
        require_between("least", self.least, -1e-12, 0.5)
        require_between("name_at", self.name_at, 0.5, 1)
        require_lists(self, "prior")
        require_prior("prior", self.prior)
        if isinstance(self.strength, str):
            if self.strength != "rising":
                raise DesignError(
                    Message("strength is {strength!r}.", strength=self.strength),
                    rule=Message("strength is a number from 0 to 10, or the word rising."),
                    fix=Message("Write 0.5, or rising."),
                )
        else:
            require_between("strength", self.strength, -1e-12, 10 + 1e-12)

    def superiority(self, treated: Sequence[int], responses: Sequence[int]) -> float:
        """P(p1 > p2 | data), both of each arm."""
        for n, y in zip(treated, responses, strict=True):
            require_events(n, y, "responses")
            require_count("treated", n, 0, self.participants)
        first, second = (_place(n, y) for n, y in zip(treated, responses, strict=True))
        return float(self._chances[first, second])

    def probability(self, treated: Sequence[int], responses: Sequence[int]) -> float:
        """The probability with which the next participant goes to the first arm."""
        self.superiority(treated, responses)
        require_count("treated", sum(treated), 0, self.participants - 1)
        found = self._allocation(sum(treated))
        return float(found[treated[0], responses[0], responses[1]])

    def share(self, chance: ArrayLike, so_far: int) -> Floats:
        """The probability of the first arm after the burn-in, elementwise, where it is better with
        probability `chance` and so many participants have come.

        >>> ResponseAdaptive(participants=40).share([0.5, 0.9], 20).round(3)
        array([0.5  , 0.634])
        """
        better = np.asarray(chance, dtype=np.float64)
        k = so_far / (2 * self.participants) if isinstance(self.strength, str) else self.strength
        odds = better**k
        found: Floats = np.clip(odds / (odds + (1 - better) ** k), self.least, 1 - self.least)
        return found

    def decide(self, treated: Sequence[int], responses: Sequence[int]) -> Decision:
        """Go on with the probability of the next allocation, or, at the end, which arm is named."""
        chance, name = self.superiority(treated, responses), type(self).__name__
        if sum(treated) < self.participants:
            share = self.probability(treated, responses)
            reason = Message(
                "Probability that the first arm is better {chance:.3f}: the next participant goes "
                "to it with probability {share:.3f}.", chance=chance, share=share,
            )  # fmt: skip
            return Decision("continue", None, reason, name)
        reason = Message(
            "Probability that the first arm is better {chance:.3f}; an arm is named from "
            "{name_at:g}.", chance=chance, name_at=self.name_at,
        )  # fmt: skip
        if chance >= self.name_at:
            return Decision("name the first arm", None, reason, name)
        if 1 - chance >= self.name_at:
            return Decision("name the second arm", None, reason, name)
        return Decision("name no arm", None, reason, name)

    def operating_characteristics(self, rates: ArrayLike) -> AdaptiveCharacteristics:
        """Exact performance at pairs of true rates, following every number of participants and
        responses of both arms."""
        pairs = scenario_matrix(rates, 2, "arms")
        found = [self._follow(float(p1), float(p2)) for p1, p2 in pairs]
        named, allocated, responses, worse, bias, difference = (
            np.array(each) for each in zip(*found, strict=True)
        )
        return AdaptiveCharacteristics(pairs, named, allocated, responses, worse, bias, difference)

    def describe(self) -> Message:
        """The rule in words."""
        rising = isinstance(self.strength, str)
        return Message(
            "After {burn_in} participants in each arm the next goes to an arm with a probability "
            "that follows the posterior probability that it is better, raised to {strength}, and "
            "is {least:g} or more. After {participants} participants an arm is named when it is "
            "better with probability {name_at:g} or more (prior Beta({a:g}, {b:g})).",
            burn_in=self.burn_in,
            strength="n/(2N)" if rising else f"{self.strength:g}",
            least=self.least,
            participants=self.participants,
            name_at=self.name_at,
            a=self.prior[0],
            b=self.prior[1],
        )

    @cached_property
    def _chances(self) -> Floats:
        """P(p1 > p2) at the place of (n1, y1) and that of (n2, y2); by Gauss-Legendre over the
        angle, p = sin(t)^2, in which the densities are smooth."""
        from scipy.special import betainc, betaln, xlog1py, xlogy

        p, weight = over_rates(_NODES)
        a, b = self.prior
        n = np.repeat(np.arange(self.participants + 1), np.arange(1, self.participants + 2))
        y = np.arange(len(n)) - _place(n, 0)
        first, second = (a + y)[:, None], (b + n - y)[:, None]
        logs = xlogy(first - 1, p) + xlog1py(second - 1, -p) - betaln(first, second)
        below = betainc(first, second, p)
        found: Floats = np.clip((np.exp(logs) * weight) @ below.T, 0.0, 1.0)
        return found

    def _chances_at(self, so_far: int) -> Floats:
        """P(p1 > p2) at [n1, y1, y2]; meaningless where responses are more than participants."""
        n1, y = np.arange(so_far + 1)[:, None], np.arange(so_far + 1)[None, :]
        n2 = so_far - n1
        first, second = _place(n1, np.minimum(y, n1)), _place(n2, np.minimum(y, n2))
        found: Floats = self._chances[first[:, :, None], second[:, None, :]]
        return found

    def _allocation(self, so_far: int) -> Floats:
        """The probability of the first arm at [n1, y1, y2], so many being treated in all."""
        size = so_far + 1
        if so_far < 2 * self.burn_in:
            return np.full((size, size, size), 1.0 if so_far % 2 == 0 else 0.0)
        return self.share(self._chances_at(so_far), so_far)

    def _follow(self, p1: float, p2: float) -> tuple[object, ...]:
        here = np.ones((1, 1, 1))
        for so_far in range(self.participants):
            first = here * self._allocation(so_far)
            second = here - first
            size = so_far + 2
            here = np.zeros((size, size, size))
            here[1:, 1:, :-1] += first * p1
            here[1:, :-1, :-1] += first * (1 - p1)
            here[:-1, :-1, 1:] += second * p2
            here[:-1, :-1, :-1] += second * (1 - p2)
        size = self.participants + 1
        n1 = np.arange(size)
        n2, y = self.participants - n1, np.arange(size)
        chance = self._chances_at(self.participants)
        named = [float(here[each].sum()) for each in
                 (chance >= self.name_at, 1 - chance >= self.name_at)]  # fmt: skip
        sizes, ones, twos = here.sum(axis=(1, 2)), here.sum(axis=2), here.sum(axis=1)
        rate1 = ones @ y / np.maximum(n1, 1)
        rate2 = twos @ y / np.maximum(n2, 1)
        some1, some2, both = n1 > 0, n2 > 0, (n1 > 0) & (n2 > 0)
        mean1 = rate1[some1].sum() / sizes[some1].sum()
        mean2 = rate2[some2].sum() / sizes[some2].sum()
        difference = (rate1 - rate2)[both].sum() / sizes[both].sum()
        worse = n1 > n2 if p1 < p2 else n2 > n1
        return (
            named, [float(sizes @ n1), float(sizes @ n2)],
            float((ones @ y).sum() + (twos @ y).sum()),
            0.0 if p1 == p2 else float(sizes[worse].sum()),
            [mean1 - p1, mean2 - p2], difference - (p1 - p2),
        )  # fmt: skip


def _place(n: Any, y: Any) -> Any:
    """Where y responses of n stand in a row of all pairs, elementwise."""
    return n * (n + 1) // 2 + y
