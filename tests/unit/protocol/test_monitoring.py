"""The plan of source data verification: what is critical, who is in the sample, and what raises a
site's share."""

from fractions import Fraction
from pathlib import Path

import pytest

from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.diff import compare_protocols
from trialwright.protocol.effects import Effect
from trialwright.protocol.loader import parse_file
from trialwright.protocol.monitoring import (
    MonitoringPlan,
    SignalKind,
    SiteRecord,
    Why,
    draw,
    site_plan,
)

SMALL = (Path(__file__).parent / "files" / "small.yaml").read_text(encoding="utf-8")
SEED = bytes(range(32))
BLOCK = """
monitoring:
  critical: [who.age, scan]
  sample: 1/4
  signals:
    query_rate: {above: 0.1, adds: 0.25}
    deviation_rate: {above: 0.5, adds: 0.25}
    late_entries: {above: 0, adds: 0.25}
    verification_errors: {above: 0.02, adds: 0.75}
populations:
"""


def planned(block: str = BLOCK) -> MonitoringPlan:
    plan = parse_file(SMALL.replace("\npopulations:\n", block).encode()).monitoring
    assert plan is not None
    return plan


def test_a_file_without_the_block_plans_nothing():
    assert parse_file(SMALL.encode()).monitoring is None


def test_an_item_is_critical_by_itself_or_by_its_form():
    plan = planned()
    assert plan.is_critical("who", "age")
    assert plan.is_critical("scan", "thickness")
    assert not plan.is_critical("who", "other")
    assert not plan.is_critical("scanner", "age")
    assert plan.late_after_days == 7


@pytest.mark.parametrize(
    ("record", "share"),
    [
        (SiteRecord(), "1/4"),
        # At the limit the share stays: the rule is of what lies above it.
        (SiteRecord(values=100, queries=10), "1/4"),
        (SiteRecord(values=100, queries=11), "1/2"),
        (SiteRecord(participants=2, deviations=1), "1/4"),
        (SiteRecord(participants=2, deviations=2), "1/2"),
        (SiteRecord(forms=1000, late=1), "1/2"),
        (SiteRecord(verified=100, errors=3), "1"),
        (SiteRecord(values=100, queries=11, participants=2, deviations=2), "3/4"),
        (
            SiteRecord(values=9, queries=9, participants=1, deviations=9, forms=1, late=1),
            "1",
        ),
        # Nothing to divide by says nothing.
        (SiteRecord(queries=3, deviations=3, late=3, errors=3), "1/4"),
    ],
)
def test_the_share_is_the_files_and_what_each_signal_above_its_limit_adds(record, share):
    assert planned().share(record) == Fraction(share)


def test_a_rate_is_of_what_it_is_counted_from():
    record = SiteRecord(8, 2, 4, 6, 10, 5, 20, 1)
    rates = [record.rate(kind) for kind in SignalKind]
    assert rates == [Fraction(1, 4), Fraction(3, 2), Fraction(1, 2), Fraction(1, 20)]


def test_a_draw_is_the_seeds_and_the_codes_alone():
    # Computed by `openssl dgst -sha256 -mac HMAC`, with the key 00 01 … 1f.
    assert draw(SEED, "C-001") == Fraction(0x42CAE7657E48EB6D, 1 << 64)
    assert draw(SEED, "C-001") != draw(SEED, "C-002")
    assert draw(bytes(32), "C-001") != draw(SEED, "C-001")


def test_draws_are_spread_evenly():
    """10,000 draws in tenths: chi-squared of 9 degrees of freedom lies below its 99.9 % point."""
    draws = [draw(SEED, f"C-{number:05}") for number in range(10_000)]
    tenths = [sum(tenth <= d * 10 < tenth + 1 for d in draws) for tenth in range(10)]
    assert sum(tenths) == 10_000
    assert sum((n - 1000) ** 2 / 1000 for n in tenths) < 27.88


def test_a_larger_share_keeps_everybody_who_was_in_the_sample():
    codes = [f"C-{number:03}" for number in range(200)]
    few = site_plan(planned(), seed=SEED, record=SiteRecord(), codes=codes)
    worse = SiteRecord(values=10, queries=9)
    more = site_plan(planned(), seed=SEED, record=worse, codes=codes)
    assert few.sampled < more.sampled
    assert 30 <= len(few.sampled) <= 70 and 75 <= len(more.sampled) <= 125
    whole = site_plan(planned(), seed=SEED, record=SiteRecord(verified=1, errors=1), codes=codes)
    assert whole.sampled == frozenset(codes)
    nobody = planned(BLOCK.replace("1/4", "0"))
    assert not site_plan(nobody, seed=SEED, record=SiteRecord(), codes=codes).sampled


def test_a_small_site_has_a_sample_too_and_one_whose_share_is_none_has_not():
    rare = planned(BLOCK.replace("1/4", "1/1000"))
    for codes in (["C-001"], ["C-001", "C-002", "C-003"]):
        [drawn] = site_plan(rare, seed=SEED, record=SiteRecord(), codes=codes).sampled
        assert drawn == min(codes, key=lambda code: draw(SEED, code))
    assert not site_plan(rare, seed=SEED, record=SiteRecord(), codes=[]).sampled
    nobody = planned(BLOCK.replace("1/4", "0"))
    assert not site_plan(nobody, seed=SEED, record=SiteRecord(), codes=["C-001"]).sampled


def test_it_is_said_why_a_value_is_verified():
    protocol = parse_file(SMALL.replace("\npopulations:\n", BLOCK).encode())
    who, scan = protocol.form("who"), protocol.form("scan")
    plan = planned(BLOCK.replace("[who.age, scan]", "[who.age]"))
    sites = site_plan(plan, seed=SEED, record=SiteRecord(), codes=["C-001"])
    assert sites.why("C-001", who, who.item("age")) is Why.CRITICAL
    assert sites.why("C-002", who, who.item("age")) is Why.CRITICAL
    assert sites.why("C-001", scan, scan.item("thickness")) is Why.SAMPLE
    assert sites.why("C-002", scan, scan.item("thickness")) is None
    assert sites.why("C-001", scan, scan.item("double")) is None, "computed"


def test_what_is_computed_or_tells_an_arm_is_verified_of_nobody():
    protocol = demonstration()
    assert protocol.monitoring is not None
    whole = site_plan(
        protocol.monitoring, seed=SEED, record=SiteRecord(verified=1, errors=1), codes=["C-001"]
    )
    assert whole.share < 1, "the demonstration's own rule reaches three in five by one signal"
    everybody = site_plan(
        MonitoringPlan((), Fraction(1), 7, (), 0), seed=SEED, record=SiteRecord(), codes=["C-001"]
    )
    for form in protocol.forms:
        for item in form.items:
            told = not item.computed and item.key not in form.unmasking_items
            assert (everybody.why("C-001", form, item) is Why.SAMPLE) is told


def test_what_an_amendment_of_the_plan_touches_is_said():
    before = parse_file(SMALL.replace("\npopulations:\n", BLOCK).encode())
    after = parse_file(SMALL.replace("\npopulations:\n", BLOCK.replace("1/4", "1/3")).encode())
    [change] = compare_protocols(before, after).changes
    assert change.effects == (Effect.VERIFICATION,)
    assert change.words.in_language("en") == (
        "Source data verification, share of participants verified: was 1/4; is 1/3"
    )
    assert change.words.in_language("zh") != change.words.in_language("en")
