"""What browser tests share: the application on a port, and pages that remember what went wrong."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import uvicorn
from playwright.sync_api import Browser, Locator, Page, Request

from tests.web.parts import PASSWORD
from web.app import create_app
from workflows.engine.world import World


@dataclass
class Watched:
    """A page that remembers what it complained about and where it asked."""

    page: Page
    address: str
    errors: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def sign_in(self, name: str) -> None:
        self.page.goto(f"{self.address}/login")
        self.page.get_by_label("User name").fill(name)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()

    def follow(self, link: Locator) -> None:
        """Click what leads to another page, and wait until that page stands.

        A click alone returns when the next page begins: what is counted then may be an empty one.
        """
        with self.page.expect_navigation():
            link.click()

    def must_be_quiet(self) -> None:
        assert self.errors == []
        assert self.hosts == {urlsplit(self.address).netloc}


def of_lists(request: Request) -> bool:
    """Whether a page asks for its own rows: red flags are looked for whatever else is done."""
    return not request.url.endswith("/api/alarms")


@contextmanager
def serve(world: World) -> Iterator[str]:
    """Serve the application on a free port of this machine; give its address."""
    config = uvicorn.Config(create_app(world), host="127.0.0.1", port=0, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < deadline and thread.is_alive()
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)


def watch(browser: Browser, address: str, *, width: int = 1280, scripts: bool = True) -> Watched:
    """Return a page of its own browser context: no cookies of other tests."""
    context = browser.new_context(
        viewport={"width": width, "height": 800}, java_script_enabled=scripts
    )
    watched = Watched(context.new_page(), address)
    page = watched.page
    page.on("console", lambda m: watched.errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: watched.errors.append(str(error)))
    page.on("request", lambda request: watched.hosts.add(urlsplit(request.url).netloc))
    return watched
