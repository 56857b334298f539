"""How adverse events are said on pages."""

from django.utils.translation import gettext as _

from trialwright.conduct.models import AdverseEvent
from trialwright.conduct.models.adverse_events import About, Judge, Outcome, Special
from trialwright.conduct.safety.events import criteria_met, relation
from trialwright.messages import Message
from trialwright.safety.ctcae import CtcaeTerm, by_name, chinese_name
from trialwright.safety.onset import Onset, OnsetMarks
from trialwright.safety.seriousness import WORDS
from trialwright.web.components import Status

OUTCOME_WORDS: dict[Outcome, Message] = {
    Outcome.RECOVERED: Message("Recovered"),
    Outcome.RECOVERING: Message("Recovering"),
    Outcome.NOT_RECOVERED: Message("Not recovered"),
    Outcome.SEQUELAE: Message("Recovered with sequelae"),
    Outcome.FATAL: Message("Fatal"),
    Outcome.UNKNOWN: Message("Outcome not known"),
}
SPECIAL_WORDS: dict[Special, Message] = {
    Special.PREGNANCY: Message("Pregnancy"),
    Special.MEDICATION_ERROR: Message("Medication error"),
    Special.WRONG_CONTAINER: Message("Another's container given"),
    Special.OVERDOSE: Message("Overdose"),
    Special.OUTSIDE_PROTOCOL: Message("Use outside the protocol"),
}
JUDGE_WORDS: dict[Judge, Message] = {
    Judge.INVESTIGATOR: Message("Investigator"),
    Judge.SPONSOR: Message("Sponsor"),
    Judge.ADJUDICATOR: Message("Adjudicator"),
}
ABOUT_WORDS: dict[About, Message] = {
    About.TREATMENT: Message("the treatment"),
    About.PROCEDURE: Message("the procedure"),
}


_ONSET_WORDS: dict[tuple[str, Onset], Message] = {
    ("consent", Onset.BEFORE): Message("Before consent"),
    ("consent", Onset.MAY_BE_BEFORE): Message("May be before consent"),
    ("consent", Onset.NO_DAY): Message("No consent recorded"),
    ("treatment", Onset.BEFORE): Message("Before the treatment"),
    ("treatment", Onset.MAY_BE_BEFORE): Message("May be before the treatment"),
    ("treatment", Onset.SINCE): Message("Since the treatment began"),
    ("treatment", Onset.NO_DAY): Message("Not treated"),
}
PRODUCT_WORDS: dict[Onset, Message] = {
    Onset.BEFORE: Message("Before the first container was given"),
    Onset.MAY_BE_BEFORE: Message("May be before the first container was given"),
    Onset.SINCE: Message("Since the first container was given"),
    Onset.NO_DAY: Message("No container was given"),
}


def onset_words(marks: OnsetMarks | None, language: str) -> str:
    """Where an onset stands to consent and treatment; empty of what has no onset of its own."""
    said = marks.marked() if marks else ()
    return "; ".join(_ONSET_WORDS[each].in_language(language) for each in said)


def term_words(name: str, language: str) -> str:
    """A term in the language of the page: in Chinese our own translation, where there is one."""
    chinese = chinese_name(name) if language.startswith("zh") else ""
    return f"{chinese} ({name})" if chinese else name


def is_ours(name: str, language: str) -> bool:
    """Whether the page shows a translation of ours, which no official one backs."""
    return language.startswith("zh") and bool(chinese_name(name))


def term_of(event: AdverseEvent) -> CtcaeTerm | None:
    """The term in the version under which the event was recorded."""
    return by_name(event.ctcae).get(event.term) if event.ctcae else None


def serious_status(event: AdverseEvent) -> Status:
    """Whether the event is serious, as its six answers say; or that it is none after all."""
    if event.nullified:
        return Status(_("Nullified"), "idle")
    return Status(_("Serious"), "stop") if criteria_met(event) else Status(_("Not serious"))


def criteria_words(event: AdverseEvent, language: str) -> str:
    """The criteria of seriousness that are met, in words."""
    return "; ".join(WORDS[each].in_language(language) for each in criteria_met(event))


def relation_words(event: AdverseEvent) -> str:
    """Whether it counts as related to the treatment, and whether that is anybody's opinion yet."""
    said = relation(list(event.opinions.all()))
    if not said.assessed:
        return _("Not assessed yet: counts as related")
    return _("Related") if said.related else _("Not related")
