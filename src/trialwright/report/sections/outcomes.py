"""Outcomes: each endpoint with its estimand named, described in the groups that may be shown."""

from collections.abc import Iterable

from trialwright.analysis import cut
from trialwright.analysis.outcomes import Membership, Outcome
from trialwright.analysis.summaries import Description
from trialwright.analysis.values import STOPPING_EVENT
from trialwright.protocol.expression import Expression
from trialwright.protocol.forms import Item
from trialwright.protocol.model import Endpoint, EndpointKind
from trialwright.protocol.terms import Sort
from trialwright.report.document import Block, Column, Facts, Paragraph, Row, Section, Table
from trialwright.report.telling import (
    Telling,
    count_interval,
    decimals_of,
    fixed,
    mean_sd,
    median_quartiles,
)


def populations_section(told: Telling, members: dict[str, Membership]) -> Section:
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


def outcomes_section(told: Telling, found: tuple[Outcome, ...]) -> Section:
    """All endpoints, by their rank."""
    words = told.words
    note = words("masked_note" if told.sealed is None else "arms_note")
    parts: list[Block] = [Paragraph(note)] if found else [Paragraph(words("no_endpoints"))]
    for kind in EndpointKind:
        of_kind = [outcome for outcome in found if outcome.endpoint.kind is kind]
        if of_kind:
            inner = tuple(_outcome(told, outcome) for outcome in of_kind)
            parts.append(Section(words(f"kind_{kind.value}"), inner))
    return Section(words("section_outcomes"), tuple(parts))


def _outcome(told: Telling, outcome: Outcome) -> Section:
    label = told.text(outcome.endpoint.label)
    return Section(label, (_estimand(told, outcome.endpoint), _table(told, outcome)))


def _estimand(told: Telling, endpoint: Endpoint) -> Facts:
    words = told.words
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
        )
    )


def _table(told: Telling, outcome: Outcome) -> Table:
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


def _said_of_events(told: Telling, *expressions: Expression) -> tuple[str, ...]:
    """That stopping events are not recorded, where something shown would need them."""
    needed = any(STOPPING_EVENT in each.references for each in expressions)
    recorded = any(person.at(cut.STOPPING_EVENT) for person in told.cut.participants)
    return (told.words("no_stopping_events"),) if needed and not recorded else ()


def _numeric_rows(told: Telling, groups: Iterable[Description], decimals: int) -> Iterable[Row]:
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


def _plain_item(told: Telling, endpoint: Endpoint) -> Item | None:
    """The item, where the endpoint is nothing but an item's value."""
    references = endpoint.variable.references
    if len(references) != 1 or endpoint.variable.text.strip() != references[0]:
        return None
    place = references[0].split(".")
    return told.protocol.item(place[1], place[2]) if len(place) == 3 else None


def _code_label(told: Telling, item: Item | None, code: str) -> str:
    if code in ("yes", "no"):
        return told.words(code)
    if item is not None and item.code_list is not None:
        labels = {c.code: told.text(c.label) for c in item.code_list}
        return labels.get(code, code)
    return code
