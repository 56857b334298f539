"""The laboratory's range in force on the day of the sample is bound to each result, and flags and
judgements go by it."""

from datetime import date
from functools import partial

import pytest

from tests.integration.conduct.refusing import absent, refused
from tests.integration.conduct.world import STUDY, World, begin
from trialwright.conduct.actions.keeping_ranges import keep_ranges
from trialwright.conduct.actions.reviewing_values import FormAt, judge_results
from trialwright.conduct.models import BoundRange, RangeList, Study, ValueReview
from trialwright.conduct.models.value_reviews import ReviewAnswer
from trialwright.conduct.reads.forms import form_page
from trialwright.conduct.reads.laboratory import laboratories, ranges_of
from trialwright.conduct.reads.value_reviews import abnormal_items, unjudged
from trialwright.demonstration.protocol import demonstration
from trialwright.ledger import files, reading
from trialwright.ledger.verify import verify
from trialwright.protocol.basics import Role

HEAD = "test,unit,sex,age_from,age_below,low,high,first_day,last_day\n"
# The participants are 31: over and under the age, before and after the day.
LIST = (
    "haemoglobin,g/L,female,18,32,90,150,2020-01-01,2023-03-05\n"
    "haemoglobin,g/L,female,32,,80,150,2020-01-01,2023-03-05\n"
    "haemoglobin,g/L,female,18,32,95,150,2023-03-06,\n"
    "haemoglobin,g/L,female,32,,100,150,2023-03-06,\n"
    "leukocytes,10^9/L,,,,3.5,9.7,2020-01-01,\n"
)
COUNT = {"haemoglobin": "98", "leukocytes": "9.6", "platelets": "210"}
NOT = ReviewAnswer.NOT_SIGNIFICANT


@pytest.fixture
def world(db: None) -> World:
    source = demonstration().source_bytes
    source = source.replace(
        b"\nforms:\n", b"\nlaboratory: {sex: female, age: screening.demographics.age}\nforms:\n"
    )
    label = '    label: {en: "Blood count", zh: "血常规"}\n'.encode()
    assert label in source
    return begin(source.replace(label, label + b"    sampled: sampled_on\n", 1))


def keep(world: World, lines: str = LIST, laboratory: str = "CENTRAL", **more: object) -> int:
    by = more.pop("by", None) or world.person(Role.DATA_MANAGER)
    return keep_ranges(
        by=by, laboratory=laboratory, sites=more.pop("sites", ()),
        source=(HEAD + lines).encode(), file_name="ranges.csv", at=world.now,
    )  # fmt: skip


def came(world: World, age: str = "31") -> str:
    code = world.consented()
    world.visited(code, "screening")
    body = {"age": age, "height": "161.0", "weight": "54.5"}
    world.save(world.coordinator, code, "screening", "demographics", body)
    return code


def counted(world: World, code: str, based_on: int = 0, **values: str) -> FormAt:
    raw = {"sampled_on": world.now.date().isoformat(), **COUNT, **values}
    why = dict.fromkeys([*values, "sampled_on"], "Misread") if based_on else {}
    saved = world.save(
        world.coordinator, code, "screening", "blood_count", raw, based_on=based_on,
        change_reasons=why,
    )  # fmt: skip
    return FormAt(code, "screening", "blood_count", saved.revision)


def bound(code: str) -> dict[str, tuple[str, str, date]]:
    rows = BoundRange.objects.filter(entry__participant__code=code).select_related("range")
    return {row.item: (row.range.low, row.range.high, row.sampled_on) for row in rows}


def outside(world: World, code: str) -> list[str]:
    page = form_page(world.investigator, code, "screening", "blood_count")
    return abnormal_items(page.form, page.stored)


def test_a_result_gets_the_range_of_its_sex_age_and_day(world: World) -> None:
    keep(world)
    code, today = came(world), world.now.date()
    place = counted(world, code)
    assert bound(code) == {"haemoglobin": ("95", "150", today), "leukocytes": ("3.5", "9.7", today)}
    # By the protocol both lie outside; by the laboratory's range neither does.
    assert outside(world, code) == []
    # Below 100 g/L it has a grade by any range, which is given anew when the range changes.
    grade = partial(judge_results, by=world.investigator, judgements={}, at=world.now)
    grade(place=place, grades={"haemoglobin": (2, "")})
    assert not unjudged(world.monitor).exists()
    place = counted(world, code, 1, sampled_on="2023-03-05")
    assert unjudged(world.monitor).exists()
    grade(place=place, grades={"haemoglobin": (2, "")})
    assert bound(code)["haemoglobin"] == ("90", "150", date(2023, 3, 5))
    older = came(world, age="32")
    counted(world, older)
    assert bound(older)["haemoglobin"][0] == "100"
    assert outside(world, older) == ["haemoglobin"]
    assert [each.participant.code for each in unjudged(world.monitor)] == [older]


