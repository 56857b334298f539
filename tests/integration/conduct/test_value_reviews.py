"""Results outside normal are judged, values are verified in their source, and both stand only
while the value does."""

from functools import partial

import pytest

from tests.integration.conduct.refusing import absent, refused
from tests.integration.conduct.world import STUDY, World
from trialwright.conduct.actions import entering
from trialwright.conduct.actions.reviewing_values import FormAt, judge_results, verify_source
from trialwright.conduct.cut.making import open_cut
from trialwright.conduct.models import Entry, Study, ValueReview
from trialwright.conduct.models.value_reviews import ReviewAnswer
from trialwright.conduct.reads.value_reviews import (
    results_to_judge,
    reviews_of,
    unjudged,
    unverified,
)
from trialwright.conduct.reads.waiting import waiting_for
from trialwright.demonstration.protocol import demonstration
from trialwright.ledger import reading
from trialwright.protocol.basics import Role

SIGNIFICANT, NOT = ReviewAnswer.SIGNIFICANT, ReviewAnswer.NOT_SIGNIFICANT
COUNT = {"haemoglobin": "98", "leukocytes": "9.6", "platelets": "210"}


def counted(world: World, code: str, based_on: int = 0, **values: str) -> FormAt:
    """A blood count with a low haemoglobin and high leukocytes, or other values."""
    raw = {"sampled_on": world.now.date().isoformat(), **COUNT, **values}
    why = dict.fromkeys(values, "Misread")
    saved = world.save(
        world.coordinator, code, "screening", "blood_count", raw, based_on=based_on,
        change_reasons=why,
    )  # fmt: skip
    return FormAt(code, "screening", "blood_count", saved.revision)


def entry(code: str, form: str = "blood_count") -> Entry:
    return Entry.objects.get(participant__code=code, visit="screening", form=form)


@pytest.fixture
def place(world: World) -> FormAt:
    code = world.consented()
    world.visited(code, "screening")
    return counted(world, code)


def test_a_result_outside_normal_waits_for_the_investigator_of_the_site(
    world: World, place: FormAt
) -> None:
    assert [each.form for each in results_to_judge(world.investigator)] == ["blood_count"]
    assert list(results_to_judge(world.person(Role.INVESTIGATOR, "N"))) == []
    assert list(results_to_judge(world.coordinator)) == []
    waits = waiting_for(world.investigator)
    before = waits.count()
    judge_results(
        by=world.investigator, place=place, at=world.now,
        judgements={"haemoglobin": (NOT, ""), "leukocytes": (SIGNIFICANT, "Repeat in a week")},
        grades={"haemoglobin": (2, ""), "leukocytes": (0, "")},
    )  # fmt: skip
    assert list(results_to_judge(world.investigator)) == []
    assert waiting_for(world.investigator).count() == before - 1
    said = reviews_of(entry(place.code)).significance
    assert {key: each.answer for key, each in said.items()} == {
        "haemoglobin": NOT, "leukocytes": SIGNIFICANT,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("haemoglobin", "leukocytes", "outside"),
    [
        ("115", "9.5", False), ("114.9", "5", True), ("120", "9.51", True), ("<115", "5", True),
        ("<116", "5", False), ("120", ">9.5", True), ("120", ">9.4", False), ("150", "3.5", False),
    ],
)  # fmt: skip
def test_the_work_list_and_the_form_agree_on_what_is_outside(
    world: World, place: FormAt, haemoglobin: str, leukocytes: str, outside: bool
) -> None:
    counted(world, place.code, 1, haemoglobin=haemoglobin, leukocytes=leukocytes)
    assert unjudged(world.monitor).exists() is outside


def test_a_judgement_falls_with_its_value_and_with_no_other(world: World, place: FormAt) -> None:
    judgements = {"haemoglobin": (NOT, ""), "leukocytes": (NOT, "")}
    judge_results(by=world.investigator, place=place, judgements=judgements, at=world.now)
    counted(world, place.code, 1, haemoglobin="97")
    assert set(reviews_of(entry(place.code)).significance) == {"leukocytes"}
    gone = ValueReview.objects.get(item="haemoglobin")
    assert (gone.undone_at, gone.undone_reason) == (world.now, "the value changed")
    assert results_to_judge(world.investigator).exists()
    # What was changed and put back is another finding: it is judged anew.
    counted(world, place.code, 2, haemoglobin="98")
    assert set(reviews_of(entry(place.code)).significance) == {"leukocytes"}
    lines = reading.rows(STUDY, may_reveal=lambda _line: True, entity="value_review", limit=99)
    assert "undone_reason" in {line.field for line in lines}


