"""Posted results on a trial's page: flow, baseline, outcomes with analyses, adverse events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from trialwright.registry.record.record import Record
from trialwright.registry.results.contradictions import contradictions
from trialwright.registry.results.events import AdverseEvents, EventGroup, adverse_events
from trialwright.registry.results.flow import ReportedFlow, participant_flow
from trialwright.registry.results.measures import (
    COUNTS,
    Analysis,
    Line,
    OutcomeMeasure,
    ReportedFigure,
    baseline_measures,
    outcome_measures,
)
from trialwright.registry.results.quantities import Quantity
from trialwright.report.figures.forest import Forest, ForestBranch, forest_figure
from trialwright.web.components import Cell, Column, Table
from trialwright.web.registry.events_figure import events_figure
from trialwright.web.registry.words import RECORD_LANGUAGE, language

_MOST_TERMS = 300
_LONGEST_NAME = 34


@dataclass(frozen=True, slots=True)
class ResultsPicture:
    """A drawing and its sentence."""

    sentence: str
    svg: SafeString


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """An outcome with its results: what, how it is told, a picture where one helps, its tables."""

    title: str
    role: str
    told: str
    population: str
    picture: ResultsPicture | None
    table: Table
    analyses: Table | None


@dataclass(frozen=True, slots=True)
class Results:
    """All results of a record as the page shows them."""

    flow: Sequence[Table]
    baseline: Table | None
    outcomes: Sequence[OutcomeView]
    totals: Table | None
    picture: ResultsPicture | None
    terms: Sequence[Table]
    about_events: str
    contradictions: Sequence[str]


def results_of(record: Record) -> Results | None:
    """Return the results of a record; None where this copy has none."""
    if not record.has_posted_results:
        return None
    flow, events = participant_flow(record), adverse_events(record)
    return Results(
        flow=list(_flow(flow)) if flow else [],
        baseline=_baseline(baseline_measures(record)),
        outcomes=[_outcome(measure) for measure in outcome_measures(record) if measure.posted],
        totals=_totals(events) if events else None,
        picture=_events_picture(events) if events else None,
        terms=list(filter(None, (_terms(events, kind) for kind in ("serious", "other"))))
        if events else [],
        about_events=" ".join(filter(None, (events.time_frame, events.description)))
        if events else "",
        contradictions=[
            f"{one.title} – {one.what.in_language(language())}" for one in contradictions(record)
        ],
    )  # fmt: skip


def _flow(flow: ReportedFlow) -> Iterator[Table]:
    names = {"STARTED": _("Started"), "COMPLETED": _("Completed"),
             "NOT COMPLETED": _("Not completed")}  # fmt: skip
    for period in flow.periods:
        rows = [
            [
                Cell(names.get(one.title, one.title), lang="" if one.title in names else "en"),
                *(_number(one.counts.get(group.id)) for group in flow.groups),
            ]
            for one in (*period.milestones, *period.reasons)
        ]
        heads = [Column(group.title, number=True) for group in flow.groups]
        yield Table(period.title or _("Participants"), [Column(_("Milestone")), *heads], rows)


def _baseline(measures: Sequence[OutcomeMeasure]) -> Table | None:
    if not measures:
        return None
    groups = measures[0].groups
    rows = []
    for measure in measures:
        told = " ".join(filter(None, (measure.title, f"({_how(measure)})")))
        rows.append([Cell(told, lang=RECORD_LANGUAGE), *(Cell("") for _group in groups)])
        for line in measure.lines:
            named = _name(line)
            cells = [_figure_cell(measure, line, group.id) for group in groups]
            if not named:
                rows[-1] = [rows[-1][0], *cells]
            else:
                rows.append([Cell(f"\u2003{named}", lang=RECORD_LANGUAGE), *cells])
    heads = [Column(group.title, number=True) for group in groups]
    return Table(_("Baseline"), [Column(_("Characteristic")), *heads], rows)


def _outcome(measure: OutcomeMeasure) -> OutcomeView:
    roles = {"PRIMARY": _("Primary"), "SECONDARY": _("Secondary")}
    rows = [
        [
            Cell(_name(line) or measure.unit or "—", lang=RECORD_LANGUAGE),
            *(_figure_cell(measure, line, group.id) for group in measure.groups),
        ]
        for line in measure.lines
    ]
    analysed = [_number(measure.denominators.get(group.id)) for group in measure.groups]
    rows.insert(0, [Cell(_("Participants analysed")), *analysed])
    heads = [Column(group.title, number=True) for group in measure.groups]
    return OutcomeView(
        title=measure.title,
        role=roles.get(measure.role, _("Other")),
        told="; ".join(filter(None, (_how(measure), measure.time_frame))),
        population=measure.population,
        picture=_measure_picture(measure),
        table=Table(measure.title, [Column(_("What was measured")), *heads], rows, captioned=False),
        analyses=_analyses(measure) if measure.analyses else None,
    )


def _analyses(measure: OutcomeMeasure) -> Table:
    def row(one: Analysis) -> Sequence[Cell]:
        groups = [group.title for id in one.groups if (group := measure.group(id))]
        limits = f"{one.low.text or '…'} – {one.high.text or '…'}"
        has_limits = one.low.text or one.high.text
        return [
            Cell(" / ".join(groups), lang=RECORD_LANGUAGE),
            Cell(one.method or "—", lang=RECORD_LANGUAGE),
            Cell(one.p_value or "—"),
            Cell(one.parameter or "—", lang=RECORD_LANGUAGE),
            Cell(one.estimate.text or "—"),
            Cell(f"{limits} ({one.level}%)" if has_limits and one.level else
                 limits if has_limits else "—"),
        ]  # fmt: skip

    columns = [
        Column(_("Groups")), Column(_("Method")), Column(_("p value"), number=True),
        Column(_("Estimated")), Column(_("Estimate"), number=True),
        Column(_("Interval"), number=True),
    ]  # fmt: skip
    return Table(_("Analyses"), columns, [row(one) for one in measure.analyses])


def _how(measure: OutcomeMeasure) -> str:
    """How a measure is summed up, in the register's words: "mean (standard deviation), mm"."""
    words = measure.summary.replace("_", " ").lower()
    spread = measure.dispersion.replace("_", " ").lower()
    summed = f"{words} ({spread})" if spread and words else words
    return ", ".join(filter(None, (summed, measure.unit)))