def test_where_the_laboratory_has_none_the_protocols_limits_count(world: World) -> None:
    keep(world)
    code = came(world)
    counted(world, code, platelets="100")
    assert "platelets" not in bound(code)
    assert outside(world, code) == ["platelets"]
    assert unjudged(world.monitor).exists()


def test_a_change_of_what_a_range_goes_by_binds_anew(world: World) -> None:
    keep(world)
    code = came(world)
    counted(world, code)
    body = {"age": "33", "height": "161.0", "weight": "54.5"}
    world.save(
        world.coordinator, code, "screening", "demographics", body, based_on=1,
        change_reasons={"age": "Misread"},
    )  # fmt: skip
    assert bound(code)["haemoglobin"][0] == "100"
    assert outside(world, code) == ["haemoglobin"]
    counted(world, code, 1, leukocytes="")
    assert set(bound(code)) == {"haemoglobin"}


def test_a_new_version_binds_again_and_undoes_what_was_judged_by_the_old(world: World) -> None:
    code = came(world)
    place = counted(world, code, platelets="100")
    low = {"haemoglobin": (NOT, ""), "leukocytes": (NOT, ""), "platelets": (NOT, "")}
    judge_results(by=world.investigator, place=place, judgements=low, at=world.now)
    assert keep(world) == 1
    standing = ValueReview.objects.filter(undone_at=None).values_list("item", flat=True)
    assert set(standing) == {"platelets"}, "the others are inside the laboratory's range"
    gone = ValueReview.objects.get(item="haemoglobin")
    assert gone.undone_reason == "the reference range changed"
    assert keep(world, LIST.replace(",95,", ",99,")) == 2
    assert bound(code)["haemoglobin"][0] == "99"
    assert outside(world, code) == ["haemoglobin", "platelets"]
    told = laboratories(world.investigator)
    assert [(each.version, each.newest) for each in told.lists] == [(2, True), (1, False)]
    assert not told.keeps
    kept, lines = ranges_of(world.investigator, "CENTRAL", 1)
    assert not kept.newest and [line.low for line in lines][:3] == ["90", "80", "95"]


def test_a_list_of_one_site_is_not_anothers(world: World) -> None:
    keep(world, sites=("N",))
    code = came(world)
    counted(world, code)
    assert bound(code) == {}
    keep(world, laboratory="LOCAL", sites=("C",))
    assert bound(code)["haemoglobin"][0] == "95"
    assert Study.objects.get(pk=STUDY).laboratories == 2
    told = refused(partial(keep, world, LIST.replace("95", "94"), laboratory="THIRD"))
    assert "LOCAL has ranges of haemoglobin" in told or "CENTRAL has ranges" in told


def test_what_is_wrong_with_a_list_is_refused(world: World) -> None:
    assert "no site of this study" in refused(partial(keep, world, sites=("X",)))
    assert "code of at most 32" in refused(partial(keep, world, laboratory="a b"))
    told = refused(partial(keep, world, LIST.replace("18,32,95", "18,31,95")))
    assert "gap" in told and "31 to 31 years" in told
    keep(world)
    assert "in force already" in refused(partial(keep, world))
    for who in (world.coordinator, world.investigator, world.monitor):
        absent(partial(keep, world, LIST.replace("95", "94"), by=who))


@pytest.mark.django_db(transaction=True)
def test_the_ledger_speaks_for_lists_ranges_and_what_is_bound(world: World) -> None:
    keep(world)
    counted(world, came(world))
    for entity in ("range_list", "reference_range", "bound_range"):
        assert reading.rows(STUDY, may_reveal=lambda _line: True, entity=entity, limit=9)
    keys = files.keys()
    check = partial(verify, STUDY, heads_path=files.heads_path(), publics=[keys.public], keys=keys)
    assert check().problems == []
    RangeList.objects.update(sites="N")
    assert "range_list" in " ".join(each.sentence() for each in check().problems)


def test_a_form_shows_the_range_before_anything_is_entered(world: World) -> None:
    keep(world)
    code = came(world)
    page = form_page(world.coordinator, code, "screening", "blood_count")
    assert page.ranges["haemoglobin"].laboratory == "CENTRAL"
    item = page.form.item("haemoglobin")
    assert (str(item.normal_low), str(item.normal_high)) == ("95", "150")
    assert page.form.item("platelets").normal_low == 125
