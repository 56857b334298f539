"""Where a kit is, in words, and in which strength it comes."""

from django.utils.translation import pgettext_lazy

from trialwright.conduct.models.kits import KitStatus
from trialwright.messages import Message
from trialwright.protocol.expression import Expression
from trialwright.protocol.forms import Item, ItemType
from trialwright.protocol.kits import Kits
from trialwright.web.clinical.steps import choices, question
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


def strength_questions(kits: Kits, shown: Expression | None = None) -> list[Item]:
    """In which strength kits are handed out or sent, where they come in several."""
    if not kits.strengths:
        return []
    codes = choices("strength", *((each.key, each.label) for each in kits.strengths))
    words = Message.in_context("kit", "Strength")
    return [question("strength", words, ItemType.CHOICE, code_list=codes, show_when=shown)]
