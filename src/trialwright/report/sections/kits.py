"""Kits: how many are where and how much came back; by product where arms may be shown."""

from collections.abc import Sequence
from decimal import Decimal

from trialwright.analysis.cut_kits import STATUSES, Kit
from trialwright.protocol.kits import Kits, product_at
from trialwright.report.context import ReportContext
from trialwright.report.document import Block, Column, Row, Section, Table


def kits_section(told: ReportContext, kits: Kits) -> Section:
    """The accountability of kits; in the report by arm also of each product."""
    blocks: list[Block] = [_by_site(told, kits)]
    if told.sealed is not None:
        blocks.append(_by_product(told, kits))
    return Section(told.words("section_kits"), tuple(blocks))


def _by_site(told: ReportContext, kits: Kits) -> Table:
    words, cut = told.words, told.cut
    sites = sorted({kit.site for kit in cut.kits})
    groups = [
        part
        for site in sites
        for part in _by_strength(
            told, kits, site or words("kit_depot"), [k for k in cut.kits if k.site == site]
        )
    ]
    note = words("kits_note", amount=f"{kits.contains:f}", unit=kits.unit)
    return _table(told, kits, "table_kits", "kit_site", groups, (note,))


def _by_product(told: ReportContext, kits: Kits) -> Table:
    assert told.sealed is not None  # noqa: S101 - asked before
    contents = {each.kit: each.product for each in told.sealed.kits}
    groups = [
        part
        for product in told.protocol.products
        if product.key in contents.values()
        for part in _by_strength(
            told,
            kits,
            told.text(product.label),
            [k for k in told.cut.kits if contents[k.kit] == product.key],
        )
    ]
    given = [kit for kit in told.cut.kits if kit.dispensed_on]
    fit = sum(contents[kit.kit] == _planned(told, kit) for kit in given)
    notes = (told.words("kits_arm_note", fit=fit, given=len(given)),)
    return _table(told, kits, "table_kit_products", "kit_product", groups, notes)


def _by_strength(
    told: ReportContext, kits: Kits, label: str, group: list[Kit]
) -> list[tuple[str, list[Kit]]]:
    """The group under its label, or a part of it for each strength, where there are several."""
    if not kits.strengths:
        return [(label, group)]
    return [
        (f"{label}, {told.text(each.label)}", [k for k in group if k.strength == each.key])
        for each in kits.strengths
    ]


def _planned(told: ReportContext, kit: Kit) -> str | None:
    """The product that the participant's arm is given at the visit of a kit."""
    assert told.sealed is not None  # noqa: S101 - asked before
    made = {each.key for each in told.protocol.allocations_by(kit.visit)} if kit.visit else set()
    arms = {each.participant: each.arm_after(made) for each in told.sealed.assignments}
    key = arms.get(kit.participant, told.protocol.arms[0].key)
    return product_at(told.protocol, told.protocol.arm(key), kit.visit)


def _table(
    told: ReportContext,
    kits: Kits,
    title: str,
    head: str,
    groups: Sequence[tuple[str, Sequence[Kit]]],
    notes: tuple[str, ...],
) -> Table:
    words = told.words
    columns = [Column(words(head))]
    columns += [Column(words(f"kit_{status}"), align="right") for status in STATUSES]
    columns.append(Column(words("kit_unused", unit=kits.unit), align="right"))
    everything = [kit for _, group in groups for kit in group]
    rows = [Row((label, *_counts(group))) for label, group in groups]
    if len(rows) > 1:
        rows.append(Row((words("kit_all"), *_counts(everything))))
    return Table(words(title), tuple(columns), tuple(rows), notes, words("no_kits"))


def _counts(group: Sequence[Kit]) -> tuple[str, ...]:
    unused = sum((Decimal(kit.unused) for kit in group if kit.unused), Decimal(0))
    return (*(str(sum(k.status == status for k in group)) for status in STATUSES), f"{unused:f}")
