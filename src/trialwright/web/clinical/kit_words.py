"""Where a kit is, in words."""

from django.utils.translation import pgettext_lazy

from trialwright.conduct.models.kits import KitStatus
from trialwright.web.components import Status, Tone

KIT_WORDS = {
    KitStatus.DEPOT: pgettext_lazy("kit", "At the depot"),
    KitStatus.SENT: pgettext_lazy("kit", "Under way"),
    KitStatus.STOCK: pgettext_lazy("kit", "In stock"),
    KitStatus.DISPENSED: pgettext_lazy("kit", "Handed out"),
    KitStatus.RETURNED: pgettext_lazy("kit", "Returned"),
    KitStatus.SET_ASIDE: pgettext_lazy("kit", "Set aside"),
}
_TONES: dict[KitStatus, Tone] = {
    KitStatus.SENT: "todo",
    KitStatus.STOCK: "good",
    KitStatus.SET_ASIDE: "idle",
    KitStatus.RETURNED: "idle",
}


def kit_status(status: KitStatus) -> Status:
    """The word with its mark."""
    return Status(str(KIT_WORDS[status]), _TONES.get(status, "plain"))
