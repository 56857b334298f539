"""A backup, its rehearsal and a restore, on an installation of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

BEGIN = """
from trialwright.config import starting
with starting.database():
    starting.migrate()
    from trialwright.demonstration.ensuring import ensure
    ensure(1, secret="a secret for tests", tell=print)
"""
SCREEN = """
from trialwright.config import starting
with starting.installation():
    from trialwright.accounts.models import Person
    from trialwright.conduct.actions.screening import screen
    from trialwright.conduct.reads.people import enter
    actor, *_ = enter(Person.objects.get(username="lin"), "DEMO-HAEC-01")
    print(screen(by=actor, site="C"))
"""
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("installation")
    done = _python(home, "-c", BEGIN)
    assert done.returncode == 0, done.stderr
    yield home
    import shutil

    for note in ("cluster-folder", "socket-folder"):
        if (home / "data" / note).exists():
            shutil.rmtree((home / "data" / note).read_text(), ignore_errors=True)


def _python(home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "TRIALWRIGHT_HOME": str(home)}
    for name in ("DJANGO_SETTINGS_MODULE", "DATABASE_URL", "TRIALWRIGHT_TEST_DATABASE"):
        environment.pop(name, None)
    return subprocess.run(
        [sys.executable, *words], env=environment, capture_output=True, text=True, cwd="/",
        timeout=300,
    )  # fmt: skip


def _command(home: Path, *words: str, code: int = 0) -> str:
    done = _python(home, "-m", "trialwright", *words)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_what_was_given_after_the_backup_is_named_and_never_given_again(
    home: Path, tmp_path: Path
) -> None:
    last = _python(home, "-c", SCREEN).stdout.strip()
    _command(home, "backup", "--to", str(tmp_path))
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600

    # It is one file that says nothing without the keys.
    content = file.read_bytes()
    assert b"Lin Yue" not in content and b"PGDMP" not in content

    rehearsed = _command(home, "backup", "check", str(file), "--by", "admin")
    assert "came back whole" in rehearsed

    after = [_python(home, "-c", SCREEN).stdout.strip() for _ in range(2)]
    number = int(last.removeprefix("C-"))
    assert after == [f"C-{number + 1:03}", f"C-{number + 2:03}"]

    assert "--replace" in _command(home, "restore", str(file), code=2)
    said = _command(home, "restore", str(file), "--replace")
    assert f"site C: participants {number + 1} to {number + 2}" in said
    assert "ledger acknowledge" in said
    why = ("--by", "admin", "--reason", "the disk failed")
    assert "are entered as lost" in _command(home, "ledger", "acknowledge", *why)
    assert _python(home, "-c", SCREEN).stdout.strip() == f"C-{number + 3:03}"
    assert "!" not in _command(home, "verify")

    # On a machine where nothing is left but the backup and the keys.
    bare = tmp_path / "bare"
    (bare / "keys").mkdir(parents=True, mode=0o700)
    (bare / "keys" / "ledger.json").write_bytes((home / "keys" / "ledger.json").read_bytes())
    (bare / "keys" / "ledger.json").chmod(0o600)
    said = _command(bare, "restore", str(file))
    assert "those of the backup" in said and "ledger reserve" in said
    given = (
        "DEMO-HAEC-01",
        f"participants/C={number + 5}",
        "--by",
        "admin",
        "--reason",
        "the ward",
    )
    _command(bare, "ledger", "reserve", *given)
    assert _python(bare, "-c", SCREEN).stdout.strip() == f"C-{number + 6:03}"
    assert "!" not in _command(bare, "verify")
    for note in ("cluster-folder", "socket-folder"):
        if (bare / "data" / note).exists():
            import shutil

            shutil.rmtree((bare / "data" / note).read_text(), ignore_errors=True)


def test_a_changed_or_short_backup_is_refused(home: Path, tmp_path: Path) -> None:
    _command(home, "backup", "--to", str(tmp_path))
    (file,) = tmp_path.iterdir()
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert "was changed" in _command(home, "backup", "check", str(file), "--by", "admin", code=2)
    content[len(content) // 2] ^= 1
    file.write_bytes(content[:-40])
    assert "cut off" in _command(home, "backup", "check", str(file), "--by", "admin", code=2)
    file.write_bytes(content)
    assert "whole" in _command(home, "backup", "check", str(file), "--by", "admin")
