"""Grades are proposed for stored results: by the range of their report, against the baseline."""

from functools import partial

import pytest

from tests.integration.conduct.refusing import absent, refused
from tests.integration.conduct.test_reference_ranges import HEAD
from tests.integration.conduct.world import World, begin, screening_forms
from trialwright.accounts.policy import Actor
from trialwright.conduct.actions.keeping_ranges import keep_ranges
from trialwright.conduct.actions.reviewing_values import FormAt, judge_results
from trialwright.conduct.models import ValueReview
from trialwright.conduct.models.value_reviews import ReviewAnswer
from trialwright.conduct.reads.forms import form_page
from trialwright.conduct.reads.value_reviews import results_to_judge, reviews_of
from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.basics import Role

COUNT = {"haemoglobin": "120", "leukocytes": "5.1", "platelets": "210"}


def counted(world: World, *, by: Actor | None = None, **values: str) -> str:
    code = world.consented()
    world.visited(code, "screening")
    raw = {"sampled_on": world.now.date().isoformat(), **COUNT, **values}
    world.save(by or world.coordinator, code, "screening", "blood_count", raw)
    return code


def grades(world: World, code: str, form: str = "blood_count") -> dict[str, int | None]:
    page = form_page(world.investigator, code, "screening", form)
    return {key: each.grade for key, each in page.grades.items()}


def test_each_saved_result_that_the_protocol_names_has_its_grade(world: World) -> None:
    code = counted(world, platelets="<20", haemoglobin="79")
    assert grades(world, code) == {"haemoglobin": 3, "leukocytes": 0, "platelets": 4}
    page = form_page(world.investigator, code, "screening", "blood_count")
    assert page.ctcae == "5.0" and page.grades["haemoglobin"].term == "Anemia"
    assert form_page(world.investigator, code, "screening", "chemistry").grades == {}


def test_a_corrected_result_has_another_grade_and_none_without_a_value(world: World) -> None:
    code = counted(world, platelets="40")
    assert grades(world, code)["platelets"] == 3
    raw = {"sampled_on": world.now.date().isoformat(), **COUNT, "platelets": ""}
    world.save(world.coordinator, code, "screening", "blood_count", raw, based_on=1,
               change_reasons={"platelets": "Another's tube"})  # fmt: skip
    assert "platelets" not in grades(world, code)


def test_the_range_is_that_of_the_report_and_not_the_protocols(world: World) -> None:
    code = counted(world, platelets="110")
    assert grades(world, code)["platelets"] == 1, "under 125, the protocol's limit"
    lines = "platelets,10^9/L,,,,100,350,2020-01-01,\n"
    keep_ranges(
        by=world.person(Role.DATA_MANAGER), laboratory="CENTRAL", sites=(),
        source=(HEAD + lines).encode(), file_name="ranges.csv", at=world.now,
    )  # fmt: skip
    assert grades(world, code)["platelets"] == 0


def test_without_a_range_it_can_not_be_graded_unless_it_is_far_out(db: None) -> None:
    source = demonstration().source_bytes.replace(b", normal_low: 125, normal_high: 350", b"")
    world = begin(source)
    assert grades(world, counted(world, platelets="110"))["platelets"] is None
    assert grades(world, counted(world, platelets="40"))["platelets"] == 3


def test_the_baseline_is_graded_by_range_and_what_comes_later_against_it(world: World) -> None:
    code = world.treated()
    world.later(days=28)
    world.visited(code, "month_1")
    # 18 U/L at screening, normal: later values go by the upper limit of 40.
    day = world.now.date()
    sheet = screening_forms(day)["chemistry"] | {"alt": "130"}
    world.save(world.coordinator, code, "month_1", "chemistry", sheet)
    page = form_page(world.investigator, code, "month_1", "chemistry")
    assert page.grades["alt"].grade == 2 and "3 x ULN" in str(page.grades["alt"].why)
    held = form_page(world.investigator, code, "screening", "chemistry")
    assert held.grades["alt"].grade == 0


def test_a_baseline_that_was_high_is_what_later_values_are_multiples_of(world: World) -> None:
    code = world.treated()
    before = form_page(world.coordinator, code, "screening", "chemistry")
    sheet = {key: str(value) for key, value in before.saved.items()} | {"bilirubin": "30"}
    sheet = {key: text for key, text in sheet.items() if key != "within_limits"}
    asks = dict.fromkeys(sheet, "As measured")
    world.save(world.coordinator, code, "screening", "chemistry", sheet, based_on=before.revision,
               change_reasons=asks, remarks=asks)  # fmt: skip
    world.later(days=28)
    world.visited(code, "month_1")
    later = screening_forms(world.now.date())["chemistry"] | {"bilirubin": "40"}
    world.save(world.coordinator, code, "month_1", "chemistry", later)
    page = form_page(world.investigator, code, "month_1", "chemistry")
    # 1.3 times a baseline that was high is grade 1; by the upper limit of 21 it were grade 2.
    assert page.grades["bilirubin"].grade == 1


def test_what_is_restricted_is_graded_for_who_may_see_it_alone(db: None) -> None:
    source = demonstration().source_bytes.decode()
    form = source.index("  blood_count:\n    label:")
    head, tail = source[:form], source[form:]
    tail = tail.replace("[coordinator]", "[coordinator, product_handler]", 1)
    tail = tail.replace("platelets: {label: ", "platelets: {unmasking: yes, label: ", 1)
    world = begin((head + tail).encode())
    code = counted(world, by=world.handler, platelets="40")
    assert grades(world, code) == {"haemoglobin": 0, "leukocytes": 0}
    seen = form_page(world.handler, code, "screening", "blood_count").grades
    assert seen["platelets"].grade == 3


