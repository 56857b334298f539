"""A factorial endpoint inside its table: all cells beside the margins, effects at each level of the
other factor, and the interaction (CONSORT 2010 extension for factorial trials: Kahan and others
2023, JAMA 330:2106)."""

from itertools import chain
from math import isnan

import numpy as np

from trialwright.analysis.analyse import EndpointAnalysis
from trialwright.analysis.inside_table import NOT_SMALL, InsideTable, Within
from trialwright.messages import Message
from trialwright.protocol.analysis_plan import sort_of
from trialwright.protocol.terms import Sort
from trialwright.report.context import ReportContext, fixed, percent
from trialwright.report.document import Block, Callout, Column, Row, Table
from trialwright.report.estimates import interval_text, p_text


def inside_blocks(
    told: ReportContext, found: EndpointAnalysis, inside: InsideTable
) -> tuple[Block, ...]:
    """The table by one other factor, and a caution where the interaction isn't small."""
    words, plan, other = told.words, found.plan, inside.other
    names = {level.key: told.text(level.label) for level in other.levels}
    factor = told.text(told.protocol.factor(plan.factor).label)
    heads = (
        Column(factor, share=1.4),
        *(Column(name, "right", 1.0) for name in names.values()),
        Column(words("inside_margin"), "right", 1.0),
    )
    rows = [_cells(told, found, inside, arm.arm) for arm in found.arms]
    for compared in found.comparisons:
        effects = [each for each in inside.effects if each.arm == compared.arm]
        name, against = told.compared(plan, compared.arm), told.compared(plan, plan.reference)
        head = words("inside_effect", arm=name, reference=against, level=f"{100 * plan.level:.3g}")
        shown = [*(each.effect for each in effects), compared.estimate]
        rows.append(Row((head, *(interval_text(plan, each) for each in shown))))
        apart = [_interaction(told, found, each) for each in effects[1:]]
        rows.append(Row((words("inside_interaction", arm=name), "–", *apart, "–"), level=1))
    caption = words(
        "table_inside",
        endpoint=told.text(found.endpoint.label), factor=factor, other=told.text(other.label),
    )  # fmt: skip
    notes = (
        words("inside_cells_share" if _shares(found) else "inside_cells_mean"),
        words("inside_note", level=names[inside.first]),
        *_refused(told, found, inside, names),
    )
    cautions = (_caution(told, found, inside, each) for each in inside.effects)
    table = Table(caption, heads, tuple(rows), notes)
    return (table, *chain.from_iterable(cautions))


def _shares(found: EndpointAnalysis) -> bool:
    return sort_of(found.plan.measure) is Sort.YES_NO


def _cells(told: ReportContext, found: EndpointAnalysis, inside: InsideTable, arm: str) -> Row:
    cells = [inside.cells[arm, level.key] for level in inside.other.levels]
    shown = _share if _shares(found) else _mean
    everybody = tuple(chain.from_iterable(cells))
    return Row((told.compared(found.plan, arm), *(shown(each) for each in (*cells, everybody))))


def _share(values: tuple[float, ...]) -> str:
    yes, n = int(sum(values)), len(values)
    return f"{yes}/{n} ({percent(yes / n)}%)" if n else "0/0"


def _mean(values: tuple[float, ...]) -> str:
    if not values:
        return "0"
    spread = f" ({fixed(float(np.std(values, ddof=1)), 2)})" if len(values) > 1 else ""
    return f"{len(values)}: {fixed(float(np.mean(values)), 2)}{spread}"


def _interaction(told: ReportContext, found: EndpointAnalysis, each: Within) -> str:
    if each.interaction is None or isnan(each.interaction.estimate):
        return "–"
    interval = interval_text(found.plan, each.interaction)
    return told.words("inside_p", interval=interval, p=p_text(each.interaction.p_value))


def _refused(
    told: ReportContext, found: EndpointAnalysis, inside: InsideTable, names: dict[str, str]
) -> tuple[str, ...]:
    notes = []
    for each in inside.effects:
        if each.refused is not None:
            what = each.refused.what
            why = what.in_language(told.language) if isinstance(what, Message) else what
            arm = told.compared(found.plan, each.arm)
            notes.append(told.words("inside_refused", arm=arm, level=names[each.level], why=why))
    return tuple(notes)


def _caution(
    told: ReportContext, found: EndpointAnalysis, inside: InsideTable, each: Within
) -> tuple[Callout, ...]:
    """What the margin doesn't say where the interaction isn't small, and by which rule it isn't."""
    if not each.differs or each.interaction is None:
        return ()
    text = told.words(
        "inside_caution",
        arm=told.compared(found.plan, each.arm),
        level=told.text(inside.other.level(each.level).label),
        first=told.text(inside.other.level(inside.first).label),
        p=p_text(each.interaction.p_value),
        limit=f"{NOT_SMALL:.2f}",
    )
    return (Callout("caution", told.words("inside_caution_title"), text),)
