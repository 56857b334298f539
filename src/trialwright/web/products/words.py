"""Statuses of lots and containers, outcomes of tests and why a container wasn't given, in words."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from trialwright.custody.containers import ContainerStatus
from trialwright.custody.lots import LotStatus, Outcome
from trialwright.messages import Message
from trialwright.web.clinical import steps
from trialwright.web.clinical.frame import Frame
from trialwright.web.components import Link, Status, Tone

LOT_WORDS = {
    LotStatus.QUARANTINE: Message.in_context("lot", "In quarantine"),
    LotStatus.CONDITIONAL: Message.in_context("lot", "Conditionally released"),
    LotStatus.RELEASED: Message.in_context("lot", "Released"),
    LotStatus.EXPIRED: Message.in_context("lot", "Expired"),
    LotStatus.RECALLED: Message.in_context("lot", "Recalled"),
    LotStatus.FAILED: Message.in_context("lot", "Failed"),
}
_LOT_TONES: dict[LotStatus, Tone] = {
    LotStatus.QUARANTINE: "idle",
    LotStatus.CONDITIONAL: "caution",
    LotStatus.RELEASED: "good",
    LotStatus.EXPIRED: "idle",
    LotStatus.RECALLED: "stop",
    LotStatus.FAILED: "stop",
}
CONTAINER_WORDS = {
    ContainerStatus.STOCK: Message.in_context("container", "In stock"),
    ContainerStatus.SENT: Message.in_context("container", "Under way"),
    ContainerStatus.RESERVED: Message.in_context("container", "Reserved"),
    ContainerStatus.THAWED: Message.in_context("container", "Thawed"),
    ContainerStatus.LOADED: Message.in_context("container", "Loaded"),
    ContainerStatus.GIVEN: Message.in_context("container", "Given"),
    ContainerStatus.PART_GIVEN: Message.in_context("container", "Given in part"),
    ContainerStatus.DESTROYED: Message.in_context("container", "Destroyed"),
    ContainerStatus.RETURNED: Message.in_context("container", "Returned to the supplier"),
}
_OUTCOMES: dict[Outcome, tuple[object, Tone]] = {
    Outcome.PASSED: (pgettext_lazy("test", "Passed"), "good"),
    Outcome.NOT_PASSED: (pgettext_lazy("test", "Not passed"), "stop"),
    Outcome.INDETERMINATE: (pgettext_lazy("test", "Indeterminate: not passed"), "caution"),
    Outcome.MISSING: (pgettext_lazy("test", "Missing: not passed"), "todo"),
}


def lot_status(status: LotStatus, language: str) -> Status:
    """The word with its mark."""
    return Status(LOT_WORDS[status].in_language(language), _LOT_TONES[status])


def container_status(status: ContainerStatus, language: str) -> Status:
    """The word with its mark."""
    return Status(CONTAINER_WORDS[status].in_language(language), "plain")


def outcome_status(outcome: Outcome) -> Status:
    """The word with its mark."""
    words, tone = _OUTCOMES[outcome]
    return Status(str(words), tone)


def product_name(frame: Frame, key: str) -> str:
    """What a product is called; one that the protocol no longer has, by its key."""
    labels = {each.key: each.label for each in frame.protocol.products}
    return labels[key].in_language(frame.language) if key in labels else key


def context_of(frame: Frame, step: steps.Step) -> dict[str, object]:
    """What a page of one step about products wants around it."""
    return frame.context(step.heading, crumbs=[Link(_("Products"), f"{frame.href}/products")])
