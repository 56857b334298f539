"""Rows read and written by equal columns, as Django would; what can't be read so is refused."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from tests.integration.conduct.world import STUDY, World
from trialwright.conduct import tables
from trialwright.conduct.models import Consent, Entry, Participant, Study, Value, VisitRecord


def test_a_row_comes_as_django_would_bring_it(world: World) -> None:
    code = world.consented()
    read = tables.row_of(Participant, study_id=STUDY, code=code)
    assert read is not None and not read._state.adding
    known = Participant.objects.get(code=code)
    assert {f.attname: getattr(read, f.attname) for f in Participant._meta.concrete_fields} == {
        f.attname: getattr(known, f.attname) for f in Participant._meta.concrete_fields
    }


def test_rows_are_those_whose_columns_are_equal_and_no_others(world: World) -> None:
    code = world.consented()
    participant = Participant.objects.get(code=code)
    visits = tables.rows_of(VisitRecord, participant_id=participant.pk)
    assert {each.pk for each in visits} == set(
        VisitRecord.objects.filter(participant=participant).values_list("pk", flat=True)
    )
    assert tables.rows_of(VisitRecord, participant_id=uuid4()) == []
    assert tables.row_of(Study, identifier="ANOTHER") is None


def test_many_rows_where_one_was_looked_for_is_an_error(world: World) -> None:
    participant = Participant.objects.get(code=world.consented())
    with pytest.raises(LookupError, match="VisitRecord where one was looked for"):
        tables.row_of(VisitRecord, participant_id=participant.pk)


def test_an_unknown_column_and_a_converted_one_are_refused(world: World) -> None:
    with pytest.raises(ValueError, match="Participant has no column participant"):
        tables.rows_of(Participant, participant="C-001")
    with pytest.raises(ValueError, match=r"Consent.parts doesn't stand in the table as it is"):
        tables.rows_of(Consent, version="1.0")


def test_what_is_inserted_and_changed_is_there_and_constraints_hold(world: World) -> None:
    participant = Participant.objects.get(code=world.consented())
    version = Study.objects.get().version
    entry = Entry(
        participant=participant, visit="running", form="hormones", status="incomplete", revision=1,
        protocol_version=version,
    )  # fmt: skip
    tables.insert([entry])
    values = [Value(entry=entry, item=f"item_{number}", text=str(number)) for number in range(1100)]
    tables.insert(values)
    assert Value.objects.filter(entry=entry).count() == 1100
    values[3].text, values[3].missing = None, "not_done"
    tables.update(values[3], ["text", "missing"])
    assert Value.objects.get(pk=values[3].pk).missing == "not_done"
    with pytest.raises(IntegrityError, match="value_once"), transaction.atomic():
        tables.insert([Value(entry=entry, item="item_1", text="again")])
    with pytest.raises(LookupError, match="is no row of Value"):
        tables.update(Value(entry=entry, item="item_x", text="nowhere"), ["text"])
