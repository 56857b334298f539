"""Donors and lots: registered, tested, released by a signature, and brought to their end.

A lot is failed and its stock blocked in the transaction that brings the news: the lot's own row
says whether anything of it may be used.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor, role_to_stop_lot
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.clock import day_of, installation_zone
from trialwright.conduct.models import (
    Donor,
    Lot,
    LotComponent,
    LotDecision,
    LotDonor,
    ProductResult,
)
from trialwright.conduct.products.lots import followed, result_text, state_of, status_of
from trialwright.conduct.products.notices import tell_doctors
from trialwright.conduct.products.recipients import lots_of_donor
from trialwright.conduct.products.words import finding_words
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem, Sentence
from trialwright.conduct.tables import row_of
from trialwright.custody.codes import Kind, new_code
from trialwright.custody.lots import (
    USABLE,
    LotStatus,
    Outcome,
    donor_outcomes,
    may_become,
    open_tests,
    outcomes,
)
from trialwright.ledger import sources
from trialwright.protocol.answers import Refusal, read_value
from trialwright.protocol.products import Product, ReleaseTest

LONGEST_REASON = 2_000


@dataclass(frozen=True, slots=True)
class NewLot:
    """A lot as it is registered. donors: the day of the donation by the donor's code. components:
    the lot of each by its key."""

    product: str
    expires_at: datetime
    supplier: str
    supplier_lot: str = ""
    donors: Mapping[str, date] = field(default_factory=dict)
    components: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """A result as it was told: as typed, "" where it was indeterminate, and the sample's day."""

    test: str
    typed: str
    on: date


def register_donor(*, by: Actor, product: str, at: datetime | None = None) -> str:
    """Register a donor of a product; returns the code, which is all that is known here of them.

    Raises:
        NotFound: the product's lots aren't followed, or the person records none.
    """
    with acting(by, Act.RECORD_LOTS, "register_donor", at=at) as context:
        followed(context.protocol, product)
        code = new_code(Kind.DONOR, sources.entropy(16))
        told = {"registered_at": context.at, "registered_by": context.by.person_id}
        context.record(Donor(study=context.study, code=code, product=product, **told))
        return code


def register_lot(*, by: Actor, lot: NewLot, at: datetime | None = None) -> str:
    """Register a lot, in quarantine; returns its code.

    Raises:
        ActionRefused: it has expired, a donor isn't there or excluded, or a component's lot or the
            supplier isn't said.
    """
    with acting(by, Act.RECORD_LOTS, "register_lot", at=at) as context:
        product = followed(context.protocol, lot.product)
        problems = _lot_problems(context, product, lot)
        donors = {code: row_of(Donor, study_id=context.study.pk, code=code) for code in lot.donors}
        for code, donor in donors.items():
            if donor is None or donor.product != product.key or donor.excluded_at is not None:
                words = _("%(code)s is no donor of this product who may give. Register one first.")
                problems.append(Problem("donors", words % {"code": code}))
        if problems:
            raise ActionRefused(problems=tuple(problems))
        row = Lot(
            study=context.study,
            code=new_code(Kind.LOT, sources.entropy(16)),
            product=product.key,
            supplier=lot.supplier.strip(),
            supplier_lot=lot.supplier_lot.strip(),
            expires_at=lot.expires_at,
            status=LotStatus.QUARANTINE.value,
            registered_at=context.at,
            registered_by=context.by.person_id,
        )
        context.record(row)
        context.record_all(
            [LotDonor(lot=row, donor=donors[code], donated_on=day)
             for code, day in sorted(lot.donors.items())]
        )  # fmt: skip
        context.record_all(
            [LotComponent(lot=row, component=key, number=number.strip())
             for key, number in sorted(lot.components.items())]
        )  # fmt: skip
        return row.code


