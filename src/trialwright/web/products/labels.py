"""Labels of containers as a PDF: the same words, size and name whatever is in them."""

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from trialwright.conduct.products.lots import followed_products
from trialwright.conduct.reads.participants import one
from trialwright.conduct.reads.products import lot_to_read
from trialwright.conduct.refusals import NotFound
from trialwright.custody.codes import wristband_of
from trialwright.report.labels import Label, render_labels
from trialwright.web import dates
from trialwright.web.clinical.frame import Frame, in_study


@in_study
def labels_page(frame: Frame, lot: str) -> HttpResponse:
    """The labels of a lot's containers, one a page.

    Nothing of the product stands on one: neither its name nor its lot, and the file's name is of
    the study alone.
    """
    told = lot_to_read(frame.actor, lot)
    if not told.containers:
        raise NotFound
    words = _("For clinical trial use only. Check at the bedside by two people.")
    until = dates.written(timezone.localtime(told.line.expires_at).date())
    found = render_labels(
        [Label(frame.actor.study, each.code, until, words) for each in told.containers]
    )
    response = HttpResponse(found, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{frame.actor.study}-labels.pdf"'
    return response


@in_study
def wristband_page(frame: Frame, code: str) -> HttpResponse:
    """The wristband of a participant: the code of the study, with its check character."""
    participant = one(frame.actor, code)
    if participant.consented_at is None or not followed_products(frame.protocol):
        raise NotFound
    words = _("Check at the bedside by two people.")
    label = Label(frame.actor.study, wristband_of(participant.code), "", words)
    response = HttpResponse(render_labels([label]), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{frame.actor.study}-wristband.pdf"'
    return response
