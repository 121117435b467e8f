"""What was worked out from one state of the database, kept in the process while that state lasts.

A value is asked for under the state it is worked out from (`lists_state`), which every process
reads from the database each time. So nothing is ever kept too long: after a change the state is
another one, and what was kept under the old one is no longer found and falls out.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from threading import Lock
from typing import Any, TypeVar

Value = TypeVar("Value")
Name = TypeVar("Name", bound=Hashable)


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


FEW = 4
"""So many parts are worked out one by one; more of them in one look at everything."""


class PartsCache:
    """Values of the parts of a whole, each kept while its own state lasts; safe from threads.

    At most `size` wholes are kept, the ones asked for last.
    """

    def __init__(self, size: int = 30) -> None:
        self._size = size
        self._wholes: OrderedDict[Hashable, Mapping[int, tuple[str, Any]]] = OrderedDict()
        self._lock = Lock()

    def get(
        self,
        states: Mapping[int, str],
        name: Hashable,
        work_out: Callable[[int | None], Mapping[int, Value]],
        nothing: Value,
    ) -> Sequence[Value]:
        """Return the value of each part of the whole called `name`.

        `work_out` gives that of one part, by its number, or of all where it is given None; a part
        that it does not tell of has `nothing`. It must read the states' own snapshot.
        """
        with self._lock:
            kept = dict(self._wholes.get(name, {}))
        changed = [part for part, state in states.items() if kept.get(part, ("",))[0] != state]
        found: dict[int, Value] = {}
        for part in changed if len(changed) <= FEW else [None]:
            found.update(work_out(part))
        known = {
            part: (state, found.get(part, nothing)) if part in changed else kept[part]
            for part, state in states.items()
        }
        with self._lock:
            self._wholes[name] = known
            self._wholes.move_to_end(name)
            while len(self._wholes) > self._size:
                self._wholes.popitem(last=False)
        return [value for _, value in known.values()]


class RowsCache:
    """Single rows, each kept under its own state; safe from threads.

    At most `size` rows are kept, the ones asked for last.
    """

    def __init__(self, size: int = 3_000) -> None:
        self._size = size
        self._rows: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()

    def get(
        self, names: Iterable[Name], work_out: Callable[[Sequence[Name]], Sequence[Value]]
    ) -> list[Value]:
        """Return the row of each name, in order; a name holds the state that the row is of.

        `work_out` gives the rows of those that are not kept, in order, from these very states.
        """
        asked = list(names)
        with self._lock:
            kept = {name: self._rows[name] for name in asked if name in self._rows}
        unknown = [name for name in asked if name not in kept]
        if unknown:
            kept |= zip(unknown, work_out(unknown), strict=True)
        with self._lock:
            for name in asked:
                self._rows[name] = kept[name]
                self._rows.move_to_end(name)
            while len(self._rows) > self._size:
                self._rows.popitem(last=False)
        return [kept[name] for name in asked]
