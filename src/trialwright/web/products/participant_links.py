"""What a participant's page offers of products: the check at the bedside, the wristband, a call."""

from django.utils.translation import gettext as _

from trialwright.conduct.models import Participant
from trialwright.conduct.products.lots import followed_products
from trialwright.conduct.reads.bedside import places_to_check
from trialwright.conduct.reads.product_notices import notices_of
from trialwright.protocol.occurrences import occurrence_of
from trialwright.web.clinical.frame import Frame
from trialwright.web.clinical.step_words import step_words
from trialwright.web.components import Link


def product_links(frame: Frame, participant: Participant, href: str) -> list[Link]:
    """The links that are this person's; where no lot is followed, none."""
    if not followed_products(frame.protocol) or participant.consented_at is None:
        return []
    links = [
        Link(_("Call the participant: product information"),
             f"{href}/product-information/{each.number}")
        for each in notices_of(frame.actor, participant)
        if each.called_at is None
    ]  # fmt: skip
    for place in places_to_check(frame.actor, participant, frame.protocol):
        step, _slash, visit = place.partition("/")
        label = step_words(frame, (step, *(occurrence_of(visit) if visit else ("", 1))))
        words = _("Check a container at the bedside: {step}").format(step=label)
        links.append(Link(words, f"{href}/bedside/{place}"))
    return [*links, Link(_("Wristband (PDF)"), f"{href}/wristband.pdf")]
