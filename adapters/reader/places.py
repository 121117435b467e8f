"""How many pages are read at once on this machine, over all files, and which reading has how many.

Each reading has one place; a file of scanned pages asks for more while nobody else wants one. A
child is told through a pipe how many pages it may read at once: a byte for one more or one less.
"""

import contextlib
import os
import threading
from collections.abc import Iterator

from adapters.reader.copies import LESS, MOST_COPIES, ONE_MORE


class Places:
    """Places for pages; threads of one process share them."""

    def __init__(self, count: int) -> None:
        """Have `count` places, one at least."""
        self._free = max(1, count)
        self._waiting = 0
        self._changed = threading.Condition()

    def take(self) -> None:
        """Wait for a place and take it."""
        with self._changed:
            self._waiting += 1
            self._changed.wait_for(lambda: self._free > 0)
            self._waiting -= 1
            self._free -= 1

    def take_one_more(self) -> bool:
        """Take another place if one is free and nobody waits for a first one."""
        with self._changed:
            if self._waiting or not self._free:
                return False
            self._free -= 1
            return True

    def give_back(self) -> None:
        """Let somebody else have a place."""
        with self._changed:
            self._free += 1
            self._changed.notify()

    @property
    def wanted(self) -> bool:
        """Whether somebody waits for a first place."""
        return self._waiting > 0


class Share:
    """The places of one reading, and the pipe by which its child hears of them."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._held = 1
        self._told = 1
        self.ear, self._voice = os.pipe()
        os.set_blocking(self._voice, False)

    def wants_more(self) -> None:
        """Have the child read one page more at once, where there is room."""
        most = self._told >= MOST_COPIES or self._told < self._held
        if not most and self._places.take_one_more():
            self._held += 1
            self._told += 1
            self._say(ONE_MORE)

    def look(self, at_work: int) -> None:
        """Give back what others want, as soon as the child has only `at_work` pages in hand."""
        if self._places.wanted and self._told > 1 and self._told == self._held:
            self._told -= 1
            self._say(LESS)
        while self._held > max(1, self._told, at_work):
            self._held -= 1
            self._places.give_back()

    def stop(self) -> None:
        """Have the child begin no other page."""
        while self._told > 0:
            self._told -= 1
            self._say(LESS)

    def _say(self, what: bytes) -> None:
        with contextlib.suppress(OSError):  # the child is gone, or does not listen
            os.write(self._voice, what)

    def end(self) -> None:
        """Give everything back but the place that the reading itself has."""
        os.close(self.ear)
        os.close(self._voice)
        while self._held > 1:
            self._held -= 1
            self._places.give_back()


@contextlib.contextmanager
def share_of(places: Places) -> Iterator[Share]:
    """Give a child of a reading that has a place its share."""
    share = Share(places)
    try:
        yield share
    finally:
        share.end()