def _name(line: Line) -> str:
    return " – ".join(filter(None, (line.class_title, line.category)))


def _figure_cell(measure: OutcomeMeasure, line: Line, group: str) -> Cell:
    figure = next((one for one in line.figures if one.group == group), None)
    if figure is None or figure.value.reading == "missing":
        return Cell("—")
    text = figure.value.text
    if figure.value.reading == "not_estimable":
        reason = f" ({figure.comment})" if figure.comment else ""
        return Cell(_("not estimable") + reason)
    whole = line.denominators.get(group) or measure.denominators.get(group)
    if measure.summary in COUNTS and whole and whole.value and figure.value.value is not None:
        return Cell(f"{text} ({100 * figure.value.value / whole.value:.0f}%)")
    return Cell(f"{text}{_around(figure)}")


def _around(figure: ReportedFigure) -> str:
    if figure.spread.text:
        return f" ({figure.spread.text})"
    if figure.low.text or figure.high.text:
        return f" ({figure.low.text or '…'} – {figure.high.text or '…'})"
    return ""


def _number(quantity: Quantity | None) -> Cell:
    return Cell(quantity.text or "—") if quantity else Cell("—")


def _measure_picture(measure: OutcomeMeasure) -> ResultsPicture | None:
    """The groups of a primary outcome's first line, where they are numbers to compare."""
    if measure.role != "PRIMARY" or not measure.lines:
        return None
    branches = []
    for figure in measure.lines[0].figures:
        group, value = measure.group(figure.group), figure.value.value
        if group is None or value is None:
            continue
        low, high = figure.low.value, figure.high.value
        if (low is None or high is None) and figure.spread.value is not None:
            low, high = value - figure.spread.value, value + figure.spread.value
        name = group.title
        if len(name) > _LONGEST_NAME:
            name = f"{name[: _LONGEST_NAME - 1].rstrip()}…"
        text = f"{figure.value.text}{_around(figure)}"
        whole = value if low is None else low, value if high is None else high
        branches.append(ForestBranch(name, text, value, *whole))
    if len(branches) < 2:
        return None
    words = _("The groups beside each other; lines show {spread}.")
    spread = measure.dispersion.replace("_", " ").lower()
    sentence = words.format(spread=spread) if spread else _("The groups beside each other.")
    figure_ = forest_figure(
        Forest(tuple(branches), measure.unit[:60]), f"{measure.title}: {sentence}"
    )
    # What stands in the drawing was escaped when it was made.
    return ResultsPicture(sentence, mark_safe(figure_.svg))  # noqa: S308


def _totals(events: AdverseEvents) -> Table:
    def share(pair: tuple[Quantity, Quantity]) -> Cell:
        affected, at_risk = pair
        if affected.value is None:
            return Cell("—")
        whole = f" / {at_risk.text}" if at_risk.text else ""
        percent = f" ({100 * affected.value / at_risk.value:.1f}%)" if at_risk.value else ""
        return Cell(f"{affected.text}{whole}{percent}")

    def row(group: EventGroup) -> Sequence[Cell]:
        pairs = (group.deaths, group.serious, group.other)
        return [Cell(group.title, lang=RECORD_LANGUAGE), *map(share, pairs)]

    other = _("Other, above {percent}%").format(percent=events.threshold or "0")
    columns = [Column(_("Group")), Column(_("Deaths"), number=True),
               Column(_("Serious"), number=True), Column(other, number=True)]  # fmt: skip
    return Table(
        _("Participants affected, of those at risk"), columns, list(map(row, events.groups))
    )


def _terms(events: AdverseEvents, seriousness: str) -> Table | None:
    terms = [term for term in events.terms if term.seriousness == seriousness]
    if not terms:
        return None
    rows = []
    for term in terms[:_MOST_TERMS]:
        by_group = {one.group: one for one in term.counts}
        cells = []
        for group in events.groups:
            one = by_group.get(group.id)
            affected = one.affected if one else None
            percent = ""
            if one and affected and affected.value is not None and one.at_risk.value:
                percent = f" ({100 * affected.value / one.at_risk.value:.1f}%)"
            cells.append(Cell(f"{affected.text}{percent}" if affected and affected.text else "—"))
        rows.append([Cell(term.term, lang="en"), Cell(term.organ_system, lang="en"), *cells])
    titles = {"serious": _("Serious adverse events"), "other": _("Other adverse events")}
    note = ""
    if len(terms) > _MOST_TERMS:
        note = _("The first {shown} of {all}; `trialwright registry results` writes all.").format(
            shown=_MOST_TERMS, all=f"{len(terms):,}"
        )
    heads = [Column(group.title, number=True) for group in events.groups]
    columns = [Column(_("Term")), Column(_("Organ system")), *heads]
    return Table(titles[seriousness], columns, rows, note=note)


def _events_picture(events: AdverseEvents) -> ResultsPicture | None:
    drawn = events_figure(events)
    if drawn is None:
        return None
    drawing, sentence = drawn
    return ResultsPicture(sentence, mark_safe(drawing.svg))  # noqa: S308
