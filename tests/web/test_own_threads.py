"""Pages that are drawn, and files on their way, keep nobody from signing in."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from models import Document
from tests.web.parts import PASSWORD, TOKEN, make_user
from tests.web.sending import BODY, rows
from tests.workflows.acts import SYNOPTIC
from tests.workflows.playing import Play
from web import pools
from workflows.engine.world import World
from workflows.portal.upload_tickets import ticket_for
from workflows.portal.uploads import Owner

LONG = 60.0
PICTURE = b"\x89PNG a picture"


class Slow:
    """Does what is asked when it is let go, and tells how many wait in it."""

    def __init__(self) -> None:
        self.inside, self.most = 0, 0
        self.go = threading.Event()
        self._changed = threading.Condition()

    def wait(self) -> None:
        with self._changed:
            self.inside += 1
            self.most = max(self.most, self.inside)
            self._changed.notify_all()
        self.go.wait(LONG)
        with self._changed:
            self.inside -= 1

    def until(self, inside: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.inside >= inside, LONG)


@pytest.fixture
def slow() -> Iterator[Slow]:
    one = Slow()
    yield one
    one.go.set()


@pytest.fixture
def browsers(world: World, address: str) -> Iterator[Callable[[str], httpx2.Client]]:
    """Return a function: a browser at the real server, signed in under a name."""
    made: list[httpx2.Client] = []

    def browser(name: str) -> httpx2.Client:
        limits = httpx2.Limits(max_connections=200)
        client = httpx2.Client(base_url=address, timeout=LONG, limits=limits)
        made.append(client)
        if name:
            make_user(world, "coordinator", name)
            assert signs_in(client, name).status_code == 303
        return client

    yield browser
    for client in made:
        client.close()


def signs_in(client: httpx2.Client, name: str) -> httpx2.Response:
    found = TOKEN.search(client.get("/login").text)
    assert found
    form = {"user_name": name, "password": PASSWORD, "csrf": found.group(1)}
    return client.post("/login", data=form)


def test_who_signs_in_does_not_wait_for_pages_that_are_drawn(
    play: Play,
    world: World,
    slow: Slow,
    browsers: Callable[[str], httpx2.Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    play.open(SYNOPTIC)
    play.run()
    (document,) = rows(world, Document)

    def page(content: bytes, number: int, width: int) -> bytes:
        slow.wait()
        return PICTURE

    monkeypatch.setattr(world.pictures, "page", page)
    first, second = browsers("first"), browsers("second")
    path = f"/documents/{document.id}/pages"
    with ThreadPoolExecutor(120) as crowd:
        asked: list[Future[httpx2.Response]] = [
            crowd.submit(who.get, f"{path}/{number}.png")
            for who in (first, second)
            for number in range(1, 46)
        ]
        slow.until(pools.SIZES[pools.LOOKS])
        make_user(world, "coordinator", "third")
        assert signs_in(browsers(""), "third").status_code == 303
        monkeypatch.setattr(pools, "WAITING", 1)
        crowded = first.get(f"{path}/99.png")
        assert crowded.status_code == 503 and int(crowded.headers["retry-after"]) > 0
        assert "are being drawn" in crowded.text
        slow.go.set()
        assert {one.result().status_code for one in asked} == {200}
    assert slow.most == pools.SIZES[pools.LOOKS]


def test_who_signs_in_does_not_wait_for_a_slow_store(
    play: Play,
    world: World,
    slow: Slow,
    browsers: Callable[[str], httpx2.Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    play.open()
    ticket = ticket_for(world, Owner("case", play.case_id))
    own = {"tus-resumable": "1.0.0", "upload-ticket": ticket}
    client, put = browsers(""), world.storage.put

    def slowly(*args: Any, **given: Any) -> None:
        slow.wait()
        put(*args, **given)

    paths = [
        client.post("/portal/uploads", headers={**own, "upload-length": "3"}).headers["location"]
        for _ in range(45)
    ]
    monkeypatch.setattr(world.storage, "put", slowly)
    with ThreadPoolExecutor(60) as crowd:
        sent = [
            crowd.submit(
                client.patch, path, content=b"abc", headers={**own, **BODY, "upload-offset": "0"}
            )
            for path in paths
        ]
        slow.until(pools.SIZES[pools.FILES] // 2)
        make_user(world, "coordinator", "third")
        assert signs_in(browsers(""), "third").status_code == 303
        slow.go.set()
        assert {one.result().status_code for one in sent} == {204}
    assert slow.most == pools.SIZES[pools.FILES] // 2, "one case has half of them"
