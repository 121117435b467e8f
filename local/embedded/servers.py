"""The four embedded servers of one `var` folder together."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

from local.embedded.child import end_leftovers
from local.embedded.environment import write_env_file
from local.embedded.errors import EmbeddedError
from local.embedded.mail import Mail
from local.embedded.paths import embedded_env_file, ports_file, ring_file
from local.embedded.ports import PortBook
from local.embedded.postgres import Postgres
from local.embedded.seaweed import ADMIN_GRPC_DISTANCE, Seaweed
from local.embedded.secrets_file import load_secrets, make_ring_file
from local.embedded.server import Place, Server
from local.embedded.valkey import Valkey

SERVER_TYPES: tuple[type[Server], ...] = (Postgres, Valkey, Seaweed, Mail)
APPLICATION_PORTS = ("web", "flower")


def instance_name(var: Path) -> str:
    """Return the mark that every process of this folder carries in its environment."""
    return hashlib.sha256(str(var.resolve()).encode()).hexdigest()[:16]


class EmbeddedServers:
    """PostgreSQL, Valkey, S3 and mail with their data, ports and secrets below one folder.

    Reading the object starts nothing. One process (the supervisor, or the keeper of a test run)
    starts the servers; others use the same object to learn URLs.
    """

    def __init__(self, var: Path, *, durable: bool = True) -> None:
        self.var = var.resolve()
        self.durable = durable
        self.instance = instance_name(var)
        self.ports = PortBook(ports_file(self.var))
        self.secrets = load_secrets(self.var / "secrets.json")
        make_ring_file(ring_file(self.var), self.secrets)
        self.postgres = Postgres(self._place("postgres"))
        self.valkey = Valkey(self._place("valkey"))
        self.s3 = Seaweed(self._place("s3"))
        self.mail = Mail(self._place("mail"))

    def _place(self, name: str) -> Place:
        return Place(
            data=self.var / name,
            log=self.var / "log" / f"{name}.log",
            ports=self.ports,
            secrets=self.secrets,
            instance=self.instance,
            durable=self.durable,
        )

    def __iter__(self) -> Iterator[Server]:
        return iter((self.postgres, self.valkey, self.s3, self.mail))

    def claim_ports(self) -> None:
        """Choose the ports of servers, web and Flower, or keep the remembered ones."""
        names = [name for kind in SERVER_TYPES for name in kind.port_names]
        self.ports.claim([*names, *APPLICATION_PORTS])
        self.ports.claim_pair("s3_admin", "s3_admin_grpc", ADMIN_GRPC_DISTANCE)

    def start(self, report: Callable[[str], None] = lambda _: None) -> None:
        """Start all four, ending what an earlier run left; `report` hears each name when ready.

        Raises:
            EmbeddedError: a server did not come up; those that did are stopped again.
        """
        self.var.mkdir(parents=True, exist_ok=True)
        end_leftovers(self.instance)
        self.claim_ports()
        try:
            for server in self:
                server.begin()
            for server in self:
                server.complete()
                report(server.name)
        except EmbeddedError:
            self.stop()
            raise
        write_env_file(embedded_env_file(self.var), self.env())

    def stop(self) -> None:
        """Stop all four, the ones with the most data last."""
        for server in reversed(list(self)):
            server.stop()

    def by_name(self, name: str) -> Server:
        """Return a server by its name; `EmbeddedError` names the valid ones."""
        for server in self:
            if server.name == name:
                return server
        known = ", ".join(server.name for server in self)
        raise EmbeddedError(f"no server is called {name!r}; there are {known}")

    def env(self) -> dict[str, str]:
        """Return every `IORT_*` variable of embedded mode."""
        values = {name: value for server in self for name, value in server.env().items()}
        return values | {
            "IORT_EMBEDDED": "true",
            "IORT_SECRET_KEYS_FILE": str(ring_file(self.var)),
            "IORT_WEBHOOK_SECRETS": json.dumps({"rehearsal": self.secrets["webhook_rehearsal"]}),
            "IORT_UNSAFE": "",
            "IORT_TRUSTED_PROXIES": "",
            "IORT_WEB_HOST": "127.0.0.1",
            "IORT_WEB_PORT": str(self.ports["web"]),
            "IORT_WEB_PUBLIC_URL": f"http://127.0.0.1:{self.ports['web']}",
            "IORT_FLOWER_PORT": str(self.ports["flower"]),
            "IORT_FLOWER_PASSWORD": self.secrets["flower"],
        }
