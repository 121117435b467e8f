"""The console in a real Chromium: no console error, no other host asked, no script needed."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import select
from sqlmodel import Session

from cli.checks import find_browser
from models import FindingRecord
from settings import PROJECT_ROOT
from tests.web.parts import PASSWORD, make_user
from tests.workflows.playing import Play
from web.app import create_app
from workflows.world import World

pytestmark = pytest.mark.browser

SYNOPTIC = (PROJECT_ROOT / "examples" / "breast-synoptic.pdf").read_bytes()


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

    def must_be_quiet(self) -> None:
        assert self.errors == []
        assert self.hosts == {urlsplit(self.address).netloc}


@pytest.fixture
def address(world: World) -> Iterator[str]:
    """Serve the application on a free port of this machine."""
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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        path = find_browser()
        own = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield own
        own.close()


def watch(browser: Browser, address: str, *, width: int = 1280, scripts: bool = True) -> Watched:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, java_script_enabled=scripts
    )
    watched = Watched(context.new_page(), address)
    page = watched.page
    page.on("console", lambda m: watched.errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: watched.errors.append(str(error)))
    page.on("request", lambda request: watched.hosts.add(urlsplit(request.url).netloc))
    return watched


def test_signing_in_and_answering_a_task_on_a_phone_without_scripts(
    browser: Browser, address: str, world: World, play: Play
) -> None:
    make_user(world, "coordinator")
    play.open(site=None)
    watched = watch(browser, address, width=390, scripts=False)
    watched.sign_in("coordinator")
    page = watched.page
    page.get_by_role("link", name="Read the inquiry: is it for us?").click()
    ours = page.locator("form.answer", has_text="Ours: ask for consent")
    ours.get_by_label("site").select_option("breast")
    ours.get_by_role("button", name="In scope").click()
    page.get_by_text("was answered").wait_for()
    assert page.get_by_role("heading", name=play.case.ref).is_visible()
    assert play.case.state == "AWAITING_CONSENT"
    page.get_by_role("button", name="Sign out").click()
    assert page.url.endswith("/login")
    watched.must_be_quiet()


def test_a_finding_is_confirmed_beside_its_framed_place(
    browser: Browser, address: str, world: World, play: Play
) -> None:
    make_user(world, "coordinator")
    play.open(SYNOPTIC)
    play.run()
    task = next(task for task in play.tasks() if task.kind == "review_findings")
    watched = watch(browser, address)
    watched.sign_in("coordinator")
    page = watched.page
    page.goto(f"{address}/tasks/{task.id}")
    with Session(world.engine) as session:
        findings = session.scalars(select(FindingRecord)).all()
    size = next(finding for finding in findings if finding.field == "breast.size_mm")
    frame = page.locator(f"#b{size.id}")
    box = frame.bounding_box()
    picture = page.locator("svg image").first.bounding_box()
    assert box and picture and box["width"] > 5
    assert picture["y"] <= box["y"] < picture["y"] + picture["height"]
    page.locator(f"#v{size.id}").fill("14")
    page.get_by_role("button", name="Confirm").click()
    page.get_by_text("was answered").wait_for()
    play.run()
    with Session(world.engine) as session:
        states = {f.field: f.state for f in session.scalars(select(FindingRecord))}
    assert states.pop("breast.size_mm") == "corrected"
    assert set(states.values()) == {"confirmed"}
    for tab in ("timeline", "documents", "suitability", "hospitals", "messages"):
        page.goto(f"{address}/cases/{play.case.ref}/{tab}")
    watched.must_be_quiet()


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_the_screen(
    browser: Browser, address: str, world: World, play: Play, width: int
) -> None:
    make_user(world, "lead")
    play.open(SYNOPTIC)
    play.run()
    watched = watch(browser, address, width=width)
    watched.sign_in("lead")
    ref, tasks = play.case.ref, [f"/tasks/{task.id}" for task in play.tasks()]
    tabs = [f"/cases/{ref}/{tab}" for tab in ("overview", "timeline", "documents", "consent")]
    for path in ("/", "/cases", "/questions", "/questions/funnel", "/portal/", *tabs, *tasks):
        watched.page.goto(f"{address}{path}")
        across = watched.page.evaluate("document.documentElement.scrollWidth")
        assert across <= width, f"{path} is {across} wide"
    watched.must_be_quiet()
