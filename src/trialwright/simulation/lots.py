"""Lots of a simulated study: donors, tests, releases, and what becomes of a lot after it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from random import Random

from trialwright.accounts.policy import Act, Actor, role_to_confirm_notice, role_to_stop_lot
from trialwright.conduct.actions import lots, product_notices
from trialwright.conduct.actions.lots import NewLot, Result
from trialwright.conduct.models import Donor, Lot, ProductNotice
from trialwright.conduct.products.lots import state_of as lot_state
from trialwright.conduct.products.lots import status_of
from trialwright.custody.lots import LotStatus
from trialwright.protocol.products import Product, ReleaseTest
from trialwright.protocol.values import Value, canonical
from trialwright.simulation.release_tests import draw_results
from trialwright.simulation.stage import Stage, Thread

_SAME_DONOR, _CONDITIONAL, _BY_RECALL = 0.3, 0.3, 0.3
"""Shares: of lots by a donor who gave before, released conditionally where the protocol lets them
be, and of those that end by a recall."""
_MOST = 8
"""So many lots in a row are made at most, until one is released."""
_FAILED = "Does not meet its specification"
_BAD_NEWS = "Reported by the supplier after the release"


def usable_lots(stage: Stage, product: Product) -> list[Lot]:
    """The lots of a product that may be given now, by code."""
    rows = Lot.objects.filter(study=stage.protocol.identifier, product=product.key)
    usable = (LotStatus.CONDITIONAL, LotStatus.RELEASED)
    return [row for row in rows.order_by("code") if status_of(row, stage.now) in usable]


def release_lot(
    stage: Stage, product: Product, known: Mapping[str, Value | None] | None = None
) -> Lot | None:
    """Have a lot made, tested and released, after as many as fail; None where nobody does that.

    Args:
        known: what is known of a participant whom it has to suit, by whole names.
    """
    for _each in range(_MOST):
        random = stage.stream("lot", Lot.objects.filter(study=stage.protocol.identifier).count())
        row = _register(stage, product, random)
        if row is None:
            return None
        failing = random.random() < stage.plan.failed_lots and bool(product.release)
        if _test(stage, row, product, random, {} if failing else known, failing=failing):
            stage.begin(_later(stage, row.code, product))
            return row
        if not failing:
            return None
    return None


def _register(stage: Stage, product: Product, random: Random) -> Lot | None:
    recorders = stage.crew.able(Act.RECORD_LOTS)
    donors: dict[str, date] = {}
    if product.donor_tests:
        days = (product.retest_after_days or 0) + random.randrange(10, 60)
        donor = _donor(stage, product, random, stage.today - timedelta(days=days))
        if donor is None:
            return None
        donors[donor] = stage.today - timedelta(days=days)
    new = NewLot(
        product.key,
        stage.now + timedelta(days=random.randrange(60, 400)),
        product.supplier or "A supplier (invented)",
        f"S-{random.randrange(10_000):04d}",
        donors,
        {each.key: f"{each.key[:3].upper()}-{random.randrange(1000):03d}"
         for each in product.components},
    )  # fmt: skip
    code = stage.act(
        "register_lot", recorders, lambda by: lots.register_lot(by=by, lot=new, at=stage.now)
    )
    return Lot.objects.get(study=stage.protocol.identifier, code=code) if code else None


def _donor(stage: Stage, product: Product, random: Random, donated: date) -> str | None:
    """A donor who may give: now and then one who gave before, else one whose tests are passed."""
    known = Donor.objects.filter(study=stage.protocol.identifier, product=product.key)
    given = list(known.filter(excluded_at=None).order_by("code").values_list("code", flat=True))
    recorders = stage.crew.able(Act.RECORD_LOTS)
    code: str | None
    if given and random.random() < _SAME_DONOR:
        code = random.choice(given)
    else:
        register = partial(lots.register_donor, product=product.key, at=stage.now)
        code = stage.act("register_donor", recorders, lambda by: register(by=by))
    if code is None:
        return None
    results = draw_results(product.donor_tests, donated, random)
    if results is None:
        stage.tally.unmet[f"{product.key}: results under which a donor may give"] += 1
        return None
    days = [donated]
    if product.retest_after_days is not None:
        days.append(donated + timedelta(days=product.retest_after_days))
    for day in days:
        for key, value in results.items():
            enter(stage, Result(key, canonical(value), day), donor=code)
    return code


def enter(stage: Stage, result: Result, **whose: str) -> None:
    """Have a result of a lot or a donor entered."""

    def record(by: Actor) -> bool:
        lots.record_result(by=by, result=result, at=stage.now, **whose)
        return True

    stage.act("record_product_result", stage.crew.able(Act.RECORD_LOTS), record)


def _test(
    stage: Stage,
    row: Lot,
    product: Product,
    random: Random,
    known: Mapping[str, Value | None] | None,
    *,
    failing: bool,
) -> bool:
    """Enter a lot's results and have it decided about; returns whether it was released."""
    bad = random.choice(product.release).item.key if failing else None
    results = draw_results(
        product.release, stage.today, random, failing=bad,
        suits=product.suits if known else None, known=known or {},
    )  # fmt: skip
    if results is None:
        stage.tally.unmet[f"{product.key}: results of a lot to be given"] += 1
        return False
    later = set(product.may_be_open) if random.random() < _CONDITIONAL and not failing else set()
    # What says whom a lot suits is known before anybody is given of it.
    later -= set(product.suits.references if product.suits else ())
    for key, value in results.items():
        if key not in later:
            enter(stage, Result(key, canonical(value), stage.today), lot=row.code)
    if failing:
        _decide(stage, row, product, LotStatus.FAILED, _FAILED)
        return False
    if not later:
        return _decide(stage, row, product, LotStatus.RELEASED)
    if not _decide(stage, row, product, LotStatus.CONDITIONAL, leaves_open=sorted(later)):
        return False
    stage.begin(_open_tests(stage, row.code, product, {key: results[key] for key in sorted(later)}))
    return True


