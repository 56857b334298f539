"""How the steps of a participant's story are said on pages, and where each is taken."""

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from trialwright.conduct.models.steps import StepStatus
from trialwright.conduct.reads.participants import StepLine
from trialwright.conduct.reads.steps import NextStep
from trialwright.protocol.occurrences import name_of, occurrence_of
from trialwright.protocol.progress import Place
from trialwright.web.clinical.frame import Frame

_STEP_WORDS: dict[NextStep, Promise | str] = {
    NextStep.CONSENT: _("Record consent"),
    NextStep.CONFIRM: _("Confirm eligibility"),
    NextStep.ASSESS: _("Eligibility, criterion by criterion"),
    NextStep.RANDOMISE: _("Randomise"),
    NextStep.AGAIN: _("Make the allocation that is due"),
    NextStep.FAIL: _("Record a screening failure"),
    NextStep.CHANGE: _("Record discontinuation"),
}

STEP_PLACES = {
    NextStep.CONSENT: "consent",
    NextStep.CONFIRM: "eligibility/sign",
    NextStep.ASSESS: "eligibility",
    NextStep.RANDOMISE: "randomise",
    NextStep.AGAIN: "randomise",
    NextStep.FAIL: "screen-failure",
    NextStep.CHANGE: "participation",
}


def next_step_words(frame: Frame, step: NextStep) -> str:
    """What a step of every trial is called."""
    consent = frame.protocol.consent
    if step is NextStep.CONSENT and consent is not None and consent.waived is not None:
        return gettext("Enter under the waiver of consent")
    return str(_STEP_WORDS[step])


def step_words(frame: Frame, place: Place) -> str:
    """What a step of the protocol is called, with the visit at which it is taken."""
    step, visit, occurrence = place
    words = frame.protocol.step(step).label.in_language(frame.language)
    if not visit:
        return words
    at = frame.protocol.visit(name_of(visit, occurrence)).label.in_language(frame.language)
    return gettext("{step} at {visit}").format(step=words, visit=at)


def step_place(place: Place) -> str:
    """The address of a step's page, below the participant's."""
    step, visit, occurrence = place
    return f"steps/{step}/{name_of(visit, occurrence)}" if visit else f"steps/{step}"


def taken_words(frame: Frame, line: StepLine) -> str:
    """What was recorded of a step: of a dose whether it was given, how much and why not all."""
    words = step_words(frame, (line.step.key, *occurrence_of(line.visit)))
    if line.step.gives_dose:
        words = {
            StepStatus.DONE: gettext("{step}: given"),
            StepStatus.PART: gettext("{step}: given in part"),
            StepStatus.NOT_DONE: gettext("{step}: not given"),
        }[StepStatus(line.status)].format(step=words)
    details = line.details
    if details is not None and details.amount:
        words = f"{words}, {details.amount} {details.unit}"
    if details is not None and details.reason:
        words = gettext("{what}: {reason}").format(what=words, reason=details.reason)
    return words
