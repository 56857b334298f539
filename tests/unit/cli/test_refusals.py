"""What the system refuses the command: a sentence with a way out, never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from trialwright.demonstration import protocol as demonstration

ROOT = Path(__file__).parents[3]
PROTOCOL = Path(demonstration.__file__).parent / demonstration.FILE


def run(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "trialwright", *map(str, arguments)]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    # Output is held back as for everybody, whatever these tests run under.
    streams["env"] = {**os.environ, **options.get("env", {}), "PYTHONUNBUFFERED": ""}  # type: ignore[dict-item]
    return subprocess.run(command, text=True, timeout=60, check=False, **streams)  # type: ignore[call-overload,no-any-return]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full device")
@pytest.mark.parametrize("command", ["check", "facts"])
def test_a_full_disk_is_said(command: str) -> None:
    with Path("/dev/full").open("w") as full:
        ended = run("protocol", command, PROTOCOL, stdout=full)
    assert ended.returncode == 1
    assert ended.stderr == (
        "The disk is full, and the output is not complete. Make room, or write elsewhere.\n"
    )


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("", "is a folder. Name a file."),
        ("nowhere/draft.yaml", "a folder to write into must be there."),
        ("record.json/draft.yaml", "leads through a file as if it were a folder."),
    ],
)
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, place: str, sentence: str) -> None:
    record = tmp_path / "record.json"
    record.write_text(
        '{"protocolSection": {"identificationModule": {"nctId": "NCT00000001"}}}', encoding="utf-8"
    )
    ended = run("protocol", "draft", record, "--output", tmp_path / place)
    assert ended.returncode == 1
    assert str(tmp_path / place) in ended.stderr and sentence in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_reader_that_has_seen_enough_ends_the_command_quietly() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = run("protocol", "facts", PROTOCOL, stdout=writing)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (1, "")


def test_an_alphabet_that_lacks_a_letter_loses_the_letter_alone() -> None:
    narrow = {**os.environ, "PYTHONIOENCODING": "ascii"}
    ended = run("protocol", "diff", PROTOCOL, PROTOCOL, "--language", "zh", env=narrow)
    assert (ended.returncode, ended.stdout) == (0, "?????????\n")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("TRIALWRIGHT_HTTPS", "maybe", "TRIALWRIGHT_HTTPS is 'maybe'. Write yes or no."),
        ("TRIALWRIGHT_TIME_ZONE", "Mars", "is 'Mars'. Write a name such as Asia/Shanghai."),
        ("DATABASE_URL", "mysql://u:secret@h/x", "is not an address of PostgreSQL."),
        ("DATABASE_URL", "postgresql://u:secret@127.0.0.1:1/x", "does not answer. Start it"),
    ],
)
def test_a_setting_that_is_wrong_is_named_and_its_secrets_are_not(
    tmp_path: Path, name: str, value: str, sentence: str
) -> None:
    settings = {
        **os.environ,
        "TRIALWRIGHT_HOME": str(tmp_path),
        "DATABASE_URL": "postgresql://127.0.0.1:1/x",
        name: value,
    }
    ended = run("verify", env=settings)
    assert ended.returncode == 2
    assert sentence in ended.stderr
    assert "Traceback" not in ended.stderr and "secret" not in ended.stderr
