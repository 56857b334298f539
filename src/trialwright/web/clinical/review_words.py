"""How reviews of values are said: the significance of a result, its verification in the source."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from trialwright.accounts.policy import Act, may
from trialwright.accounts.reads import names_of
from trialwright.conduct.models.value_reviews import ReviewAnswer
from trialwright.conduct.reads.forms import FormPage
from trialwright.conduct.reads.value_reviews import (
    FormReviews,
    Review,
    abnormal_items,
    reviewable_items,
)
from trialwright.messages import Message
from trialwright.web import dates
from trialwright.web.clinical.frame import Frame
from trialwright.web.components import Link, Row
from trialwright.web.forms.presenter import limits_text

ANSWER_WORDS: dict[ReviewAnswer, Message] = {
    ReviewAnswer.NOT_SIGNIFICANT: Message("Not clinically significant"),
    ReviewAnswer.SIGNIFICANT: Message("Clinically significant"),
    ReviewAnswer.VERIFIED: Message("Verified in the source"),
}


def notes_of(frame: Frame, page: FormPage, reviews: FormReviews) -> Mapping[str, str]:
    """What stands beside each answer of a form, by item."""
    notes = {key: [_range(frame, page, key)] for key in page.ranges if key in page.stored}
    for key in abnormal_items(page.form, page.stored):
        said = reviews.significance.get(key)
        words = _judged(frame, said) if said else _("significance not judged yet")
        notes.setdefault(key, []).append(words)
    for key in reviews.source:
        words = ANSWER_WORDS[ReviewAnswer.VERIFIED].in_language(frame.language)
        notes.setdefault(key, []).append(words)
    return {key: " · ".join(said) for key, said in notes.items()}


def _range(frame: Frame, page: FormPage, key: str) -> str:
    """The range that a result goes by, and whose it is."""
    found = page.ranges[key]
    return _("normal {limits} ({laboratory}, version {version})").format(
        limits=limits_text(page.form.item(key)),
        laboratory=found.laboratory,
        version=found.version,
    )


def _judged(frame: Frame, said: Review) -> str:
    words = ANSWER_WORDS[said.answer].in_language(frame.language)
    if not said.comment:
        return words
    return _("{judgement}: {comment}").format(judgement=words, comment=said.comment)


def source_words(frame: Frame, said: Review) -> str:
    """Who verified a value, as what, and when."""
    who = frame.name_and_role(names_of({said.by}).get(said.by, said.by), said.role)
    return f"{who}, {dates.written(said.at)}"


def review_rows(frame: Frame, page: FormPage, reviews: FormReviews) -> list[Row]:
    """How much of a form is verified in the source."""
    there = reviewable_items(page.form, page.stored)
    if not there or not (reviews.source or may(frame.actor, Act.VERIFY_SOURCE)):
        return []
    done = len([key for key in there if key in reviews.source])
    words = _("{done} of {all} values").format(done=done, all=len(there))
    return [Row(_("Verified in the source"), words)]


def review_links(frame: Frame, page: FormPage, href: str) -> list[Link]:
    """What this person can say of the values of a form."""
    found = []
    site, form = page.participant.site, page.form
    if page.revision == 0:
        return []
    if page.shows_files:
        found.append(Link(_("Attachments"), f"{href}/attachments"))
    if form.unmasking:
        return found
    if may(frame.actor, Act.JUDGE_EVENTS, site=site) and abnormal_items(form, page.stored):
        found.append(Link(_("Judge the results outside normal"), f"{href}/significance"))
    if may(frame.actor, Act.VERIFY_SOURCE, site=site):
        found.append(Link(_("Verify in the source"), f"{href}/source"))
    return found
