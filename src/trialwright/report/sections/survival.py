"""An endpoint that is a time: its Kaplan-Meier curves by the groups that may be shown, and what
they say in numbers."""

from math import isfinite, isnan

from trialwright.analysis.event_times import event_time
from trialwright.analysis.outcomes import memberships
from trialwright.analysis.survival import SurvivalCurve, kaplan_meier
from trialwright.protocol.analysis_plan import EventTime
from trialwright.protocol.model import Endpoint
from trialwright.protocol.values import Missing
from trialwright.report.context import ReportContext, percent
from trialwright.report.document import Block, Figure, Row, Table
from trialwright.report.figures.survival import SurvivalChart, SurvivalLine, survival_figure

Times = list[tuple[float, bool]]


def survival_blocks(told: ReportContext, endpoint: Endpoint, event: EventTime) -> tuple[Block, ...]:
    """The table of an endpoint's curves, and their picture where anybody was watched."""
    members = memberships(told.values)[endpoint.population].codes
    people = {p.code: p for p in told.cut.participants}
    names, groups, missing = [], [], []
    for group in told.groups:
        within = [people[code] for code in group.codes if code in members]
        found = [event_time(told.values, endpoint, event, person) for person in within]
        names.append(told.arm(group.arm))
        groups.append([each for each in found if not isinstance(each, Missing)])
        missing.append(len(within) - len(groups[-1]))
    blocks: list[Block] = [_table(told, endpoint, event, groups, missing)]
    lines = tuple(_line(name, times) for name, times in zip(names, groups, strict=True) if times)
    if lines:
        words = told.words
        chart = SurvivalChart(
            lines, words("survival_days"), words("survival_share"), words("survival_at_risk")
        )
        said = "; ".join(
            words(
                "survival_said", group=name, n=len(times), events=sum(e for _, e in times)
            )
            for name, times in zip(names, groups, strict=True)
            if times
        )  # fmt: skip
        caption = words("figure_survival", endpoint=told.text(endpoint.label))
        blocks.append(Figure(caption, survival_figure(chart, said)))
    return tuple(blocks)


def _curve(times: Times) -> SurvivalCurve | None:
    return kaplan_meier([t for t, _ in times], [e for _, e in times]) if times else None


def _line(name: str, times: Times) -> SurvivalLine:
    curve = _curve(times)
    steps = [(0.0, 1.0)]
    if curve is not None:
        steps += list(zip(curve.times.tolist(), curve.survival.tolist(), strict=True))
    everybody = tuple(time for time, _ in times)
    return SurvivalLine(name, tuple(steps), tuple(t for t, e in times if not e), everybody)


def _table(
    told: ReportContext,
    endpoint: Endpoint,
    event: EventTime,
    groups: list[Times],
    missing: list[int],
) -> Table:
    words = told.words
    curves = [_curve(times) for times in groups]
    rows = [
        Row((words("survival_watched"), *(str(len(times)) for times in groups))),
        Row((words("survival_events"), *(str(sum(e for _, e in times)) for times in groups))),
        Row((words("survival_median"), *(_median(told, curve, event) for curve in curves))),
    ]
    if any(missing):
        rows.append(Row((words("survival_unknown"), *map(str, missing)), level=1))
    if event.until is not None:
        until = event.until
        cells = (
            _share(told, curve, times, until) for curve, times in zip(curves, groups, strict=True)
        )
        rows.append(Row((words("survival_at", day=f"{until:g}"), *cells)))
    return Table(
        words("table_survival", endpoint=told.text(endpoint.label)),
        told.group_columns(words("statistic"), tuple(len(times) for times in groups)),
        tuple(rows) if any(groups) else (),
        (words("survival_note"), words(f"survival_median_{event.median}")),
        words("nobody"),
        narrow=len(groups) == 1,
    )


def _median(told: ReportContext, curve: SurvivalCurve | None, event: EventTime) -> str:
    if curve is None:
        return "–"
    parts = (curve.quantile(0.5, event.median), *curve.median_interval)
    one, low, high = (f"{part:.1f}".removesuffix(".0") if isfinite(part) else "–" for part in parts)
    return told.fit(f"{one} ({low}, {high})")


def _share(told: ReportContext, curve: SurvivalCurve | None, times: Times, until: float) -> str:
    """The share without event at the horizon; a dash where nobody was watched so long."""
    if curve is None or until > max(time for time, _ in times):
        return "–"
    place = int((curve.times <= until).sum()) - 1
    if place < 0:
        return told.fit(f"{percent(1.0)}")
    low, high = float(curve.lower[place]), float(curve.upper[place])
    limits = f" ({percent(low)}, {percent(high)})" if not isnan(high) else ""
    return told.fit(f"{percent(float(curve.survival[place]))}{limits}")
