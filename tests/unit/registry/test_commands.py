"""The commands: each prints what its function gives, and says in a sentence what went wrong."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import polars
import pytest
from typer.testing import CliRunner

from trialwright.cli import app
from trialwright.registry.library.adding import add
from trialwright.registry.library.checking import check
from trialwright.registry.library.exporting import COLUMNS
from trialwright.registry.library.library import Library
from trialwright.registry.library.sample import sample_bytes
from trialwright.registry.readers.files import RawRecord

run = CliRunner()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of the sample, made by the command."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "sample.ndjson").write_bytes(sample_bytes())
    made = command("add", str(folder / "sample.ndjson"), folder=folder / "library", as_json=True)
    assert made == {"new": 36, "changed": 0, "same": 0, "refused": 0}
    return folder / "library"


def command(name: str, *arguments: str, folder: Path, as_json: bool = False):  # type: ignore[no-untyped-def]
    """What a registry command prints."""
    extra = ["--json"] if as_json else []
    done = run.invoke(app, ["registry", name, *arguments, "--library", str(folder), *extra])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout) if as_json else done.stdout


def test_search_and_related_print_lists_of_objects(folder: Path) -> None:
    rows = command("search", "asherman", "--limit", "3", folder=folder, as_json=True)
    assert [set(row) for row in rows] == [{"nct", "score", "title", "status", "phase"}] * 3
    rows = command("related", "NCT03223454", folder=folder, as_json=True)
    assert all(row["reasons"] for row in rows) and set(rows[0]) == {
        "nct", "score", "title", "status", "phase", "reasons",
    }  # fmt: skip
    said = command("search", "asherman", folder=folder)
    assert "“asherman” was widened to Gynatresia (D006175)" in said
    said = command("search", "asherman", "zebrafish", folder=folder)
    assert said.startswith("0 trials") and " without: zebrafish" in said.split("a part of it:")[1]


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("show", ["NCT03223454"], "Human Amniotic Epithelial Cells"),
        ("show", ["NCT03223454", "--raw"], '"nctId":"NCT03223454"'),
        ("show", ["NCT06450301"], "Not provided in the record"),
        ("history", ["NCT03223454"], "2017-07-21: first version"),
        ("stale", ["--on", "2026-01-01"], "unknown, because the completion date"),
        ("stats", [], "36 trials"),
        ("check", [], "36 trials, 36 versions"),
        ("search", ["endometrum"], "Did you mean: endometrium?"),
    ],
)
def test_commands_say_what_they_found(
    folder: Path, name: str, arguments: list[str], words: str
) -> None:
    assert words in command(name, *arguments, folder=folder)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show", "NCT99999999"], "not among the 36 trials"),
        (["search", "x", "--sort", "size"], "sort by relevance"),
        (["export", "out.xls"], "exports end in .parquet"),
        (["search", "x", "--near", "Atlantis"], "no trial of the library gives coordinates"),
    ],
)
def test_what_can_not_be_done_is_said_in_a_sentence(
    folder: Path, arguments: list[str], words: str
) -> None:
    done = run.invoke(app, ["registry", *arguments, "--library", str(folder)])
    assert done.exit_code == 1
    assert words in done.output


def test_exports_have_a_row_for_each_trial(folder: Path, tmp_path: Path) -> None:
    for ending in ("parquet", "csv", "ndjson"):
        command("export", str(tmp_path / f"all.{ending}"), folder=folder)
    table = polars.read_parquet(tmp_path / "all.parquet")
    assert table.columns == list(COLUMNS) and len(table) == 36
    with (tmp_path / "all.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["nct"] for row in rows] == table["nct"].to_list()
    assert len((tmp_path / "all.ndjson").read_text().splitlines()) == 36


def test_a_watched_search_tells_what_is_new_and_changed(tmp_path: Path) -> None:
    lines = sample_bytes().splitlines()
    add(tmp_path, [RawRecord(lines[0], "", "")])
    assert "for the first time: 1" in command("watch", "iua", "asherman", folder=tmp_path)
    changed = lines[0].replace(b"NOT_YET_RECRUITING", b"RECRUITING")
    add(tmp_path, [RawRecord(line, "", "") for line in (changed, lines[4])])
    said = command("watch", "iua", "asherman", folder=tmp_path)
    assert "new: NCT02144987" in said and "changed: NCT03223454" in said
    assert command("watch", "iua", "asherman", folder=tmp_path) == ""


def test_news_of_a_watched_search_go_by_mail_and_are_told_again_where_the_mail_fails(
    tmp_path: Path,
) -> None:
    lines = sample_bytes().splitlines()
    library, mails = tmp_path / "library", tmp_path / "mails"
    add(library, [RawRecord(lines[0], "", "")])

    def watched(mail: str, to: str = "me@example.org") -> subprocess.CompletedProcess[str]:
        asked = ["registry", "watch", "iua", "asherman", "--library", str(library), "--mail", to]
        program = [sys.executable, "-c", "from trialwright.cli import run; run()", *asked]
        environment = {**os.environ, "TRIALWRIGHT_MAIL": mail}
        return subprocess.run(program, env=environment, capture_output=True, text=True, check=False)

    for refused, why in (
        (watched(""), "No mail is set up here"),
        (watched("smtp://127.0.0.1:9"), "was not sent"),
        (watched(str(mails), "me and you"), "no mail address"),
    ):
        assert (
            refused.returncode == 2 and why in refused.stderr and "Traceback" not in refused.stderr
        )
    assert watched(str(mails)).returncode == 0
    changed = lines[0].replace(b"NOT_YET_RECRUITING", b"RECRUITING")
    add(library, [RawRecord(line, "", "") for line in (changed, lines[4])])
    assert watched(str(mails)).returncode == 0
    assert watched(str(mails)).stdout == "", "nothing new, no mail"
    texts = [path.read_text() for path in mails.iterdir()]
    assert len(texts) == 2
    first, second = sorted(texts, key=lambda text: "first time" not in text)
    assert "Watched for the first time: 1 trials" in first
    assert "Subject: Registered trials, iua: 1 new, 1 changed" in second
    assert "new: NCT02144987" in second and "https://clinicaltrials.gov/study/NCT02144987" in second


def test_a_damaged_library_is_told_record_by_record(tmp_path: Path) -> None:
    add(tmp_path, [RawRecord(line, "", "") for line in sample_bytes().splitlines()])
    (pack,) = (tmp_path / "packs").glob("*.pack")
    data = bytearray(pack.read_bytes())
    data[200] ^= 1
    pack.write_bytes(bytes(data))
    found = check(Library(tmp_path))
    assert any("NCT03223454" in problem for problem in found.problems)
    assert len(found.problems) == 2
    assert "add its source again" in found.problems[1]