def _lot_problems(context: ActionContext, product: Product, lot: NewLot) -> list[Problem]:
    found = []
    if lot.expires_at <= context.at:
        found.append(Problem("expires_on", _("The lot has expired. Enter when it will.")))
    if not lot.supplier.strip():
        found.append(Problem("supplier", _("Enter who supplied the lot.")))
    if product.donor_tests and not lot.donors:
        found.append(Problem("donors", _("Enter the code of each donor.")))
    if any(day > day_of(context.at, installation_zone()) for day in lot.donors.values()):
        found.append(Problem("donors", _("A donation can't lie in the future. Correct its day.")))
    for component in product.components:
        if not lot.components.get(component.key, "").strip():
            words = _("Enter the lot of everything that touched the product.")
            found.append(Problem(component.key, words))
    if set(lot.components) - {each.key for each in product.components}:
        raise NotFound
    return found


def record_result(
    *, by: Actor, result: Result, lot: str = "", donor: str = "", at: datetime | None = None
) -> LotStatus | None:
    """Record a result of a lot or of a donor; returns the lot's status after it.

    A test that isn't passed fails a lot that may be used, or could have been; one that isn't passed
    of a donor excludes them and fails their lots: all in this transaction.

    Raises:
        NotFound: there is no such lot, donor or test.
        ActionRefused: the result is none, or lies in the future.
    """
    with acting(by, Act.RECORD_LOTS, "record_product_result", at=at) as context:
        whose = _donor(context, donor) if donor else _lot(context, lot)
        product = followed(context.protocol, whose.product)
        tests = product.donor_tests if donor else product.release
        _write_result(context, whose, tests, result)
        if isinstance(whose, Donor):
            _judge_donor(context, whose, product)
            return None
        state = state_of(whose, product)
        failed = [key for key, each in outcomes(product.release, state.results).items()
                  if each is Outcome.NOT_PASSED]  # fmt: skip
        if failed and whose.status != LotStatus.QUARANTINE:
            end_lots(context, [whose], LotStatus.FAILED, f"test not passed: {', '.join(failed)}")
        return status_of(whose, context.at)


def _write_result(
    context: ActionContext, whose: Donor | Lot, tests: Collection[ReleaseTest], result: Result
) -> None:
    item = next((test.item for test in tests if test.item.key == result.test), None)
    if item is None:
        raise NotFound
    if result.on > day_of(context.at, installation_zone()):
        raise _at("on", _("The sample can't be of a day to come. Correct its day."))
    value = read_value(item, result.typed) if result.typed.strip() else None
    if isinstance(value, Refusal):
        raise _at("result", str(value.message))
    last = ProductResult.objects.filter(study=context.study).aggregate(last=Max("number"))["last"]
    context.record(
        ProductResult(
            study=context.study,
            donor=whose if isinstance(whose, Donor) else None,
            lot=whose if isinstance(whose, Lot) else None,
            test=result.test,
            number=(last or 0) + 1,
            result=result_text(value),
            on=result.on,
            entered_at=context.at,
            entered_by=context.by.person_id,
        )
    )


def _judge_donor(context: ActionContext, donor: Donor, product: Product) -> None:
    """Exclude a donor of whom a test isn't passed."""
    from trialwright.conduct.products.lots import donor_state

    rows = ProductResult.objects.filter(donor=donor)
    state = donor_state(product, donor, date.min, rows)
    failed = [key for key, each in donor_outcomes(product, state).items()
              if each is Outcome.NOT_PASSED]  # fmt: skip
    if failed and donor.excluded_at is None:
        _exclude(context, donor, f"test not passed: {', '.join(failed)}")


def exclude_donor(*, by: Actor, donor: str, reason: str, at: datetime | None = None) -> int:
    """Exclude a donor and fail every lot of theirs; returns how many lots that were."""
    with acting(by, _stops, "exclude_donor", at=at) as context:
        found = _donor(context, donor)
        _require_reason(reason)
        if found.excluded_at is not None:
            raise ActionRefused(_("The donor is excluded already."))
        return _exclude(context, found, " ".join(reason.split()))


def _exclude(context: ActionContext, donor: Donor, reason: str) -> int:
    context.change(
        donor, excluded_at=context.at, excluded_by=context.by.person_id, why_excluded=reason
    )
    lots = lots_of_donor(context.study.identifier, donor.code)
    return end_lots(context, lots, LotStatus.FAILED, f"donor {donor.code} excluded: {reason}")


