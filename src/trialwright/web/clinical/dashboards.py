"""How a study goes: a few pictures, each with its sentence, its table and the table's files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.accounts.policy import Act, may
from trialwright.analysis.summaries import Numeric, numeric
from trialwright.conduct.reads import dashboards
from trialwright.conduct.reads.study import overview
from trialwright.report.document import Drawing
from trialwright.report.figures.counts import horizontal_bars, vertical_bars
from trialwright.report.figures.enrolment import enrolment_chart
from trialwright.report.figures.heat import heat_figure, percent
from trialwright.report.figures.panels import PanelMeasure, panels_figure
from trialwright.report.figures.visits import GroupValues, visits_figure
from trialwright.web.clinical.filters import Filter, choice
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.listing import Kind, twin
from trialwright.web.components import Cell, Column, Link, Table
from trialwright.web.templatetags.trialwright import address_without


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One picture: its sentence above it, its table under it, and the rows of the table's files.

    `restricted` marks what only unblinded people see; `empty` says why there is no picture.
    """

    name: str
    heading: str
    sentence: str
    table: Table
    rows: Sequence[dict[str, Any]]
    figure: SafeString | str = ""
    note: str = ""
    filters: Sequence[Filter] = ()
    restricted: bool = False
    empty: str = ""


@in_study
def dashboard_page(frame: Frame) -> HttpResponse:
    """All below each other that this person is shown."""
    if not may(frame.actor, Act.SEE_PARTICIPANTS):
        raise Http404
    shown = [make(frame) for name, make in MAKERS.items() if _shown(frame, name)]
    context = frame.context(_("Dashboards"), crumbs=[], dashboards=shown)
    return render(frame.request, "web/dashboards.html", context)


@in_study
def dashboard_file(frame: Frame, name: str, kind: Kind) -> HttpResponse:
    """The table of one as CSV or JSON."""
    if not may(frame.actor, Act.SEE_PARTICIPANTS):
        raise Http404
    if not _shown(frame, name):
        raise Http404
    return twin(frame, MAKERS[name](frame).rows, kind)


def _shown(frame: Frame, name: str) -> bool:
    """Whether this person's dashboards have one of this name."""
    if name != "factors":
        return True
    return bool(frame.protocol.factors) and may(frame.actor, Act.SEE_ARMS)


def _enrolment(frame: Frame) -> Dashboard:
    plan = enrolment_chart(
        frame.protocol, (), began=overview(frame.actor).began, until=timezone.localdate()
    )
    found = dashboards.enrolment(frame.actor, plan.planned)
    count, target = len(found.whole.randomised_on), frame.protocol.participants
    if found.planned is None:
        sentence = _("{count} of {target} randomised.").format(count=count, target=target)
    else:
        sentence = _("{count} of {target} randomised; the plan was {planned} by today.").format(
            count=count, target=target, planned=found.planned
        )
    note = _("The plan is for all sites; the line across a bar is a site's equal part of it.")
    rows = [
        {
            "site": each.site, "screened": each.screened, "randomised": each.randomised,
            "equal_part_of_plan": None if each.share is None else round(each.share, 1),
        }
        for each in found.sites
    ]  # fmt: skip
    bars = [(_site(each.site), each.randomised) for each in found.sites]
    return _dashboard(
        frame, "enrolment", _("Enrolment by site"), sentence, rows,
        [_("Site"), _("Screened"), _("Randomised"), _("Equal part of the plan")],
        horizontal_bars(bars, _told(sentence, bars), [each.share for each in found.sites]),
        note=note if found.planned is not None else "",
    )  # fmt: skip


def _factors(frame: Frame) -> Dashboard:
    found = dashboards.enrolment_by_factor(frame.actor)
    language = frame.language
    rows = [
        {
            "factor": each.factor.label.in_language(language),
            "level": each.level.label.in_language(language), "allocated": each.allocated,
        }
        for each in found
    ]  # fmt: skip
    bars = [
        (f"{row['factor']}: {row['level']}", each.allocated)
        for row, each in zip(rows, found, strict=True)
    ]
    sentence = _("Each participant counts once under each factor.")
    return _dashboard(
        frame, "factors", _("Enrolment by factor"), sentence, rows,
        [_("Factor"), _("Level"), _("Allocated")],
        horizontal_bars(bars, _told(sentence, bars)), words=2, restricted=True,
    )  # fmt: skip


