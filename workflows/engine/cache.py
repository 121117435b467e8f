"""What was worked out from one state of the database, kept in the process while that state lasts.

A value is asked for under the state it is worked out from (`lists_state`), which every process
reads from the database each time. So nothing is ever kept too long: after a change the state is
another one, and what was kept under the old one is no longer found and falls out.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

Value = TypeVar("Value")


class StateCache:
    """The values asked for last, at most `size` of them; safe to use from several threads."""

    def __init__(self, size: int = 100) -> None:
        self._size = size
        self._values: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()

    def get(self, state: str, name: Hashable, work_out: Callable[[], Value]) -> Value:
        """Return the value called `name` in `state`; it is worked out unless it is kept.

        `work_out` must read the same state: the same transaction, and one with one snapshot.
        """
        key = (state, name)
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                found: Value = self._values[key]
                return found
        value = work_out()
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._size:
                self._values.popitem(last=False)
        return value
