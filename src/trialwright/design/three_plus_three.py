"""The 3+3 rule in its two common variants, as a comparator."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from trialwright.design.checks import require_count
from trialwright.design.finding import DoseFinding, check_sizes
from trialwright.design.table import RuleTable
from trialwright.messages import Message, sentences
from trialwright.numerics import rule as rules
from trialwright.numerics.rule import Rule


@dataclass(frozen=True, kw_only=True)
class ThreePlusThree(DoseFinding):
    """Cohorts of three: 0 of 3 escalates, 1 of 3 adds three, 2 or more exceed the tolerated dose;
    of six, at most 1 escalates.

    de_escalate: with it (the default), a dose below an excessive one gets six participants before
        it is declared the MTD; without it, the trial ends at the first excessive dose and the MTD
        is the dose below (Storer 1989; variant A of Korn and others 1994).

    No rate is estimated; what is selected is a dose, the MTD. Characteristics are exact.
    Source: Storer 1989, Biometrics 45:925; Norris 2020, arXiv 2012.05301.

    >>> oc = ThreePlusThree(doses=2).operating_characteristics([[0.1, 0.3]])
    >>> oc.selected.round(4), oc.none_selected.round(4)
    (array([[0.5136, 0.3807]]), array([0.1057]))
    """

    kind: ClassVar[str] = "three-plus-three"
    doses: int
    de_escalate: bool = True
    cohort_size: int = 3

    def __post_init__(self) -> None:
        require_count("doses", self.doses, 1)
        check_sizes(self.doses, 3, self.max_participants, 1)

    @property
    def max_participants(self) -> int:  # type: ignore[override]
        """Six at each dose, at the most."""
        return 6 * self.doses

    @cached_property
    def rule(self) -> Rule:
        lattice = rules.pairs(3, 6)
        n, y = lattice["treated"], lattice["events"]
        code = np.where(y >= 2, rules.ELIMINATE, rules.STAY)
        code[((n == 3) & (y == 0)) | ((n == 6) & (y <= 1))] = rules.ESCALATE
        return rules.make_rule(
            lattice,
            target=1 / 3,
            code=np.stack([code, code]),
            numbers={
                "kind": rules.INTERVAL,
                "doses": self.doses,
                "cohort": 3,
                "participants": self.max_participants + 1,
                "stop_at": 6,
                "stop_mode": rules.STOP_NEXT_FULL if self.de_escalate else rules.STOP_LADDER,
                "selection": rules.HIGHEST,
            },
        )

    def table(self, participants: int | None = None) -> RuleTable:
        """Rows for 3 and 6 treated: escalate at most, eliminate at least."""
        return RuleTable(
            "ThreePlusThree",
            ("treated", "escalate_at_most", "eliminate_at_least"),
            ((3, 0, 2), (6, 1, 2)),
        )

    def describe(self) -> Message:
        end = (
            Message("A dose below an excessive one gets six participants before it is the MTD.")
            if self.de_escalate
            else Message("The trial ends at the first excessive dose; the MTD is the dose below.")
        )
        return sentences(
            Message(
                "Cohorts of three: with no DLT escalate, with one add three, with two or more "
                "the dose is excessive; of six, at most one DLT escalates."
            ),
            end,
        )
