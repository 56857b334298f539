"""Outcomes: each endpoint with its estimand named, described in the groups that may be shown."""

from collections.abc import Iterable

from trialwright.analysis.analyse import EndpointAnalysis
from trialwright.analysis.outcomes import Membership, Outcome
from trialwright.analysis.plan_words import plan_sentence
from trialwright.analysis.summaries import Description
from trialwright.analysis.values import STOPPING_EVENT, asks_stopping
from trialwright.protocol.expression import Expression
from trialwright.protocol.forms import Item
from trialwright.protocol.model import Endpoint, EndpointKind
from trialwright.protocol.terms import Sort
from trialwright.report.context import (
    ProtocolContext,
    ReportContext,
    count_interval,
    decimals_of,
    fixed,
    mean_sd,
    median_quartiles,
)
from trialwright.report.document import Block, Column, Facts, Paragraph, Row, Section, Table
from trialwright.report.sections.comparisons import comparison_blocks
from trialwright.report.sections.survival import survival_blocks
from trialwright.report.sections.visits import visits_blocks


def populations_section(told: ReportContext, members: dict[str, Membership]) -> Section:
    """The analysis populations: who is meant, and how many belong to them at the cut."""
    words = told.words
    rows = []
    for member in members.values():
        counts = [str(sum(code in member.codes for code in g.codes)) for g in told.groups]
        population = member.population
        label, definition = told.text(population.label), told.text(population.definition)
        rows.append(Row((label, definition, *counts)))
    heads = (Column(words("population")), Column(words("definition"), share=1))
    columns = (*heads, *(Column(told.arm(g.arm), "right") for g in told.groups))
    empty = words("no_populations")
    notes = _said_of_events(told, *(member.population.who for member in members.values()))
    table = Table(words("table_populations"), columns, tuple(rows), notes, empty)
    return Section(words("section_populations"), (table,))


def outcomes_section(
    told: ReportContext, found: tuple[Outcome, ...], analyses: dict[str, EndpointAnalysis]
) -> Section:
    """All endpoints by their rank; `analyses` are the comparisons that may be shown, by key."""
    words = told.words
    shown = "masked_note" if told.sealed is None else "compared_note" if analyses else "arms_note"
    note = words(shown)
    parts: list[Block] = [Paragraph(note)] if found else [Paragraph(words("no_endpoints"))]
    if told.sealed is None and any(outcome.endpoint.analysis for outcome in found):
        parts.append(Paragraph(words("comparisons_masked"), "note"))
    for kind in EndpointKind:
        of_kind = [outcome for outcome in found if outcome.endpoint.kind is kind]
        if of_kind:
            inner = tuple(_outcome(told, outcome, analyses) for outcome in of_kind)
            parts.append(Section(words(f"kind_{kind.value}"), inner))
    return Section(words("section_outcomes"), tuple(parts))


def _outcome(
    told: ReportContext, outcome: Outcome, analyses: dict[str, EndpointAnalysis]
) -> Section:
    endpoint = outcome.endpoint
    blocks: list[Block] = [estimand(told, endpoint), _table(told, outcome)]
    blocks += visits_blocks(told, endpoint)
    if endpoint.analysis is not None and endpoint.analysis.event is not None:
        blocks += survival_blocks(told, endpoint, endpoint.analysis.event)
    if endpoint.key in analyses:
        blocks += comparison_blocks(told, analyses[endpoint.key])
    return Section(told.text(endpoint.label), tuple(blocks))