def _decide(
    stage: Stage,
    row: Lot,
    product: Product,
    status: LotStatus,
    reason: str = "",
    leaves_open: Sequence[str] = (),
) -> bool:
    people = stage.crew.able(Act.RELEASE_LOTS)
    if status in (LotStatus.FAILED, LotStatus.RECALLED):
        people = [each for each in stage.crew.actors if role_to_stop_lot(each) is not None]
    read = lot_state(row, product).content_hash

    def decide(by: Actor) -> bool:
        lots.decide_lot(
            by=by, lot=row.code, status=status, content_hash=read, reason=reason,
            leaves_open=leaves_open, at=stage.now,
        )  # fmt: skip
        return True

    return bool(stage.act(f"decide_lot {status.value}", people, decide))


def _open_tests(stage: Stage, code: str, product: Product, results: Mapping[str, Value]) -> Thread:
    """The tests that a conditional release left open come in, and the lot is released."""
    yield stage.in_days(stage.stream("open tests", code).randrange(3, 15), 10)
    row = Lot.objects.get(study=stage.protocol.identifier, code=code)
    if status_of(row, stage.now) is not LotStatus.CONDITIONAL:
        return
    for key, value in results.items():
        enter(stage, Result(key, canonical(value), stage.today), lot=code)
    _decide(stage, row, product, LotStatus.RELEASED)


def _later(stage: Stage, code: str, product: Product) -> Thread:
    """Now and then a lot's donor turns out bad, or a lot is recalled, after it was given."""
    random = stage.stream("later", code)
    if random.random() >= stage.plan.recalled_donors:
        return
    yield stage.in_days(random.randrange(20, 90), 16)
    row = Lot.objects.get(study=stage.protocol.identifier, code=code)
    if status_of(row, stage.now) not in (LotStatus.CONDITIONAL, LotStatus.RELEASED):
        return
    donor = row.donors.select_related("donor").order_by("donor__code").first()
    if donor is None or random.random() < _BY_RECALL:
        _decide(stage, row, product, LotStatus.RECALLED, _BAD_NEWS)
    elif donor.donor.excluded_at is None:
        _turn_out_bad(stage, donor.donor.code, product.donor_tests, random)
    yield stage.in_days(random.randrange(1, 3), 9)
    _call_recipients(stage)


def _turn_out_bad(stage: Stage, donor: str, tests: Sequence[ReleaseTest], random: Random) -> None:
    """A late test of a donor isn't passed; where no such result is found, they are excluded."""
    bad = random.choice(tests).item.key
    results = draw_results(tests, stage.today, random, failing=bad)
    if results is not None:
        enter(stage, Result(bad, canonical(results[bad]), stage.today), donor=donor)
        return
    people = [each for each in stage.crew.actors if role_to_stop_lot(each) is not None]
    exclude = partial(lots.exclude_donor, donor=donor, reason=_BAD_NEWS, at=stage.now)
    stage.act("exclude_donor", people, lambda by: exclude(by=by))


def _call_recipients(stage: Stage) -> None:
    """Each doctor confirms what they were told, and calls the participant."""
    rows = ProductNotice.objects.filter(study=stage.protocol.identifier, called_at=None)
    for row in rows.select_related("participant").order_by("number"):
        site, code = row.participant.site, row.participant.code
        doctors = [each for each in stage.crew.actors if role_to_confirm_notice(each, site)]
        place = {"code": code, "number": row.number, "at": stage.now}

        def confirm(by: Actor, place: dict[str, object] = place) -> bool:
            product_notices.confirm_notice(by=by, **place)  # type: ignore[arg-type]
            return True

        def call(by: Actor, place: dict[str, object] = place) -> bool:
            product_notices.record_call(by=by, called_at=stage.now, **place)  # type: ignore[arg-type]
            return True

        if row.confirmed_at is None:
            stage.act("confirm_product_notice", doctors, confirm)
        stage.act("record_product_call", doctors, call)
