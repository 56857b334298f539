"""Drafting a protocol: stated facts carry over as stated, every gap is named, all reads back."""

import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.protocol.basics import Origin
from trialwright.protocol.loader import parse_file, read
from trialwright.registry.draft.draft import draft
from trialwright.registry.draft.gaps import Gap
from trialwright.registry.draft.yaml_writing import yaml_lines
from trialwright.registry.library.sample import STARTING_RECORD, sample_record, sample_records
from trialwright.registry.readers.ctgov_v2 import record_from_study
from trialwright.registry.readers.detect import read_record
from trialwright.registry.readers.files import raw_records
from trialwright.registry.record.split_criteria import split_criteria

TODAY = date(2026, 1, 31)


def test_the_starting_records_draft_is_a_whole_protocol() -> None:
    drafted = draft(sample_record(STARTING_RECORD), TODAY)
    protocol = parse_file(drafted.text.encode())
    assert protocol.registered_as == STARTING_RECORD
    assert (protocol.participants, protocol.phase, len(protocol.arms)) == (50, "1", 5)
    assert [arm.type for arm in protocol.arms].count("placebo_comparator") == 1
    assert len([c for c in protocol.criteria if c.kind == "exclusion"]) == 4
    assert [endpoint.kind for endpoint in protocol.endpoints] == ["primary", *["secondary"] * 3]


def test_what_is_stated_is_marked_stated_and_scaffolding_assumed() -> None:
    facts = {fact.path: fact for fact in parse_file(_text(sample_record(STARTING_RECORD))).facts}
    stated = {path for path, fact in facts.items() if fact.origin is Origin.STATED}
    assert {"title", "phase", "participants", "criteria.inclusion.inclusion_3.text"} <= stated
    assumed = {path for path, fact in facts.items() if fact.origin is Origin.ASSUMED}
    assert {"endpoints.primary_1.variable", "endpoints.primary_1.summary"} <= assumed


def test_a_measure_that_turns_the_direction_of_writing_leaves_a_file_that_reads() -> None:
    outcomes = {"primaryOutcomes": [{"measure": "\u202e"}]}
    identification = {"nctId": "NCT00000001", "briefTitle": "A trial"}
    sections = {"identificationModule": identification, "outcomesModule": outcomes}
    drafted = draft(record_from_study({"protocolSection": sections}), TODAY)
    assert "\u202e" not in drafted.text and read(drafted.text.encode())[0] is not None


def _text(record) -> bytes:  # type: ignore[no-untyped-def]
    return draft(record, TODAY).text.encode()


def test_what_the_registration_does_not_tell_is_named_in_both_languages() -> None:
    drafted = draft(sample_record(STARTING_RECORD), TODAY)
    names = {gap.name for gap in drafted.gaps}
    assert {"ratio", "visits", "measure", "stopping", "who is masked", "time frame"} <= names
    for gap in drafted.gaps:
        assert gap.words() in drafted.text
        assert gap.words("zh-hans") != gap.words()
    assert Gap("time frame", "PBAC").words() == "when “PBAC” is measured"


def test_every_record_of_the_sample_gives_a_draft_that_reads_back() -> None:
    for record in sample_records():
        protocol, problems = read(_text(record))
        assert protocol is not None
        assert {problem.rule for problem in problems} <= {"missing-key"}


def test_hostile_text_stays_text() -> None:
    title = 'a: "b" # c\n- d\t{e} &f *g !h %i @j `k` \u2028 \x85 \ufeff {{ x }} <script>'
    module = {"nctId": "NCT00000001", "briefTitle": title}
    record = record_from_study({"protocolSection": {"identificationModule": module}})
    protocol, _ = read(_text(record))
    assert protocol is not None
    assert " ".join(protocol.title.en.split()) == " ".join(record.title.or_else("").split())


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=80))
def test_any_text_is_written_so_that_it_reads_back(text: str) -> None:
    study = {
        "identificationModule": {"nctId": "NCT00000001", "briefTitle": text},
        "conditionsModule": {"conditions": [text]},
        "armsInterventionsModule": {
            "armGroups": [{"label": text}, {"label": text}],
            "interventions": [{"type": "DRUG", "name": text}],
        },
        "outcomesModule": {"primaryOutcomes": [{"measure": text, "timeFrame": text}]},
        "eligibilityModule": {"eligibilityCriteria": text},
    }
    protocol, problems = read(_text(record_from_study({"protocolSection": study})))
    assert protocol is not None
    assert {problem.rule for problem in problems} <= {"missing-key"}


@pytest.mark.parametrize(
    ("text", "inclusion", "exclusion"),
    [
        ("Inclusion Criteria:\n\n* a\n* b\n\nExclusion Criteria:\n\n* c", ("a", "b"), ("c",)),
        ("INCLUSION CRITERIA\n1. a\n2. b\nKey Exclusion Criteria:\n(1) c", ("a", "b"), ("c",)),
        ("Inclusion Criteria:\n* a:\n  * x\n  * y\n* b", ("a:; x; y", "b"), ()),
        ("Inclusion: adults only\nExclusion: none", ("adults only",), ("none",)),
        ("a goes on\nhere\n\nb", ("a goes on here", "b"), ()),
        ("", (), ()),
    ],
)
def test_criteria_are_parted(
    text: str, inclusion: tuple[str, ...], exclusion: tuple[str, ...]
) -> None:
    found = split_criteria(text)
    assert (found.inclusion, found.exclusion) == (inclusion, exclusion)


