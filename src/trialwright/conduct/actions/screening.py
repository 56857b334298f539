"""The screening log: everyone who was looked at, and why those who didn't enter did not."""

from datetime import datetime

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.models import Site
from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct.acting import acting
from trialwright.conduct.models import Participant, State
from trialwright.conduct.planning import replan
from trialwright.conduct.refusals import NotHere, Refused
from trialwright.conduct.states import require_step


def screen(*, by: Actor, site: str, at: datetime | None = None) -> str:
    """Add a woman to the screening log; returns the code she keeps (`C-007`)."""
    with acting(by, Act.SCREEN, "screen", at=at) as scene:
        if not may(by, Act.SCREEN, site=site):
            raise NotHere
        if not Site.objects.filter(study=by.study, code=site).exists():
            raise NotHere
        rows = Participant.objects.filter(study=scene.study, site=site)
        number = (rows.aggregate(last=Max("number"))["last"] or 0) + 1
        participant = Participant(
            study=scene.study,
            site=site,
            number=number,
            code=f"{site}-{number:03d}",
            state=State.SCREENED.value,
            screened_at=scene.at,
        )
        scene.record(participant)
        return participant.code


def fail_screening(*, by: Actor, code: str, reason: str, at: datetime | None = None) -> None:
    """Record that she doesn't enter the trial, and why."""
    with acting(by, Act.SCREEN, "fail_screening", code=code, at=at) as scene:
        require_step(scene.participant, State.SCREEN_FAILED)
        if not reason.strip():
            raise Refused(_("Say why she does not enter the trial."))
        scene.change(
            scene.participant,
            state=State.SCREEN_FAILED.value,
            screen_failure_reason=reason.strip(),
        )
        replan(scene)
