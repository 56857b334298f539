"""Sentences about products: what stands against a release, why a container isn't given."""

from collections.abc import Collection

from django.utils.translation import get_language
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trialwright.custody.bedside import Refusal
from trialwright.custody.codes import Fault
from trialwright.custody.lots import Against, Finding
from trialwright.protocol.products import Product

REFUSALS = {
    Refusal.WRISTBAND: _("The wristband isn't this participant's. Stop, and ask who lies here."),
    Refusal.IDENTIFIER: _(
        "The hospital number isn't this participant's, or none is recorded. Look it up, or record "
        "who the participant is first."
    ),
    Refusal.SAME_PERSON: _("Two different people check a container. Ask a second one."),
    Refusal.UNKNOWN: _("There is no container of this code. Scan it again."),
    Refusal.ELSEWHERE: _("By its record the container is at another place. Receive it first."),
    Refusal.USED: _("The container was used, destroyed or returned already. Take another."),
    Refusal.NOT_THAWED: _("The container isn't recorded as thawed. Record that first."),
    Refusal.NOT_RELEASED: _("The lot isn't released. Take a container of one that is."),
    Refusal.FAILED: _("The lot has failed. Set the container aside, and take another."),
    Refusal.EXPIRED: _("The lot has expired. Set the container aside, and take another."),
    Refusal.RECALLED: _("The lot is recalled. Set the container aside, and take another."),
    Refusal.PAST_THAW: _(
        "It would be given past the limit after thawing. Destroy the container, and take another."
    ),
    Refusal.RESERVED: _("The container is reserved for somebody else. Take another."),
    Refusal.WRONG_ARM: _("The participant isn't to be given this product. Take the right one."),
    Refusal.NOT_SUITED: _(
        "By what is recorded the lot doesn't suit the participant, or it isn't known whether it "
        "does. Take one that does, or enter what is missing."
    ),
    Refusal.AMOUNT: _("The amount is more than the container holds or is planned, or nothing."),
    Refusal.UNIT: _("The unit isn't the container's. Enter the amount in the unit on its label."),
    Refusal.ORDER: _(
        "The dose isn't due: what comes before it isn't recorded, or the dose is already."
    ),
    Refusal.HOLD: _("A hold is in force, and no treatment begins that it concerns."),
    Refusal.CONSENT: _("There is no consent to treatment, or it was withdrawn. Give nothing."),
}
FAULTS = {
    Fault.LOOK_ALIKE: _(
        "No code has the letters B, I, L, O, Q, S or Z. Type the digit: 8, 1, 1, 0, 0, 5 or 2."
    ),
    Fault.STRANGE: _("This is no code of a container. Scan the label, or type what stands on it."),
    Fault.CHECK: _("A character of the code is wrong or two are exchanged. Type it again."),
}
_AGAINST = {
    Against.TEST_NOT_PASSED: _("%(subject)s is not passed"),
    Against.TEST_OPEN: _("%(subject)s is missing or indeterminate"),
    Against.DONOR_EXCLUDED: _("donor %(donor)s is excluded"),
    Against.DONOR_TEST: _("%(subject)s of donor %(donor)s is not passed"),
    Against.DONOR_RETEST: _("donor %(donor)s must be tested again for %(subject)s"),
    Against.COMPONENT: _("the lot of %(subject)s is missing"),
    Against.NO_DONOR: _("no donor is named"),
}


def finding_words(product: Product, findings: Collection[Finding]) -> str:
    """What stands against a release, in one line."""
    language = get_language() or "en"
    tests = {test.item.key: test.item.label for test in (*product.release, *product.donor_tests)}
    tests |= {each.key: each.label for each in product.components}
    told = []
    for each in findings:
        label = tests.get(each.subject)
        subject = label.in_language(language) if label else each.subject
        told.append(str(_AGAINST[each.against]) % {"subject": subject, "donor": each.donor})
    return _now("; ").join(told)
