"""Results of a record: read as posted, zero, missing and NA apart, checked against themselves."""

import csv
from pathlib import Path
from typing import Any

import orjson
import polars
import pytest
from typer.testing import CliRunner

from trialwright.cli import app
from trialwright.registry.readers.detect import read_record
from trialwright.registry.record.record import Record
from trialwright.registry.results.contradictions import contradictions
from trialwright.registry.results.measures import outcome_measures
from trialwright.registry.results.priors import prior_figures, spreads
from trialwright.registry.results.tidy import tidy


def measure(title: str, kind: str, *values: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An outcome measure of two groups, 20 analysed in each."""
    return {
        "type": "PRIMARY", "title": title, "paramType": kind, "unitOfMeasure": "Participants",
        "timeFrame": "1 hour",
        "groups": [{"id": "OG000", "title": "Water"}, {"id": "OG001", "title": "Placebo"}],
        "denoms": [{"units": "Participants", "counts": [
            {"groupId": "OG000", "value": "20"}, {"groupId": "OG001", "value": "20"}]}],
        "classes": [{"categories": [{"measurements": [
            {"groupId": f"OG00{place}", **value} for place, value in enumerate(values)]}]}],
        **more,
    }  # fmt: skip


def study(number: str, *measures: dict[str, Any], **modules: Any) -> dict[str, Any]:
    return {
        "protocolSection": {
            "identificationModule": {"nctId": number, "briefTitle": "Hiccup"},
            "conditionsModule": {"conditions": ["Hiccup"]},
        },
        "hasResults": True,
        "resultsSection": {
            "outcomeMeasuresModule": {"outcomeMeasures": list(measures)},
            **{f"{name}Module": module for name, module in modules.items()},
        },
    }


def read(*args: Any, **modules: Any) -> Record:
    return read_record(orjson.dumps(study("NCT00000001", *args, **modules)))


RELIEF = measure("Relief of hiccup", "COUNT_OF_PARTICIPANTS", {"value": "12"}, {"value": "5"})
SCORE = measure(
    "Change of hiccup score", "MEAN", {"value": "-2.5", "spread": "4"},
    {"value": "0", "spread": "3"}, dispersionType="STANDARD_DEVIATION", unitOfMeasure="points",
    analyses=[{"groupIds": ["OG000", "OG001"], "pValue": "<0.001", "statisticalMethod": "t-test",
               "paramType": "Mean Difference (Net)", "paramValue": "-2.5", "ciPctValue": "95",
               "ciLowerLimit": "NA", "ciUpperLimit": "-0.1"}],
)  # fmt: skip
UNKNOWN = measure("Survival", "MEDIAN", {"value": "NA", "comment": "Not reached"}, {},
                  unitOfMeasure="months", dispersionType="95% Confidence Interval")  # fmt: skip


def test_zero_missing_and_na_are_three_things() -> None:
    rows = tidy([read(SCORE, UNKNOWN)]).rows["measurements"]
    assert [(row["value"], row["value_reading"]) for row in rows] == [
        (-2.5, "number"), (0.0, "number"), (None, "not_estimable"), (None, "missing")
    ]  # fmt: skip
    assert rows[2]["comment"] == "Not reached"
    assert rows[0]["unit"] == "points" and rows[0]["dispersion"] == "STANDARD_DEVIATION"
    assert [row["analysed"] for row in rows] == [20.0] * 4


def test_an_analysis_keeps_its_sign_and_its_limits() -> None:
    (row,) = tidy([read(SCORE)]).rows["analyses"]
    assert (row["p_value"], row["groups"]) == ("<0.001", "Water|Placebo")
    assert (row["low"], row["low_reading"], row["high"]) == (None, "not_estimable", -0.1)


def test_counts_beyond_their_totals_are_told() -> None:
    impossible = measure("Relief", "COUNT_OF_PARTICIPANTS", {"value": "21"}, {"value": "20"})
    flow = {
        "groups": [{"id": "FG000", "title": "Water"}],
        "periods": [{"title": "Overall", "milestones": [
            {"type": kind, "achievements": [{"groupId": "FG000", "numSubjects": count}]}
            for kind, count in (("STARTED", "20"), ("COMPLETED", "15"), ("NOT COMPLETED", "4"))],
            "dropWithdraws": [{"type": "Death", "reasons": [
                {"groupId": "FG000", "numSubjects": "3"}]}]}],
    }  # fmt: skip
    events = {
        "eventGroups": [{"id": "EG000", "title": "Water", "seriousNumAffected": 1,
                         "seriousNumAtRisk": 20, "deathsNumAffected": 0, "deathsNumAtRisk": 20}],
        "seriousEvents": [{"term": "Gout", "organSystem": "Joints", "stats": [
            {"groupId": "EG000", "numAffected": 2, "numAtRisk": 20}]}],
    }  # fmt: skip
    found = contradictions(read(impossible, participantFlow=flow, adverseEvents=events))
    assert [str(one.what) for one in found] == [
        "Water: 20 started, 15 completed and 4 did not.",
        "Water: 4 left, and reasons are given for 3.",
        "Water: 21 participants of 20 analysed.",
        "Water: 1 affected by any; by the terms at most 2 by one and 2 in sum.",
    ]
    assert not contradictions(read(RELIEF, SCORE, UNKNOWN))


def test_control_groups_give_figures_for_a_trial_being_planned() -> None:
    second = read_record(
        orjson.dumps(study("NCT00000002", measure(
            "Relief of hiccup", "NUMBER", {"value": "50"}, {"value": "10"},
            unitOfMeasure="percentage of participants")))
    )  # fmt: skip
    figures = prior_figures([read(RELIEF, SCORE), second], "relief hiccups")
    assert [(one.group, one.value) for one in figures] == [("Placebo", 0.25), ("Placebo", 0.1)]
    assert (round(figures[0].low, 4), round(figures[0].high, 4)) == (0.1119, 0.4687)
    (rates,) = spreads(figures)
    assert (rates.trials, rates.low, rates.high, rates.pooled) == (2, 0.1, 0.25, 0.175)
    (deviation,) = prior_figures([read(SCORE)], "score")
    assert (deviation.kind, deviation.value, deviation.unit) == (
        "standard_deviation",
        3.0,
        "points",
    )


def test_a_standard_error_is_told_as_the_deviation_it_means() -> None:
    error = measure("Score", "MEAN", {"value": "1", "spread": "1"}, {"value": "1", "spread": "0.5"},
                    dispersionType="STANDARD_ERROR", unitOfMeasure="points")  # fmt: skip
    (figure,) = prior_figures([read(error)], "score")
    assert figure.value == pytest.approx(0.5 * 20**0.5)


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_the_command_writes_the_tables(tmp_path: Path, form: str) -> None:
    (tmp_path / "study.json").write_bytes(orjson.dumps(study("NCT00000001", RELIEF, SCORE)))
    run = CliRunner()
    library = ["--library", str(tmp_path / "library")]
    assert (
        run.invoke(app, ["registry", "add", str(tmp_path / "study.json"), *library]).exit_code == 0
    )
    out = tmp_path / "out"
    done = run.invoke(app, ["registry", "results", str(out), "--format", form, *library])
    assert done.exit_code == 0 and "measurements" in done.output
    path = out / f"measurements.{form}"
    if form == "csv":
        with path.open() as lines:
            rows = list(csv.DictReader(lines))
        assert [row["value"] for row in rows] == ["12.0", "5.0", "-2.5", "0.0"]
        assert [row["value_text"] for row in rows] == ["12", "5", "-2.5", "0"]
    else:
        assert polars.read_parquet(path)["value"].to_list() == [12.0, 5.0, -2.5, 0.0]
    told = run.invoke(app, ["registry", "priors", "hiccup", "relief", *library])
    assert "control rate: 1 trials, 0.25 to 0.25" in told.output


def test_results_of_the_real_records_are_read(shared: Path) -> None:
    import gzip

    with gzip.open(shared / "studies-v2.ndjson.gz") as lines:
        records = (read_record(line.rstrip(b"\n")) for line in lines if b'"resultsSection"' in line)
        some = [record for _, record in zip(range(60), records, strict=False)]
    found = tidy(some)
    rows = found.rows["measurements"]
    assert found.trials > 50 and len(rows) > 2000
    assert sum(row["value_reading"] == "unreadable" for row in rows) < len(rows) / 100
    assert all(outcome_measures(record) for record in some[:20])
