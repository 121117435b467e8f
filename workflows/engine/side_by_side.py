"""Rows that one process works at the same time, where its worker has threads.

A row that kills its worker takes its neighbours' work with it. Whoever was being worked then is a
suspect, and a suspect is worked while nothing else is: the next death names the one that did it.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

MOST_READINGS = 5
"""Readings at once in one process, however many processors there are: the other threads of its
worker (`tasks.queues.THREADS`) look for findings in what was read meanwhile.
"""


class Neighbours:
    """Who works in this process: any number of rows, or one suspect alone."""

    def __init__(self, patience: float) -> None:
        """A suspect waits `patience` seconds at most for the others: one of them may hang."""
        self._patience = patience
        self._changed = threading.Condition()
        self._inside = 0
        self._suspects = 0
        self._alone = False
        self.ending = False
        """Whether the process is to end: nothing more is begun."""

    @contextmanager
    def among_others(self) -> Iterator[None]:
        """Work beside others; waits while a suspect is worked, or wants to be."""
        with self._changed:
            self._changed.wait_for(lambda: not self._alone and not self._suspects)
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Work by itself; for who is `among_others`, which it leaves for so long."""
        with self._changed:
            self._inside -= 1
            self._suspects += 1
            self._changed.notify_all()
            end = time.monotonic() + self._patience
            self._changed.wait_for(lambda: not self._alone)
            self._changed.wait_for(lambda: not self._inside, max(0.0, end - time.monotonic()))
            self._alone = True
        try:
            yield
        finally:
            with self._changed:
                self._suspects -= 1
                self._alone = False
                self._inside += 1
                self._changed.notify_all()

    def make_way(self) -> bool:
        """Say whether what can give way should: a suspect waits, or the process is to end."""
        return self.ending or (self._suspects > 0 and not self._alone)


class Seats:
    """So many at once; who finds no seat goes away, and somebody who leaves looks once more."""

    def __init__(self, most: int) -> None:
        self._free = most
        self._lock = threading.Lock()
        self._turned_away = False

    def taken_for(self, work: Callable[[], int]) -> int:
        """Do `work`, again where somebody was turned away meanwhile; return what it did in all.

        0 where no seat is free.
        """
        done = 0
        while self._take():
            try:
                done += work()
            finally:
                again = self._leave()
            if not again:
                break
        return done

    def _take(self) -> bool:
        with self._lock:
            if not self._free:
                self._turned_away = True
                return False
            self._free -= 1
            self._turned_away = False
            return True

    def _leave(self) -> bool:
        with self._lock:
            self._free += 1
            return self._turned_away