def test_what_can_not_be_judged_is_refused_and_nothing_is_written(
    world: World, place: FormAt
) -> None:
    judge = partial(judge_results, by=world.investigator, place=place, at=world.now)
    told = refused(partial(judge, judgements={"haemoglobin": (SIGNIFICANT, " ")}))
    assert "what is done about it" in told and "Haemoglobin" in told
    absent(partial(judge, judgements={"platelets": (NOT, "")}))
    absent(partial(judge, judgements={"haemoglobin": (ReviewAnswer.VERIFIED, "")}))
    absent(partial(judge, by=world.coordinator, judgements={"haemoglobin": (NOT, "")}))
    absent(partial(judge, by=world.person(Role.INVESTIGATOR, "N"), judgements={}))
    counted(world, place.code, 1, platelets="211")
    told = refused(partial(judge, judgements={"haemoglobin": (NOT, "")}))
    assert "changed while you read it" in told
    assert not ValueReview.objects.exists()


def test_judging_anew_keeps_what_was_said(world: World, place: FormAt) -> None:
    judge = partial(judge_results, by=world.investigator, place=place, at=world.now)
    judge(judgements={"haemoglobin": (NOT, "")})
    judge(judgements={"haemoglobin": (NOT, "")})
    assert ValueReview.objects.count() == 1
    judge(judgements={"haemoglobin": (SIGNIFICANT, "Iron")})
    rows = ValueReview.objects.order_by("answer").values_list("answer", "undone_reason")
    assert list(rows) == [("not_significant", "judged anew"), ("significant", None)]


def test_a_cut_has_the_judgements_that_stand(world: World, place: FormAt) -> None:
    judgements = {"haemoglobin": (SIGNIFICANT, "Iron"), "leukocytes": (NOT, "")}
    judge_results(by=world.investigator, place=place, judgements=judgements, at=world.now)
    counted(world, place.code, 1, leukocytes="9.7")
    cut = open_cut(Study.objects.get(identifier=STUDY), demonstration(), "first", world.now)
    told = [(j.participant, j.item, j.significant, j.comment, j.judged_on) for j in cut.judgements]
    assert told == [(place.code, "haemoglobin", True, "Iron", world.now.date().isoformat())]


def test_values_are_verified_and_to_be_verified_again_once_changed(
    world: World, place: FormAt
) -> None:
    verify = partial(verify_source, by=world.monitor, place=place, at=world.now)
    assert "blood_count" in {each.form for each in unverified(world.monitor)}
    verify(items=["sampled_on", "haemoglobin", "leukocytes"])
    assert "blood_count" in {each.form for each in unverified(world.monitor)}
    verify(items=["sampled_on", "haemoglobin", "leukocytes", "platelets"])
    assert "blood_count" not in {each.form for each in unverified(world.monitor)}
    assert ValueReview.objects.count() == 4
    after = counted(world, place.code, 1, haemoglobin="97")
    assert set(reviews_of(entry(place.code)).source) == {"sampled_on", "leukocytes", "platelets"}
    assert "changed while you read it" in refused(partial(verify, items=["haemoglobin"]))
    verify(place=after, items=["sampled_on", "haemoglobin"])
    assert set(reviews_of(entry(place.code)).source) == {"sampled_on", "haemoglobin"}
    taken = ValueReview.objects.filter(undone_reason="taken back").values_list("item", flat=True)
    assert sorted(taken) == ["leukocytes", "platelets"]


def test_only_who_verifies_verifies_and_only_what_is_typed(world: World, place: FormAt) -> None:
    verify = partial(verify_source, place=place, at=world.now)
    for by in (world.coordinator, world.investigator, world.person(Role.DATA_MANAGER)):
        absent(partial(verify, by=by, items=["haemoglobin"]))
    absent(partial(verify, by=world.monitor, items=["nothing"]))
    day = world.now.date().isoformat()
    chemistry = {"sampled_on": day, "alt": "18", "ast": "21", "bilirubin": "9.5",
                 "creatinine": "56", "inr": "1.0", "fibrinogen": "2.8"}  # fmt: skip
    world.save(world.coordinator, place.code, "screening", "chemistry", chemistry)
    there = FormAt(place.code, "screening", "chemistry", 1)
    absent(partial(verify, by=world.monitor, place=there, items=["within_limits"]))
    verify(by=world.monitor, place=there, items=list(chemistry))
    assert "chemistry" not in {each.form for each in unverified(world.monitor)}


def test_nothing_restricted_is_reviewed(world: World) -> None:
    code = world.treated()
    world.visited(code, "day_0")
    world.save(world.handler, code, "day_0", "administration", {"lot": "LOT-1"})
    there = FormAt(code, "day_0", "administration", 1)
    absent(partial(verify_source, by=world.monitor, place=there, items=["lot"], at=world.now))
    assert "administration" not in {each.form for each in unverified(world.monitor)}


def test_a_signature_stands_beside_a_judgement(world: World, place: FormAt) -> None:
    world.sign(world.investigator, place.code, "screening", "blood_count")
    judge_results(
        by=world.investigator, place=place, judgements={"haemoglobin": (NOT, "")}, at=world.now
    )
    assert entry(place.code).signatures.filter(void_at=None, meaning=entering.MEANING).exists()
