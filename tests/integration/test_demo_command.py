"""`trialwright demo` under the conditions a stranger's machine may bring."""

import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
pytestmark = pytest.mark.slow
# What this process works with, and a server that is started must not: it clears old counts away.
OURS = ("DJANGO_SETTINGS_MODULE", "PROMETHEUS_MULTIPROC_DIR")


class Running:
    """The command in a session of its own, with the address it printed."""

    def __init__(self, home: Path, *arguments: str, **identity: object) -> None:
        environment = {**os.environ, "TRIALWRIGHT_HOME": str(home), "HOME": str(home.parent)}
        for ours in OURS:
            environment.pop(ours, None)
        self.log = home.with_name("demo.log")
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "trialwright", "demo", "--participants", "0", *arguments],
                stdout=log, stderr=subprocess.STDOUT, env=environment, start_new_session=True,
                cwd="/", **identity,  # type: ignore[call-overload]
            )  # fmt: skip
        self.address = self._wait_until_ready()

    def _wait_until_ready(self) -> str:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            text = self.log.read_text()
            if found := re.search(r"ready: (http://\S+)", text):
                return found[1]
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise AssertionError(f"the demonstration did not start:\n{self.log.read_text()}")

    def status(self) -> int:
        with urllib.request.urlopen(f"{self.address}/trials/NCT03223454", timeout=10) as answer:
            return int(answer.status)

    def interrupt(self) -> None:
        """Ctrl-C reaches the whole foreground group of the terminal."""
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(20)


def processes_of(home: Path) -> list[str]:
    """Command lines of processes that name this installation or its data."""
    found = []
    note = home / "data" / "socket-folder"
    marks = {str(home).encode()} | ({note.read_bytes()} if note.exists() else set())
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                text = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            except OSError:
                continue
            if any(mark in text for mark in marks):
                found.append(entry.name)
    return found


