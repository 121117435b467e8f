"""A broker of several servers: rings go to whichever leads, before and after the other is lost."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from redis.sentinel import MasterNotFoundError, Sentinel

from adapters.broker_address import Sentinels
from adapters.health import Unwell, broker, broker_answers
from benchmarks.sentinels import Watched
from local.embedded.child import wait_until
from safety import dangers
from settings import Settings
from tasks.app import make_app
from tasks.doorbell import CeleryDoorbell
from workflows.engine.doorbell import DueRow
from workflows.engine.work import Step

NAME = "ingestion.check_batch"


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    own = Watched(tmp_path, count=1, gone_after_ms=200)
    own.start()
    yield own
    own.stop()


def test_rings_go_on_when_the_leading_server_is_lost(watched: Watched, settings: Settings) -> None:
    own = settings.model_copy(update={"broker_url": watched.url})
    assert broker(own).endswith("1 of 1 sentinels know iort")
    with make_app(own) as app:
        doorbell = CeleryDoorbell(app, {NAME: Step(NAME)}, 100)
        doorbell.ring([DueRow(1, NAME, 1)])
        assert doorbell.held([NAME.split(".")[0]]) == {NAME: 1}
        watched.children[0].kill()
        assert wait_until(lambda: watched.leads() == 1, 30)

        def rung() -> bool:
            doorbell.ring([DueRow(2, NAME, 2)])
            try:
                return bool(doorbell.held([NAME.split(".")[0]]))
            except Exception:  # what the relay meets too: it tries again
                return False

        assert wait_until(rung, 30)
    broker_answers(own)


def test_a_door_tries_a_broker_that_is_away_once_and_then_not_for_a_while(
    settings: Settings,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        port = listener.getsockname()[1]
        own = settings.model_copy(update={"broker_url": f"redis://127.0.0.1:{port}/0"})
        with make_app(own) as app:
            app.conf.broker_transport_options["socket_timeout"] = 0.2  # it takes all, says nothing
            doorbell = CeleryDoorbell(app, {NAME: Step(NAME)}, 100)
            doorbell.ring([DueRow(1, NAME, 1)])
            assert _came(listener) > 0
            for number in range(3):
                doorbell.ring([DueRow(number, NAME, number)])
            assert _came(listener) == 0, "a person waits for each of them"


def test_a_sentinel_whose_host_is_gone_is_asked_once_and_then_the_next() -> None:
    """By itself the client tries again for twenty seconds where no way leads to the host."""
    found = Sentinels.of("sentinel://:p@127.0.0.1:1;sentinel://127.0.0.1:2/0?master=m")
    assert found is not None
    asked: Any = Sentinel(found.places, sentinel_kwargs=found.asking(0.2))  # type: ignore[no-untyped-call]
    assert [one.get_retry().get_retries() for one in asked.sentinels] == [0, 0]
    with pytest.raises(MasterNotFoundError):
        asked.discover_master("m")


def _came(listener: socket.socket) -> int:
    found = 0
    with suppress(BlockingIOError):
        while True:
            listener.accept()[0].close()
            found += 1
    return found


def test_an_address_of_sentinels_says_what_it_needs() -> None:
    found = Sentinels.of("sentinel://iort:p%40@a:1;sentinel://b/3?master=m&sentinel_password=s")
    assert found is not None
    assert found.places == (("a", 1), ("b", 26379)) and found.password == "p@"
    assert found.url == "sentinel://iort:p%40@a:1;sentinel://iort:p%40@b:26379/3"
    assert found.asking(2)["password"] == "s" and "ssl" not in found.asking(2)
    assert Sentinels.of("redis://:p@a/0") is None
    with pytest.raises(ValueError, match=r"put \?master=NAME"):
        Sentinels.of("sentinel://a:1;sentinel://b:2")


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("sentinel://:p@127.0.0.1:1;sentinel://s2:1/0?master=m", {"broker_clear"}),
        ("sentinel://s1:1;sentinel://s2:1/0?master=m&ssl_ca_certs=/ca.crt", {"broker_password"}),
        ("sentinel://:p@s1:1;sentinel://s2:1/0?master=m&ssl_ca_certs=/ca.crt", set()),
        ("sentinel://:p@127.0.0.1:1;sentinel://localhost:2/0?master=m", set()),
    ],
)
def test_sentinels_elsewhere_are_not_asked_in_clear(url: str, wrong: set[str]) -> None:
    settings = Settings(_env_file=None, broker_url=url)
    found = {rule.name for rule, _ in dangers(settings, only=["broker_clear", "broker_password"])}
    assert found == wrong


def test_the_doctor_says_that_too_few_sentinels_know(settings: Settings) -> None:
    nobody = "sentinel://:p@127.0.0.1:1;sentinel://127.0.0.1:2/0?master=m"
    with pytest.raises(Unwell):
        broker(settings.model_copy(update={"broker_url": nobody}))