def decide_lot(
    *,
    by: Actor,
    lot: str,
    status: LotStatus,
    content_hash: str,
    reason: str = "",
    leaves_open: Collection[str] = (),
    at: datetime | None = None,
) -> None:
    """Sign a change of a lot's status: its release, conditional or whole, its failing, its recall.

    Args:
        content_hash: of what was read (`conduct.products.lots.LotState`).
        leaves_open: the tests that the signer names as still open, of a conditional release.

    Raises:
        NotFound: there is no such lot, or the person may not.
        ActionRefused: it would be a way back, something has changed since it was read, something
            stands against the release, the tests named aren't those that are open, the signer
            entered one of the tests, or a reason is missing.
    """
    release = status in USABLE
    who = Act.RELEASE_LOTS if release else _stops
    with acting(by, who, "decide_lot", at=at) as context:
        row = _lot(context, lot)
        state = state_of(row, followed(context.protocol, row.product))
        now = status_of(row, context.at)
        if not may_become(now, status) or status is LotStatus.EXPIRED:
            raise ActionRefused(_("A lot goes on, never back: this can't follow where it stands."))
        if state.content_hash != content_hash:
            raise ActionRefused(
                _("The lot has changed since you read it. Read it again, then sign.")
            )
        if not release:
            _require_reason(reason)
            end_lots(context, [row], status, " ".join(reason.split()), content_hash)
            return
        if context.by.person_id in state.entered_by:
            raise ActionRefused(
                _("You entered a test of this lot, so somebody else signs its release.")
            )
        left = open_tests(state.product, state.findings)
        if status is LotStatus.CONDITIONAL:
            if left is None:
                raise ActionRefused(_against(state.product, state.findings) or _NOTHING_OPEN)
            if set(leaves_open) != set(left):
                words = _("Name the tests that are still open: %(tests)s.")
                raise _at("leaves_open", words % {"tests": ", ".join(left)})
        elif state.findings:
            raise ActionRefused(_against(state.product, state.findings))
        context.change(row, status=status.value)
        _write_decision(context, row, status, reason, content_hash, left or ())


_NOTHING_OPEN = _("No test is open, so the lot is released, and not conditionally.")


def _against(product: Product, findings: Collection[object]) -> Sentence:
    if not findings:
        return ""
    words = _("This stands against the release: %(findings)s. A test that is missing or "
              "indeterminate is not passed.")  # fmt: skip
    return words % {"findings": finding_words(product, findings)}  # type: ignore[arg-type]


def end_lots(
    context: ActionContext,
    lots: Collection[Lot],
    status: LotStatus,
    reason: str,
    content_hash: str = "",
) -> int:
    """Bring lots to their end, and have the doctors of whoever was given of them told; returns how
    many lots that were. One that has gone as far already is left as it is."""
    ending = [lot for lot in lots if may_become(LotStatus(lot.status), status)]
    for lot in ending:
        context.change(lot, status=status.value)
        _write_decision(context, lot, status, reason, content_hash, ())
    tell_doctors(context, ending, status, reason)
    return len(ending)


def _write_decision(
    context: ActionContext,
    lot: Lot,
    status: LotStatus,
    reason: str,
    content_hash: str,
    left: Collection[str],
) -> None:
    last = LotDecision.objects.filter(lot=lot).aggregate(last=Max("number"))["last"]
    context.record(
        LotDecision(
            lot=lot,
            number=(last or 0) + 1,
            status=status.value,
            at=context.at,
            by=context.by.person_id,
            open_tests=" ".join(left),
            reason=" ".join(reason.split()),
            content_hash=content_hash,
        )
    )


def _lot(context: ActionContext, code: str) -> Lot:
    found = row_of(Lot, study_id=context.study.pk, code=code)
    if found is None:
        raise NotFound
    return found


def _donor(context: ActionContext, code: str) -> Donor:
    found = row_of(Donor, study_id=context.study.pk, code=code)
    if found is None:
        raise NotFound
    return found


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise _at("reason", _("Say why."))
    if len(reason) > LONGEST_REASON:
        raise _at("reason", _("Say why in at most 2,000 characters."))


def _at(field: str, sentence: Sentence) -> ActionRefused:
    return ActionRefused(problems=(Problem(field, sentence),))


def _stops(context: ActionContext) -> str | None:
    return role_to_stop_lot(context.by)