NOT = (ReviewAnswer.NOT_SIGNIFICANT, "")


@pytest.fixture
def place(world: World) -> FormAt:
    return FormAt(counted(world, platelets="40"), "screening", "blood_count", 1)


def given_grades(world: World, place: FormAt) -> dict[str, int | None]:
    entry = form_page(world.investigator, place.code, place.visit, place.form).entry
    return {key: each.grade for key, each in reviews_of(entry).grade.items()}


def waiting(world: World) -> list[tuple[str, str]]:
    return [(each.visit, each.form) for each in results_to_judge(world.investigator)]


def test_a_grade_is_given_by_a_person_and_the_result_waits_until_it_is(
    world: World, place: FormAt
) -> None:
    judge = partial(judge_results, by=world.investigator, place=place, at=world.now)
    judge(judgements={"platelets": NOT})
    assert waiting(world) == [("screening", "blood_count")]
    judge(judgements={}, grades={"platelets": (3, "")})
    assert waiting(world) == [] and given_grades(world, place) == {"platelets": 3}
    row = ValueReview.objects.get(kind="grade")
    assert (row.grade, row.answer, row.role) == (3, "graded", "investigator")


def test_another_grade_than_the_proposed_needs_its_reason(world: World, place: FormAt) -> None:
    judge = partial(judge_results, by=world.investigator, place=place, at=world.now, judgements={})
    told = refused(partial(judge, grades={"platelets": (2, " ")}))
    assert "another grade than the proposed" in told and "Platelets" in told
    absent(partial(judge, grades={"platelets": (5, "Died")}))
    absent(partial(judge, grades={"nowhere": (1, "No such test")}))
    absent(partial(judge, by=world.coordinator, grades={"platelets": (3, "")}))
    assert not ValueReview.objects.exists()
    judge(grades={"platelets": (2, "Clumps in the tube; by citrate 60")})
    judge(grades={"platelets": (3, "")})
    rows = ValueReview.objects.order_by("grade").values_list("grade", "undone_reason")
    assert list(rows) == [(2, "judged anew"), (3, None)]


def test_a_grade_falls_with_its_value_and_with_its_range(world: World, place: FormAt) -> None:
    judge = partial(judge_results, by=world.investigator, judgements={"platelets": NOT})
    judge(place=place, grades={"platelets": (3, "")}, at=world.now)
    raw = {"sampled_on": world.now.date().isoformat(), **COUNT, "platelets": "60"}
    world.save(world.coordinator, place.code, "screening", "blood_count", raw, based_on=1,
               change_reasons={"platelets": "Misread"})  # fmt: skip
    assert given_grades(world, place) == {} and waiting(world) == [("screening", "blood_count")]
    again = FormAt(place.code, "screening", "blood_count", 2)
    judge(place=again, grades={"platelets": (2, "")}, at=world.now)
    assert waiting(world) == []
    keep_ranges(
        by=world.person(Role.DATA_MANAGER), laboratory="CENTRAL", sites=(),
        source=(HEAD + "platelets,10^9/L,,,,65,350,2020-01-01,\n").encode(),
        file_name="ranges.csv", at=world.now,
    )  # fmt: skip
    assert given_grades(world, place) == {}, "still under the limit, by another range"
    assert waiting(world) == [("screening", "blood_count")]


def measured_at_baseline(world: World, code: str, creatinine: str) -> None:
    before = form_page(world.coordinator, code, "screening", "chemistry")
    sheet = {key: str(value) for key, value in before.saved.items() if key != "within_limits"}
    asks = dict.fromkeys(sheet, "As measured")
    sheet["creatinine"] = creatinine
    world.save(world.coordinator, code, "screening", "chemistry", sheet, based_on=before.revision,
               change_reasons=asks, remarks=asks)  # fmt: skip


def later_chemistry(world: World, **values: str) -> FormAt:
    code = world.treated()
    measured_at_baseline(world, code, "44")
    world.later(days=28)
    world.visited(code, "month_1")
    sheet = screening_forms(world.now.date())["chemistry"] | values
    world.save(world.coordinator, code, "month_1", "chemistry", sheet)
    return FormAt(code, "month_1", "chemistry", 1)


def test_a_multiple_of_the_baseline_waits_though_it_lies_within_normal(world: World) -> None:
    # After 44, 67 is within normal and more than 1.5 times as much.
    place = later_chemistry(world, creatinine="67")
    page = form_page(world.investigator, place.code, "month_1", "chemistry")
    assert page.grades["creatinine"].grade == 2
    assert waiting(world) == [("month_1", "chemistry")]
    judge_results(by=world.investigator, place=place, at=world.now, judgements={},
                  grades={"creatinine": (2, "")})  # fmt: skip
    assert waiting(world) == []
    measured_at_baseline(world, place.code, "43")
    assert given_grades(world, place) == {}, "the baseline it went by is another"
    assert waiting(world) == [("month_1", "chemistry")]


def test_what_is_within_normal_and_near_its_baseline_waits_for_nobody(world: World) -> None:
    later_chemistry(world, creatinine="65")
    assert waiting(world) == []
