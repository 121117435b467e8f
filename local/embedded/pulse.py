"""Whether a process gets on with its work: one that hangs lives, and is of no use."""

import http.client
import time
from collections.abc import Callable
from pathlib import Path

ASKED_EVERY = 5.0
QUIET_AFTER = 20.0
"""Seconds without a beat until it is shown as hung."""
ENDED_AFTER = 60.0
"""Seconds without a beat until it is ended by force, and started anew."""


class Pulse:
    """Beats of one process; `beats` is asked every few seconds whether there was one since."""

    def __init__(
        self,
        beats: Callable[[], bool],
        every: float = ASKED_EVERY,
        ended_after: float = ENDED_AFTER,
    ) -> None:
        self._beats, self._every, self._ended_after = beats, every, ended_after
        self.begin()

    def begin(self) -> None:
        """Count from now: it was just started, or was just ready."""
        self._heard = self._asked = time.monotonic()

    def quiet(self) -> float:
        """Return for how many seconds it has not been heard of."""
        now = time.monotonic()
        if now - self._asked >= self._every:
            self._asked = now
            if self._beats():
                self._heard = time.monotonic()
        return time.monotonic() - self._heard

    def is_hopeless(self, quiet: float) -> bool:
        """Say whether a process that was quiet for so long is to be ended."""
        return quiet > self._ended_after


def of_file(path: Path) -> Callable[[], bool]:
    """Return whether a file was touched since it was last asked; no host's clock is looked at."""
    seen = 0

    def beats() -> bool:
        nonlocal seen
        try:
            touched = path.stat().st_mtime_ns
        except OSError:
            return False
        before, seen = seen, touched
        return touched != before

    return beats


def http_answers(port: int, path: str) -> bool:
    """Say whether an HTTP server on 127.0.0.1 answers `path` with anything but a server error."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