def said(command: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a command that ends by itself, as a stranger would."""
    environment = {**os.environ, "TRIALWRIGHT_HOME": str(home)}
    for ours in OURS:
        environment.pop(ours, None)
    return subprocess.run(
        [sys.executable, "-m", "trialwright", command],
        env=environment, capture_output=True, text=True,
    )  # fmt: skip


def children_of(process: int) -> list[int]:
    """The workers of a running command."""
    return [
        int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()
    ]


def server_of(home: Path) -> str:
    """The process of the embedded PostgreSQL, as its own file names it."""
    note = home / "data" / "cluster-folder"
    folder = Path(note.read_text()) if note.exists() else home / "data"
    return (folder / "postgres" / "postmaster.pid").read_text().splitlines()[0]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "home"
    for process in processes_of(tmp_path / "home"):
        os.kill(int(process), signal.SIGKILL)
    shutil.rmtree(tmp_path, ignore_errors=True)


def test_it_serves_a_page_and_ctrl_c_leaves_no_process_behind(home: Path) -> None:
    running = Running(home)
    assert running.status() == 200
    # The web's own role, and the files as the program makes them.
    looked = said("doctor", home)
    assert "ok  tables" in looked.stdout and "ok  permissions" in looked.stdout, looked.stderr
    running.interrupt()
    assert processes_of(home) == []


def test_a_path_with_spaces_and_one_longer_than_a_socket_may_have(tmp_path: Path) -> None:
    home = tmp_path / "a path with spaces" / ("long " * 20).strip() / "home"
    home.parent.mkdir(parents=True)
    running = Running(home)
    assert running.status() == 200
    running.interrupt()


def test_a_taken_port_is_passed_over_and_said(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        running = Running(home, "--port", str(port))
        assert running.address != f"http://localhost:{port}"
        assert f"Port {port} is taken" in running.log.read_text()
        running.interrupt()


def test_after_kill_9_it_starts_again_and_adopts_the_server(home: Path) -> None:
    first = Running(home)
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait()
    again = Running(home)
    assert again.status() == 200
    again.interrupt()
    end = time.monotonic() + 10
    while processes_of(home) and time.monotonic() < end:
        time.sleep(0.2)
    assert processes_of(home) == []


def test_two_at_once_share_the_server_and_the_first_to_leave_does_not_stop_it(home: Path) -> None:
    first, second = Running(home), Running(home)
    first.interrupt()
    assert second.status() == 200
    second.interrupt()
    assert processes_of(home) == []


def test_a_worker_that_ends_leaves_the_database_running(home: Path) -> None:
    running = Running(home)
    server = server_of(home)
    for worker in children_of(running.process.pid):
        os.kill(worker, signal.SIGTERM)
        end = time.monotonic() + 20
        while worker in children_of(running.process.pid) and time.monotonic() < end:
            time.sleep(0.1)
    assert server_of(home) == server
    running.interrupt()
    assert processes_of(home) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_below_a_folder_that_only_root_can_read_and_changes_no_permission_there(
    tmp_path: Path,
) -> None:
    closed = tmp_path / "root only"
    closed.mkdir(mode=0o700)
    running = Running(closed / "home")
    assert running.status() == 200
    running.interrupt()
    assert closed.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_an_ordinary_user_runs_it_too(tmp_path: Path) -> None:
    if not os.access(sys.executable, os.X_OK) or not _others_may_enter(Path(sys.prefix)):
        pytest.skip("this checkout lies where other users can't go")
    nobody = pwd.getpwnam("nobody")
    mine = Path("/tmp") / f"trialwright-ordinary-{os.getpid()}"
    mine.mkdir()
    os.chown(mine, nobody.pw_uid, nobody.pw_gid)
    try:
        running = Running(
            mine / "home", user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[]
        )  # fmt: skip
        assert running.status() == 200
        running.interrupt()
    finally:
        shutil.rmtree(mine)


def _others_may_enter(folder: Path) -> bool:
    places = [folder, *folder.resolve().parents, *Path(sys.executable).resolve().parents]
    return all(place.stat().st_mode & 0o005 == 0o005 for place in places)


def test_a_folder_that_cannot_be_written_is_said_in_a_sentence() -> None:
    done = said("demo", Path("/proc/nowhere"))
    assert done.returncode == 2
    assert "Set TRIALWRIGHT_HOME to a folder that you may write to." in done.stderr
    assert "Traceback" not in done.stderr


def test_verify_where_nothing_is_says_where_to_look_and_makes_nothing(home: Path) -> None:
    for begun in (False, True):
        done = said("verify", home)
        assert done.returncode == 2
        assert f"Nothing has been entered in {home}. Set TRIALWRIGHT_HOME" in done.stderr
        assert "Traceback" not in done.stderr
        assert home.exists() is begun
        (home / "data").mkdir(parents=True, exist_ok=True)


def test_an_installation_removed_and_made_anew_at_the_same_place_starts(home: Path) -> None:
    Running(home).interrupt()
    shutil.rmtree(home)
    again = Running(home)
    assert again.status() == 200
    again.interrupt()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's data lie in another place")
def test_data_removed_by_hand_are_told_with_the_way_out(home: Path) -> None:
    gone = home.with_name("gone")
    (home / "data").mkdir(parents=True)
    (home / "data" / "cluster-folder").write_text(str(gone))
    done = said("demo", home)
    assert done.returncode == 2
    assert f"lay in {gone}, and that folder is gone" in done.stderr
    assert "make clean" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_key_file_that_is_lost_is_told_with_the_way_out(home: Path) -> None:
    Running(home).interrupt()
    (home / "keys" / "ledger.json").unlink()
    for command in ("serve", "verify"):
        done = said(command, home)
        assert done.returncode == 2
        assert "Restore it from its custodian" in done.stderr
        assert "Traceback" not in done.stderr


def ready(running: Running) -> bool:
    try:
        with urllib.request.urlopen(f"{running.address}/ready", timeout=10) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as answer:
        assert answer.code == 503
        return False


def becomes_ready(running: Running, *, within: float) -> bool:
    end = time.monotonic() + within
    while time.monotonic() < end:
        if ready(running):
            return True
        time.sleep(0.2)
    return False


def test_a_database_that_ends_is_started_again_or_the_program_ends_with_a_sentence(
    home: Path,
) -> None:
    running = Running(home)
    assert ready(running)
    os.kill(int(server_of(home)), signal.SIGKILL)
    assert becomes_ready(running, within=20)

    note = home / "data" / "cluster-folder"
    data = (Path(note.read_text()) if note.exists() else home / "data") / "postgres"
    needed, aside = data / "global" / "pg_control", data / "global" / "pg_control.aside"
    needed.rename(aside)
    os.kill(int(server_of(home)), signal.SIGKILL)
    time.sleep(5)
    assert not ready(running)
    with urllib.request.urlopen(f"{running.address}/health", timeout=10) as answer:
        assert answer.status == 200
    aside.rename(needed)
    assert becomes_ready(running, within=20)

    os.kill(int(server_of(home)), signal.SIGKILL)
    data.rename(data.with_name("elsewhere"))
    assert running.process.wait(60) == 2
    assert "is gone, so nothing can be served" in running.log.read_text()
