"""Threads of their own for what may take long, so that nobody who signs in waits behind it.

All other pages share the forty threads of the server. What draws pages or moves files runs in a
small pool beside them; what is over waits without a thread, and of one visitor no more than half
of a pool is at work: the pages that somebody opened by the dozen do not hold up another's.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from anyio import CapacityLimiter, Semaphore, to_thread
from anyio.lowlevel import RunVar

LOOKS, FILES = "looks", "files"
SIZES = {LOOKS: min(4, max(2, os.cpu_count() or 2)), FILES: 8}
"""To draw more pages at once than there are processors makes none of them come earlier."""
WAITING = 100
"""So many things of one visitor may run or wait: about one long document."""
T = TypeVar("T")


class Crowded(Exception):
    """More of one visitor waits in a pool than may: later."""


@dataclass
class _Turn:
    room: Semaphore
    here: int = 0


@dataclass
class _Pool:
    threads: CapacityLimiter
    of_one: int
    turns: dict[str, _Turn] = field(default_factory=dict)


_pools: RunVar[dict[str, _Pool]] = RunVar("pools")


async def in_pool(name: str, visitor: str, do: Callable[[], T]) -> T:
    """Return what `do` returns, run in a thread of the pool; raise `Crowded`, and what it raises.

    `visitor` tells those apart who share the pool; it stays in memory while something of them runs.
    """
    pool = _pool(name)
    turn = pool.turns.setdefault(visitor, _Turn(Semaphore(pool.of_one)))
    if turn.here >= WAITING:
        raise Crowded
    turn.here += 1
    try:
        async with turn.room:
            return await to_thread.run_sync(do, limiter=pool.threads)
    finally:
        turn.here -= 1
        if not turn.here:
            pool.turns.pop(visitor, None)


def _pool(name: str) -> _Pool:
    """Return a pool of this event loop's."""
    try:
        pools = _pools.get()
    except LookupError:
        pools = {}
        _pools.set(pools)
    if name not in pools:
        size = SIZES[name]
        pools[name] = _Pool(CapacityLimiter(size), max(1, size // 2))
    return pools[name]
