"""`setup/list`: what an allocation list that is drawn outside must look like, and its upload."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from trialwright.conduct.actions.uploading_list import upload_list
from trialwright.conduct.reads.external_lists import ListAsked, lists_asked, may_upload
from trialwright.conduct.refusals import ActionRefused
from trialwright.web import dates
from trialwright.web.bodies import takes_file
from trialwright.web.components import Cell, Column, Problem, Row, Table
from trialwright.web.setup.frame import SetUpFrame, in_setup


@dataclass(frozen=True, slots=True)
class ListShown:
    """One list on the page: `facts` of what is asked, an example of its file, what was uploaded;
    problem: the first one of a file that has just been refused."""

    key: str
    heading: str
    facts: list[Row]
    example: str
    uploaded: list[Row]
    table: Table | None
    problem: str


@takes_file
@in_setup
def list_page(frame: SetUpFrame) -> HttpResponse:
    """Show what each list needs, what was uploaded, and take another file."""
    asked = lists_asked(frame.actor, frame.told)
    key = frame.request.POST.get("allocation", "")
    key = key if key in [each.allocation.key for each in asked] else asked[0].allocation.key
    problems: list[Problem] = []
    if frame.request.method == "POST":
        upload = frame.request.FILES.get("file")
        try:
            if upload is None:
                raise ActionRefused(_("Choose the file of the list."))
            upload_list(by=frame.actor, source=upload.read(), allocation=key)
        except ActionRefused as error:
            problems = [Problem(str(each.sentence), f"file-{key}") for each in error.problems]
        else:
            messages.success(frame.request, _("The list is kept, sealed."))
            return redirect(frame.request.path)
    context = frame.context(
        _("Allocation list from outside"),
        crumbs=[],
        lists=[
            _shown(
                frame,
                each,
                alone=len(asked) == 1,
                problems=problems if each.allocation.key == key else [],
            )
            for each in asked
        ],
        may_write=may_upload(frame.actor, frame.told),
        problems=problems,
    )
    status = 409 if problems else 200
    return render(frame.request, "web/setup/external_list.html", context, status=status)


def _shown(
    frame: SetUpFrame, asked: ListAsked, *, alone: bool, problems: list[Problem]
) -> ListShown:
    label = asked.allocation.label
    facts = [
        Row(_("Columns"), ", ".join(asked.columns), code=True),
        Row(_("Keys of the arms"), ", ".join(asked.arms), code=True),
        Row(_("Ratio"), ":".join(map(str, asked.allocation.ratio))),
        Row(_("Places that each list needs"), asked.most),
    ]
    if asked.allocation.factors:
        facts.insert(1, Row(_("Strata"), ", ".join(asked.strata), code=True))
    heading = label.in_language(frame.language) if label else asked.allocation.key
    lines = [",".join(asked.columns)]
    lines += [
        ",".join([*filter(None, asked.strata[0].split("/")), str(number), arm])
        for number, arm in enumerate(reversed(asked.arms), start=1)
    ]
    done = asked.uploaded
    uploaded = []
    if done is not None:
        uploaded = [
            Row(_("Upload"), done.number),
            Row(_("Put there on"), dates.written(done.at)),
            Row(_("By"), done.by),
            Row(_("SHA-256 of the file"), done.sha256, code=True),
        ]
    return ListShown(
        asked.allocation.key,
        "" if alone else heading,
        facts,
        "\n".join(lines),
        uploaded,
        _table(asked),
        problems[0].text if problems else "",
    )


def _table(asked: ListAsked) -> Table | None:
    if asked.uploaded is None:
        return None
    return Table(
        caption=_("Places by arm"),
        columns=[Column(_("List")), *(Column(arm, number=True) for arm in asked.arms)],
        rows=[
            [Cell(name, code=True, unsaid=_("the whole trial")), *map(Cell, counts)]
            for name, counts in asked.uploaded.places
        ],
    )
