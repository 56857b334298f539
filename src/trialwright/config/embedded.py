"""The embedded PostgreSQL: a real server from a wheel's binaries, one for each installation.

Nothing else in the program starts, stops or reads it. It listens on a socket in a private
folder, never on the network. Who runs it, and from where: `postgres_user`.
"""

import contextlib
import fcntl
import functools
import logging
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from trialwright.config.home import SetupError, private_folder, secret
from trialwright.config.postgres_user import (
    as_user,
    reachable_binaries,
    system_folder,
    unprivileged_user,
    wheel,
)

SUPERUSER, OWNER, WEB = "trialwright_super", "trialwright_owner", "trialwright_web"
DATABASE = "trialwright"
# Its log holds no statement, no parameter and no row: they are what participants answered. A
# refused statement is told to the program alone; one that brings a process down, without its text.
_SILENT = " ".join(
    f"-c {setting}"
    for setting in (
        "log_min_messages=log", "log_min_error_statement=panic", "log_error_verbosity=terse",
        "log_statement=none", "log_min_duration_statement=-1", "log_parameter_max_length=0",
        "log_parameter_max_length_on_error=0",
    )
)  # fmt: skip
_PASSWORDS = {SUPERUSER: "db-superuser", OWNER: "db-owner", WEB: "db-web"}


logger = logging.getLogger(__name__)


class DatabaseError(SetupError):
    """The embedded server can't be used."""


class DataGoneError(DatabaseError):
    """The data that the embedded server ran on are no longer there."""


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
            user = unprivileged_user()
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


def keep_running() -> None:
    """Start the server again if it has ended, whatever ended it; to be called again and again.

    While it can't start, since its disk is full or it was killed a moment ago, that is logged.

    Raises:
        DataGoneError: its data are gone, so that it can never start.
    """
    cluster = _known_cluster()
    if cluster.is_running():
        return
    if not cluster.data.exists():
        raise DataGoneError(
            f"The database's folder {cluster.data} is gone, so nothing can be served. Put it back "
            "from a backup and start again."
        )
    logger.warning("The database has ended; starting it again.")
    try:
        with _lock("server.lock"):
            cluster.ensure_running("")
    except DatabaseError as error:
        logger.error("%s", error)
    else:
        logger.warning("The database runs again.")


@functools.cache
def _known_cluster() -> "_Cluster":
    return _Cluster.of_this_installation(address())


@dataclass(frozen=True, slots=True)
class _Cluster:
    """One PostgreSQL data folder with the user who runs it and the binaries it runs on."""

    data: Path
    binaries: Path
    user: pwd.struct_passwd | None
    address: Address

    @classmethod
    def of_this_installation(cls, where: Address) -> "_Cluster":
        user = unprivileged_user()
        if user is None:
            return cls(private_folder("data") / "postgres", wheel() / "bin", None, where)
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
            folder = Path(tempfile.mkdtemp(prefix="data-", dir=system_folder()))
            os.chown(folder, user.pw_uid, user.pw_gid)
            note.write_text(str(folder))
        return cls(folder / "postgres", reachable_binaries(user), user, where)

    def run(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return as_user(self.user, [self.binaries / program, *arguments])

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

    def is_running(self) -> bool:
        """Whether the process is there that the server's own file names; cheap."""
        try:
            process = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            os.kill(process, 0)
        except (OSError, ValueError):
            return False
        return True

    def ensure_running(self, options: str) -> None:
        # A server that is still coming up or going down answers neither way for a moment.
        if self.run("pg_ctl", "status", "--pgdata", self.data).returncode == 0:
            return
        socket = f"-k {self.address.socket_folder} -p {self.address.port} -c listen_addresses=''"
        done = self.run(
            "pg_ctl", "start", "--pgdata", self.data, "--wait", "--timeout", "60",
            "--log", self.data.with_name("postgres.log"),
            "--options", f"{socket} {_SILENT} {options}",
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


def _is_private(folder: Path) -> bool:
    """Whether the folder is there, ours (or our database user's), and closed to everybody else."""
    try:
        status = folder.lstat()
    except FileNotFoundError:
        return False
    user = unprivileged_user()
    owner = os.geteuid() if user is None else user.pw_uid
    return folder.is_dir() and status.st_uid == owner and status.st_mode & 0o077 == 0


@contextlib.contextmanager
def _lock(name: str) -> Iterator[None]:
    with (private_folder("data") / name).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            # A process forked meanwhile has the same lock open, and would keep it.
            fcntl.flock(file, fcntl.LOCK_UN)
