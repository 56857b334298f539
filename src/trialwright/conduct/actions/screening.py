"""The screening log: everyone who was looked at, and why those who didn't enter did not."""

from datetime import datetime

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct.acting import acting
from trialwright.conduct.actions.sites import require_open
from trialwright.conduct.counting import PARTICIPANTS, given_before
from trialwright.conduct.locks import Place, require_unlocked
from trialwright.conduct.models import Participant, State
from trialwright.conduct.planning import replan
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.conduct.states import require_step
from trialwright.conduct.versions import version_at_site


def screen(*, by: Actor, site: str, at: datetime | None = None) -> str:
    """Add a participant to the screening log; returns the code they keep (`C-007`)."""
    with acting(by, Act.SCREEN, "screen", at=at) as context:
        if not may(by, Act.SCREEN, site=site):
            raise NotFound
        require_open(by.study, site)
        require_unlocked(context.study, "screen", Place(site))
        rows = Participant.objects.filter(study=context.study, site=site)
        assert context.study.version is not None  # noqa: S101 - `acting` has asked
        version = version_at_site(context.study, site, context.study.version)
        last = rows.aggregate(last=Max("number"))["last"] or 0
        number = max(last, given_before(context.study, f"{PARTICIPANTS}{site}")) + 1
        participant = Participant(
            study=context.study,
            site=site,
            number=number,
            code=f"{site}-{number:03d}",
            state=State.SCREENED.value,
            screened_at=context.at,
            version=version if version.previous_id is not None else None,
        )
        context.record(participant)
        return participant.code


def record_screen_failure(*, by: Actor, code: str, reason: str, at: datetime | None = None) -> None:
    """Record that the participant doesn't enter the trial, and why."""
    with acting(by, Act.SCREEN, "fail_screening", code=code, at=at) as context:
        require_step(context.participant, State.SCREEN_FAILED, context.protocol)
        if not reason.strip():
            raise ActionRefused(_("Say why the participant does not enter the trial."))
        context.change(
            context.participant,
            state=State.SCREEN_FAILED.value,
            screen_failure_reason=reason.strip(),
        )
        replan(context)
