"""A running dose-finding trial: the same rule, fed cohort by cohort."""

from __future__ import annotations

from dataclasses import dataclass, field

from trialwright.design.errors import DesignError
from trialwright.design.finding import DoseFinding, DoseState
from trialwright.design.table import Decision
from trialwright.messages import Message


@dataclass
class LiveTrial:
    """Follows a design: `record` what the asked cohort brought, read the next decision.

    >>> from trialwright.design import Boin
    >>> trial = LiveTrial(Boin(target=0.30, doses=3))
    >>> trial.record(dlts=0).dose, trial.record(dlts=3).action
    (2, 'de-escalate')
    """

    design: DoseFinding
    state: DoseState = field(init=False)
    decisions: list[Decision] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.state = self.design.start()
        self.decisions.append(self.design.decide(self.state))

    @property
    def decision(self) -> Decision:
        """What the rule says now."""
        return self.decisions[-1]

    @property
    def stopped(self) -> bool:
        """Has the rule ended the trial?"""
        return self.decision.action == "stop"

    def record(self, dlts: int) -> Decision:
        """Enter the outcomes of the cohort that the last decision asked for."""
        if self.stopped or self.decision.dose is None:
            raise DesignError(
                Message("The trial has ended."),
                rule=Message("No cohort is treated after a stop."),
                fix=Message("Select the dose with design.select(trial.state)."),
            )
        size = self.design.next_cohort(self.state)
        self.state = self.state.observe(self.decision.dose, size, dlts)
        self.decisions.append(self.design.decide(self.state))
        return self.decision
