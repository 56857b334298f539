"""Kits as a cut has them: where each is, and by itself what is in it."""

from collections.abc import Iterator
from datetime import date

from trialwright.analysis import cut_kits as c
from trialwright.conduct.kits.stock import product_of
from trialwright.conduct.models import Kit, Study


def open_kits(study: Study) -> Iterator[c.Kit]:
    """All kits, without what is in them."""
    rows = Kit.objects.filter(study=study).select_related("step__participant")
    for row in rows.order_by("number"):
        step = row.step
        yield c.Kit(
            kit=row.number,
            site=row.site,
            status=row.status,
            expires_on=_iso(row.expires_on),
            participant=step.participant.code if step else "",
            step=step.step if step else "",
            visit=step.visit if step else "",
            occurrence=step.occurrence if step else 1,
            dispensed_on=_iso(row.dispensed_on),
            returned_on=_iso(row.returned_on),
            unused=row.unused,
            reason=row.reason,
            strength=row.strength or "",
        )


def sealed_kits(study: Study) -> Iterator[c.KitContent]:
    """What is in each."""
    for row in Kit.objects.filter(study=study).order_by("number"):
        yield c.KitContent(row.number, product_of(row))


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