def _drafted(outcomes, allocation="RANDOMIZED", summary=""):  # type: ignore[no-untyped-def]
    study = {
        "identificationModule": {"nctId": "NCT00000001", "briefTitle": "A trial"},
        "descriptionModule": {"briefSummary": summary or "A summary."},
        "designModule": {
            "designInfo": {"allocation": allocation},
            "enrollmentInfo": {"count": 20},
        },
        "armsInterventionsModule": {"armGroups": [{"label": "Drug"}, {"label": "Placebo"}]},
        "outcomesModule": {"primaryOutcomes": outcomes},
        "eligibilityModule": {"eligibilityCriteria": "Inclusion Criteria:\n* Adults"},
    }
    drafted = draft(record_from_study({"protocolSection": study}), TODAY)
    return parse_file(drafted.text.encode()), {gap.name for gap in drafted.gaps}


def test_an_outcome_is_measured_at_each_visit_that_its_time_frame_names() -> None:
    protocol, gaps = _drafted(
        [
            {"measure": "Pressure (mmHg)", "timeFrame": "Baseline, weeks 4 and 12 (± 3 days)"},
            {"measure": "Percentage of participants with remission", "timeFrame": "6 months"},
        ]
    )
    visits = [(v.key, str(v.after) if v.after else None) for v in protocol.visits]
    assert visits == [
        ("baseline", None),
        ("week_4", "4 weeks"),
        ("week_12", "12 weeks"),
        ("month_6", "6 months"),
    ]
    assert protocol.visit("week_12").window_after_days == 3
    pressure = protocol.item("outcomes_week_4", "primary_1")
    assert (pressure.type, pressure.unit) == ("number", "mmHg")
    assert protocol.item("outcomes_month_6", "primary_2").type == "yes_no"
    assert protocol.endpoints[0].at == "week_12"
    assert "visit anchor" in gaps and "time frame words" not in gaps
    origins = {fact.path: fact.origin for fact in protocol.facts}
    assert origins["visits.week_12.after"] is Origin.STATED
    assert origins["visits.week_12.anchor"] is Origin.ASSUMED
    assert origins["forms.outcomes_week_4.sections.measures.items.primary_1.unit"] is Origin.STATED


def test_a_length_of_follow_up_makes_no_visit_and_is_asked_about() -> None:
    protocol, gaps = _drafted([{"measure": "Survival", "timeFrame": "Up to 24 months"}])
    assert [visit.key for visit in protocol.visits] == ["time_not_stated"]
    assert {"time frame words", "measure"} <= gaps


def test_a_ratio_is_stated_where_the_words_say_which_arm_has_what() -> None:
    outcome = [{"measure": "Pressure", "timeFrame": "Week 4"}]
    protocol, gaps = _drafted(outcome, summary="Participants are randomised 1:1.")
    assert protocol.allocation is not None and protocol.allocation.ratio == (1, 1)
    stated = {fact.path for fact in protocol.facts if fact.origin is Origin.STATED}
    assert "allocation.ratio" in stated and "allocation.block_sizes" not in stated
    assert "block sizes" in gaps and "ratio" not in gaps
    unequal, gaps = _drafted(outcome, summary="Participants are randomised 2:1.")
    assert unequal.allocation is not None and unequal.allocation.ratio == (2, 1)
    assert "ratio order" in gaps


def test_without_randomisation_nobody_is_allocated() -> None:
    protocol, _gaps = _drafted([{"measure": "Pressure", "timeFrame": "Week 4"}], "NON_RANDOMIZED")
    assert protocol.allocation is None
    assert [anchor.key for anchor in protocol.anchors] == ["consent"]


def test_blocks_are_written_as_yaml() -> None:
    assert list(yaml_lines({"a": {"b": "c d"}, "e": {"f": {"g": 1}}})) == [
        'a: {b: "c d"}',
        "e:",
        "  f: {g: 1}",
    ]


@pytest.mark.slow
def test_every_real_record_gives_a_draft_that_reads_back(
    shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    passed, missing, drafts = 0, Counter[str](), 0
    for raw in raw_records(shared / "studies-v2.ndjson.gz"):
        drafted = draft(read_record(raw.data), TODAY)
        protocol, problems = read(drafted.text.encode())
        assert protocol is not None, drafted.text
        assert {problem.rule for problem in problems} <= {"missing-key"}
        drafts += 1
        passed += not problems
        missing.update({problem.message for problem in problems})
    lines = [f"{passed:,} of {drafts:,} drafts pass `protocol check` as they are; the others:"]
    lines += [f"  {count:,}: {message}" for message, count in missing.most_common()]
    with capsys.disabled():
        sys.stdout.write("\n".join(["", *lines, ""]))
    assert drafts == 2511
    assert passed >= 2000
