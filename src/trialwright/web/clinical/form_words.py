"""What pages say about a participant's form: where it is, who saved and signed it, its queries."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from trialwright.accounts.policy import Act, may
from trialwright.accounts.reads import names_of
from trialwright.conduct.models import Draft, Entry, Query
from trialwright.conduct.reads.forms import FormPage
from trialwright.conduct.reads.history import last_saving
from trialwright.conduct.reads.participants import visible_queries
from trialwright.protocol.basics import UnknownKeyError
from trialwright.protocol.forms import CodeList, Form, Item
from trialwright.protocol.values import Missing
from trialwright.web import dates
from trialwright.web.clinical.frame import Frame
from trialwright.web.clinical.query_words import question_of, status_of
from trialwright.web.components import Cell, Column, Link, Row, Table, Task
from trialwright.web.forms.presenter import answer_rows, answer_text
from trialwright.web.signature_words import signed_rows

Raw = str | Missing


def label_of(frame: Frame, page: FormPage) -> str:
    """The form's name, with its number where there can be several."""
    return _numbered(frame, page.form, page.repeat)


def entry_label(frame: Frame, entry: Entry | Draft) -> str:
    """The same of what is saved or drafted of a form."""
    return _numbered(frame, frame.protocol.form(entry.form), entry.repeat)


def _numbered(frame: Frame, form: Form, repeat: int) -> str:
    label = form.label.in_language(frame.language)
    return f"{label} {repeat}" if form.repeating else label


def visit_href(frame: Frame, page: FormPage) -> str:
    """The address of the form's visit."""
    return f"{frame.href}/participants/{page.participant.code}/visits/{page.visit.key}"


def form_href(frame: Frame, page: FormPage) -> str:
    """The address of the form."""
    return f"{visit_href(frame, page)}/{page.form.key}/{page.repeat}"


def about_form(frame: Frame, page: FormPage, heading: str, **more: Any) -> dict[str, Any]:
    """The context of a page about a form: the way to it over its visit."""
    visit = page.visit.label.in_language(frame.language)
    crumbs = [Link(visit, visit_href(frame, page)), *more.pop("crumbs", [])]
    return frame.about(page.participant, heading, crumbs=crumbs, visit_name=visit, **more)


def reasons_of(page: FormPage) -> CodeList | None:
    """The protocol's reasons for having no value."""
    try:
        return page.protocol.code_list("missing_reasons")
    except UnknownKeyError:
        return None


def rows_of(
    frame: Frame,
    page: FormPage,
    *,
    change: str = "",
    links: bool = False,
    notes: Mapping[str, str] | None = None,
) -> Any:
    """The saved answers, section by section; with `links` each leads to its history, with `notes`
    each has what is said of it, by item."""
    href = form_href(frame, page)
    asks = may(frame.actor, Act.RAISE_QUERY, site=page.participant.site)

    def leads(item: Item) -> list[Link]:
        found = [Link(_("History"), f"{href}/history/{item.key}")]
        if asks and item.key not in page.form.unmasking_items:
            found.append(Link(_("Ask"), f"{href}/ask/{item.key}"))
        return found

    return answer_rows(
        page.form,
        page.saved,
        reasons=reasons_of(page),
        language=frame.language,
        skipped=frozenset(item.key for item in page.form.items) - page.judged({}).shown,
        change=change,
        notes=notes or {},
        links=leads if links else lambda _item: [],
    )


def queries_of(frame: Frame, page: FormPage) -> list[Task]:
    """What was asked on this form, the open queries first."""
    if page.entry is None:
        return []
    rows: list[Query] = list(visible_queries(frame.actor).filter(entry=page.entry))
    rows.sort(key=lambda row: (row.status == "closed", row.number))
    return [
        Task(
            question_of(frame, row),
            status_of(row),
            f"{frame.href}/queries/{row.number}",
            page.form.item(row.item).label.in_language(frame.language),
        )
        for row in rows
    ]


def signatures_of(frame: Frame, page: FormPage) -> list[Row]:
    """Who saved the form last, and who signed it; what a later change made void says so."""
    if page.entry is None:
        return []
    saved = last_saving(frame.actor, page.entry)
    who = _who(frame, names_of({saved.by}), saved.by, saved.role, saved.happened_at)
    rows = [Row(_("Last saved"), who), *signed_rows(frame, page.signatures)]
    if not page.signatures and page.form.signed_by is not None:
        role = frame.role_name(page.form.signed_by)
        rows.append(Row(_("Signed"), unsaid=_("Not yet; by: {role}").format(role=role)))
    return rows


def _who(frame: Frame, names: dict[str, str], person: str, role: str, at: object) -> str:
    as_what = frame.role_name(role)
    return _("{name}, {role}, {moment}").format(
        name=names.get(person, person), role=as_what, moment=dates.written(at)
    )


def both_versions(frame: Frame, page: FormPage, mine: Mapping[str, Raw]) -> Table | None:
    """Where what was typed and what is saved differ, side by side; None where nowhere."""
    if page.entry is None:
        return None
    saved = last_saving(frame.actor, page.entry)
    who = _who(frame, names_of({saved.by}), saved.by, saved.role, saved.happened_at)
    reasons, language = reasons_of(page), frame.language
    rows = []
    for item in page.form.items:
        yours, theirs = mine.get(item.key, ""), page.saved.get(item.key, "")
        if item.computed or item.key not in mine or yours == theirs:
            continue
        rows.append(
            [
                Cell(item.label.in_language(language)),
                Cell(answer_text(item, theirs, reasons, language), unsaid=_("No answer")),
                Cell(answer_text(item, yours, reasons, language), unsaid=_("No answer")),
            ]
        )
    if not rows:
        return None
    return Table(
        caption=_("Saved meanwhile: {who}").format(who=who),
        columns=[Column(_("Question")), Column(_("Saved")), Column(_("Yours"))],
        rows=rows,
    )