def estimand(told: ProtocolContext, endpoint: Endpoint) -> Facts:
    """The five attributes of the estimand, and the analysis as a sentence."""
    words = told.words
    planned = plan_sentence(told.protocol, endpoint).in_language(told.language)
    populations = {p.key: told.text(p.label) for p in told.protocol.populations}
    events = []
    for event in endpoint.intercurrent_events:
        detail = told.text(event.detail) if event.detail else ""
        strategy = words(f"strategy_{event.strategy.value}")
        key = "event_detail" if detail else "event"
        events.append(words(key, event=told.text(event.label), strategy=strategy, detail=detail))
    return Facts(
        (
            (words("estimand_population"), populations[endpoint.population]),
            (words("estimand_treatments"), told.text(endpoint.treatments)),
            (words("estimand_variable"), told.text(endpoint.definition)),
            (words("estimand_events"), "\n".join(events) or words("none")),
            (words("estimand_summary"), told.text(endpoint.summary)),
            (words("estimand_analysis"), planned),
        )
    )


def _table(told: ReportContext, outcome: Outcome) -> Table:
    words, groups = told.words, outcome.groups
    sort = outcome.endpoint.variable.kind.sort if outcome.endpoint.variable.kind else Sort.TEXT
    item = _plain_item(told, outcome.endpoint)
    rows = [Row((words("n_known"), *(str(g.known) for g in groups)))]
    if sort is Sort.NUMBER:
        rows += _numeric_rows(told, groups, decimals_of(item) if item else 1)
    for code in dict.fromkeys(code for g in groups for code, _ in g.shares):
        cells = (told.fit(count_interval(dict(g.shares)[code], words)) for g in groups)
        rows.append(Row((_code_label(told, item, code), *cells)))
    for reason in sorted({r.reason for g in groups for r in g.missing}):
        counts = [sum(r.count for r in g.missing if r.reason == reason) for g in groups]
        head = words("missing", reason=told.reason(reason))
        rows.append(Row((head, *map(str, counts)), level=1))
    label = told.label(item) if item else told.text(outcome.endpoint.label)
    note = words("mean_note") if sort is Sort.NUMBER else words("ci_note")
    events = _said_of_events(told, outcome.endpoint.variable)
    return Table(
        words("table_outcome", endpoint=label),
        told.group_columns(words("statistic"), tuple(g.n for g in groups)),
        tuple(rows) if any(g.n for g in groups) else (),
        (note, *events),
        words("nobody"),
        narrow=len(groups) == 1,
    )


def _said_of_events(told: ReportContext, *expressions: Expression) -> tuple[str, ...]:
    """That the protocol asks for no stopping events, where something shown would need them."""
    needed = any(STOPPING_EVENT in each.references for each in expressions)
    asked = asks_stopping(told.protocol)
    return (told.words("no_stopping_events"),) if needed and not asked else ()


def _numeric_rows(
    told: ReportContext, groups: Iterable[Description], decimals: int
) -> Iterable[Row]:
    words = told.words
    found = [g.numeric for g in groups]
    means = [told.fit(mean_sd(n, decimals)) if n else "–" for n in found]
    medians = [told.fit(median_quartiles(n, decimals)) if n else "–" for n in found]
    yield Row((words("mean_sd"), *means))
    intervals = [
        f"{fixed(n.low, decimals + 1)}, {fixed(n.high, decimals + 1)}"
        if n and n.low is not None and n.high is not None
        else "–"
        for n in found
    ]
    yield Row((words("mean_ci"), *intervals))
    yield Row((words("median_iqr"), *medians))
    ranges = [
        f"{fixed(n.minimum, decimals)}, {fixed(n.maximum, decimals)}" if n else "–" for n in found
    ]
    yield Row((words("range"), *ranges))


def _plain_item(told: ReportContext, endpoint: Endpoint) -> Item | None:
    """The item, where the endpoint is nothing but an item's value."""
    references = endpoint.variable.references
    if len(references) != 1 or endpoint.variable.text.strip() != references[0]:
        return None
    place = references[0].split(".")
    return told.protocol.item(place[1], place[2]) if len(place) == 3 else None


def _code_label(told: ReportContext, item: Item | None, code: str) -> str:
    if code in ("yes", "no"):
        return told.words(code)
    if item is not None and item.code_list is not None:
        labels = {c.code: told.text(c.label) for c in item.code_list}
        return labels.get(code, code)
    return code
