"""The questions of a step that is recorded after it happened, and their answers."""

from django.utils.translation import gettext as _

from trialwright.conduct.clock import Happened
from trialwright.conduct.refusals import ActionRefused, Problem
from trialwright.messages import Message
from trialwright.protocol.forms import Item, ItemType
from trialwright.web.clinical import steps
from trialwright.web.clinical.steps import Given, question


def when_questions() -> list[Item]:
    """Questions for a step that is recorded after it happened."""
    return [
        question(
            "happened_on", Message("Day it happened, if not just now"),
            ItemType.DATE, optional=True,
        ),
        question(
            "happened_at", Message("Time it happened"), ItemType.TIME, optional=True
        ),
        question(
            "why_late", Message("Why it is recorded late"), ItemType.TEXT,
            longest=500, optional=True,
        ),
    ]  # fmt: skip


def happened(given: Given) -> Happened:
    """When it happened, as typed: both day and time, or neither."""
    on, at = given.get("happened_on"), given.get("happened_at")
    if (on is None) != (at is None):
        missing = "happened_on" if on is None else "happened_at"
        raise ActionRefused(problems=(Problem(missing, _("Enter both the day and the time.")),))
    moment = steps.moment(on, at, "happened_at") if on is not None else None
    return Happened(moment, str(given.get("why_late", "")))
