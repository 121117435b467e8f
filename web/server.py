"""Serves the application: `python -m web.server --host 127.0.0.1 --port 8000`.

No access log: addresses and search words may name a patient. No header about who asks is believed
here; `IORT_TRUSTED_PROXIES` does that, inside the application.
"""

import argparse
import asyncio
import sys
from types import FrameType

import uvicorn

TICKS_EVERY = 1.0
"""Seconds between two looks at the clock, for the header `date`. uvicorn's own loop looks ten times
as often whether it is to end, also when nobody asks for anything."""


class QuietServer(uvicorn.Server):
    """A server that sleeps while nobody asks, and is woken by the signal that ends it."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._to_end = asyncio.Event()

    async def main_loop(self) -> None:
        """Wait until the server is to end; keep the time that answers carry."""
        self._loop = asyncio.get_running_loop()
        while not await self.on_tick(0):
            try:
                await asyncio.wait_for(self._to_end.wait(), TICKS_EVERY)
            except TimeoutError:
                continue

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Note the signal, and wake the loop."""
        super().handle_exit(sig, frame)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._to_end.set)


def configured(host: str, port: int) -> uvicorn.Config:
    """Return how the application is served on a host and port."""
    return uvicorn.Config(
        "web.app:create_app",
        factory=True,
        host=host,
        port=port,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        log_level="warning",
    )


def main() -> None:
    """Serve until a signal ends it; exit code 3 where the application does not start."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    server = QuietServer(configured(options.host, options.port))
    server.run()
    if not server.started:
        sys.exit(3)  # as uvicorn's own program says it


if __name__ == "__main__":
    main()
