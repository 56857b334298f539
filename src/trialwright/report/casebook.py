"""The casebook of one participant as a document: every visit with its forms as filled in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from trialwright.report.document import (
    Block,
    Bullets,
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
class FilledForm:
    """One record of a form: its name, (question, answer) under the names of its sections, whether
    it is complete, and what is said of it (who signed, open queries, attachments)."""

    title: str
    sections: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    complete: bool
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FilledVisit:
    """One visit: its name, when it was, its forms, and what is said of it (entries of a diary that
    never came)."""

    title: str
    when: str
    forms: tuple[FilledForm, ...]
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Casebook:
    """What one person may see of a participant.

    Attributes:
        facts: of the participant (code, site, state), term by term.
        attached: what is attached to the participant as a whole, in words.
        ledger: number and hash of the newest row of the open chain.
        restricted: whether it holds what only unblinded people may see.
        printed: by whom and when, in words; made_at the same as a moment.
    """

    study: str
    title: str
    code: str
    facts: tuple[tuple[str, str], ...]
    visits: tuple[FilledVisit, ...]
    attached: tuple[str, ...]
    ledger: tuple[int, str]
    demonstration: bool
    restricted: bool
    printed: str
    made_at: datetime
    training_of: str = ""


def casebook_document(book: Casebook, *, language: Literal["en", "zh"]) -> Document:
    """The casebook, a section for each visit and under it one for each form."""
    words = ReportWords(language)
    number, digest = book.ledger
    nothing = Paragraph(words("casebook_nothing"))
    return Document(
        language=language,
        kind=words("casebook_kind"),
        title=f"{book.code}: {book.title}",
        running=Running(
            study=book.study,
            cut=book.code,
            head=words("casebook_head", number=number, hash=digest[:12]),
            demonstration=words.mark(book.demonstration, book.training_of),
            sealed=words("sealed_mark") if book.restricted else None,
        ),
        facts=Facts(book.facts),
        blocks=(
            Paragraph(book.printed, "note"),
            *(tuple(_visit(words, visit) for visit in book.visits) or (nothing,)),
            *(_attached(words, book.attached) if book.attached else ()),
        ),
        made_at=book.made_at,
    )


def _attached(words: ReportWords, attached: tuple[str, ...]) -> tuple[Block, ...]:
    return (Section(words("casebook_attached"), (Bullets(attached),)),)


def _visit(words: ReportWords, visit: FilledVisit) -> Section:
    when: tuple[Block, ...] = (Paragraph(visit.when, "note"),) if visit.when else ()
    forms = tuple(_form(words, visit, form) for form in visit.forms)
    return Section(visit.title, (*when, *map(Paragraph, visit.said), *forms))


def _form(words: ReportWords, visit: FilledVisit, form: FilledForm) -> Section:
    rows: list[Row] = []
    for name, answers in form.sections:
        if len(form.sections) > 1:
            rows.append(Row((name, ""), "group"))
        rows += [Row((question, answer or "–")) for question, answer in answers]
    heads = (Column(words("crf_question"), share=1), Column(words("crf_answer"), share=1))
    said = (*form.said, *(() if form.complete else (words("casebook_incomplete"),)))
    table = Table(f"{form.title} · {visit.title}", heads, tuple(rows))
    return Section(form.title, (table, *((Bullets(said),) if said else ())))
