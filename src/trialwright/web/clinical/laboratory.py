"""The laboratories' reference ranges: which are in force, a list by its lines, and a new one."""

from functools import partial

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.conduct.actions.keeping_ranges import keep_ranges
from trialwright.conduct.laboratory.range_lists import COLUMNS
from trialwright.conduct.reads.laboratory import (
    KeptList,
    Laboratories,
    RangeLine,
    laboratories,
    ranges_of,
)
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.conduct.refusals import Problem as Said
from trialwright.protocol.laboratory import FEMALE, MALE
from trialwright.web import dates
from trialwright.web.bodies import takes_file
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.listing import Kind, Listing, answer, iso
from trialwright.web.clinical.sent import sent_once
from trialwright.web.components import Cell, Column, Link, Problem, Row
from trialwright.web.forms.presenter import unit_text


@in_study
def list_page(frame: Frame, kind: Kind = "") -> HttpResponse:
    """All versions of the laboratories' reference ranges, the newest of each first."""
    told = laboratories(frame.actor)
    heads = [_("Laboratory"), _("Version"), _("Status"), _("Sites"), _("File"), _("Kept on")]
    count = len(told.lists)
    listing = Listing(
        heading=_("Laboratory"),
        caption=ngettext(
            "{count} list of reference ranges", "{count} lists of reference ranges", count
        ).format(count=count),
        columns=[Column(head) for head in [*heads, _("By")]],
        rows=told.lists,
        cells=partial(_cells, frame),
        plain=_plain,
        empty=_(
            "No laboratory has ranges of its own: results go by the limits of the protocol. "
            "Whoever keeps laboratory data enters a laboratory's list here."
        ),
        more={"offered": _offered(frame, told)},
        template="web/laboratory.html",
    )
    return answer(frame, listing, kind)


def _offered(frame: Frame, told: Laboratories) -> list[Link]:
    new = Link(_("Put in a list of reference ranges"), f"{frame.href}/laboratory/new")
    results = Link(_("Laboratory results by file"), f"{frame.href}/laboratory/results")
    return [results, new] if told.keeps else []


def _cells(frame: Frame, kept: KeptList) -> list[Cell]:
    href = f"{frame.href}/laboratory/ranges/{kept.laboratory}/{kept.version}"
    return [
        Cell(kept.laboratory, href=href, code=True),
        Cell(kept.version),
        Cell(_("In force") if kept.newest else _("Replaced")),
        Cell(", ".join(kept.sites) or _("All")),
        Cell(kept.file_name),
        Cell(dates.written(kept.at)),
        Cell(frame.name_and_role(kept.by, kept.role)),
    ]


def _plain(kept: KeptList) -> dict[str, object]:
    return {
        "laboratory": kept.laboratory,
        "version": kept.version,
        "in_force": kept.newest,
        "sites": ",".join(kept.sites),
        "file": kept.file_name,
        "sha256": kept.sha256,
        "kept_at": iso(kept.at),
        "by": kept.by,
    }


@in_study
def ranges_page(frame: Frame, laboratory: str, version: int, kind: Kind = "") -> HttpResponse:
    """One version of a laboratory's list, range by range."""
    kept, lines = ranges_of(frame.actor, laboratory, version)
    heads = [_("Test"), _("Limits"), _("Unit"), _("Sex"), _("Age in years"), _("From"), _("Until")]
    listing = Listing(
        heading=_("Reference ranges of {laboratory}, version {version}").format(
            laboratory=laboratory, version=version
        ),
        caption=ngettext("{count} range", "{count} ranges", len(lines)).format(count=len(lines)),
        columns=[Column(head) for head in heads],
        rows=lines,
        cells=_range_cells,
        plain=_plain_range,
        empty="",
        more={
            "facts": [
                Row(_("Status"), _("In force") if kept.newest else _("Replaced")),
                Row(_("Sites"), ", ".join(kept.sites) or _("All")),
                Row(_("File"), kept.file_name, code=True),
                Row(_("Hash of the file"), kept.sha256, code=True),
                Row(_("Kept on"), f"{dates.written(kept.at)}, "
                                  f"{frame.name_and_role(kept.by, kept.role)}"),
            ],
            "back": Link(_("Laboratory"), f"{frame.href}/laboratory"),
        },
        template="web/laboratory.html",
    )  # fmt: skip
    return answer(frame, listing, kind)


def _range_cells(line: RangeLine) -> list[Cell]:
    return [
        Cell(line.test, code=True),
        Cell(_limits(line)),
        Cell(unit_text(line.unit)),
        Cell({FEMALE: _("Female"), MALE: _("Male")}.get(line.sex, _("Both"))),
        Cell(_ages(line)),
        Cell(dates.written(line.first_day)),
        Cell(dates.written(line.last_day) if line.last_day else "", unsaid=_("without limit")),
    ]


def _limits(line: RangeLine) -> str:
    if line.low and line.high:
        return f"{line.low}–{line.high}"
    return f"≤ {line.high}" if line.high else f"≥ {line.low}"


def _ages(line: RangeLine) -> str:
    if line.age_from is None and line.age_below is None:
        return _("All")
    if line.age_below is None:
        return _("{age} or more").format(age=line.age_from)
    return f"{line.age_from or 0}–{line.age_below - 1}"


def _plain_range(line: RangeLine) -> dict[str, object]:
    return {
        "test": line.test,
        "unit": line.unit,
        "sex": line.sex,
        "age_from": line.age_from,
        "age_below": line.age_below,
        "low": line.low,
        "high": line.high,
        "first_day": iso(line.first_day),
        "last_day": iso(line.last_day),
    }


@takes_file
@in_study
def new_page(frame: Frame) -> HttpResponse:
    """Put in a laboratory's list of reference ranges."""
    told = laboratories(frame.actor)
    if not told.keeps:
        raise NotFound
    problems: list[Problem] = []
    post = frame.request.POST
    if frame.request.method == "POST":
        try:
            then = sent_once(frame.actor, post, partial(_keep, frame))
        except ActionRefused as error:
            problems = [Problem(str(p.sentence), p.field or "file") for p in error.problems]
        else:
            return redirect(then)
    context = frame.context(
        _("Put in a list of reference ranges"),
        crumbs=[Link(_("Laboratory"), f"{frame.href}/laboratory")],
        laboratory=post.get("laboratory", ""),
        sites=[(code, code in post.getlist("sites")) for code in told.sites],
        columns=", ".join(COLUMNS),
        problems=problems,
        wrong={problem.field: problem.text for problem in problems},
        back=Link(_("Cancel"), f"{frame.href}/laboratory"),
    )
    status = 409 if problems else 200
    return render(frame.request, "web/laboratory_new.html", context, status=status)


def _keep(frame: Frame) -> str:
    upload = frame.request.FILES.get("file")
    if not isinstance(upload, UploadedFile):
        raise ActionRefused(problems=(Said("file", _("Choose the file with the ranges.")),))
    laboratory = frame.request.POST.get("laboratory", "").strip()
    version = keep_ranges(
        by=frame.actor,
        laboratory=laboratory,
        sites=frame.request.POST.getlist("sites"),
        source=upload.read(),
        file_name=upload.name or "ranges.csv",
    )
    messages.success(frame.request, _("The ranges are in force; results go by them."))
    return f"{frame.href}/laboratory/ranges/{laboratory}/{version}"
