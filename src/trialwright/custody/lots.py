"""A lot from quarantine to its release, or to its end; what stands against a release."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from trialwright.protocol.products import Product, ReleaseTest
from trialwright.protocol.values import Value


class LotStatus(StrEnum):
    """Where a lot stands. The order is the way: a lot goes further along it, never back."""

    QUARANTINE = "quarantine"
    CONDITIONAL = "conditional"
    RELEASED = "released"
    EXPIRED = "expired"
    RECALLED = "recalled"
    FAILED = "failed"


USABLE = frozenset({LotStatus.CONDITIONAL, LotStatus.RELEASED})
_ORDER = tuple(LotStatus)


def may_become(before: LotStatus, after: LotStatus) -> bool:
    """Whether a lot can go from one status to another: onward, and to its end from any."""
    return _ORDER.index(after) > _ORDER.index(before)


def status_at(status: LotStatus, expires_at: datetime, now: datetime) -> LotStatus:
    """The status at a moment: what isn't over has expired once its time is past."""
    if _ORDER.index(status) < _ORDER.index(LotStatus.EXPIRED) and now > expires_at:
        return LotStatus.EXPIRED
    return status


class Outcome(StrEnum):
    """What a test says. Only `passed` is passed."""

    PASSED = "passed"
    NOT_PASSED = "not_passed"
    INDETERMINATE = "indeterminate"
    MISSING = "missing"


def outcomes(
    tests: Sequence[ReleaseTest], results: Mapping[str, Value | None]
) -> dict[str, Outcome]:
    """What each test says, by the latest result of each.

    Args:
        results: by the test's key; None for one that was indeterminate.
    """
    values = {key: value for key, value in results.items() if value is not None}
    found = {}
    for test in tests:
        key = test.item.key
        if key not in results:
            found[key] = Outcome.MISSING
        elif results[key] is None:
            found[key] = Outcome.INDETERMINATE
        else:
            holds = test.requires.holds(values)
            found[key] = (
                Outcome.PASSED
                if holds is True
                else Outcome.NOT_PASSED
                if holds is False
                else Outcome.INDETERMINATE
            )
    return found


@dataclass(frozen=True, slots=True)
class DonorState:
    """What is known of a donor of a lot. results: by test, each of the latest day first as (day,
    value); a value is None where it was indeterminate."""

    code: str
    donated_on: date
    excluded: bool
    results: Mapping[str, Sequence[tuple[date, Value | None]]]


class Against(StrEnum):
    """What stands against a release."""

    TEST_NOT_PASSED = "test_not_passed"
    TEST_OPEN = "test_open"
    DONOR_EXCLUDED = "donor_excluded"
    DONOR_TEST = "donor_test"
    DONOR_RETEST = "donor_retest"
    COMPONENT = "component"
    NO_DONOR = "no_donor"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that stands against a release: of which test or component, of which donor."""

    against: Against
    subject: str = ""
    donor: str = ""


def donor_outcomes(product: Product, donor: DonorState) -> dict[str, Outcome]:
    """What each donor's test says by its latest result."""
    latest = {key: rows[0][1] for key, rows in donor.results.items() if rows}
    return outcomes(product.donor_tests, latest)


def donor_findings(product: Product, donor: DonorState) -> list[Finding]:
    """What stands against a donor."""
    if donor.excluded:
        return [Finding(Against.DONOR_EXCLUDED, donor=donor.code)]
    found = [
        Finding(Against.DONOR_TEST, key, donor.code)
        for key, outcome in donor_outcomes(product, donor).items()
        if outcome is not Outcome.PASSED
    ]
    if product.retest_after_days is not None:
        from_day = donor.donated_on + timedelta(days=product.retest_after_days)
        for test in product.donor_tests:
            rows = donor.results.get(test.item.key, ())
            if not any(day >= from_day for day, _value in rows):
                found.append(Finding(Against.DONOR_RETEST, test.item.key, donor.code))
    return found


def against_release(
    product: Product,
    results: Mapping[str, Value | None],
    donors: Iterable[DonorState],
    components: Collection[str],
) -> tuple[Finding, ...]:
    """Everything that stands against the release of a lot.

    Args:
        components: the keys of those whose lot is recorded.
    """
    found = []
    for key, outcome in outcomes(product.release, results).items():
        if outcome is Outcome.NOT_PASSED:
            found.append(Finding(Against.TEST_NOT_PASSED, key))
        elif outcome is not Outcome.PASSED:
            found.append(Finding(Against.TEST_OPEN, key))
    known = list(donors)
    if product.donor_tests and not known:
        found.append(Finding(Against.NO_DONOR))
    for donor in known:
        found += donor_findings(product, donor)
    missing = (each.key for each in product.components if each.key not in components)
    return (*found, *(Finding(Against.COMPONENT, key) for key in missing))


def open_tests(product: Product, findings: Collection[Finding]) -> tuple[str, ...] | None:
    """The tests that a conditional release would leave open; None where the protocol allows none
    with what stands against this lot."""
    subjects = [each.subject for each in findings if each.against is Against.TEST_OPEN]
    allowed = len(subjects) == len(findings) and set(subjects) <= set(product.may_be_open)
    return tuple(subjects) if subjects and allowed else None


_ENDS = frozenset({Against.TEST_NOT_PASSED, Against.DONOR_EXCLUDED})


def waits_for_decision(product: Product, status: LotStatus, findings: Collection[Finding]) -> bool:
    """Whether a lot waits for who decides about it: it can be released, whole or conditionally, or
    what was found is its end. One that waits for a test to be done doesn't."""
    if status not in (LotStatus.QUARANTINE, LotStatus.CONDITIONAL):
        return False
    if not findings or any(each.against in _ENDS for each in findings):
        return True
    return status is LotStatus.QUARANTINE and open_tests(product, findings) is not None


def kept_until(expires_on: date, years: int) -> date:
    """The last day for which the records of a lot are kept: so many years from its expiry.

    >>> kept_until(date(2024, 2, 29), 30)
    datetime.date(2054, 2, 28)
    """
    try:
        return expires_on.replace(year=expires_on.year + years)
    except ValueError:
        return expires_on.replace(year=expires_on.year + years, day=28)
