"""Loopback ports: chosen once, remembered in `var/ports.json`, checked before use.

Ports come from below the kernel's range for outgoing connections (32768 and up on Linux): a
server that restarts would otherwise find its port taken by somebody's outgoing connection.
"""

import json
import random
import socket
from collections.abc import Iterable
from pathlib import Path

from local.embedded.errors import EmbeddedError

_LOWEST, _HIGHEST = 20_000, 32_000
_random = random.SystemRandom()


def is_free(port: int) -> bool:
    """Say whether a server could listen on 127.0.0.1:port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def answers(port: int, timeout: float = 1.0) -> bool:
    """Say whether something accepts connections on 127.0.0.1:port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout):
            return True
    except OSError:
        return False


class PortBook:
    """The ports of one `var` folder by name."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ports: dict[str, int] = {}
        if path.exists():
            self._ports = {str(k): int(v) for k, v in json.loads(path.read_text()).items()}

    def __getitem__(self, name: str) -> int:
        return self._ports[name]

    def as_dict(self) -> dict[str, int]:
        """Return every port by name."""
        return dict(self._ports)

    def claim(self, names: Iterable[str]) -> None:
        """Choose ports for `names`; a remembered port that somebody else took is replaced."""
        for name in names:
            if name not in self._ports or not is_free(self._ports[name]):
                self._ports[name] = self._choose()
        self._save()

    def claim_pair(self, name: str, second: str, distance: int) -> None:
        """Choose two ports that lie `distance` apart, or keep the remembered ones."""
        if name in self._ports and all(is_free(self._ports[each]) for each in (name, second)):
            return
        for _ in range(2_000):
            port = _random.randrange(_LOWEST, _HIGHEST - distance)
            if is_free(port) and is_free(port + distance):
                self._ports |= {name: port, second: port + distance}
                self._save()
                return
        raise EmbeddedError(f"no two free loopback ports {distance} apart")

    def _save(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".new")
        draft.write_text(json.dumps(self._ports, indent=1, sort_keys=True) + "\n")
        draft.replace(self._path)

    def _choose(self) -> int:
        taken = set(self._ports.values())
        for _ in range(2_000):
            port = _random.randrange(_LOWEST, _HIGHEST)
            if port not in taken and is_free(port):
                return port
        raise EmbeddedError(f"no free loopback port between {_LOWEST} and {_HIGHEST}")
