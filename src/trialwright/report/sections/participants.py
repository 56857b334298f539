"""Participants: the flow, enrolment against plan, and each site's part in it."""

from collections import Counter
from datetime import date

from trialwright.analysis.cut_participants import ELIGIBLE, RANDOMISED
from trialwright.analysis.flow import Flow, paths
from trialwright.analysis.outcomes import Outcome
from trialwright.protocol.model import EndpointKind
from trialwright.report.context import ReportContext
from trialwright.report.document import Column, Figure, Row, Section, Table
from trialwright.report.figures.enrolment import (
    enrolment_chart,
    enrolment_figure,
    enrolment_sentence,
)
from trialwright.report.figures.flow import Analysed, Labels, flow_figure


def participants_section(told: ReportContext, flow: Flow, found: tuple[Outcome, ...]) -> Section:
    """The section, its flow ending at the first primary outcome."""
    days = [step[:10] for p in told.cut.participants if (step := p.at(RANDOMISED))]
    chart = enrolment_chart(
        told.protocol,
        map(date.fromisoformat, days),
        began=date.fromisoformat(told.cut.began_on),
        until=date.fromisoformat(told.cut.cut_on),
    )
    return Section(
        told.words("section_participants"),
        (
            Figure(
                told.words("figure_enrolment"),
                enrolment_figure(chart, told.words),
                enrolment_sentence(chart, told.words),
            ),
            _sites(told),
            *_epochs(told),
            *_allocations(told),
            *_linked(told),
            *_groups(told),
            *_margins(told, flow),
            _flow(told, flow, found),
        ),
    )


def _flow(told: ReportContext, flow: Flow, found: tuple[Outcome, ...]) -> Figure:
    labels = Labels(
        arms={arm.key: told.text(arm.label) for arm in told.protocol.arms},
        criteria={c.key: told.text(c.text) for c in told.protocol.criteria},
    )
    return Figure(
        told.words("figure_flow"),
        flow_figure(flow, told.words, labels, _analysed(told, found)),
        told.words(
            "flow_sentence",
            screened=flow.screened,
            excluded=sum(e.count for e in flow.excluded),
            randomised=flow.randomised,
            treated=sum(g.treated for g in flow.groups),
        ),
    )


def _analysed(told: ReportContext, found: tuple[Outcome, ...]) -> tuple[Analysed, ...]:
    primary = [o for o in found if o.endpoint.kind is EndpointKind.PRIMARY]
    if not primary:
        return ()
    pairs = zip(told.groups, primary[0].groups, strict=True)
    return tuple(Analysed(g.arm, d.known, told.reasons(d.missing)) for g, d in pairs)


def _epochs(told: ReportContext) -> tuple[Table, ...]:
    """How many began each epoch, ended it and are in it, by arm where arms may be shown."""
    words, epochs = told.words, told.protocol.epochs
    if not epochs:
        return ()
    # Without the sealed part there is one group; who isn't randomised is in none.
    groups = [(told.arm(group.arm), set(group.codes)) for group in told.groups]
    columns = [(words("col_total"), {p.code for p in told.cut.participants})]
    columns += groups if told.sealed is not None else []
    rows = []
    for epoch in epochs:
        spans = [span for span in told.cut.epochs if span.epoch == epoch.key]
        cells = []
        for _, codes in columns:
            here = [span for span in spans if span.participant in codes]
            ended = sum(span.end is not None for span in here)
            cells += [str(len(here)), str(ended)]
        rows.append(Row((told.text(epoch.label), *cells)))
    heads = [
        Column(words(head, group=name), "right")
        for name, _ in columns
        for head in ("col_began", "col_ended")
    ]
    title = Column(words("col_epoch"), share=1)
    return (Table(words("table_epochs"), (title, *heads), tuple(rows)),)


def _allocations(told: ReportContext) -> tuple[Table, ...]:
    """Of how many each later allocation was made; by path where arms may be shown."""
    words, later = told.words, told.protocol.later_allocations
    if not later:
        return ()
    names = [told.text(each.label) if each.label else each.key for each in later]
    title = words("table_allocations")
    if told.sealed is None:
        made = [sum(bool(p.at(each.milestone)) for p in told.cut.participants) for each in later]
        rows = [Row((name, str(count))) for name, count in zip(names, made, strict=True)]
        heads = (Column(words("col_allocation"), share=1), Column(words("col_made"), "right"))
        return (Table(title, heads, tuple(rows)),)
    ways = paths(told.sealed, [e.key for e in later], [arm.key for arm in told.protocol.arms])
    rows = [
        Row((*(told.arm(arm) if arm else "–" for arm in way.arms), str(way.count))) for way in ways
    ]
    columns = [Column(words("col_first_arm"), share=1), *(Column(n, share=1) for n in names)]
    columns.append(Column(words("col_made"), "right"))
    return (Table(title, tuple(columns), tuple(rows), (words("allocations_note"),)),)


