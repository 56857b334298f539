"""An event as a report to those outside, after the form CIOMS I, in two copies.

Both have the same number, order and headings. The blinded one says of the products that there was
treatment and on which days; it is the same for every arm, with its name and metadata.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from trialwright.report.document import (
    Block,
    Column,
    Document,
    Facts,
    Paragraph,
    Row,
    Running,
    Section,
    Table,
)
from trialwright.report.words import ReportWords


@dataclass(frozen=True, slots=True)
class OpenedForm:
    """What the unblinded copy adds: the arm; rows of (what, lot, when, amount, planned, per kg);
    more of the narrative."""

    arm: str
    given: tuple[tuple[str, str, str, str, str, str], ...]
    addition: str


@dataclass(frozen=True, slots=True)
class CaseForm:
    """What is known of a case, in words of the report's language; "" where nothing is.

    Attributes:
        follow_up: 0 of the first report. nullified: why it is no event after all, or "".
        criteria: those of seriousness that are met.
        grades: (grade, from when). opinions: (by whom, about what, opinion, when).
        treated_on: days. protocol: its version.
        child: the code of the child whose case it is, or "". linked: the numbers of the cases that
            belong to it. pregnancy: what its form says, as (question, answer).
        ledger: number and hash of the newest row of the open chain.
        made_on: the day of this report; made_at the same as a moment.
        opened: what the unblinded copy adds; None of the blinded one.
    """

    study: str
    title: str
    number: str
    follow_up: int
    nullified: str
    code: str
    site: str
    age: int | None
    sex: str
    term: str
    special: str
    described: str
    started: str
    ended: str
    outcome: str
    criteria: tuple[str, ...]
    grades: tuple[tuple[str, str], ...]
    opinions: tuple[tuple[str, str, str, str], ...]
    treated_on: tuple[str, ...]
    narrative: str
    protocol: str
    sponsor: str
    received: str
    latest: str
    reporter: str
    made_on: str
    made_at: datetime
    ledger: tuple[int, str]
    demonstration: bool
    child: str = ""
    linked: tuple[str, ...] = ()
    pregnancy: tuple[tuple[str, str], ...] = ()
    opened: OpenedForm | None = None
    training_of: str = ""


def case_document(form: CaseForm, *, language: Literal["en", "zh"]) -> Document:
    """The report as a document."""
    words = ReportWords(language)
    number, digest = form.ledger
    copy = words("case_unblinded" if form.opened else "case_blinded")
    kind = words("case_follow_up", number=form.follow_up) if form.follow_up else ""
    if form.nullified:
        kind = words("case_nullified", reason=form.nullified)
    return Document(
        language=language,
        kind=words("case_kind"),
        title=words("case_title", number=form.number),
        running=Running(
            study=form.study,
            cut=f"{form.number} · {copy}",
            head=words("case_head", number=number, hash=digest[:12]),
            demonstration=words.mark(form.demonstration, form.training_of),
            sealed=words("sealed_mark") if form.opened else None,
        ),
        facts=Facts(
            (
                (words("case_number"), form.number),
                (words("case_report"), kind or words("case_initial")),
                (words("case_copy"), copy),
                (words("case_dated"), form.made_on),
            )
        ),
        blocks=(
            Section(words("case_reaction"), _reaction(words, form)),
            Section(words("case_products"), _products(words, form)),
            Section(words("case_other"), (Paragraph(words("case_other_note")),)),
            Section(words("case_narrative"), _narrative(words, form)),
            Section(words("case_sponsor"), (_sponsor(words, form),)),
        ),
        made_at=form.made_at,
    )


def _reaction(words: ReportWords, form: CaseForm) -> tuple[Block, ...]:
    unknown = words("case_unknown")
    sex = words(f"case_{form.sex}") if form.sex else unknown
    age = unknown if form.age is None else words("case_years", age=form.age)
    told = [
        *([(words("case_child"), form.child)] if form.child else []),
        (words("case_mother" if form.child else "case_participant"), form.code),
        (words("case_site"), form.site),
        (words("case_age"), age),
        (words("case_sex"), sex),
        (words("case_onset"), form.started or unknown),
        (words("case_ended"), form.ended or unknown),
    ]
    if form.term:
        told += [
            (words("case_term"), form.term),
            (words("case_outcome"), form.outcome),
            (words("case_criteria"), "; ".join(form.criteria) or words("case_not_serious")),
        ]
    if form.special:
        told.append((words("case_special"), form.special))
    if form.linked:
        told.append((words("case_linked"), ", ".join(form.linked)))
    asked: tuple[Block, ...] = (
        (Section(words("case_pregnancy"), (Facts(form.pregnancy),)),) if form.pregnancy else ()
    )
    if not form.term:
        described = Section(words("case_described"), _paragraphs(form.described or unknown))
        return (Facts(tuple(told)), *asked, described)
    return (
        Facts(tuple(told)),
        Section(words("case_described"), _paragraphs(form.described or unknown)),
        Table(
            words("case_grades"),
            (Column(words("case_grade"), "right"), Column(words("case_since"), share=1)),
            tuple(Row((grade, since or unknown)) for grade, since in form.grades),
            narrow=True,
        ),
        Table(
            words("case_opinions"),
            tuple(
                Column(words(key), share=1)
                for key in ("case_by", "case_about", "case_opinion", "case_given")
            ),
            tuple(Row(each) for each in form.opinions),
            empty=words("case_no_opinion"),
        ),
    )


def _products(words: ReportWords, form: CaseForm) -> tuple[Block, ...]:
    opened = form.opened
    elsewhere = words("case_in_unblinded")
    below = words("case_what_was_given")
    told = (
        (words("case_product"), below if opened else words("case_study_treatment")),
        (words("case_dose"), below if opened else elsewhere),
        (words("case_route"), words("case_in_protocol", version=form.protocol)),
        (words("case_dates"), ", ".join(form.treated_on) or words("case_nothing_given")),
        (words("case_duration"), below if opened else elsewhere),
        (words("case_rechallenge"), words("case_in_narrative")),
    )
    if opened is None:
        return (Facts(told),)
    heads = ("case_what", "case_lot", "case_at", "case_amount", "case_planned", "case_per_kg")
    return (
        Facts(((words("case_arm"), opened.arm), *told)),
        Table(
            below,
            tuple(Column(words(key), share=2 if key == "case_what" else 1) for key in heads),
            tuple(Row(tuple(cell or "–" for cell in each)) for each in opened.given),
            empty=words("case_nothing_given"),
        ),
    )


def _narrative(words: ReportWords, form: CaseForm) -> tuple[Block, ...]:
    found: list[Block] = [*_paragraphs(form.narrative or words("case_no_narrative"))]
    if form.opened and form.opened.addition:
        found.append(Section(words("case_addition"), _paragraphs(form.opened.addition)))
    return tuple(found)


def _sponsor(words: ReportWords, form: CaseForm) -> Facts:
    return Facts(
        (
            (words("case_sponsor_name"), form.sponsor or words("case_unknown")),
            (words("case_received"), form.received),
            (words("case_latest"), form.latest),
            (words("case_source"), f"{words('case_trial')} {form.study}: {form.title}"),
            (words("case_reporter"), form.reporter),
        )
    )


def _paragraphs(text: str) -> tuple[Block, ...]:
    parts: Sequence[str] = [part.strip() for part in text.split("\n") if part.strip()]
    return tuple(Paragraph(part) for part in parts)
