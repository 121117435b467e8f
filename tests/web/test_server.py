"""The server of the pages sleeps while nobody asks, and a signal wakes it."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor

import pytest
import uvicorn

from web import server
from web.server import QuietServer

PATIENCE = 60


def play(life: Callable[[], Coroutine[None, None, None]]) -> None:
    """Run it in a thread: in this one a browser's loop may run, which other tests share."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(life())).result()


@pytest.mark.parametrize("early", [True, False], ids=["while it starts", "asleep"])
def test_a_signal_ends_it_at_once(early: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "TICKS_EVERY", 10 * PATIENCE)

    async def live() -> None:
        own = QuietServer(uvicorn.Config("no.application:here"))
        if early:
            own.handle_exit(signal.SIGTERM, None)
        asleep = asyncio.create_task(own.main_loop())
        if not early:
            while own.server_state.default_headers == []:
                await asyncio.sleep(0)
            own.handle_exit(signal.SIGTERM, None)
        await asyncio.wait_for(asleep, PATIENCE)

    play(live)


def test_answers_carry_the_time_of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "TICKS_EVERY", 0.001)

    async def live() -> None:
        own = QuietServer(uvicorn.Config("no.application:here"))
        asleep = asyncio.create_task(own.main_loop())
        while (first := dict(own.server_state.default_headers)) == {}:
            await asyncio.sleep(0)
        while dict(own.server_state.default_headers) == first:
            await asyncio.sleep(0.01)
        own.handle_exit(signal.SIGTERM, None)
        await asleep

    play(live)
