"""What stands beside a trial: related trials with reasons, freshness, history."""

from datetime import date
from pathlib import Path

import pytest

from trialwright.registry.library.adding import add
from trialwright.registry.library.library import Library, NotInLibraryError
from trialwright.registry.library.sample import STARTING_RECORD, sample_bytes, sample_see_also
from trialwright.registry.readers.ctgov_v2 import record_from_study
from trialwright.registry.readers.files import RawRecord, raw_records
from trialwright.registry.record.record import Record
from trialwright.registry.related.freshness import doubts, stale
from trialwright.registry.related.history import RecordChange, changes_between, history
from trialwright.registry.related.related import related

TODAY = date(2026, 6, 15)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The bundled sample."""
    folder = tmp_path_factory.mktemp("library")
    add(folder, [RawRecord(line, "sample", "") for line in sample_bytes().splitlines()])
    return Library(folder)


def record(status: dict[str, object], **modules: object) -> Record:
    """A trial with this status module."""
    named = {f"{name}Module": module for name, module in modules.items()}
    return record_from_study(
        {
            "protocolSection": {
                "identificationModule": {"nctId": "NCT00000001"},
                "statusModule": status,
                **named,
            }
        }
    )


def test_related_trials_come_with_reasons_and_none_twice(library: Library) -> None:
    found = related(library, STARTING_RECORD, limit=40)
    numbers = [item.nct for item in found]
    assert STARTING_RECORD not in numbers and len(set(numbers)) == len(numbers)
    assert [item.score for item in found] == sorted((i.score for i in found), reverse=True)
    assert all(item.reasons and 0 < item.score <= 1 for item in found)
    first = found[0]
    assert (
        first.reasons[0].words() == "the same or a near condition: Asherman's Syndrome (Gynatresia)"
    )
    assert first.reasons[0].words("zh-hans").startswith("相同或相近的病症")


def test_the_trials_of_the_starting_page_are_near_in_the_sample(library: Library) -> None:
    near = {item.nct for item in related(library, STARTING_RECORD, limit=20)}
    listed = {item.number for item in sample_see_also(STARTING_RECORD)}
    assert listed - near <= {"NCT06450301"}


def test_a_trial_of_title_and_status_alone_has_related_ones_too(library: Library) -> None:
    assert related(library, "NCT06450301")
    with pytest.raises(NotInLibraryError):
        related(library, "NCT99999999")


@pytest.mark.slow
def test_the_starting_pages_trials_are_among_the_first_twenty_of_all(
    shared: Path, tmp_path: Path
) -> None:
    from trialwright.registry.library.reindexing import load_mesh_file

    load_mesh_file(tmp_path, shared / "mesh" / "mesh2024-descriptors.tsv.gz")
    for name in ("studies-v2.ndjson.gz", "legacy-xml.tar.gz", "asherman-studies.ndjson", "other"):
        add(tmp_path, raw_records(shared / name))
    first = [item.nct for item in related(Library(tmp_path), STARTING_RECORD, limit=20)]
    assert {"NCT02825849", "NCT02708277", "NCT02144987"} <= set(first)


@pytest.mark.parametrize(
    ("status", "kind", "since"),
    [
        (
            {
                "overallStatus": "RECRUITING",
                "completionDateStruct": {"date": "2024-05"},
                "statusVerifiedDate": "2023-01",
            },
            "unknown",
            date(2025, 1, 31),
        ),
        (
            {
                "overallStatus": "ACTIVE_NOT_RECRUITING",
                "completionDateStruct": {"date": "2026-05"},
                "statusVerifiedDate": "2023-01",
            },
            "unknown",
            date(2026, 6, 1),
        ),
        (
            {"overallStatus": "NOT_YET_RECRUITING", "startDateStruct": {"date": "2025-03"}},
            "not started",
            date(2025, 9, 27),
        ),
        (
            {
                "overallStatus": "RECRUITING",
                "startDateStruct": {"date": "2030"},
                "completionDateStruct": {"date": "2029-12"},
            },
            "contradiction",
            None,
        ),
        (
            {"overallStatus": "COMPLETED", "completionDateStruct": {"date": "2027-01"}},
            "contradiction",
            None,
        ),
    ],
)
def test_dates_that_throw_doubt_on_a_status(
    status: dict[str, object], kind: str, since: date | None
) -> None:
    (doubt,) = doubts(record(status), TODAY)
    assert (doubt.kind, doubt.since) == (kind, since)
    assert doubt.because


@pytest.mark.parametrize(
    "status",
    [
        {"overallStatus": "COMPLETED", "completionDateStruct": {"date": "2020"}},
        {
            "overallStatus": "RECRUITING",
            "completionDateStruct": {"date": "2024-05"},
            "statusVerifiedDate": "2024-07",
        },
        {
            "overallStatus": "RECRUITING",
            "completionDateStruct": {"date": "2026-06"},
            "statusVerifiedDate": "2020-01",
        },
        {"overallStatus": "RECRUITING", "startDateStruct": {"date": "2026"},
         "completionDateStruct": {"date": "2026-12"}},
        {},
    ],
)  # fmt: skip
def test_no_doubt_where_the_dates_leave_none(status: dict[str, object]) -> None:
    assert doubts(record(status), TODAY) == ()


def test_the_month_that_may_still_run_is_not_over() -> None:
    status = {"overallStatus": "RECRUITING", "completionDateStruct": {"date": "2026-06"},
              "statusVerifiedDate": "2020-01"}  # fmt: skip
    assert doubts(record(status), date(2026, 6, 30)) == ()
    assert doubts(record(status), date(2026, 7, 1))


def test_results_are_overdue_a_year_after_the_primary_completion() -> None:
    status = {"overallStatus": "COMPLETED", "primaryCompletionDateStruct": {"date": "2025-02-28"}}
    design = {"studyType": "INTERVENTIONAL"}
    (doubt,) = doubts(record(status, design=design), date(2026, 2, 28))
    assert (doubt.kind, doubt.since) == ("results overdue", date(2026, 2, 28))
    assert doubts(record(status, design=design), date(2026, 2, 27)) == ()
    long_ago = status | {"primaryCompletionDateStruct": {"date": "2007-11"}}
    assert doubts(record(long_ago, design=design), date(2026, 2, 28)) == ()


def test_stale_trials_are_counted_by_kind_sponsor_and_country(library: Library) -> None:
    found = stale(library.summaries(), TODAY)
    assert found.by_kind["unknown"] >= 3
    assert sum(found.by_sponsor.values()) <= len(found.trials)
    numbers = [summary["nct"] for summary, _ in found.trials]
    assert STARTING_RECORD in numbers and numbers == sorted(numbers)


def version(updated: str, **modules: dict[str, object]) -> Record:
    """A version posted on a day."""
    status = {"lastUpdatePostDateStruct": {"date": updated}, **modules.pop("status", {})}
    return record(status, **modules)


def primary(*measures: str) -> dict[str, object]:
    """An outcomes module with these primary outcomes."""
    return {"primaryOutcomes": [{"measure": measure} for measure in measures]}


def test_what_changed_is_said_in_words() -> None:
    old = version(
        "2019-01-01",
        status={"overallStatus": "RECRUITING", "completionDateStruct": {"date": "2020-05"}},
        design={"enrollmentInfo": {"count": 50, "type": "ESTIMATED"}},
        armsInterventions={"armGroups": [{"label": "A"}, {"label": "B"}]},
    )
    new = version(
        "2021-01-01",
        status={
            "overallStatus": "COMPLETED",
            "completionDateStruct": {"date": "2020-11-03", "type": "ACTUAL"},
        },
        design={"enrollmentInfo": {"count": 1042, "type": "ACTUAL"}},
        armsInterventions={"armGroups": [{"label": "A"}, {"label": "C"}]},
    )
    assert [change.sentence for change in changes_between(old, new)] == [
        "status: Recruiting → Completed",
        "dates “completion”: 2020-05 → 2020-11-03 (actual)",
        "enrolment: 50 (estimated) → 1,042 (actual)",
        "arms dropped: B",
        "arms added: C",
    ]


def test_an_outcome_switched_after_the_start_is_marked() -> None:
    started = {"startDateStruct": {"date": "2019-01"}}
    old = version(
        "2018-01-01", status=started, outcomes=primary("Mean pain score at rest", "Death")
    )
    before = version("2018-12-31", status=started, outcomes=primary("Mean pain score at rest"))
    after = version("2019-06-01", status=started, outcomes=primary("Mean pain score at night"))
    (dropped,) = changes_between(old, before)
    assert (dropped.how, dropped.before, dropped.after_start) == ("dropped", "Death", False)
    (reworded,) = changes_between(before, after)
    assert reworded == RecordChange(
        "primary outcome",
        "reworded",
        "Mean pain score at rest",
        "Mean pain score at night",
        "",
        True,
    )
    assert reworded.sentence.endswith("(after the trial had started)")


def test_writing_alone_is_no_change_and_a_version_without_one_is_left_out() -> None:
    old = version("2019-01-01", outcomes=primary("Live births"))
    same = version("2019-02-01", outcomes=primary("live birth"))
    steps = history([old, same])
    assert [(step.version, step.changes) for step in steps] == [(0, ())]
