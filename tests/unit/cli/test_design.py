"""`trialwright design`: tables, characteristics, comparison, a grid that resumes."""

import json
from importlib.resources import files
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
DEMONSTRATION = Path(str(files("trialwright.demonstration") / "demo_haec_01.yaml"))
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
    assert "BOIN" in shown.output and "Keyboard" in shown.output


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


def test_responses_go_only_to_a_design_that_asks_for_them(boin: Path) -> None:
    shown = runner.invoke(app, ["oc", str(boin), "--rates", "0.1,0.2,0.3", "--responses", "0.1"])
    assert shown.exit_code == 1
    assert shown.output == "This design asks for no --responses. Leave them out.\n"


@pytest.mark.parametrize("text", ["no", "{}", "[]"])
def test_scenarios_are_a_list(boin: Path, tmp_path: Path, text: str) -> None:
    scenarios, out = tmp_path / "scenarios.json", tmp_path / "out.jsonl"
    scenarios.write_text(text, encoding="utf-8")
    shown = runner.invoke(
        app, ["grid", str(boin), "--scenarios", str(scenarios), "--out", str(out)]
    )
    assert shown.exit_code == 1
    assert "Write" in shown.output and not out.exists()


def test_without_rates_the_usual_scenarios_are_answered(boin: Path) -> None:
    shown = runner.invoke(app, ["oc", str(boin)])
    assert shown.exit_code == 0
    assert "Scenario 3" in shown.output and "exact" in shown.output
    chinese = runner.invoke(app, ["oc", str(boin), "--language", "zh"])
    assert "情景 3" in chinese.output and "精确计算" in chinese.output


def test_a_report_is_written_with_the_same_bytes_again(boin: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one.pdf", tmp_path / "two.pdf"
    for out in (one, two):
        shown = runner.invoke(app, ["report", str(boin), "--out", str(out), "--paper", "us-letter"])
        assert shown.exit_code == 0, shown.output
    assert one.read_bytes() == two.read_bytes()
    assert one.read_bytes().startswith(b"%PDF")


def test_a_report_on_a_protocol_names_it(tmp_path: Path) -> None:
    from trialwright.cli.design_common import read_source
    from trialwright.demonstration.protocol import demonstration

    file = tmp_path / "protocol.yaml"
    file.write_bytes(demonstration().source_bytes)
    source = read_source(file)
    assert source is not None and source.demonstration
    assert source.identifier == demonstration().identifier
    assert source.sha256 == demonstration().sha256


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rates", "0.1,0.2"], "one true rate from 0 to 1 for each of the 3 doses"),
        (["--paper", "a5"], "'a5' is not one of 'a4'"),
        (["--method", "guess"], "method is one of auto, exact, monte-carlo"),
    ],
)
def test_a_report_that_can_t_be_made_says_why(
    boin: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    out = tmp_path / "out.pdf"
    shown = runner.invoke(app, ["report", str(boin), "--out", str(out), *arguments])
    assert shown.exit_code != 0
    assert said in shown.output.replace("\n", " ")
    assert not out.exists()


def test_designs_that_answer_different_questions_are_not_compared(
    boin: Path, tmp_path: Path
) -> None:
    other = tmp_path / "simon.yaml"
    other.write_text("design:\n  kind: simon-two-stage\n  n1: 10\n  r1: 1\n  n: 29\n  r: 5\n")
    shown = runner.invoke(app, ["compare", str(boin), str(other)])
    assert shown.exit_code == 1
    assert "answer the same question" in shown.output.replace("\n", " ")


def test_what_a_selection_can_decide_is_told(tmp_path: Path) -> None:
    tree = json.loads(runner.invoke(app, ["decides", str(DEMONSTRATION), "--json"]).stdout)
    assert tree["participants"] == 50 and tree["right"] == sorted(tree["right"])
    assert tree["needed"][0] is None and tree["needed"][1] > tree["needed"][-1] > 10
    other = tmp_path / "boin.yaml"
    other.write_text("design:\n  kind: boin\n  target: 0.3\n  doses: 3\n")
    refused = runner.invoke(app, ["decides", str(other)])
    assert refused.exit_code == 1 and "selects no regimen" in refused.output
