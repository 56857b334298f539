"""Baseline: what the randomised participants were like before treatment."""

from collections.abc import Iterable
from typing import Literal

from trialwright.analysis.baseline import Characteristic, baseline
from trialwright.analysis.summaries import Description
from trialwright.protocol.forms import ItemType
from trialwright.report.context import (
    ReportContext,
    count_percent,
    decimals_of,
    mean_sd,
    median_quartiles,
)
from trialwright.report.document import Column, Row, Section, Table
from trialwright.report.words import ReportWords


def baseline_section(told: ReportContext) -> Section:
    """One table, its items under the forms they stand on."""
    rows: list[Row] = []
    form = ""
    for found in baseline(told.values, told.groups):
        if found.form.key != form:
            form = found.form.key
            rows.append(_row(told, told.text(found.form.label), kind="group"))
        rows += _rows(told, found)
    sizes = tuple(len(group.codes) for group in told.groups)
    columns = told.group_columns(told.words("baseline_item"), sizes)
    table = Table(
        told.words("table_baseline"),
        (*columns, Column(told.words("n_missing"), "right")),
        tuple(rows),
        (told.words("baseline_note"),),
        told.words("no_baseline"),
        narrow=len(told.groups) == 1,
    )
    return Section(told.words("section_baseline"), (table,))


def _row(
    told: ReportContext,
    head: str,
    cells: Iterable[str] = (),
    missing: str = "",
    *,
    kind: Literal["plain", "group"] = "plain",
    level: int = 0,
) -> Row:
    filled = tuple(map(told.fit, cells)) or ("",) * len(told.groups)
    return Row((head, *filled, missing), kind, level)


def _rows(told: ReportContext, found: Characteristic) -> Iterable[Row]:
    words, item, label = told.words, found.item, told.label(found.item)
    missing = str(sum(g.n - g.known for g in found.groups))
    if item.type is ItemType.YES_NO:
        yes = (count_percent(g.shares[0][1], words) for g in found.groups)
        yield _row(told, label, yes, missing, level=1)
    elif item.code_list is not None:
        yield _row(told, label, (), missing, level=1)
        labels = {code.code: told.text(code.label) for code in item.code_list}
        for code in dict.fromkeys(code for g in found.groups for code, _ in g.shares):
            cells = (_share_at(g, code, words) for g in found.groups)
            yield _row(told, labels.get(code, code), cells, level=2)
    else:
        yield from _numeric_rows(told, found, label, missing)


def _numeric_rows(
    told: ReportContext, found: Characteristic, label: str, missing: str
) -> Iterable[Row]:
    decimals = decimals_of(found.item)
    means = [mean_sd(g.numeric, decimals) if g.numeric else "–" for g in found.groups]
    yield _row(told, label, means, missing, level=1)
    medians = [median_quartiles(g.numeric, decimals) if g.numeric else "" for g in found.groups]
    if any(medians):
        yield _row(told, told.words("median_iqr"), medians, level=2)
    if any(g.censored for g in found.groups):
        beyond = [str(g.censored) for g in found.groups]
        yield _row(told, told.words("beyond_limit"), beyond, level=2)


def _share_at(group: Description, code: str, words: ReportWords) -> str:
    share = dict(group.shares).get(code)
    return count_percent(share, words) if share else "0"
