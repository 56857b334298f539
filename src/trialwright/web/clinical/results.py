"""Laboratory results by file: the mappings, the files, and one file beside what is stored."""

from functools import partial

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.conduct.actions import importing
from trialwright.conduct.reads.results import (
    FileLine,
    Found,
    MappingLine,
    Preview,
    ResultFound,
    mappings,
    preview,
    result_files,
)
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.conduct.refusals import Problem as Said
from trialwright.messages import Message
from trialwright.protocol.basics import UnknownKeyError
from trialwright.protocol.forms import ItemType
from trialwright.web import dates
from trialwright.web.bodies import takes_file
from trialwright.web.clinical import steps
from trialwright.web.clinical.filters import choice
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.listing import Kind, Listing, answer, iso
from trialwright.web.clinical.sent import sent_once
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Cell, Column, Link, Problem, Row

# A page answers within the time that a browser waits; what is left is asked for again.
_SECONDS = 8.0
_LONGEST_MAPPING = 20_000

FOUND_WORDS: dict[Found, Message] = {
    Found.NEW: Message("New"),
    Found.EQUAL: Message("Equal"),
    Found.DIFFERENT: Message("Different"),
    Found.REFUSED: Message.in_context("result", "Refused"),
}


@in_study
def mappings_page(frame: Frame, kind: Kind = "") -> HttpResponse:
    """All versions of the mappings of laboratory files, the newest of each first."""
    rows = mappings(frame.actor)
    heads = [_("Mapping"), _("Version"), _("Status"), _("Kept on"), _("By"), _("What it says")]
    listing = Listing(
        heading=_("Mappings of laboratory files"),
        caption=ngettext("{count} mapping", "{count} mappings", len(rows)).format(count=len(rows)),
        columns=[Column(head) for head in heads],
        rows=rows,
        cells=partial(_mapping_cells, frame),
        plain=_plain_mapping,
        empty=_("No mapping is kept yet. It says which column of a file goes into which item."),
        more={"offered": [Link(_("Write a mapping"), f"{_here(frame)}/mappings/new")]},
        template="web/laboratory.html",
    )
    return answer(frame, listing, kind)


def _here(frame: Frame) -> str:
    return f"{frame.href}/laboratory"


def _mapping_cells(frame: Frame, line: MappingLine) -> list[Cell]:
    again = f"{_here(frame)}/mappings/new?name={line.name}" if line.newest else ""
    return [
        Cell(line.name, href=again, code=True),
        Cell(line.version),
        Cell(_("In force") if line.newest else _("Replaced")),
        Cell(dates.written(line.at)),
        Cell(frame.name_and_role(line.by, line.role)),
        Cell("; ".join(each.strip() for each in line.text.splitlines() if each.strip())),
    ]


def _plain_mapping(line: MappingLine) -> dict[str, object]:
    return {
        "mapping": line.name,
        "version": line.version,
        "in_force": line.newest,
        "text": line.text,
        "kept_at": iso(line.at),
        "by": line.by,
    }


@in_study
def new_mapping_page(frame: Frame) -> HttpResponse:
    """Write a mapping, or another version of one."""
    known = {line.name: line.text for line in mappings(frame.actor) if line.newest}
    name = frame.request.GET.get("name", "")
    step = steps.Step(
        heading=_("Write a mapping"),
        button=_("Keep the mapping"),
        form=steps.form_of(
            question("name", Message.in_context("mapping", "Name"), ItemType.TEXT,
                     Message("Such as CENTRAL; a name that is there already gets a new version."),
                     longest=20),
            question("text", Message("What the file's columns are, a line for each"), ItemType.TEXT,
                     Message(
                         "participant = Subject, visit = Visit or sampled = Collected; then test = "
                         "Test, value = Result, unit = Unit and test HGB = blood_count.haemoglobin "
                         "for each test, or column HGB = blood_count.haemoglobin for each column. "
                         "visit Baseline = screening names a visit."),
                     longest=_LONGEST_MAPPING),
        ),
        act=partial(_keep_mapping, frame),
        done=_("The mapping is kept. Files are read by it from now on."),
        then=f"{_here(frame)}/mappings",
        start={"name": name, "text": known[name]} if name in known else None,
    )  # fmt: skip
    crumbs = [Link(_("Laboratory"), _here(frame)), Link(_("Mappings"), step.then)]
    return steps.run(frame, step, frame.context(step.heading, crumbs=crumbs))


