"""A saved change re-evaluates what depends on it, on other forms too, in the same transaction."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.integration.conduct.world import STUDY, World
from trialwright.conduct.models import (
    CriterionAnswer,
    Entry,
    Query,
    Signature,
    State,
    Value,
    VisitRecord,
)
from trialwright.conduct.reads.eligibility import eligibility_of
from trialwright.conduct.reads.forms import form_page
from trialwright.conduct.reads.history import history_of
from trialwright.conduct.sealed_values import open_entry
from trialwright.demonstration.protocol import demonstration
from trialwright.ledger import reading
from trialwright.protocol.dependencies import dependencies_of

MENSES = {
    "diary_back": "yes", "bled": "yes", "first_day": "2023-04", "on_hormones": "yes",
    "days": "4", "pads": "4", "category": "scant",
}  # fmt: skip
PBAC = {
    "tampons_light": "0", "tampons_medium": "0", "tampons_soaked": "0", "pads_light": "0",
    "pads_medium": "4", "pads_soaked": "0", "clots_small": "0", "clots_large": "0",
}  # fmt: skip
NO_BLEED = {"bled": "no", "category": "amenorrhoea"}
WHY = {"bled": "The diary was another's", "category": "The diary was another's"}


def _month_1(world: World) -> str:
    code = world.treated()
    world.later(days=30)
    world.visited(code, "month_1")
    world.save(world.coordinator, code, "month_1", "menses", MENSES)
    world.save(world.coordinator, code, "month_1", "pbac", PBAC)
    return code


def _held(form: str) -> dict[str, str | None]:
    return dict(Value.objects.filter(entry__form=form).values_list("item", "text"))


def _no_bleed(world: World, code: str) -> None:
    world.save(
        world.coordinator,
        code,
        "month_1",
        "menses",
        MENSES | NO_BLEED,
        based_on=1,
        change_reasons=WHY,
    )


def test_a_score_on_another_form_follows_and_its_signature_falls(world: World) -> None:
    code = _month_1(world)
    world.sign(world.investigator, code, "month_1", "pbac")
    assert _held("pbac")["score"] == "20"
    _no_bleed(world, code)
    assert _held("pbac") == {"score": "0"}
    signature = Signature.objects.get(entry__form="pbac")
    assert signature.void_reason == "a value it depends on changed"
    entry = Entry.objects.get(form="pbac")
    assert (entry.revision, entry.status) == (2, "complete")


def test_the_read_page_the_edit_page_and_the_table_say_the_same(world: World) -> None:
    code = _month_1(world)
    _no_bleed(world, code)
    page = form_page(world.coordinator, code, "month_1", "pbac")
    anew = page.judged(page.values).values
    assert {key: value["text"] for key, value in anew.items()} == page.saved == _held("pbac")


def test_the_ledger_names_the_item_that_caused_it(world: World) -> None:
    code = _month_1(world)
    score = Value.objects.get(item="score")
    _no_bleed(world, code)
    line, *_ = reading.rows(STUDY, may_reveal=lambda _: True, entity="value", id=str(score.pk))
    assert (line.old.text, line.new.text) == ("20", "0")
    assert line.reason.text.startswith("Follows from month_1.menses.bled")
    told = history_of(world.coordinator, code, "month_1", "pbac", 1, "score")
    assert [change.value for change in told.changes] == ["0", "20"]
    line, *_ = reading.rows(STUDY, may_reveal=lambda _: True, entity="value")
    asked = Value.objects.get(item="bled", entry__form="menses")
    line, *_ = reading.rows(STUDY, may_reveal=lambda _: True, entity="value", id=str(asked.pk))
    assert line.reason.text == "The diary was another's"


def test_a_form_that_is_asked_more_is_no_longer_complete(world: World) -> None:
    code = world.treated()
    world.later(days=30)
    world.visited(code, "month_1")
    save = world.save
    none = {"diary_back": "yes", "on_hormones": "yes", **NO_BLEED}
    save(world.coordinator, code, "month_1", "menses", none)
    assert save(world.coordinator, code, "month_1", "pbac", {}).complete
    save(world.coordinator, code, "month_1", "menses", MENSES, based_on=1,
         change_reasons=dict.fromkeys(MENSES, "The diary came"))  # fmt: skip
    assert Entry.objects.get(form="pbac").status == "incomplete"
    assert _held("pbac") == {}


def test_a_check_between_forms_fires_whichever_form_changes(world: World) -> None:
    code = _month_1(world)
    assert not Query.objects.exists()
    changed = MENSES | {"pads": "7"}
    save = world.save
    save(world.coordinator, code, "month_1", "menses", changed, based_on=1,
         change_reasons={"pads": "Counted again"})  # fmt: skip
    query = Query.objects.get()
    assert (query.entry.form, query.item, query.check_key) == ("pbac", "pads_light", "pads_agree")
    assert query.status == "open"
    save(world.coordinator, code, "month_1", "menses", changed | {"pads": "8"}, based_on=2,
         change_reasons={"pads": "Counted again"})  # fmt: skip
    assert Query.objects.count() == 1


def test_the_answer_to_a_criterion_follows_and_the_confirmation_falls(world: World) -> None:
    code = world.eligible()
    changed = {"hiv": "positive"}
    world.save(world.coordinator, code, "screening", "virology", changed, based_on=1,
               change_reasons={"hiv": "The report was mixed up"})  # fmt: skip
    row = CriterionAnswer.objects.get(criterion="infection")
    assert (row.answer, row.why) == ("fail", "Follows from screening.virology.hiv")
    assert world.row(code).state == State.CONSENTED
    told = eligibility_of(world.investigator, code)
    assert [each.void_reason for each in told.signatures] == ["a criterion changed"]
    world.save(world.coordinator, code, "screening", "virology", {"hiv": "negative"}, based_on=2,
               change_reasons={"hiv": "It was right"})  # fmt: skip
    assert CriterionAnswer.objects.get(criterion="infection").answer == "pass"


def test_windows_follow_the_item_that_they_are_counted_from(world: World) -> None:
    code = world.treated()
    world.later(days=120)
    save = world.save
    save(world.coordinator, code, "running", "bleed_report", {"first_day": "2023-06-20"})
    window = VisitRecord.objects.get(visit="first_bleed")
    assert window.target is not None and window.target.isoformat() == "2023-06-20"
    save(world.coordinator, code, "running", "bleed_report", {"first_day": "2023-06-25"},
         based_on=1, change_reasons={"first_day": "Asked again"})  # fmt: skip
    window.refresh_from_db()
    assert window.target.isoformat() == "2023-06-25"
    line, *_ = reading.rows(
        STUDY, may_reveal=lambda _: True, entity="visit", id=str(window.pk), field="target"
    )
    assert line.reason.text == "Follows from running.bleed_report.first_day"


def _administered(world: World, cells: str) -> str:
    code = world.treated()
    world.visited(code, "day_0")
    given = {"viable_cells": cells, "route": "intravenous", "given": "whole"}
    world.save(world.handler, code, "day_0", "administration", given)
    return code


def _weight(world: World, code: str, weight: str) -> list[str]:
    with CaptureQueriesContext(connection) as caught:
        world.save(world.coordinator, code, "screening", "demographics", {"weight": weight},
                   based_on=1, change_reasons={"weight": "Weighed again"})  # fmt: skip
    return [each["sql"].split(" ")[0] for each in caught.captured_queries]


def _per_kg(code: str) -> str | None:
    entry = Entry.objects.get(form="administration", participant__code=code)
    held = open_entry(STUDY, entry.pk, entry.sealed).values.get("cells_per_kg")
    return None if held is None else held["text"]


def test_what_is_restricted_follows_without_a_word_or_a_statement_more(world: World) -> None:
    """A dose by weight changes with the weight; whether there is one shows in nothing."""
    one = _administered(world, "100")
    world.later(days=8)
    other = _administered(world, "")
    assert _per_kg(one) == "1.83" and _per_kg(other) is None
    assert _weight(world, one, "60.0") == _weight(world, other, "60.0")
    assert _per_kg(one) == "1.67" and _per_kg(other) is None
    lines = reading.rows(STUDY, may_reveal=lambda _: True, limit=20)
    latest = [line for line in lines if line.recorded_at == lines[0].recorded_at]
    assert {line.reason.text for line in latest} == {
        "Weighed again", "Follows from screening.demographics.weight",
    }  # fmt: skip


def test_a_value_that_nothing_depends_on_costs_no_statement_more(world: World) -> None:
    code = world.entered()
    graph_free = {"esh_stage": "IIIb"}
    investigator = world.investigator  # reading who somebody is costs statements of its own
    with CaptureQueriesContext(connection) as caught:
        world.save(investigator, code, "screening", "hysteroscopy", graph_free, based_on=1,
                   change_reasons={"esh_stage": "Read again"})  # fmt: skip
    assert len(caught.captured_queries) == STATEMENTS_OF_A_SAVING


# As before anything was re-evaluated, one for the time zone of the site, one for what was said of
# the values that changed (it falls with them), and less a row read twice.
STATEMENTS_OF_A_SAVING = 19


def test_every_reader_of_the_demonstration_is_found() -> None:
    readers = dependencies_of(demonstration()).readers
    assert ("month_3", "pbac") in readers["month_3.menses.bled"]
    assert readers["screening.demographics.weight"] == {("day_0", "administration")}
