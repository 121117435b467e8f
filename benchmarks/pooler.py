"""PgBouncer in transaction mode before an embedded PostgreSQL, for measurements and for the tests.

Its program is none of the product's packages: `PGBOUNCER` names it (1.22 or newer), or it stands on
the path. `PGBOUNCER=/usr/sbin/pgbouncer ./iort test` runs every test with a database behind it.
"""

import os
import shutil
import socket
from pathlib import Path

from sqlalchemy.engine import make_url

from local.embedded.child import Child, base_environment, wait_until
from local.embedded.postgres import ANALYST, PASSWORDS, USER, Postgres

SERVER_CONNECTIONS = 20


def program() -> str | None:
    """Return PgBouncer's program; None where there is none."""
    return os.environ.get("PGBOUNCER") or shutil.which("pgbouncer")


class PgBouncer:
    """One pooler on a port of its own; many clients share few connections of PostgreSQL's."""

    def __init__(
        self, postgres: Postgres, folder: Path, *, prepared: int = 200, address: str = "127.0.0.1"
    ) -> None:
        found = program()
        assert found is not None, "PGBOUNCER names no program"
        folder.mkdir(parents=True, exist_ok=True)
        self.address = address
        with socket.create_server((address, 0)) as free:
            self.port: int = free.getsockname()[1]
        secrets = postgres.place.secrets
        users = folder / "users.txt"
        users.touch(mode=0o600)
        users.write_text(
            "".join(f'"{user}" "{secrets[PASSWORDS[user]]}"\n' for user in (USER, ANALYST))
        )
        configuration = folder / "pgbouncer.ini"
        configuration.write_text(
            f"[databases]\n* = host=127.0.0.1 port={postgres.port}\n"
            f"[pgbouncer]\nlisten_addr = {address}\nlisten_port = {self.port}\n"
            f"unix_socket_dir =\nauth_type = scram-sha-256\nauth_file = {users}\n"
            f"pool_mode = transaction\nmax_client_conn = 400\n"
            f"default_pool_size = {SERVER_CONNECTIONS}\nmax_prepared_statements = {prepared}\n"
            # Rather an error than a wait without end where no connection is to be had.
            # A client that vanished amid a transaction holds its locks no longer than these.
            "tcp_keepidle = 5\ntcp_keepintvl = 3\ntcp_keepcnt = 3\ntcp_user_timeout = 10000\n"
            "query_wait_timeout = 15\nlog_connections = 0\nlog_disconnections = 0\n"
        )
        self.child = Child(
            "pgbouncer",
            [*postgres.prefix, found, str(configuration)],
            environment=base_environment(postgres.place.instance),
            folder=folder,
            log=folder / "pgbouncer.log",
        )

    def start(self) -> None:
        """Start it; return when its port answers. Raises SystemExit with its log's end."""
        self.child.start()
        wait_until(lambda: not self.child.alive() or self._answers(), 15)
        if not self._answers():
            raise SystemExit(f"PgBouncer does not answer:\n{self.child.last_lines()}")

    def through(self, url: str) -> str:
        """Return a database's URL with this pooler's port instead of PostgreSQL's."""
        return (
            make_url(url)
            .set(host=self.address, port=self.port)
            .render_as_string(hide_password=False)
        )

    def stop(self) -> None:
        """End it."""
        self.child.stop(5)

    def _answers(self) -> bool:
        try:
            socket.create_connection((self.address, self.port), 1).close()
        except OSError:
            return False
        return True
