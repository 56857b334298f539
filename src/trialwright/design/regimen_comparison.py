"""Several regimens against one control by response: dropped for futility at looks, each named where
it is better, with or without borrowing between them.

`regimen_paths` follows it, `regimen_errors` says how often it is mistaken and calibrates it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.analysis.notebook import Notebook
from trialwright.design import similarity_borrowing
from trialwright.design.beta_binomial import chances_of
from trialwright.design.checks import (
    Floats,
    require_below_one,
    require_between,
    require_choice,
    require_count,
    require_events,
    require_length,
    require_lists,
    require_prior,
    require_rate,
    require_some,
)
from trialwright.design.errors import DesignError
from trialwright.design.table import Decision
from trialwright.messages import Message, sentences, several
from trialwright.numerics.quadrature import enough_for, over_rates

if TYPE_CHECKING:
    from trialwright.design.similarity_borrowing import Ints

POSTERIOR, PREDICTIVE = "posterior", "predictive"
NONE, SIMILARITY = "none", "similarity"
MOST = 200
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class RegimenCharacteristics(Notebook):
    """How the comparison behaves in each scenario; arrays are scenarios x arms, control included.

    named: chance that this regimen is named (the control never is). dropped: chance that it is
    dropped for futility. participants: expected numbers. any_named: chance that some regimen is
    named. mistaken: chance that a regimen is named whose true rate isn't above the control's (the
    family's type I error). method: "exact" or "monte-carlo"; standard_error is that of `named`, 0
    where exact; where simulated, that of any chance is at most 0.5 / sqrt(trials).
    """

    named: Floats
    dropped: Floats
    participants: Floats
    any_named: Floats
    mistaken: Floats
    standard_error: Floats
    method: str


@dataclass(frozen=True, kw_only=True)
class RegimenComparison(Notebook):
    """Regimens compared with one control (or with a fixed rate) by response, read at looks.

    Estimand, of each regimen: p_k - p_0, its response rate less the control's. A regimen is named
    at the last look when P(p_k > p_0 | data) >= name_at. Before, it is dropped when its chance is
    below drop_below, and named early when the chance is above name_early_above; either ends its
    enrolment. The chance is the posterior one, P(p_k > p_0 | data), or the predictive one, that the
    regimen, analysed at the last look by itself, will be named. When no regimen is left, the trial
    ends, the control with it. Outcomes are known at each look.

    arms: all, the control included. control: its number, from 1; 0 for none, and then the regimens
    are compared with `reference`. looks: participants of each arm at each look, the last being the
    end. futility: "posterior" or "predictive". drop_below: 0 never drops. name_early_above: 1 never
    names early. borrowing: "none", or "similarity", in which a regimen's posterior takes in those
    of the others, dropped ones too, by how alike they are (`similarity_borrowing`: similarity_power
    and least_similarity). The control never lends nor borrows. prior: Beta(a, b) of every rate.

    Borrowing raises the chance of a mistake where some regimens are better and others aren't:
    `operating_characteristics` says it, `regimen_errors.calibrate` finds the name_at that keeps it.

    Accuracy: chances about 1e-9, compared with thresholds up to that. Source: Thall, Simon and
    Estey 1995, Stat Med 14:357, for looks by posterior probability; Fujikawa, Teramukai, Yokota and
    Daimon 2020, Biom J 62:330, for borrowing and the predictive chance, of whose table 2 the exact
    figures come out (`tests/published/test_fujikawa.py`).

    >>> design = RegimenComparison(
    ...     arms=3, reference=0.2, looks=(24,), name_at=0.99, borrowing="similarity"
    ... )
    >>> oc = design.operating_characteristics([[0.2, 0.2, 0.2]])
    >>> oc.named.round(4), oc.mistaken.round(4)
    (array([[0.0216, 0.0216, 0.0216]]), array([0.036]))
    """

    kind: ClassVar[str] = "regimen-comparison"
    arms: int
    looks: tuple[int, ...]
    control: int = 0
    reference: float | None = None
    futility: str = POSTERIOR
    drop_below: float = 0.1
    name_early_above: float = 1.0
    name_at: float = 0.9
    borrowing: str = NONE
    similarity_power: float = 2.0
    least_similarity: float = 0.0
    prior: tuple[float, float] = (1.0, 1.0)

    def __post_init__(self) -> None:
        require_count("arms", self.arms, 2, 7)
        require_count("control", self.control, 0, self.arms)
        require_lists(self, "looks", "prior")
        require_some("looks", self.looks)
        for before, look in pairwise((0, *self.looks)):
            require_count("looks", look, before + 1, MOST)
        require_choice("futility", self.futility, (POSTERIOR, PREDICTIVE))
        require_below_one("drop_below", self.drop_below)
        require_between("name_early_above", self.name_early_above, self.drop_below, 1 + 1e-12)
        require_between("name_at", self.name_at, 0, 1)
        require_choice("borrowing", self.borrowing, (NONE, SIMILARITY))
        require_between("similarity_power", self.similarity_power, -1e-12, 100)
        require_below_one("least_similarity", self.least_similarity)
        require_prior("prior", self.prior)
        if (self.reference is None) == (self.control == 0):
            raise DesignError(
                Message("control is {control}, and reference is {reference}.",
                        control=self.control, reference=str(self.reference)),
                rule=Message("The regimens are compared with a control or with a fixed rate."),
                fix=Message("Write the control's number, or `control: 0` and a reference rate."),
            )  # fmt: skip
        if self.reference is not None:
            require_rate("reference", self.reference)

    @property
    def regimens(self) -> tuple[int, ...]:
        """Numbers of the arms that compete: all but the control."""
        return tuple(arm for arm in range(1, self.arms + 1) if arm != self.control)

    @property
    def per_arm(self) -> int:
        """Participants of an arm that goes on to the end."""
        return self.looks[-1]

    @property
    def participants(self) -> int:
        """All participants while every arm goes on."""
        return self.arms * self.per_arm

    def chances(self, sizes: Sequence[int], responses: Ints, control: int) -> Floats:
        """P(p_k > p_0 | data), rows x regimens x the control's responses from 0 to `control`.

        sizes: participants of each regimen. responses: rows x regimens. control: participants of
        the control; without one the last axis has length 1.
        """
        ones, others = self._posteriors(sizes, responses)
        return self._above(ones, others, control)

    def read(self, sizes: Sequence[int], responses: Ints, now: int) -> Floats:
        """The chances that a look at `now` participants per arm reads; shapes as in `chances`."""
        ones, others = self._posteriors(sizes, responses)
        if self.futility == POSTERIOR or now == self.per_arm:
            return self._above(ones, others, now)
        return self._predicted(ones, others, responses, now)

    def drops(self, chances: Floats) -> NDArray[np.bool_]:
        """Whether a look before the last drops, elementwise."""
        found: NDArray[np.bool_] = chances < self.drop_below - _ROUNDING
        return found

    def names(self, chances: Floats, now: int) -> NDArray[np.bool_]:
        """Whether a look at `now` participants per arm names, elementwise."""
        if now < self.per_arm:
            return np.asarray(chances > self.name_early_above + _ROUNDING)
        return np.asarray(chances >= self.name_at - _ROUNDING)

    def decide(self, treated: Sequence[int], responses: Sequence[int]) -> Decision:
        """What the look says, treated and responses being of each arm, the control included.

        The look is that of the arm with most participants; a regimen with fewer is out already. The
        action is "name" (`dose` the first arm named now), "go on" while a regimen is left, or
        "none"; the reason tells of each regimen that was still in.
        """
        require_length("treated", treated, self.arms)
        require_length("responses", responses, self.arms)
        for n, y in zip(treated, responses, strict=True):
            require_events(n, y, "responses")
        now = max(treated)
        require_choice("treated", str(now), [str(look) for look in self.looks])
        columns = [arm - 1 for arm in self.regimens]
        sizes = [treated[column] for column in columns]
        lent = np.array([[responses[column] for column in columns]])
        of_control = responses[self.control - 1] if self.control else 0
        chances = self.read(sizes, lent, now)[0, :, of_control]
        still = [i for i, size in enumerate(sizes) if size == now]
        named = [i for i in still if self.names(chances[i], now)]
        ends = now == self.per_arm
        gone = [] if ends else [i for i in still if self.drops(chances[i])]
        told = [
            Message("Arm {arm}: chance {chance:.3f}.", arm=self.regimens[i],
                    chance=float(chances[i]))
            for i in still
        ]  # fmt: skip
        if named:
            arms = several([self.regimens[i] for i in named])
            told.append(Message("Named: {arms}.", arms=arms))
        if gone:
            arms = several([self.regimens[i] for i in gone])
            told.append(Message("Dropped for futility: {arms}.", arms=arms))
        name = type(self).__name__
        if named:
            return Decision("name", self.regimens[named[0]], sentences(*told), name)
        left = not ends and len(gone) < len(still)
        return Decision("go on" if left else "none", None, sentences(*told), name)

    def bounds(self, look: int) -> list[tuple[int | None, int | None]]:
        """At that look (from 0), for each number of responses of the control: the most responses
        with which a regimen is dropped, and the fewest with which it is named; None for never.
        Nothing is borrowed here. Without a control there is one pair.

        >>> RegimenComparison(arms=3, control=1, looks=(5, 10)).bounds(0)[:4]
        [(None, None), (None, None), (0, None), (0, None)]
        """
        alone, now = replace(self, borrowing=NONE), self.looks[look]
        read = alone.read((now,), np.arange(now + 1)[:, None], now)[:, 0, :]
        dropped = self.drops(read) if now < self.per_arm else np.zeros(read.shape, dtype=bool)
        named = self.names(read, now)
        return [
            (int(np.flatnonzero(out)[-1]) if out.any() else None,
             int(np.flatnonzero(into)[0]) if into.any() else None)
            for out, into in zip(dropped.T, named.T, strict=True)
        ]  # fmt: skip

    def describe(self) -> Message:
        """The rule in words."""
        return sentences(*_described(self))

    def operating_characteristics(
        self,
        rates: ArrayLike,
        *,
        method: str = "auto",
        trials: int = 10_000,
        seed: int = 1,
    ) -> RegimenCharacteristics:
        """Behaviour at each scenario's true response rates, scenarios x arms.

        method: "exact"; "monte-carlo", which follows `trials` trials; "auto", exact where at most
        `regimen_paths.MAX_CELLS` combinations of responses are followed.
        """
        from trialwright.design.regimen_paths import characteristics

        return characteristics(self, rates, method, trials, seed)

    def _posteriors(self, sizes: Sequence[int], responses: Ints) -> tuple[Floats, Floats]:
        if self.borrowing == SIMILARITY:
            return similarity_borrowing.borrowed(
                sizes, responses, self.prior,
                power=self.similarity_power, least=self.least_similarity,
            )  # fmt: skip
        ones = self.prior[0] + responses.astype(np.float64)
        return ones, self.prior[1] + np.asarray(sizes, dtype=np.float64) - responses

    def _above(self, ones: Floats, others: Floats, control: int) -> Floats:
        """P(Beta(ones, others) > control's rate), the control's responses along a last axis."""
        from scipy.special import betainc, betaincc, betaln

        # A pair is one complex number: those are sorted ten times as fast as rows of two.
        pairs = ones.ravel().round(10) + 1j * others.ravel().round(10)
        found_pairs, where = np.unique(pairs, return_inverse=True)
        unlike = np.stack([found_pairs.real, found_pairs.imag])
        if self.reference is not None:
            found = betaincc(unlike[0], unlike[1], self.reference)[:, None]
        else:
            largest = int(np.ceil(unlike.sum(axis=0).max()))
            rates, weights = over_rates(enough_for(max(largest, control)))
            y = np.arange(control + 1)
            below = betainc(self.prior[0] + y, self.prior[1] + control - y, rates[:, None])
            powers = np.stack([np.log(rates), np.log1p(-rates)])
            density = np.exp((unlike - 1).T @ powers - betaln(unlike[0], unlike[1])[:, None])
            found = density @ (below * weights[:, None])
        chances: Floats = np.clip(found, 0.0, 1.0)[where.ravel()]
        return chances.reshape(*ones.shape, -1)

    def _predicted(self, ones: Floats, others: Floats, responses: Ints, now: int) -> Floats:
        """The chance that each regimen, by itself, will be named at the last look."""
        end, more = self.per_arm, self.per_arm - now
        whole = np.arange(end + 1, dtype=np.float64)[:, None]
        alone = self._above(self.prior[0] + whole, self.prior[1] + end - whole, end)[:, 0]
        named = self.names(alone, end).astype(np.float64)
        if self.control:
            coming = np.zeros((now + 1, end + 1))
            for y in range(now + 1):
                coming[y, y : y + more + 1] = chances_of(
                    more, self.prior[0] + y, self.prior[1] + now - y
                )
            named = named @ coming.T
        ahead = chances_of(more, ones, others)
        found = np.zeros((*ones.shape, named.shape[1]))
        for extra in range(more + 1):
            at = np.minimum(responses + extra, end)
            found += ahead[..., extra, None] * named[at]
        return found


def _described(design: RegimenComparison) -> list[Message]:
    a, b = design.prior
    if design.reference is None:
        against = Message("Each regimen is compared with arm {control}, the control.",
                          control=design.control)  # fmt: skip
    else:
        against = Message("Each regimen is compared with the rate {reference:g}.",
                          reference=design.reference)  # fmt: skip
    said = [
        against,
        Message("It is named after {per_arm} participants in each arm when its response rate is "
                "higher with probability {name_at:g} or more (priors Beta({a:g}, {b:g})).",
                per_arm=design.per_arm, name_at=design.name_at, a=a, b=b),
    ]  # fmt: skip
    earlier = design.looks[:-1]
    if earlier:
        looks = several(earlier)
        said.append(
            Message("After {looks} participants in each arm that probability is read.",
                    looks=looks)
            if design.futility == POSTERIOR
            else Message("After {looks} participants in each arm the predictive probability that "
                         "the regimen will be named is read.", looks=looks)
        )  # fmt: skip
        if design.drop_below > 0:
            said.append(Message("A regimen is dropped when it is below {drop_below:g}.",
                                drop_below=design.drop_below))  # fmt: skip
        if design.name_early_above < 1:
            said.append(Message("A regimen is named early when it is above {above:g}.",
                                above=design.name_early_above))  # fmt: skip
    if design.borrowing == SIMILARITY:
        said.append(
            Message("Regimens borrow from each other by the similarity of their posteriors, to the "
                    "power {power:g}, where that is above {least:g}.",
                    power=design.similarity_power, least=design.least_similarity)
        )  # fmt: skip
    return said
