"""TITE-CRM: the CRM that goes on while some participants are still in their DLT window."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from trialwright.design.checks import Floats, require_kind
from trialwright.design.crm import Crm, CrmFit
from trialwright.design.pending import PendingState
from trialwright.design.time_to_event import TimeToEvent
from trialwright.messages import Message, sentences


@dataclass(frozen=True, kw_only=True)
class TiteCrm(TimeToEvent):
    """TITE-CRM: participants without a DLT are weighted by the part of the window followed.

    Estimand and model as in `crm`, the design that would run if all were followed. The likelihood
    is the product of p for a DLT and 1 - w p without one, w the part followed. `crm`'s limits hold;
    coherence here means no escalation while the share of known DLTs at the current dose is at or
    above the target. suspend_above: hold accrual when more than this share of the participants at
    the current dose is pending.

    Accuracy as of the CRM; characteristics are simulated. Source: Cheung and Chappell 2000,
    Biometrics 56:1177.

    >>> crm = Crm(target=0.25, skeleton=(0.05, 0.12, 0.25, 0.40, 0.55), cohort_size=1)
    >>> design = TiteCrm(crm=crm, suspend_above=1.0)
    >>> design.decide(design.start().observe(1, 2, 0, pending=(0.4, 0.2))).dose
    2
    """

    kind: ClassVar[str] = "tite-crm"
    crm: Crm

    def __post_init__(self) -> None:
        super().__post_init__()
        require_kind("crm", self.crm, Crm)

    @property
    def complete(self) -> Crm:
        return self.crm

    @cached_property
    def _late(self) -> Floats:
        return np.array([self.suspend_above])

    def fit(self, state: PendingState) -> CrmFit:
        """The weighted fit at this moment."""
        doses, dlts, weights = state.participants()
        return self.crm.fit(doses, dlts, weights)

    def _why(self, state: PendingState, action: str, dose: int) -> Message:
        rate = self.fit(state).rates[dose - 1]
        return Message(
            "Dose {dose} has an estimated rate of {rate:.3f}, target {target:g}.",
            dose=dose,
            rate=rate,
            target=self.crm.target,
        )

    def describe(self) -> Message:
        return sentences(
            self.crm.describe(),
            Message(
                "Participants without a DLT count by the part of the window followed; accrual "
                "is suspended while more than {suspend_above:.0%} at the dose are pending.",
                suspend_above=self.suspend_above,
            ),
        )
