"""Data cuts and their reports."""

import io
import zipfile
from typing import Literal

from csp.decorators import csp_update
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from trialwright.accounts.policy import Act, may
from trialwright.conduct.actions import cutting
from trialwright.conduct.reads.cuts import cuts, files_of, one_cut, report_of
from trialwright.conduct.refusals import Refused
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.components import Cell, Column, Link, Problem, Row, Table


@in_study
def cuts_page(frame: Frame) -> HttpResponse:
    """All cuts, and the box for a new one."""
    rows = cuts(frame.actor)
    may_cut = may(frame.actor, Act.CUT_DATA)
    problems: list[Problem] = []
    if frame.request.method == "POST":
        name = frame.request.POST.get("name", "").strip()
        try:
            cutting.cut_data(by=frame.actor, name=name)
        except Refused as error:
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
    ]
    sealed = []
    if may(frame.actor, Act.SEE_ARMS):
        sealed = [
            Link(_("Report by arm (PDF)"), f"{here}/report-by-arm.pdf"),
            Link(_("Report by arm (page)"), f"{here}/report-by-arm.html"),
        ]  # fmt: skip
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


@in_study
def report_pdf(frame: Frame, name: str, by_arm: bool = False) -> HttpResponse:
    """The report as PDF."""
    from trialwright.report.typst import render_pdf

    document = report_of(frame.actor, name, language=_language(frame), by_arm=by_arm)
    response = HttpResponse(render_pdf(document), content_type="application/pdf")
    kind = "-by-arm" if by_arm else ""
    response["Content-Disposition"] = f'inline; filename="{frame.actor.study}-{name}{kind}.pdf"'
    return response


@csp_update({"style-src": ["'unsafe-inline'"]})
@in_study
def report_html(frame: Frame, name: str, by_arm: bool = False) -> HttpResponse:
    """The report as a page that stands alone; it brings its own style and no script."""
    from trialwright.report.html import render_html

    document = report_of(frame.actor, name, language=_language(frame), by_arm=by_arm)
    return HttpResponse(render_html(document))


@in_study
def cut_files(frame: Frame, name: str) -> HttpResponse:
    """The open files of a cut in one archive: the same bytes each time."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, its_bytes in files_of(frame.actor, name).items():
            entry = zipfile.ZipInfo(file, (1980, 1, 1, 0, 0, 0))
            archive.writestr(entry, its_bytes, zipfile.ZIP_DEFLATED)
    response = HttpResponse(content.getvalue(), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{frame.actor.study}-{name}.zip"'
    return response