def _linked(told: ReportContext) -> tuple[Table, ...]:
    """How many of each linked kind were screened and are in, by arm where arms may be shown."""
    words, kinds = told.words, [kind for kind in told.protocol.kinds if kind.of is not None]
    if not kinds:
        return ()
    people = [p for p in told.cut.participants if p.linked_to]
    groups = [(told.arm(group.arm), set(group.codes)) for group in told.groups]
    columns = groups if told.sealed is not None else []
    rows = []
    for kind in kinds:
        here = [p for p in people if p.kind == kind.key]
        entered = [p for p in here if p.at(ELIGIBLE)]
        units = {p.linked_to for p in entered}
        counts = [len(here), len(entered), len(units)]
        counts += [sum(p.code in codes for p in entered) for _, codes in columns]
        rows.append(Row((told.text(kind.label), *map(str, counts))))
    heads = (words("col_screened"), words("col_in_study"), words("col_linked_to"))
    return (
        Table(
            words("table_linked"),
            (
                Column(words("col_kind"), share=1),
                *(Column(head, "right") for head in (*heads, *(name for name, _ in columns))),
            ),
            tuple(rows),
        ),
    )


def _groups(told: ReportContext) -> tuple[Table, ...]:
    """How many entered each group and were treated, by arm where arms may be shown."""
    words, groups = told.words, told.protocol.groups
    if not groups:
        return ()
    entered = RANDOMISED if told.protocol.allocation else ELIGIBLE
    arms = [(told.arm(each.arm), set(each.codes)) for each in told.groups]
    arms = arms if told.sealed is not None else []
    rows = []
    for group in groups:
        here = [p for p in told.cut.participants if p.group == group.key and p.at(entered)]
        treated = sum(p.treatment is not None and p.treatment.status != "none" for p in here)
        planned = words("no_number") if group.participants is None else str(group.participants)
        counts = [len(here), treated, *(sum(p.code in codes for p in here) for _, codes in arms)]
        rows.append(Row((told.text(group.label), planned, *map(str, counts))))
    heads = (words("col_planned"), words("col_entered_group"), words("col_treated"))
    return (
        Table(
            words("table_groups"),
            (
                Column(words("col_group"), share=1),
                *(Column(head, "right") for head in (*heads, *(name for name, _ in arms))),
            ),
            tuple(rows),
        ),
    )


def _margins(told: ReportContext, flow: Flow) -> tuple[Table, ...]:
    """Of a factorial trial, how many have each level of each factor, where arms may be shown."""
    words, factors = told.words, told.protocol.factors
    if not factors or told.sealed is None:
        return ()
    arms = {group.arm: group for group in flow.groups}
    rows = []
    for factor in factors:
        for level in factor.levels:
            here = [
                arms[arm.key] for arm in told.protocol.arms if arm.levels[factor.key] == level.key
            ]
            counts = (
                sum(group.allocated for group in here),
                sum(group.treated for group in here),
                sum(group.completed + group.followed for group in here),
            )
            names = (told.text(factor.label), told.text(level.label))
            rows.append(Row((*names, *map(str, counts))))
    heads = ("col_randomised", "col_treated", "col_in_follow_up")
    columns = (
        Column(words("col_factor"), share=1),
        Column(words("col_level"), share=1),
        *(Column(words(head), "right") for head in heads),
    )
    return (Table(words("table_factors"), columns, tuple(rows), (words("factors_note"),)),)


def _sites(told: ReportContext) -> Table:
    words, people = told.words, [p for p in told.cut.participants if not p.linked_to]
    screened = Counter(p.site for p in people)
    excluded = Counter(p.site for p in people if p.exclusion)
    randomised = Counter(p.site for p in people if p.at(RANDOMISED))
    treated = Counter(p.site for p in people if p.treatment and p.treatment.status == "full")
    counted = (screened, excluded, randomised, treated)
    rows = [
        Row((site.code, told.site(site), *(str(count[site.code]) for count in counted)))
        for site in told.cut.sites
    ]
    total = Row((words("col_total"), "", *(str(sum(c.values())) for c in counted)), "total")
    heads = ("col_screened", "col_excluded", "col_randomised", "col_treated")
    return Table(
        words("table_sites"),
        (
            Column(words("site")),
            Column("", share=1),
            *(Column(words(head), "right") for head in heads),
        ),
        (*rows, total) if people else (),
        empty=words("no_participants"),
    )
