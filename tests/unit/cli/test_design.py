"""`trialwright design`: tables, characteristics, comparison, a grid that resumes."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from trialwright.cli.design import app

BOIN = """design:
  kind: boin
  target: 0.3
  doses: 3
  max_participants: 12
"""
runner = CliRunner()


@pytest.fixture
def boin(tmp_path: Path) -> Path:
    file = tmp_path / "boin.yaml"
    file.write_text(BOIN, encoding="utf-8")
    return file


def test_the_table_is_printed_with_words_and_hash(boin: Path) -> None:
    shown = runner.invoke(app, ["table", str(boin)])
    assert shown.exit_code == 0
    assert "0.236" in shown.output and "sha256" in shown.output
    parsed = json.loads(runner.invoke(app, ["table", str(boin), "--json"]).stdout)
    assert parsed["rows"][2] == [3, 0, 2, 3]


def test_characteristics_are_exact_and_add_up(boin: Path) -> None:
    asked = ["oc", str(boin), "--rates", "0.1,0.3,0.5", "--rates", "0.3,0.5,0.6", "--json"]
    result = json.loads(runner.invoke(app, asked).stdout)
    assert result["method"] == "exact"
    for selected, none in zip(result["selected"], result["none_selected"], strict=True):
        assert sum(selected) + none == pytest.approx(1)


def test_designs_stand_side_by_side(boin: Path, tmp_path: Path) -> None:
    other = tmp_path / "keyboard.yaml"
    other.write_text(BOIN.replace("boin", "keyboard"), encoding="utf-8")
    shown = runner.invoke(app, ["compare", str(boin), str(other), "--rates", "0.1,0.3,0.5"])
    assert "Boin" in shown.output and "Keyboard" in shown.output


def test_an_interrupted_grid_resumes_with_the_same_bits(boin: Path, tmp_path: Path) -> None:
    scenarios = tmp_path / "scenarios.json"
    scenarios.write_text(json.dumps([[0.1, 0.2, 0.3], [0.2, 0.3, 0.4], [0.3, 0.4, 0.5]]))
    whole, cut = tmp_path / "whole.jsonl", tmp_path / "cut.jsonl"
    run = ["grid", str(boin), "--scenarios", str(scenarios), "--method", "monte-carlo"]
    runner.invoke(app, [*run, "--out", str(whole)])
    lines = whole.read_text().splitlines()
    assert len(lines) == 3
    cut.write_text(lines[0] + "\n" + lines[1][:50])
    resumed = runner.invoke(app, [*run, "--out", str(cut)])
    assert "2 scenarios computed, 1 were there" in resumed.output.replace("\n", " ")
    again = cut.read_text().splitlines()
    assert [again[0], *again[2:]] == lines


@pytest.mark.parametrize(
    ("text", "match"),
    [
        (BOIN.replace("0.3", "1.3"), ":3: target is 1.3"),
        (BOIN.replace("boin", "boyn"), "Did you mean 'boin'"),
        (BOIN.replace("doses: 3", "doses: three"), ":4: doses is 'three'"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(tmp_path: Path, text: str, match: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text, encoding="utf-8")
    shown = runner.invoke(app, ["table", str(file)])
    assert shown.exit_code == 1
    assert match in shown.output.replace("\n", " ").replace("  ", " ")


def test_rates_must_be_numbers(boin: Path) -> None:
    shown = runner.invoke(app, ["oc", str(boin), "--rates", "a,b,c"])
    assert shown.exit_code == 1
    assert "are not rates" in shown.output
