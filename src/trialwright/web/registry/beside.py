"""Trials beside a trial as its page shows them, with the reasons why they are near."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from trialwright.registry.related.related import Related, RelatedReason
from trialwright.web.components import Status
from trialwright.web.registry.doubt_words import unknown_since
from trialwright.web.registry.words import language, summary_phase, summary_status
from trialwright.web.sentences import listed

_KINDS = {
    "condition": gettext_lazy("Condition"),
    "intervention": gettext_lazy("Intervention"),
    "words": gettext_lazy("Rare words"),
    "population": gettext_lazy("Population"),
    "phase": gettext_lazy("Phase"),
}
# Whose likenesses are the trials' own English words, in any language of the page.
_ENGLISH = {"condition", "words"}


@dataclass(frozen=True, slots=True)
class BesideReason:
    """A reason: its kind, what is alike, and the language of that where it isn't the page's."""

    kind: str
    alike: str
    lang: str


@dataclass(frozen=True, slots=True)
class Beside:
    """A trial beside another, its status and phase as registered."""

    number: str
    href: str
    title: str
    status: Status
    doubt: Status | None
    phase: str
    unsaid_phase: str
    why: Sequence[BesideReason]


def beside(found: Sequence[Related]) -> Iterator[Beside]:
    """Related trials as the page shows them."""
    for item in found:
        yield shown(item.facts, [_why(reason) for reason in item.reasons])


def _why(reason: RelatedReason) -> BesideReason:
    lang = "en" if reason.kind in _ENGLISH else ""
    return BesideReason(str(_KINDS[reason.kind]), listed(reason.names(language())), lang)


def shown(summary: dict[str, Any], why: Sequence[BesideReason] = ()) -> Beside:
    """A trial's short facts as the page shows them."""
    phase, unsaid_phase = summary_phase(summary)
    return Beside(
        number=summary["nct"],
        href=reverse("trial", args=[summary["nct"]]),
        title=summary["title"] or summary["nct"],
        status=summary_status(summary),
        doubt=unknown_since(summary),
        phase=phase,
        unsaid_phase=unsaid_phase,
        why=why,
    )
