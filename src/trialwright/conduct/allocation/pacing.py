"""When the next participant may come: days apart, and the pause for the first results.

Days count from treatment. Whoever is randomised and not treated yet will be treated on that day at
the earliest; more is known, and asked again, when a treatment starts.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.utils.translation import get_language, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from trialwright.conduct.acting import ActionContext
from trialwright.conduct.allocation.first_results import first_results, in_order, missing
from trialwright.conduct.clock import day_of, share_zones, zone_of, zones_of
from trialwright.conduct.models import Participant, ResultsReview, Study
from trialwright.conduct.participants.progress import Treatment, treatments_of
from trialwright.conduct.refusals import ActionRefused
from trialwright.design.pacing import pacing_of
from trialwright.protocol.allocations import Allocation, Pause
from trialwright.protocol.model import Protocol
from trialwright.protocol.progress import Progress
from trialwright.protocol.steps import Step


def require_time_to_randomise(
    scene: ActionContext, allocation: Allocation, randomised: int
) -> None:
    """Refuse a randomisation that comes too soon after the last treatment, or before the pause has
    ended; `randomised` are so far."""
    if allocation.pause_after and randomised >= allocation.pause_after.participants:
        require_results_seen(scene.study, scene.protocol, allocation.pause_after, scene.at)
    if allocation.run_in and randomised < allocation.run_in.participants:
        require_apart(scene.study, scene.protocol, allocation, randomised, scene.today)


def require_apart(
    study: Study, protocol: Protocol, allocation: Allocation, randomised: int, today: date
) -> None:
    """Refuse a randomisation that comes too few days after the last treatment of the run-in."""
    rows = in_order(study, allocation=allocation)
    share_zones(rows, zones_of(study.identifier))
    treatments = treatments_of(rows, protocol)
    earliest = (_treated_at_the_earliest(row, treatments[row.pk]) for row in rows)
    treated = (each for each in earliest if each is not None)
    _require_apart(today, allocation, randomised, treated)


def require_time_to_treat(
    scene: ActionContext, step: Step, progress: Progress, moment: datetime
) -> None:
    """Refuse the start of a treatment that comes too soon after that of another participant.

    Asked at the first dose, and at the steps that stand directly before a dose: what is prepared
    too early would be lost.
    """
    allocation = scene.protocol.allocation
    starts = step.treats or any(
        each.treats and step.key in each.after for each in scene.protocol.steps
    )
    if allocation is None or allocation.run_in is None or progress.treated or not starts:
        return
    run_in = in_order(scene.study, allocation.run_in.participants, allocation)
    others = [row for row in run_in if row.pk != scene.participant.pk]
    if len(others) == len(run_in):
        return
    found = treatments_of(others, scene.protocol).values()
    treated = (each.on for each in found if each is not None and each.given)
    _require_apart(scene.day_of(moment), allocation, 0, treated)


def _treated_at_the_earliest(row: Participant, treatment: Treatment | None) -> date | None:
    """The day of treatment; of who still waits for it that of randomisation, of no treatment
    none."""
    if treatment is not None:
        return treatment.on if treatment.given else None
    assert row.randomised_at is not None  # noqa: S101 - only randomised ones are asked for
    return day_of(row.randomised_at, zone_of(row))


def _require_apart(
    day: date, allocation: Allocation, randomised: int, treated: Iterable[date]
) -> None:
    last = max(treated, default=None)
    if last is None:
        return
    pacing = pacing_of(allocation)
    earliest = date.fromordinal(int(pacing.apart_from(randomised, 1, last.toordinal())))
    if day < earliest:
        raise ActionRefused(
            _(
                "The first participants are treated at least %(days)d days apart, counted from "
                "the treatment before. The next can be treated from %(date)s."
            )
            % {"days": pacing.days_apart, "date": earliest.isoformat()}
        )


def require_results_seen(study: Study, protocol: Protocol, pause: Pause, at: datetime) -> None:
    """Refuse a randomisation before the first results are there and have been seen."""
    if ResultsReview.objects.filter(study=study).exists():
        return
    results = first_results(study, protocol, pause, at)
    if len(results) < pause.participants:
        return
    role = protocol.roles.label(pause.seen_by, get_language() or "en")
    if lacking := missing(results, pause):
        sentence = ngettext_lazy(
            "%(count)d of the first %(of)d results at day %(day)d is missing, and the role "
            "“%(role)s” must have seen all of them before the next participant is randomised.",
            "%(count)d of the first %(of)d results at day %(day)d are missing, and the role "
            "“%(role)s” must have seen all of them before the next participant is randomised.",
            lacking,
        )
        raise ActionRefused(
            sentence
            % {
                "count": lacking,
                "of": pause.participants,
                "day": pause.after_days,
                "role": role,
            }
        )
    raise ActionRefused(
        _(
            "The first %(of)d results at day %(day)d are there, and the role “%(role)s” has not "
            "signed yet that it has seen them. Ask for this signature; the next participant is "
            "randomised after it."
        )
        % {"of": pause.participants, "day": pause.after_days, "role": role}
    )
