"""The bundled sample: the starting record's facts, its neighbours, and what was left out."""

import json

from trialwright.registry.library.sample import (
    STARTING_RECORD,
    sample_bytes,
    sample_pages,
    sample_record,
    sample_records,
    sample_see_also,
)
from trialwright.registry.record.codes import codes_of, in_words
from trialwright.registry.record.values import Given


def test_the_starting_record_has_all_that_its_page_shows() -> None:
    record = sample_record(STARTING_RECORD)
    assert record.title.value == "Human Amniotic Epithelial Cells for Asherman's Syndrome"
    assert record.status.value == "NOT_YET_RECRUITING"
    assert [phase.value for phase in record.phases] == ["PHASE1"]
    assert record.study_type.value == "INTERVENTIONAL"
    assert (str(record.start.date.value), str(record.completion.date.value)) == (
        "2017-10",
        "2021-03",
    )
    assert record.sponsor.name.value == (
        "The Second Affiliated Hospital of Chongqing Medical University"
    )
    assert [condition.value for condition in record.conditions] == ["Asherman's Syndrome"]
    assert record.condition_mesh.given is Given.ABSENT
    assert record.enrolment.count.value == 50
    assert len(record.arms) == 5
    assert [outcome.role for outcome in record.outcomes] == ["primary", *["secondary"] * 3]
    assert all((contact.name, contact.phone, contact.email) for contact in record.contacts)
    assert len(record.contacts) == 1


def test_its_page_lists_four_trials_with_status_title_and_phase() -> None:
    listed = [
        (other.number, other.status.value, other.phases.given)
        for other in sample_see_also(STARTING_RECORD)
    ]
    assert listed == [
        ("NCT02825849", "TERMINATED", Given.STATED),
        ("NCT06450301", "RECRUITING", Given.ABSENT),
        ("NCT02708277", "COMPLETED", Given.NOT_APPLICABLE),
        ("NCT02144987", "COMPLETED", Given.STATED),
    ]
    assert all(other.title for other in sample_see_also(STARTING_RECORD))


def test_condensed_text_is_marked_and_text_left_out_is_not_absent() -> None:
    record = sample_record(STARTING_RECORD)
    assert record.summary.condensed and record.description.condensed
    assert record.eligibility.criteria.condensed
    assert not record.title.condensed
    left_out = sample_record("NCT02132104")
    assert left_out.summary.given is Given.LEFT_OUT
    assert left_out.address == "https://clinicaltrials.gov/study/NCT02132104"
    assert left_out.sponsor.name.given is Given.ABSENT


def test_thirty_six_trials_each_naming_the_pages_it_was_read_from() -> None:
    records = sample_records()
    assert len({record.number for record in records}) == 36
    assert all(record.title or record.official_title for record in records)
    assert all(sample_pages(record.number) for record in records)


def test_no_person_is_named_but_the_starting_records_contact() -> None:
    for line in sample_bytes().splitlines():
        module = json.loads(line)["protocolSection"].get("contactsLocationsModule", {})
        assert module.keys() <= {"locations", "centralContacts"}
        assert b"centralContacts" not in line or STARTING_RECORD.encode() in line


def test_every_code_of_the_sample_has_words_in_both_languages() -> None:
    for record in sample_records():
        for value in (record.status, record.last_known_status):
            assert value.value is None or value.value in codes_of("status")
    assert in_words("status", "RECRUITING", "zh-hans") == "招募中"
