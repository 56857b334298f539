"""What a record's dates throw doubt on, in words: beside the status as registered, never for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trialwright.registry.related.freshness import Doubt, doubts_of_summary
from trialwright.web import dates
from trialwright.web.components import Status
from trialwright.web.registry.words import written_date

KINDS = {
    "unknown": gettext_lazy("Unknown"),
    "not started": gettext_lazy("Start overdue"),
    "results overdue": gettext_lazy("Results overdue"),
    "contradiction": gettext_lazy("Dates contradict each other"),
}
_DATES = {
    "start": gettext_lazy("start"),
    "primary_completion": gettext_lazy("primary completion"),
    "completion": gettext_lazy("completion"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A doubt in words: its mark with the day since when, and the reason."""

    mark: Status
    because: str


def said(doubts: Sequence[Doubt]) -> list[Said]:
    """Put doubts in words."""
    return [Said(Status(_mark(doubt), "caution"), because(doubt)) for doubt in doubts]


def unknown_since(summary: dict[str, Any]) -> Status | None:
    """The mark that stands beside a registered status which by the register's rule is unknown."""
    for doubt in doubts_of_summary(summary, timezone.localdate()):
        if doubt.kind == "unknown":
            return Status(_mark(doubt), "caution")
    return None


def _mark(doubt: Doubt) -> str:
    kind = str(KINDS[doubt.kind])
    if doubt.since is None:
        return kind
    return _("{what} since {date}").format(what=kind, date=dates.written(doubt.since))


def because(doubt: Doubt) -> str:
    """The reason for a doubt, a sentence."""
    facts = {name: _written(text) for name, text in doubt.facts.items()}
    match doubt.kind:
        case "unknown" if "verified" in facts:
            words = _(
                "Its completion date ({completion}) has passed, and nobody has verified the record "
                "since {heard}, more than two years ago. The register itself then calls a status "
                "unknown."
            )
            return words.format(completion=facts["completion"], heard=facts["verified"])
        case "unknown":
            words = _(
                "Its completion date ({completion}) has passed, and nobody has updated the record "
                "since {heard}, more than two years ago. The register itself then calls a status "
                "unknown."
            )
            return words.format(completion=facts["completion"], heard=facts["updated"])
        case "not started":
            words = _("It should have started by {start}, and is registered as not yet recruiting.")
            return words.format(**facts)
        case "results overdue":
            words = _(
                "Its primary completion ({primary_completion}) was more than a year ago, and no "
                "results are posted. They were due by then, if this trial is one that must report."
            )
            return words.format(**facts)
        case "contradiction":
            return _contradiction(facts)


def _contradiction(facts: dict[str, str]) -> str:
    if len(facts) < 2:
        words = _("It is registered as completed, and its completion ({date}) is still to come.")
        return words.format(date=next(iter(facts.values()), ""))
    (earlier, first), (later, second) = facts.items()
    words = _("The date of {earlier} ({first}) is after that of {later} ({second}).")
    return words.format(earlier=_DATES[earlier], first=first, later=_DATES[later], second=second)


def _written(text: str) -> str:
    return dates.written(written_date(text) or text)