def _completeness(frame: Frame) -> Dashboard:
    found = dashboards.completeness(frame.actor)
    complete = sum(done for done, _all in found.cells.values())
    expected = sum(wanted for _done, wanted in found.cells.values())
    forms = [form.label.in_language(frame.language) for form in found.forms]
    visits = [frame.protocol.visit(v).label.in_language(frame.language) for v in found.visits]
    places = {
        (row, column): found.cells[form.key, visit]
        for row, form in enumerate(found.forms)
        for column, visit in enumerate(found.visits)
        if (form.key, visit) in found.cells
    }
    shares = {at: done / wanted for at, (done, wanted) in places.items()}
    sentence = _(
        "{complete} of {expected} forms are complete that the visits which took place ask for."
    ).format(complete=complete, expected=expected)
    rows = [
        {
            "form": forms[row], "visit": visits[column], "complete": done, "expected": wanted,
            "percent": percent(done / wanted),
        }
        for (row, column), (done, wanted) in sorted(places.items())
    ]  # fmt: skip
    note = _(
        "Each field is a form at a visit: the percentage complete, darker the more is missing."
    )
    return _dashboard(
        frame, "completeness", _("Completeness"), sentence, rows,
        [_("Form"), _("Visit"), _("Complete"), _("Expected"), _("Percent")],
        heat_figure(forms, visits, shares, f"{sentence} {note}") if rows else None,
        words=2, note=note, empty=_("No visit has taken place yet."),
    )  # fmt: skip


def _queries(frame: Frame) -> Dashboard:
    found = dashboards.query_ages(frame.actor)
    names = [
        _("{first} days and more").format(first=first)
        if last is None
        else _("{first} to {last} days").format(first=first, last=last)
        for first, last in dashboards.AGES
    ]
    totals = [sum(each.open[place] for each in found) for place in range(len(names))]
    count, answered = sum(totals), sum(each.answered for each in found)
    sentence = ngettext(
        "{count} query is open, {old} for more than 30 days; {answered} wait for review.",
        "{count} queries are open, {old} for more than 30 days; {answered} wait for review.",
        count,
    ).format(count=count, old=totals[-1] + totals[-2], answered=answered)
    rows = [
        {
            "site": each.site,
            **{
                f"open_{first}_{'more' if last is None else last}_days": each.open[place]
                for place, (first, last) in enumerate(dashboards.AGES)
            },
            "answered": each.answered,
        }
        for each in found
    ]
    bars = list(zip(names, totals, strict=True))
    return _dashboard(
        frame, "queries", _("Open queries by age"), sentence, rows,
        [_("Site"), *names, _("Answered")],
        vertical_bars(bars, _told(sentence, bars)) if count else None,
        empty=sentence if answered else _("No query is open."),
    )  # fmt: skip


def _sites(frame: Frame) -> Dashboard:
    found = dashboards.site_comparison(frame.actor)
    shares = [each.complete / each.expected if each.expected else None for each in found]
    percents = ["–" if share is None else f"{percent(share)} %" for share in shares]
    names = [_site(each.site) for each in found]
    rows = [
        {
            "site": each.site, "screened": each.screened, "randomised": each.randomised,
            "withdrawn_or_lost": each.stopped, "forms_complete": each.complete,
            "forms_expected": each.expected, "open_queries": each.queries,
            "deviations": each.deviations, "visits_overdue": each.overdue,
        }
        for each in found
    ]  # fmt: skip
    measures = [
        PanelMeasure(_("Forms complete"), tuple(shares), tuple(percents), full=1.0),
        *(
            PanelMeasure(name, tuple(map(float, values)), tuple(map(str, values)))
            for name, values in (
                (_("Open queries"), [each.queries for each in found]),
                (_("Deviations"), [each.deviations for each in found]),
                (_("Visits overdue"), [each.overdue for each in found]),
                (_("Withdrawn or lost"), [each.stopped for each in found]),
            )
        ),
    ]
    sentence = ngettext("{count} site.", "{count} sites beside each other.", len(found)).format(
        count=len(found)
    )
    return _dashboard(
        frame, "sites", _("Sites compared"), sentence, rows,
        [_("Site"), _("Screened"), _("Randomised"), _("Withdrawn or lost"), _("Forms complete"),
         _("Forms expected"), _("Open queries"), _("Deviations"), _("Visits overdue")],
        panels_figure(names, measures, sentence) if found else None,
    )  # fmt: skip


