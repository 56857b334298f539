"""The casebook of a participant and the case report form: whole, and with nothing a reader may not
see."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.integration.conduct.attached import jpeg, png
from tests.integration.conduct.refusing import absent
from tests.integration.conduct.world import STUDY, World
from trialwright.accounts.policy import Actor
from trialwright.conduct.actions.attaching import OnForm, attach_file, remove_attachment
from trialwright.conduct.actions.reviewing_values import FormAt, judge_results
from trialwright.conduct.models.value_reviews import ReviewAnswer
from trialwright.conduct.reads.casebook import casebook_of
from trialwright.protocol.basics import Role

Browsers = Callable[[str], Client]


@pytest.fixture
def code(world: World) -> str:
    """A treated participant with a lot on a restricted form and a judged blood count."""
    code = world.treated()
    world.visited(code, "day_0")
    world.save(world.handler, code, "day_0", "administration", {"lot": "LOT-4711"})
    low = {"sampled_on": world.now.date().isoformat(), "haemoglobin": "98", "leukocytes": "5.1",
           "platelets": "210"}  # fmt: skip
    world.save(world.coordinator, code, "screening", "blood_count", low)
    judge_results(
        by=world.investigator, place=FormAt(code, "screening", "blood_count", 1), at=world.now,
        judgements={"haemoglobin": (ReviewAnswer.SIGNIFICANT, "Iron")},
    )  # fmt: skip
    world.sign(world.investigator, code, "screening", "demographics")
    return code


def told(by: Actor, code: str) -> dict[tuple[str, str], dict[str, str | None]]:
    return {
        (visit.visit.key, form.form.key): {key: held["text"] for key, held in form.stored.items()}
        for visit in casebook_of(by, code).visits
        for form in visit.forms
    }


def test_a_casebook_has_every_answer_by_visit_with_signatures_and_judgements(
    world: World, code: str
) -> None:
    book = casebook_of(world.monitor, code)
    assert book.visits[0].visit.key == "screening"
    forms = {form.form.key: form for visit in book.visits for form in visit.forms}
    assert forms["demographics"].stored["age"]["text"] == "31"
    assert len(forms["demographics"].signatures) == 1 and not forms["virology"].signatures
    assert forms["blood_count"].judged == {"haemoglobin": (ReviewAnswer.SIGNIFICANT, "Iron")}


def test_who_is_blinded_finds_no_restricted_form_in_it(world: World, code: str) -> None:
    place = ("day_0", "administration")
    assert place not in told(world.monitor, code)
    assert not casebook_of(world.monitor, code).restricted
    assert told(world.person(Role.SAFETY_OFFICE), code)[place]["lot"] == "LOT-4711"
    assert casebook_of(world.person(Role.SAFETY_OFFICE), code).restricted


def test_attachments_stand_by_their_form_and_restricted_ones_for_unblinded_people(
    world: World, code: str
) -> None:
    office = world.person(Role.SAFETY_OFFICE)
    for content, by, place, about in (
        (png(), world.coordinator, OnForm("screening", "demographics", 1), "Chart"),
        (png(shade=1), world.coordinator, None, "Map"),
        (jpeg(), world.handler, OnForm("day_0", "administration", 1), ""),
        (png(shade=2), world.coordinator, None, "Wrong"),
    ):
        attach_file(by=by, code=code, content=content, file_name="a.png" if content != jpeg() else
                    "a.jpg", about=about, place=place, at=world.now)  # fmt: skip
    remove_attachment(by=world.coordinator, code=code, number=4, reason="Another", at=world.now)

    def attached(by: Actor) -> dict[str, list[int]]:
        book = casebook_of(by, code)
        forms = [form for visit in book.visits for form in visit.forms if form.attachments]
        found = {form.form.key: [each.number for each in form.attachments] for form in forms}
        return found | {"": [each.number for each in book.attachments]}

    assert attached(world.monitor) == {"demographics": [1], "": [2]}
    assert attached(office) == {"demographics": [1], "administration": [3], "": [2]}


def test_another_site_has_no_casebook_of_the_participant(world: World, code: str) -> None:
    absent(lambda: casebook_of(world.person(Role.COORDINATOR, "N"), code))


def test_a_casebook_costs_the_same_whatever_is_filled_in(world: World) -> None:
    code = world.consented()
    world.visited(code, "screening")
    world.save(world.coordinator, code, "screening", "demographics",
               {"age": "31", "height": "161.0", "weight": "54.5"})  # fmt: skip

    def statements() -> int:
        with CaptureQueriesContext(connection) as counted:
            casebook_of(world.monitor, code)
        return len(counted)

    few = statements()
    for form, raw in {
        "vital_signs": {}, "ultrasound": {},
        "blood_count": {"haemoglobin": "130", "leukocytes": "5.1", "platelets": "210"},
    }.items():  # fmt: skip
        world.save(world.coordinator, code, "screening", form, raw)
    assert statements() == few


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_casebook_and_forms_are_pdfs_in_both_languages(
    world: World, code: str, signed_in: Browsers, language: str
) -> None:
    feng = signed_in("feng")
    for place in (
        f"participants/{code}/casebook.pdf", "protocol/crf.pdf", "protocol/annotated-crf.pdf",
    ):  # fmt: skip
        answer = feng.get(f"/studies/{STUDY}/{place}?language={language}", follow=True)
        assert answer["Content-Type"] == "application/pdf", place
        assert answer.content.startswith(b"%PDF-") and len(answer.content) > 20_000
