"""What reaches outside is done before the transaction that holds a case, not in it.

A slow store must not keep a case locked: whoever reports a death would wait behind it. Code amid
a transaction says what it needs (`first`); the transaction is rolled back, the thing done with
nothing held, and the transaction done anew, which finds it done. What is stored is called by its
hash: bytes that no row comes to name are swept.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeVar

from models.database import in_transaction

T = TypeVar("T")

MOST = 40
"""Things one transaction may need, one after the other."""
_done: ContextVar[dict[str, Any] | None] = ContextVar("done_outside", default=None)


class NotYet(RuntimeError):
    """Something has to be done outside first; the message names it."""

    def __init__(self, name: str, act: Callable[[], Any]) -> None:
        super().__init__(name)
        self.name, self.act = name, act


def first(name: str, act: Callable[[], T]) -> T:
    """Return what `act` returns, done outside of the transaction; at once where none is open.

    `name` says all that its result depends on. Raises `NotYet`, for `with_outside` alone to catch.
    """
    done = _done.get()
    if done is None or not in_transaction():
        return act()
    if name not in done:
        raise NotYet(name, act)
    found: T = done[name]
    return found


def steady(name: str, make: Callable[[], T]) -> T:
    """Return what `make` returned when it was first asked: the same when it is all done anew."""
    done = _done.get()
    if done is None:
        return make()
    found: T = done.setdefault(name, make()) if name not in done else done[name]
    return found


def with_outside(do: Callable[[], T]) -> T:
    """Do what holds a case; what it needs from outside is done first, and then it is done anew.

    Raises what `do` raises, and what the things outside raise.
    """
    done: dict[str, Any] = {}
    for _ in range(MOST):
        token = _done.set(done)
        try:
            return do()
        except NotYet as needed:
            act, name = needed.act, needed.name
        finally:
            _done.reset(token)
        done[name] = act()
    raise RuntimeError(f"needs something else from outside each time: {name.partition('/')[0]}")
