"""Rows kept while a lock is held: read once, and never other than the table has them."""

from collections.abc import Callable
from random import Random

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.integration.conduct.world import STUDY, World
from trialwright.conduct import tables
from trialwright.conduct.held_rows import current, held
from trialwright.conduct.models import Entry, Participant, Study, Value, VisitRecord


def read(code: str) -> Participant:
    found = tables.row_of(Participant, study_id=STUDY, code=code)
    assert found is not None
    return found


def test_a_row_is_read_once_and_everybody_has_an_object_of_their_own(world: World) -> None:
    code = world.screened()
    with held(), CaptureQueriesContext(connection) as caught:
        first, second = read(code), read(code)
    assert len(caught) == 1 and first == second and first is not second
    first.state = "lost"
    assert second.state == "screened"


def test_that_there_is_none_is_kept_until_there_is_one(world: World) -> None:
    participant = read(world.screened())
    asked = {"participant_id": participant.pk, "visit": "month_1"}
    with held():
        assert tables.rows_of(VisitRecord, **asked) == []
        tables.insert([VisitRecord(participant=participant, visit="month_1", status="planned")])
        assert len(tables.rows_of(VisitRecord, **asked)) == 1


def test_what_a_wider_answer_holds_is_not_read_again_and_is_forgotten_with_it(world: World) -> None:
    participant = read(world.screened())
    rows = [
        VisitRecord(participant=participant, visit=visit, status="planned")
        for visit in ("month_1", "month_3")
    ]
    with held():
        tables.insert(rows)
        every = tables.rows_of(VisitRecord, participant_id=participant.pk)
        asked = {"participant_id": participant.pk, "visit": "month_1"}
        with CaptureQueriesContext(connection) as caught:
            assert tables.rows_of(VisitRecord, **asked) == [
                each for each in every if each.visit == "month_1"
            ]
            assert tables.rows_of(VisitRecord, **{**asked, "visit": "month_9"}) == []
        assert not caught.captured_queries
        rows[0].status = "missed"
        tables.update(rows[0], ["status"])
        assert [each.status for each in tables.rows_of(VisitRecord, **asked)] == ["missed"]


def test_nothing_is_kept_outside_an_action(world: World) -> None:
    code = world.screened()
    assert current() is None
    with CaptureQueriesContext(connection) as caught:
        read(code)
        read(code)
    assert len(caught) == 2


def changed_here(participant: Participant) -> None:
    participant.state = "consented"
    tables.update(participant, ["state"])


def changed_at_once(participant: Participant) -> None:
    participant.state = "consented"
    tables.update_all([participant], ["state"])


def changed_by_django(participant: Participant) -> None:
    Participant.objects.filter(pk=participant.pk).update(state="consented")


def changed_by_a_statement(participant: Participant) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DO $$ BEGIN UPDATE conduct_participant SET state = 'consented'; END $$")


@pytest.mark.parametrize(
    "change", [changed_here, changed_at_once, changed_by_django, changed_by_a_statement]
)
def test_what_changes_is_read_again(world: World, change: Callable[[Participant], None]) -> None:
    code = world.screened()
    with held():
        assert read(code).state == "screened"
        change(read(code))
        assert read(code).state == "consented"


def test_what_is_taken_back_is_read_again(world: World) -> None:
    code = world.screened()
    with held():
        with pytest.raises(RuntimeError, match="broken off"), transaction.atomic():
            changed_here(read(code))
            assert read(code).state == "consented"
            raise RuntimeError("broken off")
        assert read(code).state == "screened"


def test_a_name_for_a_key_asks_for_the_same_row(world: World) -> None:
    entered = Entry.objects.filter(participant__code=world.entered())
    one = entered.get(form="demographics")
    with held():
        before = tables.rows_of(Value, entry_id=str(one.pk))
        tables.insert([Value(entry=one, item="added", text="1")])
        assert len(tables.rows_of(Value, entry_id=str(one.pk))) == len(before) + 1


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_done_what_is_held_is_what_is_there(world: World, seed: int) -> None:
    """Random reading, adding, changing, deleting and taking back, each read beside the table."""
    draw = Random(seed)
    participant = read(world.screened())
    version = Study.objects.get().version
    with held():
        for _step in range(60):
            _do_something(draw, participant, version)
            for status in ("incomplete", "complete"):
                asked = {"participant_id": participant.pk, "status": status}
                kept = {(each.pk, each.revision) for each in tables.rows_of(Entry, **asked)}
                assert kept == set(Entry.objects.filter(**asked).values_list("pk", "revision"))


def _do_something(draw: Random, participant: Participant, version: object) -> None:
    there = list(Entry.objects.filter(participant=participant).order_by("repeat"))
    what = draw.choice(["add", "add", "change", "all", "delete", "back"])
    if what == "add" or not there:
        tables.insert([
            Entry(
                participant=participant, visit="running", form="hormones", status="incomplete",
                repeat=len(there) + draw.randrange(1000, 10**6), revision=1,
                protocol_version=version,
            )
        ])  # fmt: skip
    elif what == "change":
        one = draw.choice(there)
        one.status, one.revision = draw.choice(["incomplete", "complete"]), one.revision + 1
        tables.update(one, ["status", "revision"])
    elif what == "all":
        for each in there:
            each.revision += 1
        tables.update_all(there, ["revision"])
    elif what == "delete":
        Entry.objects.filter(pk=draw.choice(there).pk).delete()
    else:
        with pytest.raises(RuntimeError), transaction.atomic():
            Entry.objects.filter(pk__in=[each.pk for each in there]).update(status="complete")
            tables.rows_of(Entry, participant_id=participant.pk, status="complete")
            raise RuntimeError
