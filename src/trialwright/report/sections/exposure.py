"""Exposure: how many doses were given at each step, and how much of what was planned."""

from collections.abc import Sequence
from dataclasses import replace

from trialwright.analysis.cut_doses import Dose
from trialwright.analysis.describe import Group
from trialwright.analysis.exposure import Exposure, exposure
from trialwright.analysis.summaries import Numeric
from trialwright.protocol.blinding import is_restricted_step
from trialwright.protocol.steps import Step
from trialwright.report.context import ReportContext, mean_sd
from trialwright.report.document import Row, Section, Table

_COUNTS = ("participants", "full", "part", "none")


def exposure_section(told: ReportContext) -> Section:
    """One table for each step that gives a dose; by arm where arms may be shown."""
    sealed = {dose.place: dose for dose in told.sealed.doses} if told.sealed else {}
    doses = [sealed.get(dose.place, dose) for dose in told.cut.doses]
    steps = [step for step in told.protocol.steps if step.gives_dose]
    return Section(
        told.words("section_exposure"),
        tuple(_table(told, step, [d for d in doses if d.step == step.key]) for step in steps),
    )


def _table(told: ReportContext, step: Step, doses: Sequence[Dose]) -> Table:
    words, groups = told.words, told.groups
    if told.protocol.allocation is None:
        groups = (Group(None, tuple(p.code for p in told.cut.participants)),)
        told = replace(told, groups=groups)
    found = [exposure(d for d in doses if d.participant in group.codes) for group in groups]
    notes = [words("exposure_note")]
    if told.sealed is None and is_restricted_step(told.protocol, step):
        notes.append(words("exposure_sealed_note"))
    rows = [
        Row((words(f"exposure_{head}"), *(str(getattr(each, head)) for each in found)))
        for head in _COUNTS
    ]
    rows.append(_summary(told, "doses", found, words("exposure_doses")))
    if any(each.total for each in found):
        unit = next(each.unit for each in found if each.unit)
        rows.append(_summary(told, "total", found, words("exposure_total", unit=unit)))
    if any(each.intensity for each in found):
        rows.append(_summary(told, "intensity", found, words("exposure_intensity")))
    sizes = tuple(len(group.codes) for group in groups)
    columns = told.group_columns(words("exposure_head"), sizes)
    title = words("table_exposure", step=told.text(step.label))
    empty = words("exposure_no_doses")
    return Table(title, columns, tuple(rows) if doses else (), tuple(notes), empty)


def _summary(told: ReportContext, name: str, found: Sequence[Exposure], label: str) -> Row:
    return Row((label, *(told.fit(_cell(getattr(each, name))) for each in found)))


def _cell(summary: Numeric | None) -> str:
    return "–" if summary is None else mean_sd(summary, 0)
