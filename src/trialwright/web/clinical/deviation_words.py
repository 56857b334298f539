"""How protocol deviations are said on pages."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trialwright.conduct.models import Deviation
from trialwright.conduct.models.deviations import DeviationKind
from trialwright.conduct.participants.requirements import words_of
from trialwright.messages import Message
from trialwright.protocol.basics import Text, UnknownKeyError
from trialwright.protocol.requirements import Requirement
from trialwright.web.clinical.frame import Frame
from trialwright.web.clinical.ledger_words import item_label
from trialwright.web.components import Status

KIND_WORDS: dict[DeviationKind, Message] = {
    DeviationKind.VISIT_WINDOW: Message("Visit outside its window"),
    DeviationKind.MISSED_VISIT: Message("Missed visit"),
    DeviationKind.ELIGIBILITY: Message("Eligibility not met by the data"),
    DeviationKind.STRATUM: Message("Stratum changed after randomisation"),
    DeviationKind.PREREQUISITE: Message("Done without what must come before"),
    DeviationKind.CONSENT: Message("Consent"),
    DeviationKind.TREATMENT: Message("Treatment"),
    DeviationKind.PRODUCT: Message("Investigational product"),
    DeviationKind.TIME_LIMIT: Message("Later than its time limit"),
    DeviationKind.OTHER: Message("Other"),
}
_OF_STEPS = (DeviationKind.TREATMENT, DeviationKind.TIME_LIMIT)
CLASSIFICATION_WORDS: dict[str, Promise] = {
    "minor": gettext_lazy("Minor"),
    "important": gettext_lazy("Important"),
}


def kind_of(frame: Frame, deviation: Deviation) -> str:
    """What kind of deviation it is."""
    return KIND_WORDS[DeviationKind(deviation.kind)].in_language(frame.language)


def about(frame: Frame, deviation: Deviation) -> str:
    """What it is about: the visit, criterion, factor or requirement, and the cause."""
    protocol = frame.protocol
    factors = protocol.allocation.factors if protocol.allocation else ()
    labels = {each.key: each.label for each in protocol.visits}
    visits = dict(labels)
    labels |= {each.key: each.text for each in protocol.criteria}
    labels |= {each.key: each.label for each in protocol.groups}
    if deviation.kind in _OF_STEPS:
        labels = {each.key: each.label for each in protocol.steps}
    if deviation.kind == DeviationKind.STRATUM:
        named = " · ".join(each.label.in_language(frame.language) for each in factors)
    else:
        subject, _slash, visit = deviation.subject.partition("/")
        label = labels.get(subject) or _visit(frame, subject)
        named = label.in_language(frame.language) if label else deviation.subject
        if deviation.kind in _OF_STEPS and visit in visits:
            named = f"{named} · {visits[visit].in_language(frame.language)}"
        if deviation.kind == DeviationKind.PREREQUISITE:
            named = _requirement(frame, deviation.subject)
    causes = [item_label(frame, name) for name in deviation.cause.split(", ") if name]
    return "; ".join(each for each in (named, *causes) if each)


def _visit(frame: Frame, name: str) -> Text | None:
    """The label of a visit's occurrence; None where the name is of no visit."""
    try:
        return frame.protocol.visit(name).label
    except UnknownKeyError:
        return None


def _requirement(frame: Frame, name: str) -> str:
    """A thing that was missing, in words; by its name where the protocol no longer has it."""
    try:
        return words_of(frame.protocol, Requirement.of(name)).in_language(frame.language)
    except UnknownKeyError:
        return name


def status_of(deviation: Deviation) -> Status:
    """How serious it was found to be, or that this is still to be said."""
    if deviation.classification is None:
        return Status(_("To be classified"), "todo")
    word = str(CLASSIFICATION_WORDS[deviation.classification])
    return Status(word, "caution" if deviation.classification == "important" else "plain")
