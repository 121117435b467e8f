"""A Valkey that leads, one that follows, and sentinels: for measurements and for the tests."""

import socket
from pathlib import Path
from typing import Any, cast

import redis

from local.embedded.child import Child, base_environment, wait_until
from local.embedded.valkey import USER, binary, user_rules

MASTER = "iort"
_LEAD = "every-server-of-these"
_SENTINEL = "what-sentinels-ask-for"
_USER = "what-the-product-says"


def _free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(one.getsockname()[1]) for one in held]
    for one in held:
        one.close()
    return ports


class Watched:
    """Two servers and `count` sentinels; `quorum` of them must miss the leading one.

    `begins` stands before each command, one a process: `ip netns exec NAME` puts it elsewhere.
    """

    def __init__(
        self,
        folder: Path,
        *,
        count: int = 3,
        hosts: tuple[str, ...] = ("127.0.0.1",),
        begins: tuple[tuple[str, ...], ...] = ((),),
        gone_after_ms: int = 1000,
    ) -> None:
        ports = _free_ports(2 + count)
        self._hosts, self._begins = hosts, begins
        self.servers = [(self._host(number), port) for number, port in enumerate(ports[:2])]
        self.sentinels = [(self._host(number), port) for number, port in enumerate(ports[2:])]
        lead_host, lead_port = self.servers[0]
        self.children: list[Child] = []
        for number, (host, port) in enumerate(self.servers):
            lines = [
                f"port {port}", f"bind {host}", f"requirepass {_LEAD}", f"masterauth {_LEAD}",
                user_rules(_USER), "appendonly no", 'save ""', "maxmemory-policy noeviction",
                f"replicaof {lead_host} {lead_port}" if number else "",
            ]  # fmt: skip
            self._child(folder, f"valkey-{number}", number, lines)
        for number, (host, port) in enumerate(self.sentinels):
            lines = [
                f"port {port}", f"bind {host}", f"requirepass {_SENTINEL}",
                f"sentinel sentinel-pass {_SENTINEL}",
                f"sentinel monitor {MASTER} {lead_host} {lead_port} {count // 2 + 1}",
                f"sentinel auth-pass {MASTER} {_LEAD}",
                f"sentinel down-after-milliseconds {MASTER} {gone_after_ms}",
                f"sentinel failover-timeout {MASTER} 6000",
            ]  # fmt: skip
            self._child(folder, f"sentinel-{number}", number, lines, "--sentinel")

    def start(self) -> None:
        """Start all; return when the follower follows and every sentinel knows of it."""
        for child in self.children:
            child.start()
        if not wait_until(self._is_whole, 30):
            logs = "\n".join(child.last_lines(4) for child in self.children)
            raise SystemExit(f"the sentinels do not see each other and a follower:\n{logs}")

    def stop(self) -> None:
        """End all."""
        for child in reversed(self.children):
            child.stop(5)

    @property
    def url(self) -> str:
        """The address of the broker, as a setting."""
        first, *others = [f"{host}:{port}" for host, port in self.sentinels]
        each = [f"sentinel://{USER}:{_USER}@{first}", *(f"sentinel://{one}" for one in others)]
        return f"{';'.join(each)}/0?master={MASTER}&sentinel_password={_SENTINEL}"

    def leads(self, first: int = 0) -> int:
        """Return which server leads, as a sentinel from number `first` on says; -1: none does."""
        for place in self.sentinels[first:]:
            found = self._asked(place)
            if found is not None:
                return self.servers.index((str(found["ip"]), int(found["port"])))
        return -1

    def _is_whole(self) -> bool:
        wanted = {"num-slaves": 1, "num-other-sentinels": len(self.sentinels) - 1}
        seen = [self._asked(place) or {} for place in self.sentinels]
        return all(found.get(name) == count for found in seen for name, count in wanted.items())

    def _asked(self, place: tuple[str, int]) -> dict[str, Any] | None:
        host, port = place
        with redis.Redis(
            host=host, port=port, password=_SENTINEL, socket_timeout=1, socket_connect_timeout=1
        ) as client:
            try:
                found = client.sentinel_masters()
            except redis.RedisError:
                return None
        known: dict[str, Any] | None = cast(Any, found).get(MASTER)
        return known

    def _host(self, number: int) -> str:
        return self._hosts[number % len(self._hosts)]

    def _child(self, folder: Path, name: str, number: int, lines: list[str], *more: str) -> None:
        own = folder / name
        own.mkdir(parents=True, exist_ok=True)
        configuration = own / "server.conf"
        configuration.write_text(
            "\n".join([*lines, f'dir "{own}"', 'logfile ""', "daemonize no"]) + "\n"
        )
        self.children.append(
            Child(
                name,
                [*self._begins[number % len(self._begins)], str(binary()), str(configuration),
                 *more],
                environment=base_environment("sentinels"),
                folder=own,
                log=own / "log",
            )
        )  # fmt: skip
