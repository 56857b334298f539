"""Entries: conflicts, drafts, reasons, remarks, skips, scores, signatures, and what is sealed."""

from functools import partial

from django.db import connection

from tests.integration.conduct.refusing import absent, refused
from tests.integration.conduct.world import STUDY, World
from trialwright.conduct.actions import drafting, entering, querying, randomising
from trialwright.conduct.models import Draft, Entry, Query, Signature, Unblinding, Value
from trialwright.conduct.reads.forms import form_page
from trialwright.conduct.reads.participants import story
from trialwright.ledger import reading
from trialwright.protocol.basics import Role
from trialwright.protocol.values import Missing

MENSES = {
    "diary_back": "yes", "bled": "yes", "first_day": "2023-04", "on_hormones": "yes",
    "days": "4", "pads": "9", "category": "scant",
}  # fmt: skip


def _month_1(world: World) -> str:
    code = world.treated()
    world.later(days=30)
    world.visited(code, "month_1")
    return code


def _held(form: str) -> dict[str, str | None]:
    return dict(Value.objects.filter(entry__form=form).values_list("item", "text"))


def test_who_saves_on_an_old_revision_meets_a_conflict(world: World) -> None:
    code = _month_1(world)
    save = partial(world.save, world.coordinator, code, "month_1", "menses")
    save(MENSES)
    sentence = refused(
        partial(save, MENSES | {"pads": "10"}, change_reasons={"pads": "Counted again"})
    )
    assert "while you were typing" in sentence


