"""The tables, figures and listings that a protocol plans: each with its number and its shell.

Numbers follow ICH E3: 14.1 participants, 14.2 efficacy, 14.3 safety, 16.2 listings.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from trialwright.analysis.plan_words import MEASURES
from trialwright.protocol.analysis_plan import WITHOUT_P, AnalysisPlan, Multiplicity, sort_of
from trialwright.protocol.baseline import baseline_items
from trialwright.protocol.factorial import TreatmentFactor
from trialwright.protocol.groups import escalations
from trialwright.protocol.model import Endpoint, EndpointKind
from trialwright.protocol.terms import Sort
from trialwright.report.context import ProtocolContext
from trialwright.report.document import Block, Column, Paragraph, Row, Section, Table

Kind = Literal["table", "figure", "listing"]
NUMBER, SHARE, MEAN, RANGE = "xx", "xx (xx.x%)", "xx.x (xx.xx)", "xx.x, xx.x"


@dataclass(frozen=True, slots=True)
class Output:
    """One planned output; a figure has no shell."""

    number: str
    kind: Kind
    title: str
    population: str
    shell: Table | None = None


def shells_section(told: ProtocolContext) -> Section:
    """The list of outputs, and each shell under it."""
    words = told.words
    found = outputs(told)
    heads = (
        Column(words("shell_number")),
        Column(words("shell_kind")),
        Column(words("shell_output"), share=2),
        Column(words("shell_population"), share=1),
    )
    rows = tuple(
        Row((each.number, words(f"shell_{each.kind}"), each.title, each.population))
        for each in found
    )
    blocks: list[Block] = [
        Paragraph(words("plan_outputs")), Table(words("shell_list"), heads, rows),
    ]  # fmt: skip
    blocks += [each.shell for each in found if each.shell is not None]
    return Section(words("plan_section_outputs"), tuple(blocks))


def outputs(told: ProtocolContext) -> tuple[Output, ...]:
    """Every output of the protocol in the order of its number."""
    found = [*_participants(told), *_of_endpoints(told, safety=False)]
    found += [*_of_endpoints(told, safety=True), *_listings(told)]
    return tuple(_numbered(told, each) for each in found)


def _numbered(told: ProtocolContext, each: Output) -> Output:
    if each.shell is None:
        return each
    caption = told.words("shell_title", number=each.number, title=each.title)
    return replace(each, shell=replace(each.shell, caption=caption))


def _arm_columns(told: ProtocolContext, head: str) -> tuple[Column, ...]:
    columns = (
        Column(told.words("shell_arm_head", arm=told.arm(arm.key)), "right", 1.0)
        for arm in told.protocol.arms
    )
    return (Column(head, share=1.8), *columns)


def _by_arm(told: ProtocolContext, head: str, rows: list[tuple[str, str]]) -> Table:
    """A shell with a column for each arm and one placeholder a row; "" heads a group."""
    many = len(told.protocol.arms)
    filled = tuple(
        Row((name, *([mark] * many))) if mark else Row((name, *([""] * many)), kind="group")
        for name, mark in rows
    )
    return Table("", _arm_columns(told, head), filled)


def _participants(told: ProtocolContext) -> Iterator[Output]:
    words, everyone = told.words, told.words("shell_everyone")
    states = ("randomised", "treated", "completed", "withdrawn", "lost", "died")
    disposition = [(words(f"shell_{state}"), SHARE) for state in states]
    statistic = words("shell_statistic")
    yield Output(
        "14.1.1", "table", words("shell_disposition"), everyone,
        _by_arm(told, statistic, [(words("shell_screened"), NUMBER), *disposition]),
    )  # fmt: skip
    members = [(told.text(each.label), NUMBER) for each in told.protocol.populations]
    yield Output(
        "14.1.2", "table", words("shell_populations"), everyone, _by_arm(told, statistic, members)
    )
    yield Output(
        "14.1.3", "table", words("shell_baseline"), everyone,
        _by_arm(told, words("baseline_item"), _baseline(told)),
    )  # fmt: skip


def _baseline(told: ProtocolContext) -> list[tuple[str, str]]:
    """The rows of the baseline table, under the forms that the items stand on."""
    rows: list[tuple[str, str]] = []
    form = ""
    for on, item in baseline_items(told.protocol):
        if on.key != form:
            form = on.key
            rows.append((told.text(on.label), ""))
        if item.code_list is not None:
            rows += [(f"{told.label(item)}: {told.text(c.label)}", SHARE) for c in item.code_list]
        elif item.type.value == "yes_no":
            rows.append((told.label(item), SHARE))
        else:
            rows.append((told.label(item), MEAN))
    return rows


def _of_endpoints(told: ProtocolContext, *, safety: bool) -> Iterator[Output]:
    chosen = [
        each
        for kind in EndpointKind
        for each in told.protocol.endpoints
        if each.kind is kind and (kind is EndpointKind.SAFETY) == safety
    ]
    chapter = "14.3" if safety else "14.2"
    for place, endpoint in enumerate(chosen, start=1):
        yield from _of_endpoint(told, endpoint, f"{chapter}.{place}")
    graph = told.protocol.multiplicity
    if graph is not None and not safety:
        number = f"{chapter}.{len(chosen) + 1}.1"
        yield Output(number, "table", told.words("shell_multiplicity"), "")


def _of_endpoint(told: ProtocolContext, endpoint: Endpoint, number: str) -> Iterator[Output]:
    words, label = told.words, told.text(endpoint.label)
    population = next(
        told.text(p.label) for p in told.protocol.populations if p.key == endpoint.population
    )
    described = _by_arm(told, words("shell_statistic"), _statistics(told, endpoint))
    title = words("shell_described", endpoint=label)
    yield Output(f"{number}.1", "table", title, population, described)
    plan = endpoint.analysis
    if plan is None:
        return
    compared = words("shell_compared", endpoint=label)
    shell = _compared(told, endpoint)
    yield Output(f"{number}.2", "table", compared, population, shell)
    forest = words("shell_forest", endpoint=label)
    yield Output(f"{number}.3", "figure", forest, population)
    for place, other in enumerate(told.protocol.other_factors(plan.factor), start=5):
        title = words(
            "table_inside", endpoint=label,
            factor=told.text(told.protocol.factor(plan.factor).label), other=told.text(other.label),
        )  # fmt: skip
        yield Output(f"{number}.{place}", "table", title, population, _inside(told, plan, other))
    if plan.event is not None:
        curves = words("shell_survival", endpoint=label)
        yield Output(f"{number}.4", "figure", curves, population)


def _statistics(told: ProtocolContext, endpoint: Endpoint) -> list[tuple[str, str]]:
    words, plan, kind = told.words, endpoint.analysis, endpoint.variable.kind
    rows = [(words("n_known"), NUMBER)]
    if kind is not None and kind.sort is Sort.NUMBER:
        rows += [
            (words("mean_sd"), MEAN), (words("mean_ci"), RANGE),
            (words("median_iqr"), f"xx.x ({RANGE})"), (words("range"), RANGE),
        ]  # fmt: skip
    else:
        codes = kind.codes if kind is not None and kind.codes else (words("yes"),)
        rows += [(code, SHARE) for code in codes]
    if plan is not None and plan.event is not None:
        rows += [(words("survival_events"), NUMBER), (words("survival_median"), f"xx ({RANGE})")]
    rows.append((words("missing", reason=words("listing_reason")), NUMBER))
    return rows


def _compared(told: ProtocolContext, endpoint: Endpoint) -> Table:
    words, plan = told.words, endpoint.analysis
    assert plan is not None  # noqa: S101 - asked by the caller
    tested = plan.test is not None or plan.method not in WITHOUT_P
    adjusted = tested and plan.multiplicity is not Multiplicity.NONE
    heads = [
        Column(words("comparison_arm")),
        Column(words("comparison_analysed"), "right"),
        Column(words("comparison_left_out"), "right"),
        Column(words("comparison_estimate", level=f"{100 * plan.level:.3g}"), "right"),
    ]
    heads += [Column(words("p_value"), "right")] if tested else []
    heads += [Column(words("p_adjusted"), "right")] if adjusted else []
    more = ["x.xxx"] * (len(heads) - 4)
    against = words("against", one=NUMBER, other=NUMBER)
    rows = tuple(
        Row((told.compared(plan, arm), against, against, "xx.xx (xx.xx, xx.xx)", *more))
        for arm in plan.arms
    )
    measure = MEASURES[plan.measure].in_language(told.language)
    reference = told.compared(plan, plan.reference)
    note = words("measure_against", measure=measure, arm=reference)
    return Table("", tuple(heads), rows, (note,))


def _inside(told: ProtocolContext, plan: AnalysisPlan, other: TreatmentFactor) -> Table:
    """The cells by another factor beside the margins, effects and interactions."""
    words, many = told.words, len(other.levels)
    cell, estimate = SHARE if sort_of(plan.measure) is Sort.YES_NO else MEAN, f"xx.xx ({RANGE})"
    against = told.compared(plan, plan.reference)
    heads = (
        Column(told.text(told.protocol.factor(plan.factor).label), share=1.4),
        *(Column(told.text(level.label), "right", 1.0) for level in other.levels),
        Column(words("inside_margin"), "right", 1.0),
    )
    rows = [
        Row((told.compared(plan, key), *([cell] * (many + 1))))
        for key in (plan.reference, *plan.arms)
    ]
    for key in plan.arms:
        name, level = told.compared(plan, key), f"{100 * plan.level:.3g}"
        effect = words("inside_effect", arm=name, reference=against, level=level)
        rows.append(Row((effect, *([estimate] * (many + 1)))))
        apart = words("inside_p", interval=estimate, p="x.xxx")
        head = words("inside_interaction", arm=name)
        rows.append(Row((head, "–", *([apart] * (many - 1)), "–"), level=1))
    return Table("", heads, tuple(rows))


def _listings(told: ProtocolContext) -> Iterator[Output]:
    words, everyone = told.words, told.words("shell_everyone")
    yield Output("16.2.1", "listing", words("listing_discontinued"), everyone)
    yield Output("16.2.2", "listing", words("listing_deviations"), everyone)
    yield Output("16.2.3", "listing", words("listing_excluded"), words("shell_screened"))
    yield Output("16.2.5", "listing", words("listing_allocation"), everyone)
    if any(escalations(told.protocol)):
        yield Output("16.2.5.1", "listing", words("listing_cohorts"), everyone)
    for place, endpoint in enumerate(told.protocol.endpoints, start=1):
        title = words("listing_values", endpoint=told.text(endpoint.label))
        yield Output(f"16.2.6.{place}", "listing", title, everyone)
