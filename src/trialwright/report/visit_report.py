"""The report of a monitor's visit to a site, with its findings and what became of them."""

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
class FindingLine:
    """One finding, in words of the report's language; "" where nothing was said."""

    number: str
    severity: str
    about: str
    description: str
    action: str
    due: str
    status: str
    answer: str
    reply: str


@dataclass(frozen=True, slots=True)
class VisitForm:
    """What is known of a visit, in words of the report's language.

    Attributes:
        days: those of the visit. monitor: who wrote the report. protocol: its version.
        signed, acknowledged: each signature as its record carries it, "" where it isn't there.
        made_on: the day of this document; made_at the same as a moment.
        ledger: number and hash of the newest row of the open chain.
    """

    study: str
    title: str
    protocol: str
    number: int
    site: str
    kind: str
    days: str
    monitor: str
    summary: str
    findings: tuple[FindingLine, ...]
    signed: str
    acknowledged: str
    made_on: str
    made_at: datetime
    ledger: tuple[int, str]
    demonstration: bool
    training_of: str = ""


def visit_document(form: VisitForm, *, language: Literal["en", "zh"]) -> Document:
    """The report as a document."""
    words = ReportWords(language)
    number, digest = form.ledger
    title = words("visit_title", number=form.number)
    return Document(
        language=language,
        kind=words("visit_kind"),
        title=title,
        running=Running(
            study=form.study,
            cut=title,
            head=words("case_head", number=number, hash=digest[:12]),
            demonstration=words.mark(form.demonstration, form.training_of),
            sealed=None,
        ),
        facts=Facts(
            (
                (words("case_trial"), f"{form.study}: {form.title}"),
                (words("visit_protocol"), form.protocol),
                (words("visit_site"), form.site),
                (words("visit_of"), form.kind),
                (words("visit_days"), form.days),
                (words("visit_monitor"), form.monitor),
                (words("visit_dated"), form.made_on),
            )
        ),
        blocks=(
            Section(words("visit_summary"), _paragraphs(form.summary)),
            Section(words("visit_findings"), _findings(words, form)),
            Section(words("visit_signatures"), (_signatures(words, form),)),
        ),
        made_at=form.made_at,
    )


def _findings(words: ReportWords, form: VisitForm) -> tuple[Block, ...]:
    heads = ("visit_finding", "visit_severity", "visit_about", "visit_due", "visit_status")
    overview = Table(
        words("visit_overview"),
        tuple(Column(words(key), share=1) for key in heads),
        tuple(
            Row((each.number, each.severity, each.about or "–", each.due, each.status))
            for each in form.findings
        ),
        empty=words("visit_none"),
    )
    return (overview, *(_finding(words, each) for each in form.findings))


def _finding(words: ReportWords, finding: FindingLine) -> Section:
    told = [
        (words("visit_found"), finding.description),
        (words("visit_action"), finding.action),
        (words("visit_due"), finding.due),
        (words("visit_answer"), finding.answer or words("visit_not_yet")),
    ]
    if finding.reply:
        told.append((words("visit_reply"), finding.reply))
    title = " · ".join(filter(None, (f"{finding.number} {finding.severity}", finding.about)))
    return Section(title, (Facts(tuple(told)),))


def _signatures(words: ReportWords, form: VisitForm) -> Facts:
    return Facts(
        (
            (words("visit_signed"), form.signed or words("visit_not_yet")),
            (words("visit_acknowledged"), form.acknowledged or words("visit_not_yet")),
        )
    )


def _paragraphs(text: str) -> tuple[Block, ...]:
    return tuple(Paragraph(part.strip()) for part in text.split("\n") if part.strip())
