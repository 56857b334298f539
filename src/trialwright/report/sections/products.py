"""Products, by arm alone: who was exposed to which lot, what went wrong, near misses."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from trialwright.analysis.cut_products import ENDED_BADLY, Handling, Lot, Products
from trialwright.report.context import ReportContext
from trialwright.report.document import Column, Row, Section, Table

_NOT_GIVEN = ("destroyed", "returned")


def products_section(told: ReportContext, products: Products) -> Section:
    """Exposure by lot, product deviations, what was not given, near misses."""
    return Section(
        told.words("section_products"),
        (
            _lots(told, products),
            _deviations(told, products),
            _not_given(told, products),
            _near_misses(told, products),
        ),
    )


def _lots(told: ReportContext, products: Products) -> Table:
    """Each lot with its containers, and how many participants of each group were given of it."""
    words = told.words
    lot_of = {each.container: each.lot for each in products.containers}
    exposed: dict[str, set[str]] = defaultdict(set)
    for move in products.given:
        exposed[lot_of[move.container]].add(move.participant)
    held = Counter((lot_of[each.container], each.status) for each in products.containers)
    rows = []
    for lot in products.lots:
        given = held[lot.lot, "given"] + held[lot.lot, "part_given"]
        gone = sum(held[lot.lot, status] for status in _NOT_GIVEN)
        total = sum(count for (code, _status), count in held.items() if code == lot.lot)
        groups = [str(len(exposed[lot.lot] & set(group.codes))) for group in told.groups]
        status = words(f"lot_{lot.status}")
        counts = (str(total), str(given), str(gone))
        rows.append(Row((lot.lot, _product(told, lot.product), status, *counts, *groups)))
    heads = ("lot", "product", "status")
    columns = [Column(words(f"lot_head_{head}")) for head in heads]
    columns += [Column(words(f"lot_head_{head}"), "right") for head in ("all", "given", "gone")]
    columns += [Column(told.arm(group.arm), "right") for group in told.groups]
    return Table(
        words("table_lots"), tuple(columns), tuple(rows), (words("lots_note"),), words("no_lots")
    )


def _deviations(told: ReportContext, products: Products) -> Table:
    """Who was given of a lot that failed or was recalled, with what was decided of it and why."""
    words = told.words
    lots = {each.lot: each for each in products.lots}
    lot_of = {each.container: lots[each.lot] for each in products.containers}
    arms = {code: told.arm(group.arm) for group in told.groups for code in group.codes}
    rows = [
        Row(
            (
                f"{move.participant} ({arms.get(move.participant, '–')})",
                move.at[:10],
                move.container,
                lot.lot,
                words(f"lot_{lot.status}"),
                *_decided(lot),
            )
        )
        for move, lot in _bad(products.given, lot_of)
    ]
    heads = ("participant", "given_on", "container", "lot", "status", "decided_on", "why")
    columns = tuple(Column(words(f"lot_head_{head}")) for head in heads)
    return Table(words("table_product_deviations"), columns, tuple(rows),
                 empty=words("no_product_deviations"))  # fmt: skip


def _bad(given: Iterable[Handling], lot_of: dict[str, Lot]) -> list[tuple[Handling, Lot]]:
    found = [(move, lot_of[move.container]) for move in given]
    bad = [(move, lot) for move, lot in found if lot.status in ENDED_BADLY]
    return sorted(bad, key=lambda pair: (pair[0].participant, pair[0].at, pair[0].container))


def _decided(lot: Lot) -> tuple[str, str]:
    last = next(made for made in reversed(lot.decisions) if made.status == lot.status)
    return last.on, last.reason or "–"


def _not_given(told: ReportContext, products: Products) -> Table:
    """Containers that were destroyed or returned, by why."""
    words = told.words
    product_of = {each.lot: each.product for each in products.lots}
    lot_of = {each.container: each.lot for each in products.containers}
    found = Counter(
        (product_of[lot_of[move.container]], move.status, move.reason)
        for move in products.handling
        if move.status in _NOT_GIVEN and not move.counted
    )
    rows = [
        Row((_product(told, product), words(f"container_{status}"), why, str(count)))
        for (product, status, why), count in sorted(found.items())
    ]
    columns = (
        Column(words("lot_head_product")), Column(words("lot_head_became")),
        Column(words("lot_head_why")), Column(words("lot_head_all"), "right"),
    )  # fmt: skip
    return Table(words("table_not_given"), columns, tuple(rows), empty=words("none_not_given"))


def _near_misses(told: ReportContext, products: Products) -> Table:
    """Checks that were refused, people and checks by reason; one check may have several."""
    words = told.words
    refused = [each for each in products.checks if each.refusals]
    kinds = sorted({why for each in refused for why in each.refusals})
    rows = [Row((words("near_miss_any"), *_counts(told, [e.participant for e in refused])))]
    for kind in kinds:
        own = [each.participant for each in refused if kind in each.refusals]
        rows.append(Row((words(f"near_miss_{kind}"), *_counts(told, own)), level=1))
    sizes = tuple(len(group.codes) for group in told.groups)
    return Table(
        words("table_near_misses"),
        told.group_columns(words("near_miss_head"), sizes),
        tuple(rows) if refused else (),
        (words("near_misses_note", checks=len(products.checks)),),
        words("no_near_misses"),
    )


def _counts(told: ReportContext, codes: list[str]) -> list[str]:
    cells = []
    for group in told.groups:
        own = [code for code in codes if code in group.codes]
        cells.append(told.words("people_events", people=len(set(own)), events=len(own)))
    return cells


def _product(told: ReportContext, key: str) -> str:
    labels = {each.key: each.label for each in told.protocol.products}
    return told.text(labels[key]) if key in labels else key
