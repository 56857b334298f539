"""Data cuts and their reports."""

import io
import logging
import zipfile
from collections.abc import Callable, Mapping
from functools import partial, wraps
from typing import Any, Literal

from csp.decorators import csp_update
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from trialwright.accounts.policy import Act, may
from trialwright.analysis.cut import CutError
from trialwright.conduct.actions import cutting
from trialwright.conduct.reads.closed_reports import copies_kept
from trialwright.conduct.reads.cuts import cuts, files_of, listings_of, one_cut, report_of
from trialwright.conduct.refusals import ActionRefused
from trialwright.report.document import Document
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.sent import sent_once
from trialwright.web.components import Cell, Column, Link, Problem, Row, Table

logger = logging.getLogger(__name__)


@in_study
def cuts_page(frame: Frame) -> HttpResponse:
    """All cuts, and the box for a new one."""
    rows = cuts(frame.actor)
    may_cut = may(frame.actor, Act.CUT_DATA)
    problems: list[Problem] = []
    if frame.request.method == "POST":
        name = frame.request.POST.get("name", "").strip()
        try:
            cut = partial(cutting.cut_data, by=frame.actor, name=name)
            sent_once(frame.actor, frame.request.POST, cut)
        except ActionRefused as error:
            problems = [Problem(str(each.sentence), "name") for each in error.problems]
        else:
            return redirect(f"{frame.href}/cuts/{name}")
    table = Table(
        caption=_("Data cuts"),
        columns=[
            Column(_("Name")),
            Column(_("Made")),
            Column(_("Ledger number"), number=True),
            Column(_("Hash of the cut")),
        ],
        rows=[
            [
                Cell(row.name, href=f"{frame.href}/cuts/{row.name}", code=True),
                Cell(row.cut_at),
                Cell(row.open_seq),
                Cell(row.sha256[:12], code=True),
            ]
            for row in rows
        ],
        empty=_("No cut has been made yet. A cut freezes the data as they stand."),
        captioned=False,
    )
    context = frame.context(
        _("Data cuts and reports"),
        crumbs=[],
        table=table,
        may_cut=may_cut,
        problems=problems,
        typed=frame.request.POST.get("name", ""),
    )
    return render(frame.request, "web/cuts.html", context, status=409 if problems else 200)


@in_study
def cut_page(frame: Frame, name: str) -> HttpResponse:
    """One cut: what it is bound to, its reports, its files."""
    row = one_cut(frame.actor, name)
    here = f"{frame.href}/cuts/{name}"
    reports = [
        Link(_("Pooled report (PDF)"), f"{here}/report.pdf"),
        Link(_("Pooled report (page)"), f"{here}/report.html"),
        Link(_("Listings (PDF)"), f"{here}/listings.pdf"),
        Link(_("Tables and listings (CSV files)"), f"{here}/tables.zip"),
    ]
    sealed = []
    if may(frame.actor, Act.SEE_ARMS):
        sealed = [
            Link(_("Report by arm (PDF)"), f"{here}/report-by-arm.pdf"),
            Link(_("Report by arm (page)"), f"{here}/report-by-arm.html"),
            Link(_("Listings with arms (PDF)"), f"{here}/listings-by-arm.pdf"),
            Link(_("Tables and listings by arm (CSV files)"), f"{here}/tables-by-arm.zip"),
        ]  # fmt: skip
    if copies_kept(frame.actor):
        sealed.append(Link(_("Encrypted copies for the board"), f"{here}/copies"))
    context = frame.context(
        _("Data cut {name}").format(name=name),
        crumbs=[Link(_("Data cuts and reports"), f"{frame.href}/cuts")],
        facts_of_cut=[
            Row(_("Made"), row.cut_at),
            Row(_("Ledger number"), row.open_seq),
            Row(_("Ledger head"), row.open_hash, code=True),
            Row(_("Hash of the cut"), row.sha256, code=True),
        ],
        reports=reports,
        sealed=sealed,
        files=Link(_("Data files: CSV, Parquet and dictionary (zip)"), f"{here}/files.zip"),
    )
    return render(frame.request, "web/cut.html", context)


def _language(frame: Frame) -> Literal["en", "zh"]:
    return "zh" if frame.language.startswith("zh") else "en"


def unchanged(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of a cut's files: where they are no longer the cut, a page that says so."""

    @wraps(view)
    def wrapped(frame: Frame, name: str, **parts: Any) -> HttpResponse:
        try:
            return view(frame, name, **parts)
        except CutError as error:
            logger.error("The cut %s of %s: %s", name, frame.actor.study, error)
        context = frame.context(
            _("The files of the cut {name} are not the cut").format(name=name),
            crumbs=[Link(_("Data cuts and reports"), f"{frame.href}/cuts")],
            sentence=_(
                "One of them was changed or is missing since the data were frozen, so nothing of "
                "them is shown. Tell the person who runs this installation: the cut's folder has "
                "to be restored from a backup, and the system's log names it."
            ),
        )
        return render(frame.request, "web/refused.html", context, status=409)

    return wrapped


@in_study
@unchanged
def report_pdf(frame: Frame, name: str, by_arm: bool = False) -> HttpResponse:
    """The report as PDF."""
    document = report_of(frame.actor, name, language=_language(frame), by_arm=by_arm)
    return as_pdf(document, f"{frame.actor.study}-{name}{_kind(by_arm)}")


@csp_update({"style-src": ["'unsafe-inline'"]})
@in_study
@unchanged
def report_html(frame: Frame, name: str, by_arm: bool = False) -> HttpResponse:
    """The report as a page that stands alone; it brings its own style and no script."""
    from trialwright.report.html import render_html

    document = report_of(frame.actor, name, language=_language(frame), by_arm=by_arm)
    back = (_("Data cuts and reports"), f"{frame.href}/cuts/{name}")
    return HttpResponse(render_html(document, back=back))


@in_study
@unchanged
def listings_pdf(frame: Frame, name: str, by_arm: bool = False) -> HttpResponse:
    """The listings as PDF."""
    document = listings_of(frame.actor, name, language=_language(frame), by_arm=by_arm)
    return as_pdf(document, f"{frame.actor.study}-{name}-listings{_kind(by_arm)}")


@in_study
@unchanged
def listings_files(frame: Frame, name: str, by_arm: bool = False) -> HttpResponse:
    """Tables of the report and listings as CSV files in one archive."""
    from trialwright.report.csv_tables import csv_tables

    language = _language(frame)
    held = csv_tables(report_of(frame.actor, name, language=language, by_arm=by_arm))
    held |= csv_tables(listings_of(frame.actor, name, language=language, by_arm=by_arm))
    return _archive(held, f"{frame.actor.study}-{name}-tables{_kind(by_arm)}")


def _kind(by_arm: bool) -> str:
    return "-by-arm" if by_arm else ""


def as_pdf(document: Document, name: str) -> HttpResponse:
    """A document as a PDF that a browser shows."""
    from trialwright.report.typst import render_pdf

    response = HttpResponse(render_pdf(document), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


@in_study
@unchanged
def cut_files(frame: Frame, name: str) -> HttpResponse:
    """The open files of a cut in one archive: the same bytes each time."""
    return _archive(files_of(frame.actor, name), f"{frame.actor.study}-{name}")


def _archive(files: Mapping[str, bytes], name: str) -> HttpResponse:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, its_bytes in files.items():
            entry = zipfile.ZipInfo(file, (1980, 1, 1, 0, 0, 0))
            archive.writestr(entry, its_bytes, zipfile.ZIP_DEFLATED)
    response = HttpResponse(content.getvalue(), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    return response
