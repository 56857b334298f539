"""How the steps of a participant's story are said on pages, and where each is taken."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from trialwright.conduct.reads.steps import NextStep

STEP_WORDS: dict[NextStep, Promise | str] = {
    NextStep.CONSENT: _("Record consent"),
    NextStep.CONFIRM: _("Confirm eligibility"),
    NextStep.ASSESS: _("Eligibility, criterion by criterion"),
    NextStep.RANDOMISE: _("Randomise"),
    NextStep.RECEIVE: _("Receive the allocation"),
    NextStep.RELEASE: _("Release the product"),
    NextStep.RESECT: _("Declare the resection complete"),
    NextStep.TELL: _("Be told the arm"),
    NextStep.TREAT: _("Record the treatment"),
    NextStep.NOT_TREAT: _("Record that no treatment is given"),
    NextStep.FAIL: _("Record a screening failure"),
    NextStep.CHANGE: _("Record a withdrawal, a loss, a death or the end"),
}

STEP_PLACES = {
    NextStep.CONSENT: "consent",
    NextStep.CONFIRM: "eligibility/sign",
    NextStep.ASSESS: "eligibility",
    NextStep.RANDOMISE: "randomise",
    NextStep.RECEIVE: "receive-allocation",
    NextStep.RELEASE: "release-product",
    NextStep.RESECT: "declare-resection",
    NextStep.TELL: "tell-surgeon",
    NextStep.TREAT: "treatment",
    NextStep.NOT_TREAT: "treatment",
    NextStep.FAIL: "screen-failure",
    NextStep.CHANGE: "participation",
}
