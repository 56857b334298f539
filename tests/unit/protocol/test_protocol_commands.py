"""`trialwright protocol`: what its commands print and how they end."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from trialwright.cli import app
from trialwright.demonstration import protocol as home

DEMO = Path(home.__file__).parent / home.FILE
SMALL = Path(__file__).parent / "files" / "small.yaml"


def run(*arguments):
    return CliRunner().invoke(app, ["protocol", *map(str, arguments)])


@pytest.fixture
def bad(tmp_path):
    path = tmp_path / "bad.yaml"
    text = SMALL.read_text(encoding="utf-8").replace("at: week_2", "at: week_9")
    path.write_text(text.replace("participants: 20", "participants: many"), encoding="utf-8")
    return path


def test_check_of_a_good_file_counts_and_says_what_is_only_assumed():
    result = run("check", DEMO)
    assert result.exit_code == 0
    assert "DEMO-HAEC-01 version 1.0: 5 arms, 19 visits, 27 forms" in result.output
    assert "safety-critical facts only assumed" in result.output


def test_check_of_a_bad_file_prints_every_problem_with_its_line(bad):
    result = run("check", bad)
    assert result.exit_code == 1
    first, second, count = result.output.strip().splitlines()
    assert first.startswith(f"{bad}:9: 'many' is not a whole number")
    assert second.startswith(f"{bad}:173: `week_9` is not a visit")
    assert count == "2 problems; the file can't be run as it is."


def test_check_reads_the_design_too_and_names_its_line(tmp_path):
    path = tmp_path / "design.yaml"
    text = DEMO.read_text(encoding="utf-8").replace("name_at: 0.80", "name_att: 0.80")
    path.write_text(text, encoding="utf-8")
    result = run("check", path)
    line = text[: text.index("name_att")].count("\n") + 1
    assert result.exit_code == 1
    assert result.output.startswith(f"{path}:{line}: 'name_att' is not part of SelectionDesign")
    assert "[design]" in result.output


def test_check_as_json_lists_the_same(bad):
    result = run("check", bad, "--json")
    assert [problem["rule"] for problem in json.loads(result.output)["problems"]] == [
        "number",
        "unknown-visit",
    ]


def test_facts_assumed_leaves_out_what_is_stated():
    origins = {fact["origin"] for fact in json.loads(run("facts", DEMO, "--json").output)}
    assert origins == {"stated", "literature", "assumed"}
    only = json.loads(run("facts", DEMO, "--assumed", "--json").output)
    assert {fact["origin"] for fact in only} == {"assumed"}
    assert any(fact["path"] == "visits.month_3.day" for fact in only)


def test_facts_as_a_table_ends_with_the_counts():
    result = run("facts", SMALL)
    assert "participants" in result.output
    assert result.output.strip().splitlines()[-1].endswith("assumed")


def test_diff_says_the_change_and_what_it_affects(tmp_path):
    new = tmp_path / "new.yaml"
    text = SMALL.read_text(encoding="utf-8").replace("    day: 14\n", "    day: 15\n")
    new.write_text(text, encoding="utf-8")
    english = run("diff", SMALL, new).output
    assert f"{new}:87: Visit “Week 2”, day: was 14; is 15" in english
    assert "- Visits: plans of enrolled participants are made again" in english
    assert (
        "访视“Week 2”，天：原为 14，现为 15" in run("diff", SMALL, new, "--language", "zh").output
    )
    assert run("diff", SMALL, SMALL).output.strip() == "Nothing differs."