def test_a_draft_is_kept_sealed_and_its_own_person_s(world: World) -> None:
    code = _month_1(world)
    typed = {"lot": "LOT-SECRET-77", "route": "intravenous"}
    draft = partial(drafting.save_draft, code=code, visit="day_0", form="administration")
    draft(by=world.handler, raw=typed, based_on=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text, sealed FROM conduct_draft t")
        text, sealed = cursor.fetchone()
    assert "LOT-SECRET" not in text and b"LOT-SECRET" not in bytes(sealed)
    page = form_page(world.handler, code, "day_0", "administration")
    assert page.values == typed and page.saved == {}
    absent(partial(draft, by=world.coordinator, raw=typed, based_on=0))
    assert Draft.objects.count() == 1


def test_a_complete_form_changes_only_with_a_why_for_each_change(world: World) -> None:
    code = _month_1(world)
    save = partial(world.save, world.coordinator, code, "month_1", "menses")
    save(MENSES)
    change = partial(save, {"pads": "10", "days": "5"}, based_on=1)
    assert refused(change).count("Say why this is changed") == 2
    assert refused(partial(change, change_reasons={"pads": "Counted again"})).count("Say why") == 1
    change(change_reasons={"pads": "Counted again", "days": "Counted again"})
    assert _held("menses")["pads_a_day"] == "2.00"
    row = Value.objects.get(item="pads", entry__form="menses")
    (line, *_) = reading.rows(
        STUDY, may_reveal=lambda _: True, entity="value", id=str(row.pk), field="text"
    )
    assert (line.old.text, line.new.text, line.reason.text) == ("9", "10", "Counted again")


def test_what_is_no_longer_asked_is_removed_and_the_ledger_says_so(world: World) -> None:
    code = _month_1(world)
    save = partial(world.save, world.coordinator, code, "month_1", "menses")
    save(MENSES)
    pads = Value.objects.get(item="pads", entry__form="menses").pk
    none = {"bled": "no", "category": "amenorrhoea"}
    why = "The diary was another woman's"
    assert save(none, based_on=1, change_reasons={"bled": why, "category": why}).complete
    held = _held("menses")
    assert held["pads_a_day"] == "0" and not {"pads", "days", "first_day"} & held.keys()
    (line, *_) = reading.rows(STUDY, may_reveal=lambda _: True, entity="value", id=str(pads))
    assert (line.field, line.reason.text) == ("", why)


def test_a_score_is_never_computed_from_incomplete_parts(world: World) -> None:
    code = _month_1(world)
    save = partial(world.save, world.coordinator, code, "month_1", "menses")
    parts = {key: text for key, text in MENSES.items() if key != "days"}
    assert not save(parts).complete
    assert "pads_a_day" not in _held("menses")
    assert save(parts | {"days": Missing("not_known")}, based_on=1).complete
    row = Value.objects.get(item="days")
    assert (row.text, row.missing) == (None, "not_known")
    assert "pads_a_day" not in _held("menses")


def test_a_partial_date_keeps_its_precision_and_reasons_are_the_item_s_own(world: World) -> None:
    code = _month_1(world)
    save = partial(world.save, world.coordinator, code, "month_1", "menses")
    save(MENSES)
    assert _held("menses")["first_day"] == "2023-04"
    why = {"first_day": "Asked again", "diary_back": "Asked again"}
    save({"first_day": "2023"}, based_on=1, change_reasons=why)
    assert _held("menses")["first_day"] == "2023"
    refused(partial(save, {"diary_back": Missing("not_known")}, based_on=2, change_reasons=why))
    refused(partial(save, {"first_day": Missing("bored")}, based_on=2, change_reasons=why))


def test_the_unlikely_needs_a_remark_and_becomes_an_answered_query(world: World) -> None:
    code = _month_1(world)
    save = partial(world.save, world.coordinator, code, "month_1", "menses")
    long = MENSES | {"days": "14"}
    assert "over 10" in refused(partial(save, long))
    (number,) = save(long, remarks={"days": "She bled on and off"}).queries
    query = Query.objects.get(number=number)
    assert (query.item, query.status, query.answer) == ("days", "answered", "She bled on and off")
    assert save(long, based_on=1).queries == ()
    close = partial(querying.close_query, code=code, number=number, at=world.now)
    absent(partial(close, by=world.coordinator))
    close(by=world.monitor)
    assert "closed already" in refused(partial(close, by=world.monitor))


def test_the_impossible_is_refused(world: World) -> None:
    code = _month_1(world)
    save = partial(world.save, world.coordinator, code, "month_1", "menses")
    assert "rating is not" in refused(partial(save, MENSES | {"category": "amenorrhoea"}))
    assert "from 0 to 200" in refused(partial(save, MENSES | {"pads": "900"}))
    assert "after today" in refused(partial(save, MENSES | {"first_day": "2023-12-24"}))
    assert not Entry.objects.filter(form="menses").exists()


def test_a_signature_holds_until_the_content_changes(world: World) -> None:
    code = _month_1(world)
    save = partial(world.save, world.coordinator, code, "month_1", "menses")
    save(MENSES)
    world.sign(world.investigator, code, "month_1", "menses")
    assert save(MENSES, based_on=1).signatures_void == 0
    saved = save({"pads": "10"}, based_on=2, change_reasons={"pads": "Counted again"})
    assert saved.signatures_void == 1
    assert Signature.objects.get(entry__form="menses").void_reason == "the form changed"
    world.sign(world.investigator, code, "month_1", "menses")
    assert Signature.objects.filter(entry__form="menses", void_at=None).count() == 1


def test_what_could_reveal_the_arm_is_not_there_for_masked_people(world: World) -> None:
    code = world.treated()
    world.visited(code, "day_0")
    given = {"lot": "H-1", "route": "intravenous", "given": "whole"}
    world.save(world.handler, code, "day_0", "administration", given)
    assert form_page(world.handler, code, "day_0", "administration").saved == given
    assert form_page(world.surgeon, code, "day_0", "administration").saved == given
    assert not Value.objects.filter(entry__form="administration").exists()
    for by in (world.coordinator, world.investigator, world.assessor, world.monitor):
        forms = {form.key for visit in story(by, code).visits for form in visit.forms}
        assert "administration" not in forms
        absent(partial(form_page, by, code, "day_0", "administration"))
        absent(partial(world.save, by, code, "day_0", "administration", given, based_on=1))
    absent(
        partial(
            querying.raise_query, by=world.monitor, code=code, visit="day_0",
            form="administration", item="lot", text="Which lot?", at=world.now,
        )
    )  # fmt: skip


def test_an_assessor_who_saw_the_arm_neither_enters_nor_signs_the_second_look(
    world: World,
) -> None:
    code = _month_1(world)
    day = world.now.date().isoformat()
    look = {
        "looked_on": day, "scored_on": day, "extent": "under_third", "adhesion_type": "filmy",
        "menses": "hypomenorrhoea", "esh_stage": "I", "endometritis": "no",
    }  # fmt: skip
    save = partial(world.save, world.assessor, code, "month_1", "second_look", look)
    assert save().complete
    Unblinding.objects.create(
        participant=world.row(code), person=world.assessor.person_id, seen_at=world.now, why="told"
    )
    absent(partial(save, based_on=1))
    absent(
        partial(
            entering.sign_entry, by=world.assessor, code=code, visit="month_1", form="second_look",
            content_hash="0" * 64, at=world.now,
        )
    )  # fmt: skip


def test_the_other_site_s_women_are_not_there(world: World) -> None:
    code = _month_1(world)
    there = world.person(Role.COORDINATOR, "N")
    for act in (
        partial(world.save, there, code, "month_1", "menses", MENSES),
        partial(form_page, there, code, "month_1", "menses"),
        partial(story, there, code),
        partial(
            randomising.randomise, by=world.person(Role.INVESTIGATOR, "N"), code=code, at=world.now
        ),
        partial(story, world.person(Role.ADMINISTRATOR), code),
    ):
        absent(act)
