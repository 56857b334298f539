"""Sealed envelopes: printing those of a site, and what became of each.

One is of a participant who is allocated already, never of a place that is still free: see
docs/adr/0117. Opening one is an unblinding (`unblinding.report_opening`).
"""

from datetime import datetime

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.models import Envelope, EnvelopeState, Participant, Unblinding
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem
from trialwright.conduct.safety.envelopes import latest_allocation

LONGEST_REASON = 500
PRINTED = "envelopes printed"
"""Why whoever prints envelopes is recorded as having seen the arms on them."""


def print_envelopes(*, by: Actor, site: str, at: datetime | None = None) -> int:
    """Record an envelope for each allocated participant of a site who has none in keeping.

    Returns the number of the printing, by which `reads.envelopes.printed_sheets` finds what stands
    on them.

    Raises:
        ActionRefused: everybody who is allocated there has one.
    """

    def role(context: ActionContext) -> str | None:
        return context.by.role_for(Act.KEEP_ENVELOPES, site)

    with acting(by, role, "print_envelopes", at=at) as context:
        if context.protocol.allocation is None:
            raise NotFound
        found = _without_one(context, site)
        if not found:
            raise ActionRefused(
                _(
                    "Everybody who is allocated at this site has an envelope in keeping. Before "
                    "one is printed again, record what became of the first."
                )
            )
        last = Envelope.objects.filter(study=context.study).aggregate(
            number=Max("number"), printing=Max("printing")
        )
        printing = (last["printing"] or 0) + 1
        rows = [
            Envelope(
                study=context.study,
                number=number,
                printing=printing,
                participant=participant,
                allocation=latest_allocation(participant),
                printed_at=context.at,
                printed_by=context.by.person_id,
                role=context.role,
                state=EnvelopeState.KEPT.value,
            )
            for number, participant in enumerate(found, start=(last["number"] or 0) + 1)
        ]
        context.record_all(rows)
        _record_seen(context, found)
        return printing


def record_envelope(
    *, by: Actor, number: int, state: EnvelopeState, reason: str, at: datetime | None = None
) -> None:
    """Record that an envelope was returned, destroyed or lost, or found open; it ends its keeping.

    Who opened it says so themselves, then or later.
    """
    row = Envelope.objects.filter(study=by.study, number=number).first()
    if row is None:
        raise NotFound
    site = row.participant.site

    def role(context: ActionContext) -> str | None:
        return context.by.role_for(Act.KEEP_ENVELOPES, site)

    with acting(by, role, "record_envelope", at=at) as context:
        row.refresh_from_db()
        if row.state != EnvelopeState.KEPT:
            raise ActionRefused(
                _("What became of this envelope is recorded already. Look at it in the list.")
            )
        if state is EnvelopeState.KEPT:
            raise ActionRefused(problems=(Problem("state", _("Choose what became of it.")),))
        said = " ".join(reason.split())
        if not said:
            raise ActionRefused(problems=(Problem("reason", _("Write how it came to this.")),))
        if len(said) > LONGEST_REASON:
            words = _("Write at most %(most)d characters.") % {"most": LONGEST_REASON}
            raise ActionRefused(problems=(Problem("reason", words),))
        settle(context, row, state, said)


def settle(context: ActionContext, row: Envelope, state: EnvelopeState, reason: str) -> None:
    """Write what became of an envelope."""
    context.change(
        row,
        state=state.value,
        settled_at=context.at,
        settled_by=context.by.person_id,
        reason=reason,
    )


def _without_one(context: ActionContext, site: str) -> list[Participant]:
    allocated = Participant.objects.filter(
        study=context.study, site=site, randomised_at__isnull=False
    )
    return list(allocated.exclude(envelopes__state=EnvelopeState.KEPT.value).order_by("code"))


def _record_seen(context: ActionContext, participants: list[Participant]) -> None:
    """Whoever prints can read what is printed."""
    by = context.by.person_id
    rows = Unblinding.objects.filter(participant__in=participants, person=by)
    seen = set(rows.values_list("participant_id", flat=True))
    context.record_all(
        [
            Unblinding(participant=each, person=by, seen_at=context.at, why=PRINTED)
            for each in participants
            if each.pk not in seen
        ]
    )
