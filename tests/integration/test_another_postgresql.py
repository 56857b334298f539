"""The same ledger and the same conduct on a PostgreSQL that is not the embedded one (15 or newer).

Where a machine has PostgreSQL's own packages, their server is started in a folder of its own and
the tests of the ledger and of conduct are run again on it, through DATABASE_URL.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
pytestmark = pytest.mark.slow


def _installed() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return next((path.parent for path in found if int(path.parent.parent.name) >= 15), None)


@pytest.fixture
def url() -> Iterator[str]:
    binaries = _installed()
    if binaries is None:
        pytest.skip("NO OTHER POSTGRESQL: this machine has none under /usr/lib/postgresql")
    folder = Path(tempfile.mkdtemp(prefix="trialwright-other-"))
    identity: dict[str, object] = {}
    if os.geteuid() == 0:
        try:
            user = pwd.getpwnam("postgres")
        except KeyError:
            pytest.skip("root can't run PostgreSQL, and there is no user postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
        identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [str(binaries / program), *arguments],
            check=True, cwd="/", stdout=subprocess.DEVNULL, start_new_session=True,
            **identity,  # type: ignore[call-overload]
        )  # fmt: skip

    data = str(folder / "data")
    try:
        run("initdb", "-D", data, "-U", "other", "-A", "trust", "--locale=C", "--encoding=UTF8")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        run("pg_ctl", "start", "-D", data, "-w", "-l", str(folder / "log"), "-o", options)
        yield f"postgresql://other@/postgres?host={folder}"
    finally:
        subprocess.run(
            [str(binaries / "pg_ctl"), "stop", "-D", data, "-m", "immediate"],
            cwd="/", capture_output=True, check=False,
            **identity,  # type: ignore[call-overload]
        )  # fmt: skip
        shutil.rmtree(folder)


def test_the_ledger_and_conduct_hold_there_too(url: str) -> None:
    environment = {**os.environ, "DATABASE_URL": url}
    for name in [name for name in environment if name.startswith("PYTEST_")]:
        del environment[name]
    wanted = ["tests/integration/conduct/test_story.py", "tests/integration/conduct/test_proof.py"]
    wanted += [str(path) for path in sorted((ROOT / "tests/integration").glob("test_ledger*.py"))]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not slow", *wanted],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=500,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]
    assert " passed" in done.stdout