def _keep_mapping(frame: Frame, given: Given) -> None:
    importing.keep_mapping(by=frame.actor, name=str(given["name"]).strip(), text=str(given["text"]))


@in_study
def files_page(frame: Frame, kind: Kind = "") -> HttpResponse:
    """The files of laboratory results that came, the newest first."""
    rows = result_files(frame.actor)
    heads = [_("Number"), _("File"), _("Read by"), _("Results"), _("Entered"), _("Taken on")]
    listing = Listing(
        heading=_("Laboratory results by file"),
        caption=ngettext("{count} file", "{count} files", len(rows)).format(count=len(rows)),
        columns=[Column(head) for head in [*heads, _("By")]],
        rows=rows,
        cells=partial(_file_cells, frame),
        plain=_plain_file,
        empty=_("No file has come yet. It is looked at first, and entered when you say so."),
        more={
            "offered": [
                Link(_("Send a file"), f"{_here(frame)}/results/new"),
                Link(_("Mappings of laboratory files"), f"{_here(frame)}/mappings"),
            ]
        },
        template="web/laboratory.html",
    )
    return answer(frame, listing, kind)


def _file_cells(frame: Frame, line: FileLine) -> list[Cell]:
    return [
        Cell(line.number, href=f"{_here(frame)}/results/{line.number}"),
        Cell(line.file_name),
        Cell(_("{name}, version {version}").format(name=line.mapping, version=line.version)),
        Cell(line.results),
        Cell(line.entered),
        Cell(dates.written(line.at)),
        Cell(frame.name_and_role(line.by, line.role)),
    ]


def _plain_file(line: FileLine) -> dict[str, object]:
    return {
        "number": line.number,
        "file": line.file_name,
        "sha256": line.sha256,
        "mapping": line.mapping,
        "version": line.version,
        "results": line.results,
        "entered": line.entered,
        "taken_at": iso(line.at),
        "by": line.by,
    }


@takes_file
@in_study
def new_file_page(frame: Frame) -> HttpResponse:
    """Take a file of laboratory results, to be looked at before anything is entered."""
    names = [line.name for line in mappings(frame.actor) if line.newest]
    problems: list[Problem] = []
    post = frame.request.POST
    if frame.request.method == "POST":
        try:
            then = sent_once(frame.actor, post, partial(_take, frame))
        except ActionRefused as error:
            problems = [Problem(str(p.sentence), p.field or "file") for p in error.problems]
        else:
            return redirect(then)
    context = frame.context(
        _("Send a file of results"),
        crumbs=[Link(_("Laboratory"), _here(frame)),
                Link(_("Results by file"), f"{_here(frame)}/results")],
        names=[(name, name == post.get("mapping")) for name in names],
        mappings=Link(_("Mappings of laboratory files"), f"{_here(frame)}/mappings"),
        problems=problems,
        wrong={problem.field: problem.text for problem in problems},
        back=Link(_("Cancel"), f"{_here(frame)}/results"),
    )  # fmt: skip
    status = 409 if problems else 200
    return render(frame.request, "web/results_new.html", context, status=status)


def _take(frame: Frame) -> str:
    upload = frame.request.FILES.get("file")
    if not isinstance(upload, UploadedFile):
        raise ActionRefused(problems=(Said("file", _("Choose the file with the results.")),))
    number = importing.upload_results(
        by=frame.actor,
        mapping=frame.request.POST.get("mapping", ""),
        source=upload.read(),
        file_name=upload.name or "results.csv",
    )
    return f"{_here(frame)}/results/{number}"


