"""`setup/simulation`: what simulations of the file that waits came to, and how to make one."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from trialwright.conduct.reads.simulations import SimulationTold, simulations_of
from trialwright.conduct.refusals import NotFound
from trialwright.web import dates
from trialwright.web.components import Cell, Column, Status, Table
from trialwright.web.setup.frame import SetUpFrame, in_setup


@in_setup
def simulation_page(frame: SetUpFrame) -> HttpResponse:
    """List the simulations of exactly the bytes that wait to be signed."""
    waiting = frame.told.waiting
    if waiting is None or not (frame.manages or frame.signs):
        raise NotFound
    told = simulations_of(frame.actor.study, waiting.sha256)
    table = Table(
        caption=_("Simulations of this file"),
        columns=[
            Column(_("Made")), Column(_("By")), Column(_("Release")),
            Column(_("Seed"), number=True), Column(_("Entered")),
            Column(_("Never reached"), number=True), Column(_("Result")),
            Column(_("Hash of the data cut")),
        ],
        rows=[_row(each) for each in told],
        empty=_("This file hasn't been simulated yet. The command above does it."),
        captioned=False,
    )  # fmt: skip
    context = frame.context(
        _("Simulation"),
        crumbs=[],
        table=table,
        command=f"trialwright study simulate {frame.actor.study} --by {frame.person.username}",
        failures=sorted({each for one in told[:3] for each in one.failures}),
    )
    return render(frame.request, "web/setup/simulation.html", context)


def _row(told: SimulationTold) -> list[Cell]:
    passed = Status(_("Passed"), "good") if told.passed else Status(_("Not passed"), "stop")
    entered = _("{entered} of {asked}").format(entered=told.enrolled, asked=told.participants)
    return [
        Cell(dates.written(told.at)),
        Cell(told.by),
        Cell(told.program),
        Cell(told.seed),
        Cell(entered),
        Cell(told.never),
        Cell(passed),
        Cell(told.cut_sha256[:16], code=True),
    ]
