"""Who must hear of a product that was given: one notice for each participant, until confirmed.

That there is one, and for whom, is all that blinded people learn. About which lot, and why, is
sealed.
"""

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Max

from trialwright.conduct import sealed_values
from trialwright.conduct.acting import ActionContext
from trialwright.conduct.deviating import note_all
from trialwright.conduct.models import Lot, Participant, ProductNotice
from trialwright.conduct.models.deviations import DeviationKind
from trialwright.conduct.recipients import recipients_of
from trialwright.custody.lots import LotStatus


@dataclass(frozen=True, slots=True)
class NoticeDetails:
    """Of which lots a participant was given, what became of them, and why."""

    lots: tuple[str, ...]
    status: LotStatus
    reason: str


def tell_doctors(
    context: ActionContext, lots: Collection[Lot], status: LotStatus, reason: str
) -> int:
    """Write a notice for each participant who was given of these lots; returns how many.

    A lot that fails after it was given is a deviation of each; one that is recalled isn't.
    """
    given: dict[str, set[str]] = defaultdict(set)
    for each in recipients_of(lots) if lots else ():
        given[each.move.participant].add(each.lot.code)
    if not given:
        return 0
    found = Participant.objects.filter(study=context.study, code__in=given)
    rows = list(found.order_by("code"))
    last = ProductNotice.objects.filter(study=context.study).aggregate(last=Max("number"))["last"]
    notices = []
    for number, participant in enumerate(rows, start=(last or 0) + 1):
        details = {
            "lots": sorted(given[participant.code]),
            "status": status.value,
            "reason": reason,
        }
        text = json.dumps(details, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
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
    if status is LotStatus.FAILED:
        note_all(context, DeviationKind.PRODUCT, rows)
    return len(notices)


def details_of(row: ProductNotice) -> NoticeDetails:
    """What a notice is about; ask the policy first."""
    text = sealed_values.open_details("product_notice", row.study_id, row.pk, bytes(row.sealed))
    held: dict[str, Any] = json.loads(text)
    return NoticeDetails(tuple(held["lots"]), LotStatus(held["status"]), held["reason"])
