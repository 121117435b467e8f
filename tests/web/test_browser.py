"""The console in a real Chromium: no console error, no other host asked, no script needed."""

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select
from sqlmodel import Session

from models import FindingRecord
from settings import PROJECT_ROOT
from tests.web.browsing import watch
from tests.web.parts import make_user
from tests.web.signing import tick_each
from tests.workflows.playing import Play
from workflows.engine.world import World

pytestmark = pytest.mark.browser

SYNOPTIC = (PROJECT_ROOT / "examples" / "breast-synoptic.pdf").read_bytes()


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
    watched.follow(page.get_by_role("button", name="Sign out"))
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
    picture = page.locator(".paper img").first.bounding_box()
    assert box and picture and box["width"] > 5
    assert picture["y"] <= box["y"] < picture["y"] + picture["height"]
    tick_each(page.locator("[data-own] input[value=confirm]"))
    page.locator(f"#v{size.id}").fill("14")
    page.locator("[data-finish]").click()
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