def _course(frame: Frame) -> Dashboard:
    """One number over the visits: pooled, or by arm where the person sees all arms and asks."""
    language = frame.language
    options = [
        (f"{form.key}.{item.key}",
         f"{form.label.in_language(language)}: {item.label.in_language(language)}")
        for form, item in dashboards.measured(frame.protocol)
    ]  # fmt: skip
    asked = choice(frame, "item", _("Item"), options)
    asked = Filter("item", _("Item"), asked.value or (options[0][0] if options else ""), options)
    filters = [asked] if options else []
    by_arm = False
    if may(frame.actor, Act.SEE_ARMS):
        groups = choice(frame, "groups", _("Groups"), [("arm", _("By arm"))])
        filters.append(groups)
        by_arm = groups.value == "arm"
    heading, columns = _("An item over the visits"), _course_columns()
    if not options:
        empty = _("The protocol has no number that is asked at several visits.")
        return _dashboard(frame, "item", heading, "", [], columns, None, empty=empty)
    form_key, item_key = asked.value.split(".")
    found = dashboards.course(frame.actor, form_key, item_key, by_arm=by_arm)
    label = found.item.label.in_language(language)
    named = f"{label} ({found.item.unit})" if found.item.unit else label
    visits = [frame.protocol.visit(v).label.in_language(language) for v in found.visits]
    arms = {arm.key: arm.label.in_language(language) for arm in frame.protocol.arms}
    groups_drawn = [
        GroupValues(arms.get(key, _("All participants")), values) for key, values in found.groups
    ]
    rows = [
        {"group": group.name, "visit": visit, **_summary(numeric(group.at(place)))}
        for group in groups_drawn
        for place, visit in enumerate(visits)
    ]
    known = sum(row["n"] for row in rows)
    sentence = ngettext(
        "{item}: {count} value at {visits} visits.",
        "{item}: {count} values at {visits} visits.",
        known,
    ).format(item=named, count=known, visits=len(visits))
    if found.beyond:
        sentence += " " + ngettext(
            "{count} value known only to lie beyond a limit is left out.",
            "{count} values known only to lie beyond a limit are left out.",
            found.beyond,
        ).format(count=found.beyond)
    note = _(
        "A box reaches from the lower to the upper quartile with the median in it; whiskers end "
        "within one and a half of its height; dots lie beyond."
    )
    return _dashboard(
        frame, "item", heading, sentence, rows, columns,
        visits_figure(groups_drawn, visits, named, sentence) if known else None,
        words=2, note=note, filters=filters, restricted=by_arm,
        empty=_("No value has been entered yet."),
    )  # fmt: skip


MAKERS: Mapping[str, Callable[[Frame], Dashboard]] = {
    "enrolment": _enrolment,
    "factors": _factors,
    "completeness": _completeness,
    "queries": _queries,
    "item": _course,
    "sites": _sites,
}


def _course_columns() -> list[str]:
    return [
        _("Group"), _("Visit"), _("Participants"), _("Mean"), _("SD"), _("Lower quartile"),
        _("Median"), _("Upper quartile"), _("Minimum"), _("Maximum"),
    ]  # fmt: skip


def _summary(told: Numeric | None) -> dict[str, Any]:
    names = ("mean", "sd", "q1", "median", "q3", "minimum", "maximum")
    if told is None:
        return {"n": 0, **dict.fromkeys(names)}
    values = {name: getattr(told, name) for name in names}
    return {"n": told.n, **{k: None if v is None else round(v, 4) for k, v in values.items()}}


def _site(code: str) -> str:
    return _("Site {code}").format(code=code)


def _told(sentence: str, bars: Sequence[tuple[str, int]]) -> str:
    """The text alternative of bars: the sentence, and each bar."""
    return f"{sentence} " + "; ".join(f"{name}: {count}" for name, count in bars)


def _dashboard(
    frame: Frame,
    name: str,
    heading: str,
    sentence: str,
    rows: Sequence[dict[str, Any]],
    heads: Sequence[str],
    figure: Drawing | None,
    *,
    words: int = 1,
    **more: Any,
) -> Dashboard:
    """One dashboard, its table made of the very rows of its files."""
    query = address_without(frame.request, "language").rstrip("&?")
    place = f"{frame.href}/dashboard/{name}"
    table = Table(
        caption=heading,
        columns=[Column(head, number=at >= words) for at, head in enumerate(heads)],
        rows=[[Cell(value, unsaid="–") for value in row.values()] for row in rows],
        empty=more.get("empty", ""),
        twins=[Link(kind.upper(), f"{place}.{kind}{query}") for kind in ("csv", "json")],
        captioned=False,
    )
    svg = mark_safe(figure.svg) if figure else ""  # noqa: S308  # drawn and escaped by `figures`
    return Dashboard(name, heading, sentence, table, rows, svg, **more)
