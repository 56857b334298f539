"""Who must hear of a product that was given: one notice for each participant, until confirmed.

That there is one, and for whom, is all that blinded people learn. About which lot, and why, is
sealed. Where that somebody was given of a lot could tell their arm, everybody who has an arm gets
the same notice, and which of them it concerns is sealed too.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Max, Q

from trialwright.conduct import sealed_values
from trialwright.conduct.acting import ActionContext
from trialwright.conduct.deviating import note_all
from trialwright.conduct.models import Lot, Participant, ProductNotice
from trialwright.conduct.models.deviations import DeviationKind
from trialwright.conduct.products.recipients import recipients_of
from trialwright.custody.lots import LotStatus
from trialwright.protocol.products import lots_tell_arms


@dataclass(frozen=True, slots=True)
class NoticeDetails:
    """Of which lots a participant was given, what became of them, and why; no lots: it came to
    everybody, and doesn't concern this participant."""

    lots: tuple[str, ...]
    status: LotStatus
    reason: str


def tell_doctors(
    context: ActionContext, lots: Collection[Lot], status: LotStatus, reason: str
) -> int:
    """Write a notice for each participant who was given of these lots, or for all where it could
    tell their arm; returns how many.

    A lot that fails after it was given is a deviation of each; one that is recalled isn't. Where it
    could tell their arm it stands in the sealed part of a cut alone.
    """
    given: dict[str, set[str]] = defaultdict(set)
    for each in recipients_of(lots) if lots else ():
        given[each.move.participant].add(each.lot.code)
    if not given:
        return 0
    tell_all = lots_tell_arms(context.protocol)
    found = Participant.objects.filter(study=context.study)
    who = Q(code__in=given) | Q(randomised_at__isnull=False) if tell_all else Q(code__in=given)
    rows = list(found.filter(who).order_by("code"))
    last = ProductNotice.objects.filter(study=context.study).aggregate(last=Max("number"))["last"]
    notices = []
    for number, participant in enumerate(rows, start=(last or 0) + 1):
        lots_given = tuple(sorted(given.get(participant.code, ())))
        text = sealed_values.dump(NoticeDetails(lots_given, status, reason))
        notices.append(
            (
                ProductNotice(
                    study=context.study,
                    number=number,
                    participant=participant,
                    made_at=context.at,
                ),
                text,
            )
        )
    context.record_all_sealed(notices)
    if status is LotStatus.FAILED and not tell_all:
        note_all(context, DeviationKind.PRODUCT, rows)
    return len(notices)


def details_of(row: ProductNotice) -> NoticeDetails:
    """What a notice is about; ask the policy first."""
    text = sealed_values.open_details("product_notice", row.study_id, row.pk, bytes(row.sealed))
    return sealed_values.load(NoticeDetails, text)
