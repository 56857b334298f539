"""`setup/archive`: the whole study as one file, which anybody verifies without the program."""

import tempfile
from pathlib import Path

from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from trialwright.conduct.actions.archiving import archive
from trialwright.conduct.reads.closing import archives_of
from trialwright.conduct.reads.setup import Phase
from trialwright.conduct.refusals import NotFound
from trialwright.web import dates
from trialwright.web.components import Cell, Column, Link, Table
from trialwright.web.setup.frame import SetUpFrame, in_setup


@in_setup
def archive_page(frame: SetUpFrame) -> HttpResponseBase:
    """Say what an archive holds and which were written; write one and send it."""
    if frame.told.phase is Phase.SET_UP or not (frame.manages or frame.signs):
        raise NotFound
    if frame.request.method == "POST":
        return _written(frame)
    context = frame.context(
        _("Archive"),
        crumbs=[Link(_("Closing"), f"{frame.href}/closing")],
        closed=frame.told.phase is Phase.CLOSED,
        table=Table(
            caption=_("Archives written so far"),
            columns=[
                Column(_("Written at")), Column(_("Written by")), Column(_("Hash of its manifest")),
            ],
            rows=[
                [Cell(dates.written(each.at)), Cell(each.by), Cell(each.sha256, code=True)]
                for each in archives_of(frame.actor.study)
            ],
            empty=_("No archive was written yet."),
        ),
    )  # fmt: skip
    return render(frame.request, "web/setup/archive.html", context)


def _written(frame: SetUpFrame) -> FileResponse:
    """A new archive, as a file that is gone from the disk once it is sent."""
    with tempfile.TemporaryDirectory(prefix="trialwright-archive-") as folder:
        path = Path(folder) / "archive.zip"
        archive(by=frame.actor, to=path)
        content = path.open("rb")
    name = f"{frame.actor.study}-archive.zip"
    return FileResponse(content, as_attachment=True, filename=name, content_type="application/zip")
