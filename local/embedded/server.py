"""What the four embedded servers have in common."""

import importlib.util
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from local.embedded.child import Child, wait_until
from local.embedded.errors import EmbeddedError
from local.embedded.ports import PortBook


def wheel_folder(package: str) -> Path:
    """Return the folder of an installed package without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(f"the package {package} is not installed: run ./iort up, which does it")
    return Path(spec.submodule_search_locations[0])


@dataclass(frozen=True, slots=True)
class Place:
    """Where one server lives: its folders, ports and secrets."""

    data: Path
    log: Path
    ports: PortBook
    secrets: dict[str, str]
    instance: str
    durable: bool = True
    """False in tests: nothing is flushed to the disk (a power cut would lose data, `kill -9`
    of a server does not)."""


class Server(ABC):
    """One real server as a child process. `start`, `stop` and `kill` may be called repeatedly."""

    name: ClassVar[str]
    port_names: ClassVar[tuple[str, ...]]
    start_seconds: ClassVar[float] = 45.0

    def __init__(self, place: Place) -> None:
        self.place = place
        self.child: Child | None = None

    def start(self) -> None:
        """Start the server and return when it answers.

        Raises:
            EmbeddedError: it ended or did not answer in time; the text quotes its log.
        """
        self.begin()
        self.complete()

    def begin(self) -> None:
        """Start the process without waiting for it, so that several can come up together."""
        if self.alive():
            return
        self.prepare()
        self.child = self.make_child()
        self.child.start()

    def complete(self) -> None:
        """Wait for what `begin` started and finish its set-up."""
        self.await_ready(self.start_seconds)
        self.after_start()

    def await_ready(self, seconds: float) -> None:
        """Wait until the server answers, or raise `EmbeddedError`."""
        child = self.child
        if child is None:
            raise EmbeddedError(f"{self.name} was not started")
        started = time.monotonic()
        wait_until(lambda: not child.alive() or self.ready(), seconds)
        if not child.alive():
            raise EmbeddedError(
                f"{self.name} ended at once (exit code {child.exit_code}). "
                f"Its log {child.log} ends with:\n{child.last_lines()}"
            )
        if not self.ready():
            waited = time.monotonic() - started
            raise EmbeddedError(
                f"{self.name} did not answer within {waited:.0f} s; see {child.log}"
            )

    def alive(self) -> bool:
        """Say whether the server's process runs."""
        return self.child is not None and self.child.alive()

    def stop(self) -> None:
        """Stop the server in an orderly way."""
        if self.child is not None:
            self.child.stop()

    def kill(self) -> None:
        """End the server as a crash would; `start` brings it back on its data."""
        if self.child is not None:
            self.child.kill()

    def prepare(self) -> None:
        """Make data folder and configuration; called before every start."""
        self.place.data.mkdir(parents=True, exist_ok=True, mode=0o700)

    def after_start(self) -> None:  # noqa: B027 - most servers need nothing more
        """Do what needs a running server, such as creating the database."""

    @abstractmethod
    def make_child(self) -> Child:
        """Return the process to start."""

    @abstractmethod
    def ready(self) -> bool:
        """Say whether the server answers a real request."""

    @abstractmethod
    def env(self) -> dict[str, str]:
        """Return the `IORT_*` variables that tell the application where this server is."""

    @abstractmethod
    def version(self) -> str:
        """Return the server's version."""