@in_study
def file_page(frame: Frame, number: int, kind: Kind = "") -> HttpResponse:
    """One file beside what is stored: what is new, equal, different, refused; enter what is new."""
    problems: list[Problem] = []
    refused: list[ResultFound] = []
    if frame.request.method == "POST":
        if kind:
            raise NotFound
        done = importing.enter_results(
            by=frame.actor,
            number=number,
            replace=frame.request.POST.get("replace", "").replace("\0", "").strip()[:500],
            within_seconds=_SECONDS,
        )
        refused = list(done.refused)
        if not refused:
            messages.success(frame.request, _said(done))
            return redirect(frame.request.path)
        problems = [Problem(f"{_where(frame, each)}: {each.why}", "main") for each in refused[:20]]
    found = preview(frame.actor, number)
    counts = found.counts
    kinds = choice(
        frame, "found", _("Beside what is stored"),
        [(key.value, f"{words.in_language(frame.language)} ({counts[key]})")
         for key, words in FOUND_WORDS.items()],
    )  # fmt: skip
    rows = [each for each in found.results if kinds.value in ("", each.found.value)]
    heads = [_("Row"), _("Participant"), _("Visit and form"), _("Test"), _("In the file"),
             _("Stored"), _("Found"), _("Why")]  # fmt: skip
    listing = Listing(
        heading=_("File {number} of laboratory results").format(number=number),
        caption=ngettext("{count} result", "{count} results", len(rows)).format(count=len(rows)),
        columns=[Column(head) for head in heads],
        rows=rows,
        cells=partial(_cells, frame),
        plain=_plain,
        empty=_("No result of this kind."),
        more={
            "filters": [kinds],
            "facts": _facts(frame, found),
            "new": counts[Found.NEW],
            "different": counts[Found.DIFFERENT],
            "problems": problems,
            "reason": frame.request.POST.get("replace", ""),
        },
        template="web/results_file.html",
    )
    response = answer(frame, listing, kind)
    response.status_code = 409 if problems else 200
    return response


def _said(done: importing.Entered) -> str:
    words = ngettext(
        "{count} result is entered.", "{count} results are entered.", done.values
    ).format(count=done.values)
    if not done.left:
        return words
    left = ngettext(
        "{count} form is left: press the button again.",
        "{count} forms are left: press the button again.",
        done.left,
    )
    return f"{words} {left.format(count=done.left)}"


def _facts(frame: Frame, found: Preview) -> list[Row]:
    file, counts = found.file, found.counts
    read = _("{name}, version {version}").format(name=file.mapping, version=file.version)
    told = ", ".join(
        f"{words.in_language(frame.language)} {counts[key]}" for key, words in FOUND_WORDS.items()
    )
    return [
        Row(_("File"), file.file_name, code=True),
        Row(_("Hash of the file"), file.sha256, code=True),
        Row(_("Read by"), read),
        Row(_("Taken on"), f"{dates.written(file.at)}, {frame.name_and_role(file.by, file.role)}"),
        Row(_("Beside what is stored"), told),
        Row(_("Entered from it"), str(file.entered)),
    ]


def _cells(frame: Frame, each: ResultFound) -> list[Cell]:
    line = each.line
    href = ""
    if each.form:
        person = f"{frame.href}/participants/{line.participant}"
        href = f"{person}/visits/{each.visit}/{each.form}/1/answers"
    value = f"{line.value} {line.unit}".strip()
    return [
        Cell(line.row),
        Cell(line.participant, code=True, unsaid="–"),
        Cell(_place(frame, each), href=href if each.held else ""),
        Cell(line.test),
        Cell(value),
        Cell(each.held, unsaid="–"),
        Cell(FOUND_WORDS[each.found].in_language(frame.language)),
        Cell(each.why, unsaid="–"),
    ]


def _place(frame: Frame, each: ResultFound) -> str:
    if not each.form:
        return each.line.visit or each.line.sampled
    try:
        visit = frame.protocol.visit(each.visit).label.in_language(frame.language)
        form = frame.protocol.form(each.form).label.in_language(frame.language)
    except UnknownKeyError:
        return f"{each.visit} · {each.form}"
    return f"{visit} · {form}"


def _where(frame: Frame, each: ResultFound) -> str:
    return _("Row {row}, {code}, {test}").format(
        row=each.line.row, code=each.line.participant, test=each.line.test
    )


def _plain(each: ResultFound) -> dict[str, object]:
    return {
        "row": each.line.row,
        "participant": each.line.participant,
        "visit": each.visit,
        "form": each.form,
        "item": each.item,
        "test": each.line.test,
        "value": each.line.value,
        "unit": each.line.unit,
        "stored": each.held,
        "found": each.found.value,
        "why": each.why,
    }
