"""Renews a row's lease while a slow step works, until it counts as hung."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

from workflows.engine import claims
from workflows.engine.claims import Claimed

if TYPE_CHECKING:
    from workflows.engine.world import World

log = structlog.get_logger("runner")


@contextmanager
def kept_alive(world: "World", row: Claimed) -> Iterator[None]:
    """Renew the row's lease from a thread meanwhile, until it counts as hung."""
    lease = world.settings.step_lease
    until = time.monotonic() + world.settings.hung_after.total_seconds()
    stopped = threading.Event()

    def renew() -> None:
        while not stopped.wait(lease.total_seconds() / 3) and time.monotonic() < until:
            try:
                with world.engine.begin() as connection:
                    if not claims.renew(connection, row, lease):
                        return
            except Exception as error:
                # The database is away: the lease may run out, and the fence decides.
                log.warning("lease not renewed", error=type(error).__name__[:80])

    thread = threading.Thread(target=renew, name=f"lease-{row.id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
