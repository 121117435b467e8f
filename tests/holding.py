"""While tests run: nobody asks the object store for anything while their transaction holds a case.

A slow store would keep the case locked: a death or a withdrawal could not be taken meanwhile.
Connections of a thread that locked or wrote a row of `case` are remembered until they commit.
"""

import re
import threading
import traceback
from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from sqlalchemy import Engine, event

from adapters.storage import S3Storage

WAITED: list[str] = []
"""Places that asked the store with a case held, since `must_not_have_waited` was last asked."""
_ASKS = ("put", "put_stream", "get", "write", "read", "is_fresh", "exists", "delete", "erase")
_TAKES_CASE = re.compile(r'FROM "case"(?:(?!\bFROM\b).)*FOR UPDATE|UPDATE "case"', re.DOTALL)


_looking = threading.Event()


class _Holding(threading.local):
    def __init__(self) -> None:
        self.connections: set[int] = set()


_holding = _Holding()


class Waits(BaseException):
    """Not an Exception: the runner would take it for a step that failed and try again."""


def install() -> None:
    """Begin to look, until `must_not_have_waited` is asked."""
    _install()
    _looking.set()


@cache
def _install() -> None:

    @event.listens_for(Engine, "before_cursor_execute")
    def executes(connection: Any, _: Any, statement: str, *__: Any) -> None:
        if _TAKES_CASE.search(statement):
            _holding.connections.add(id(connection))

    def ends(connection: Any) -> None:
        _holding.connections.discard(id(connection))

    for name in ("commit", "rollback"):
        event.listen(Engine, name, ends)
    for name in _ASKS:
        setattr(S3Storage, name, _asked(getattr(S3Storage, name)))


def _asked(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def guarded(*given: Any, **named: Any) -> Any:
        if _looking.is_set() and _holding.connections:
            ours = [one for one in traceback.extract_stack() if "/workflows/" in one.filename]
            if ours and "/tests/" in ours[-1].filename:
                return method(*given, **named)  # a test prepares something
            place = f"{ours[-1].filename}:{ours[-1].lineno}" if ours else "no step and no door"
            WAITED.append(place)
            raise Waits(f"the store is asked while a case is held: {place}")
        return method(*given, **named)

    return guarded


def must_not_have_waited() -> None:
    """Fail where the store was asked with a case held, whoever caught it."""
    places, WAITED[:] = sorted(set(WAITED)), []
    _holding.connections.clear()
    _looking.clear()
    assert not places, f"the store is asked while a case is held, at {', '.join(places)}"
