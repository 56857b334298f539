"""One invented participant: the code, what is known of them, and their random numbers."""

from dataclasses import dataclass
from random import Random

from trialwright.conduct.models import Participant
from trialwright.protocol.groups import Group
from trialwright.protocol.model import Protocol
from trialwright.simulation.record import SimulationRecord
from trialwright.simulation.stage import Stage


@dataclass(slots=True)
class SimulatedPerson:
    """A participant of the simulation; `answers` is what was typed for them so far, `protocol` the
    file's part of their kind and, once they are in one, of their group; `group` the one that they
    are meant for."""

    stage: Stage
    number: int
    code: str
    site: str
    answers: SimulationRecord
    protocol: Protocol
    group: Group | None = None

    def stream(self, *matter: object) -> Random:
        """The random numbers of one matter of this participant."""
        return self.stage.stream(self.number, *matter)

    def happens(self, share: float, *matter: object) -> bool:
        """Whether something happens that does to such a share."""
        return self.stream(*matter).random() < share

    @property
    def row(self) -> Participant:
        """The participant as the study has them now."""
        return self.stage.row(self.code)
