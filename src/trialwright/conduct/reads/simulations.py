"""What the simulations of a protocol file came to, and whether the last of them passed."""

from dataclasses import dataclass
from datetime import datetime

from trialwright import __version__
from trialwright.accounts.reads import names_of
from trialwright.conduct.models import SimulationRun


@dataclass(frozen=True, slots=True)
class SimulationTold:
    """One seed of one simulation."""

    program: str
    participants: int
    seed: int
    enrolled: int
    never: int
    failures: tuple[str, ...]
    cut_sha256: str
    report_sha256: str
    at: datetime
    by: str

    @property
    def passed(self) -> bool:
        """Whether nothing kept it from passing."""
        return not self.failures


def simulations_of(study: str, sha256: str) -> tuple[SimulationTold, ...]:
    """The simulations of exactly these bytes, the newest first. The caller asks the policy."""
    rows = list(
        SimulationRun.objects.filter(study=study, sha256=sha256).order_by("-run_at", "seed")
    )
    names = names_of({str(row.run_by) for row in rows})
    return tuple(
        SimulationTold(
            row.program, row.participants, row.seed, row.enrolled, row.never,
            tuple(row.failures.splitlines()), row.cut_sha256, row.report_sha256, row.run_at,
            names.get(str(row.run_by), ""),
        )
        for row in rows
    )  # fmt: skip


def has_passed(study: str, sha256: str) -> bool:
    """Whether the last simulation of these bytes under this release passed with all its seeds."""
    rows = SimulationRun.objects.filter(study=study, sha256=sha256, program=__version__)
    last = rows.order_by("-run_at").first()
    return last is not None and not rows.filter(run_at=last.run_at).exclude(failures="").exists()
