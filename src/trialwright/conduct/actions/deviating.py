"""Protocol deviations: a person notes one; an investigator says how serious it is and what was
done."""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor
from trialwright.conduct.acting import acting
from trialwright.conduct.deviating import note
from trialwright.conduct.models.deviations import Classification, DeviationKind
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem


def record_deviation(
    *,
    by: Actor,
    code: str,
    kind: DeviationKind,
    on: date,
    description: str,
    at: datetime | None = None,
) -> int:
    """Record a deviation that a person has found; returns its number."""
    with acting(by, Act.RECORD_DEVIATION, "record_deviation", code=code, at=at) as context:
        screened = context.day_of(context.participant.screened_at)
        problems = []
        if not screened <= on <= context.today:
            words = _("Enter a day from the screening, %(day)s, to today.")
            problems.append(Problem("on", words % {"day": screened.isoformat()}))
        if not description.strip():
            problems.append(Problem("description", _("Write what departed from the protocol.")))
        if problems:
            raise ActionRefused(problems=tuple(problems))
        deviation = note(context, kind, on=on, description=description.strip())
        assert deviation is not None  # noqa: S101 - without a subject there is always one
        return deviation.number


def classify_deviation(
    *,
    by: Actor,
    code: str,
    number: int,
    classification: Classification,
    done: str,
    at: datetime | None = None,
) -> None:
    """Say how serious a deviation is and what was done about it; it can be said anew."""
    with acting(by, Act.CLASSIFY_DEVIATION, "classify_deviation", code=code, at=at) as context:
        deviation = context.participant.deviations.filter(number=number).first()
        if deviation is None:
            raise NotFound
        if not done.strip():
            words = _("Write what was done about it, or that nothing was needed and why.")
            raise ActionRefused(problems=(Problem("done", words),))
        context.change(
            deviation,
            classification=classification.value,
            done=done.strip(),
            classified_at=context.at,
            classified_by=context.by.person_id,
        )
