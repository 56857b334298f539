"""The casebook of a participant, and the case report form of the protocol, as PDF."""

from typing import Literal

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.accounts.models import Site
from trialwright.conduct.diary.standing import DiaryLine, SlotStatus
from trialwright.conduct.models.value_reviews import ReviewAnswer
from trialwright.conduct.reads.casebook import CasebookForm, CasebookVisit, casebook_of
from trialwright.conduct.reads.diaries import DiaryTold
from trialwright.exchange.form_tables import FORM_PREFIX, item_column
from trialwright.ledger import journal
from trialwright.protocol.basics import UnknownKeyError
from trialwright.protocol.forms import CodeList, Item
from trialwright.protocol.values import Missing
from trialwright.report.case_report_form import DataNames, case_report_form
from trialwright.report.casebook import Casebook, FilledForm, FilledVisit, casebook_document
from trialwright.web import dates
from trialwright.web.clinical.attachment_words import attachment_said
from trialwright.web.clinical.cuts import as_pdf
from trialwright.web.clinical.diaries import when
from trialwright.web.clinical.frame import Frame, in_study, state_status
from trialwright.web.clinical.review_words import ANSWER_WORDS
from trialwright.web.forms.presenter import flagged_text
from trialwright.web.signature_words import signed_rows

Language = Literal["en", "zh"]


@in_study
def crf_page(frame: Frame, *, annotated: bool = False) -> HttpResponse:
    """The forms of the protocol, blank or with the names of the data."""
    names = DataNames(lambda form: f"{FORM_PREFIX}{form}.csv", item_column) if annotated else None
    document = case_report_form(frame.protocol, language=_language(frame), names=names)
    name = "annotated-crf" if annotated else "crf"
    return as_pdf(document, f"{frame.actor.study}-{name}")


@in_study
def casebook_page(frame: Frame, code: str) -> HttpResponse:
    """Everything filled in of a participant that this person may see."""
    told = casebook_of(frame.actor, code)
    participant, now = told.participant, timezone.now().replace(microsecond=0)
    site = Site.objects.filter(study=frame.actor.study, code=participant.site).first()
    chinese = frame.language.startswith("zh")
    head = journal.head(frame.actor.study)
    book = Casebook(
        study=frame.actor.study,
        title=frame.protocol.title.in_language(frame.language),
        code=participant.code,
        facts=(
            (_("Participant"), participant.code),
            (_("Site"), (site.name_zh if chinese else site.name_en) if site else participant.site),
            (_("State"), state_status(participant, frame.protocol).word),
            (_("Protocol"), frame.protocol.version),
        ),
        visits=tuple(_visit(frame, visit) for visit in told.visits),
        attached=tuple(attachment_said(line) for line in told.attachments),
        ledger=(head.seq, head.hash.hex()),
        demonstration=frame.demonstration,
        training_of=frame.protocol.training_of,
        restricted=told.restricted,
        printed=_("Printed by {name}, {time}").format(name=frame.actor.name, time=dates.exact(now)),
        made_at=now,
    )
    document = casebook_document(book, language=_language(frame))
    return as_pdf(document, f"{frame.actor.study}-{participant.code}-casebook")


def _language(frame: Frame) -> Language:
    return "zh" if frame.language.startswith("zh") else "en"


def _visit(frame: Frame, told: CasebookVisit) -> FilledVisit:
    came = told.record.actual if told.record else None
    took_place = _("took place on {day}").format(day=dates.written(came)) if came else ""
    entries = {
        (diary.form.key, line.number): line for diary in told.diaries for line in diary.lines
    }
    forms = tuple(
        _form(frame, each, entries.get((each.form.key, each.repeat))) for each in told.forms
    )
    missed = tuple(said for diary in told.diaries if (said := _missed(frame, diary)))
    return FilledVisit(told.visit.label.in_language(frame.language), took_place, forms, missed)


def _missed(frame: Frame, diary: DiaryTold) -> str:
    """Which entries of a diary closed without coming, "" where none did."""
    lines = [when(line) for line in diary.lines if line.status is SlotStatus.MISSED]
    if not lines:
        return ""
    words = ngettext(
        "{diary}: {count} entry was not written: {entries}",
        "{diary}: {count} entries were not written: {entries}",
        len(lines),
    )
    label = diary.form.label.in_language(frame.language)
    return words.format(diary=label, count=len(lines), entries="; ".join(lines))


def _came(line: DiaryLine) -> str:
    """How an entry of a diary came."""
    assert line.written_at and line.received_at  # noqa: S101 - it has come
    words = _("Entry for {due}: written {written}, received {received}")
    if line.status is SlotStatus.SENT_LATE:
        words = _("Entry for {due}: written late, {written}, received {received}")
    written, received = dates.written(line.written_at), dates.written(line.received_at)
    return words.format(due=when(line), written=written, received=received)


def _form(frame: Frame, told: CasebookForm, entry: DiaryLine | None) -> FilledForm:
    label = told.form.label.in_language(frame.language)
    said = [_came(entry)] if entry is not None and entry.received_at else []
    said += [str(row.value) for row in signed_rows(frame, told.signatures)]
    if told.open_queries:
        words = ngettext("{count} open query", "{count} open queries", told.open_queries)
        said.append(words.format(count=told.open_queries))
    said += [attachment_said(line) for line in told.attachments]
    try:
        reasons: CodeList | None = told.protocol.code_list("missing_reasons")
    except UnknownKeyError:
        reasons = None
    sections = tuple(
        (
            section.label.in_language(frame.language),
            tuple(
                (item.label.in_language(frame.language), _answer(frame, told, item, reasons))
                for item in section.items
                if item.key in told.stored or item.show_when is None
            ),
        )
        for section in told.form.sections
    )
    return FilledForm(
        title=f"{label} {told.repeat}" if told.form.repeating else label,
        sections=tuple(each for each in sections if each[1]),
        complete=told.complete,
        said=tuple(said),
    )


def _answer(frame: Frame, told: CasebookForm, item: Item, reasons: CodeList | None) -> str:
    held = told.stored.get(item.key)
    if held is None:
        return ""
    raw = Missing(held["missing"] or "") if held["text"] is None else held["text"]
    text = flagged_text(item, raw, reasons, frame.language)
    if item.key not in told.judged:
        return text
    answer, comment = told.judged[item.key]
    words = ANSWER_WORDS[answer].in_language(frame.language)
    if answer is ReviewAnswer.SIGNIFICANT and comment:
        words = _("{judgement}: {comment}").format(judgement=words, comment=comment)
    return f"{text} · {words}"
