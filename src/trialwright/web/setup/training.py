"""`setup/training`: the study with invented participants, and who has entered a visit there."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from trialwright.conduct.reads.setup import Phase
from trialwright.conduct.reads.training import Trainee
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.simulation.training import make_training_copy, practice_in
from trialwright.web.components import Cell, Column, Link, Problem, Status, Table
from trialwright.web.setup.frame import SetUpFrame, in_setup


@in_setup
def training_page(frame: SetUpFrame) -> HttpResponse:
    """Make the training copy of the study, or let in who came since; list who has practised."""
    protocol = frame.told.protocol
    closed = frame.told.phase is Phase.CLOSED
    if not (frame.manages or frame.signs) or protocol is None or protocol.training_of or closed:
        raise NotFound
    problems: list[Problem] = []
    if frame.request.method == "POST":
        try:
            make_training_copy(by=frame.actor)
        except ActionRefused as error:
            problems = [Problem(str(each.sentence), "main") for each in error.problems]
        else:
            messages.success(frame.request, _("The training copy is ready."))
            return redirect(f"{frame.href}/training")
    told = practice_in(frame.actor.study)
    table = Table(
        caption=_("Who enters data"),
        columns=[
            Column(_("Name")), Column(_("Roles")), Column(_("Sites")), Column(_("One visit")),
        ],
        rows=[_row(frame, each) for each in told.people],
        empty=_("Nobody who enters data has come in yet."),
        captioned=False,
    )  # fmt: skip
    context = frame.context(
        _("Training copy"),
        crumbs=[],
        copy=Link(told.identifier, f"/studies/{told.identifier}") if told.made else None,
        table=table,
        problems=problems,
    )
    return render(
        frame.request, "web/setup/training.html", context, status=409 if problems else 200
    )


def _row(frame: SetUpFrame, each: Trainee) -> list[Cell]:
    entered = Status(_("Entered"), "good") if each.trained else Status(_("Missing"), "todo")
    return [
        Cell(each.name),
        Cell("; ".join(frame.roles.labels(each.roles, frame.language))),
        Cell(", ".join(filter(None, each.sites)) or _("All sites")),
        Cell(entered),
    ]
