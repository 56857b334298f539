"""Record what a simulation of a study's waiting file came to: a real study is activated on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from trialwright import __version__
from trialwright.accounts.policy import Actor
from trialwright.conduct.models import SimulationRun
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.conduct.setting_up import WRITING, draft_of, setting_up


@dataclass(frozen=True, slots=True)
class SimulatedOnce:
    """What one seed came to.

    enrolled: how many entered. failures: why it didn't pass, a sentence each; none if it did.
    never: how many things of the protocol weren't reached. cut_sha256, report_sha256: hashes of
    the data cut and of both reports.
    """

    seed: int
    enrolled: int
    failures: tuple[str, ...]
    never: int
    cut_sha256: str
    report_sha256: str


def record_simulation(
    *,
    by: Actor,
    sha256: str,
    participants: int,
    runs: Sequence[SimulatedOnce],
    at: datetime | None = None,
) -> None:
    """Record a simulation of exactly the file that waits, whatever it came to.

    Args:
        sha256: the hash of the file that was simulated.
        participants: how many were asked for.
        runs: what each seed came to.

    Raises:
        NotFound: no file waits, or this person may not put one there.
        ActionRefused: another file waits, or nothing was simulated.
    """
    with setting_up(by, WRITING, "record_simulation", at=at) as context:
        draft = draft_of(context.study)
        if draft is None:
            raise NotFound
        if draft.sha256 != sha256:
            raise ActionRefused(
                _(
                    "The file that waits has the hash %(waits)s, and %(simulated)s was simulated. "
                    "Simulate the file that waits: trialwright study simulate %(study)s --by NAME"
                )
                % {
                    "waits": draft.sha256[:16],
                    "simulated": sha256[:16],
                    "study": context.study.identifier,
                }
            )
        if not runs:
            raise ActionRefused(_("Nothing was simulated. Ask for one seed at least."))
        for run in runs:
            context.record(
                SimulationRun(
                    study=context.study,
                    sha256=sha256,
                    program=__version__,
                    participants=participants,
                    seed=run.seed,
                    enrolled=run.enrolled,
                    never=run.never,
                    failures="\n".join(run.failures),
                    cut_sha256=run.cut_sha256,
                    report_sha256=run.report_sha256,
                    run_at=context.at,
                    run_by=by.person_id,
                )
            )
