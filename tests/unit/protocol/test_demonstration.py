"""The demonstration protocol says what its trial is, and owns to what it assumes."""

from decimal import Decimal

import pytest

from trialwright.demonstration.protocol import demonstration
from trialwright.protocol import UNKNOWN, ItemType, Origin


@pytest.fixture(scope="module")
def protocol():
    return demonstration()


def test_it_is_a_demonstration_under_its_own_identifier(protocol):
    assert protocol.identifier == "DEMO-HAEC-01"
    assert protocol.demonstration
    assert protocol.registered_as is None
    assert protocol.twin_of == "NCT03223454"


def test_its_five_arms_are_numbered_from_1_in_the_registered_order(protocol):
    assert [(arm.number, arm.key) for arm in protocol.arms] == [
        (1, "amnion_haec"),
        (2, "amnion_alone"),
        (3, "intravenous_haec"),
        (4, "intrauterine_haec"),
        (5, "hydrogel_haec"),
    ]
    assert protocol.arms[1].type == "placebo_comparator"


def test_every_fact_has_an_origin_and_a_source_that_exists(protocol):
    sources = {source.key for source in protocol.sources}
    assert len(protocol.facts) > 500
    assert all(fact.source in sources for fact in protocol.facts)


@pytest.mark.parametrize(
    ("path", "origin"),
    [
        ("participants", Origin.STATED),
        ("arms.intravenous_haec.description", Origin.STATED),
        ("criteria.inclusion.age.text", Origin.STATED),
        ("criteria.inclusion.refractory.text", Origin.ASSUMED),
        ("code_lists.afs_extent.none.label", None),
        ("forms.menses.sections.diary.items.pads_a_day.expression", Origin.STATED),
        ("forms.pbac.sections.counts.items.score.expression", Origin.LITERATURE),
        ("design.arm_rule.limit", Origin.ASSUMED),
        ("safety.clocks.rules.eu_other.period", Origin.LITERATURE),
        ("endpoints.pads_a_day.kind", Origin.STATED),
        ("endpoints.pads_a_day.at", Origin.ASSUMED),
    ],
)
def test_a_fact_carries_its_own_or_its_blocks_origin(protocol, path, origin):
    found = {fact.path: fact.origin for fact in protocol.facts}
    assert found.get(path) is origin


AFS_MENSES = {"normal": 0, "hypomenorrhoea": 2, "amenorrhoea": 4}
EXTENTS = {"under_third": 1, "to_two_thirds": 2, "over_two_thirds": 4}
TYPES = {"filmy": 1, "filmy_and_dense": 2, "dense": 4}


def afs(protocol, extent=None, adhesion_type=None, menses=None):
    form = protocol.form("hysteroscopy")
    given = {"extent": extent, "adhesion_type": adhesion_type, "menses": menses}
    total = form.item("afs_total").expression.evaluate(given)
    values = {**given, "afs_total": None if total is UNKNOWN else total}
    return total, form.item("afs_stage").expression.evaluate(values)


def test_the_afs_score_is_that_of_1988_for_all_27_patterns(protocol):
    totals = set()
    for extent, one in EXTENTS.items():
        for kind, two in TYPES.items():
            for menses, three in AFS_MENSES.items():
                total, stage = afs(protocol, extent, kind, menses)
                assert total == one + two + three
                assert stage == ("I" if total <= 4 else "II" if total <= 8 else "III")
                totals.add(total)
    assert totals == {Decimal(n) for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 12)}


def test_no_afs_total_comes_from_incomplete_parts(protocol):
    assert afs(protocol, "over_two_thirds", "dense") == (UNKNOWN, UNKNOWN)


def test_after_cure_the_stage_is_no_adhesions_whatever_the_menses(protocol):
    assert afs(protocol, "none", "none")[1] == "no_adhesions"
    assert afs(protocol, "none", "none", "hypomenorrhoea") == (Decimal(2), "no_adhesions")


def test_what_the_product_handler_writes_is_unmasking_and_what_the_assessor_writes_is_not(protocol):
    assert all(item.unmasking for item in protocol.form("administration").items)
    assert not any(item.unmasking for item in protocol.form("second_look").items)


def test_both_languages_are_there_for_every_label(protocol):
    for form in protocol.forms:
        for item in form.items:
            assert (item.label.en and item.label.zh and item.label.en != item.label.zh) or (
                item.label.en in ("ALT", "AST", "HIV", "INR")
            )


def test_numbers_that_are_measured_have_a_unit_or_are_counts(protocol):
    for form in protocol.forms:
        for item in form.items:
            if item.type in (ItemType.NUMBER, ItemType.LAB):
                assert item.unit, f"{form.key}.{item.key}"
