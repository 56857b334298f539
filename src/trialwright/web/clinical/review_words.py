"""How reviews of values are said: the significance of a result, its grade, its verification in the
source."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from trialwright.accounts.policy import Act, may
from trialwright.accounts.reads import names_of
from trialwright.conduct.models.value_reviews import GRADES, ReviewAnswer
from trialwright.conduct.reads.forms import FormPage
from trialwright.conduct.reads.value_reviews import (
    FormReviews,
    Review,
    abnormal_items,
    results_graded,
    reviewable_items,
)
from trialwright.messages import Message
from trialwright.web import dates
from trialwright.web.clinical.frame import Frame
from trialwright.web.components import Link, Row
from trialwright.web.forms.presenter import limits_text
from trialwright.web.safety.event_words import term_words

ANSWER_WORDS: dict[ReviewAnswer, Message] = {
    ReviewAnswer.NOT_SIGNIFICANT: Message("Not clinically significant"),
    ReviewAnswer.SIGNIFICANT: Message("Clinically significant"),
    ReviewAnswer.GRADED: Message("Graded"),
    ReviewAnswer.VERIFIED: Message("Verified in the source"),
}
GRADE_WORDS: tuple[Message, ...] = (
    Message("no grade"),
    *(Message("grade {grade}", grade=each) for each in GRADES[1:]),
)


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
    for key in page.grades:
        said = reviews.grade.get(key)
        words = given_words(frame, page, said) if said else grade_words(frame, page, key)
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


def proposal(frame: Frame, page: FormPage, key: str) -> Message:
    """The grade that the criteria propose for a result, or that and why it can't be graded."""
    graded = page.grades[key]
    if graded.grade is None:
        return Message(
            "can’t be graded by CTCAE {version}: {why}", version=page.ctcae, why=graded.why
        )
    if graded.grade == 0:
        return Message("CTCAE {version}: no grade", version=page.ctcae)
    return Message(
        "CTCAE {version}: grade {grade} proposed, {term} ({why})",
        version=page.ctcae,
        grade=graded.grade,
        term=term_words(graded.term, frame.language),
        why=graded.why,
    )


def grade_words(frame: Frame, page: FormPage, key: str) -> str:
    """The same in the language of the page."""
    return proposal(frame, page, key).in_language(frame.language)


def given_words(frame: Frame, page: FormPage, said: Review) -> str:
    """The grade that a person gave, and beside it the proposed one where it is another."""
    proposed = page.grades[said.item]
    given = GRADE_WORDS[said.grade or 0].in_language(frame.language)
    words = _("CTCAE {version}: {grade}, given by {person}").format(
        version=page.ctcae, grade=given, person=source_words(frame, said)
    )
    if proposed.grade == said.grade:
        return words
    return _("{given}; {proposed}; why: {why}").format(
        given=words, proposed=grade_words(frame, page, said.item), why=said.comment
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


def results_judged(page: FormPage) -> list[str]:
    """The results of a form that are judged or graded by a person, in its order."""
    asked = {*abnormal_items(page.form, page.stored),
             *results_graded(page.grades, page.form, page.stored)}  # fmt: skip
    return [item.key for item in page.form.items if item.key in asked]


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
    if may(frame.actor, Act.JUDGE_EVENTS, site=site) and results_judged(page):
        found.append(Link(_("Judge the results"), f"{href}/significance"))
    if may(frame.actor, Act.VERIFY_SOURCE, site=site):
        found.append(Link(_("Verify in the source"), f"{href}/source"))
    return found
