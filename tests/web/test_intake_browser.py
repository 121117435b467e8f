"""From the first step of the form to the first review, on a phone with a bad connection."""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import select
from sqlmodel import Session

from models import Case, Document, Patient
from settings import PROJECT_ROOT
from tests.extractors.photos import a_photo, as_jpeg, blurred
from tests.web.browsing import Watched, serve, watch
from tests.web.test_every_page import violations
from tests.workflows.playing import Play
from web.pages.portal_steps import CODES
from workflows.engine.world import World
from workflows.portal import drafts, uploads
from workflows.portal.uploads import Owner

pytestmark = pytest.mark.browser

MEGABYTE = 1024 * 1024
SYNOPTIC = PROJECT_ROOT / "examples" / "breast-synoptic.pdf"
CUT = "net::ERR_INTERNET_DISCONNECTED"


@pytest.fixture
def address(world: World) -> Iterator[str]:
    with serve(world) as own:
        yield own


class BadLine:
    """A connection that breaks for pieces beyond a place, until it is mended."""

    def __init__(self, page: Page) -> None:
        self.beyond: int | None = None
        self.created = 0
        self.begun_at: list[int] = []
        page.route("**/portal/uploads**", self._pass)

    def _pass(self, route: Route) -> None:
        request = route.request
        if request.method == "POST":
            self.created += 1
        if request.method == "PATCH":
            offset = int(request.headers["upload-offset"])
            if self.beyond is not None and offset >= self.beyond:
                route.abort("internetdisconnected")
                return
            self.begun_at.append(offset)
        route.continue_()


def go_on(page: Page) -> None:
    page.get_by_role("button", name="Next").click()


def quiet(watched: Watched, *, cut: bool = False) -> None:
    """Nothing was complained about except, where we cut it, the connection."""
    if cut:
        watched.errors = [error for error in watched.errors if CUT not in error]
    watched.must_be_quiet()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_step_breaks_a_rule_of_accessibility_or_is_too_wide(
    browser: Browser, address: str, world: World, language: str
) -> None:
    """axe-core on every step of a form that is half filled in, with its mistakes shown."""
    token = drafts.start(world, "here", language)
    drafts.save(world, token, "contact", {"email": "half", "country": "KE"}, passed=False)
    owner = Owner("draft", drafts.read(world, token).id or 0)
    pdf = io.BytesIO(b"%PDF-1.7")
    uploads.receive_whole(world, owner, "report of the laboratory.pdf", 8, pdf)
    uploads.begin(world, owner, length=10, file_name="scan.zip")
    watched = watch(browser, address, width=390)
    found: list[str] = []
    for code in CODES:
        watched.page.goto(f"{address}/portal/new/{token}/{code}?look=1&lang={language}")
        watched.page.locator(".keep summary").click()
        across = watched.page.evaluate("document.documentElement.scrollWidth")
        found += [f"{code} is {across} wide"] if across > 390 else []
        found += [f"{code}: {fault}" for fault in violations(watched.page)]
    assert found == []
    watched.must_be_quiet()


def test_from_the_first_step_to_the_first_review_on_a_phone(
    browser: Browser, address: str, world: World, play: Play, tmp_path: Path
) -> None:
    first = watch(browser, address, width=390)
    page = first.page
    page.goto(f"{address}/portal/")
    page.get_by_role("button", name="Start").click()
    page.get_by_label("the patient", exact=True).check()
    go_on(page)
    expect(page.locator("#mistakes")).to_be_focused()
    assert list(violations(page)) == []
    page.get_by_label("I agree that you read").check()
    go_on(page)
    page.get_by_label("Name, as in the passport").fill("Rosa Exempla")
    page.get_by_label("Date of birth").fill("1963-05-17")
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Name, as in the passport")).to_have_value("Rosa Exempla")
    page.get_by_text("Stop here and go on later").click()
    link = page.get_by_label("Your link").input_value()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    quiet(first)

    second = watch(browser, address, width=390)
    page = second.page
    page.goto(link.replace(world.settings.web_public_url, address))
    expect(page.get_by_text("Step 3 of 7")).to_be_visible()
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_label("Date of birth")).to_have_value("1963-05-17")
    go_on(page)
    page.get_by_label("Breast", exact=True).check()
    go_on(page)
    page.get_by_label("Country where the patient lives").select_option("KE")
    page.get_by_label("E-mail address", exact=True).fill("rosa@family.example")
    go_on(page)
    page.get_by_label("What would you like to ask us?").fill("Can you help?")
    go_on(page)

    poor = tmp_path / "IMG_0001.jpg"
    poor.write_bytes(as_jpeg(blurred(a_photo(), 5)))
    scan = tmp_path / "scan of the chest.bin"
    scan.write_bytes(bytes(range(251)) * (7 * MEGABYTE // 502))
    line = BadLine(page)
    line.beyond = MEGABYTE
    chooser = page.get_by_label("Choose files or take photos")
    chooser.set_input_files([SYNOPTIC, poor, scan])
    row = page.locator(".file", has_text="scan of the chest")
    expect(row).to_contain_text("No connection")
    expect(page.locator(".file", has_text="IMG_0001")).to_contain_text("looks blurred")
    line.beyond = 2 * MEGABYTE
    expect(row).to_contain_text("No connection")
    expect(row.locator("progress")).to_have_js_property("value", 2 * MEGABYTE, timeout=20_000)

    page.reload()
    expect(row).to_contain_text("Stopped at")
    line.beyond, line.begun_at = None, []
    chooser.set_input_files([scan])
    expect(row).to_contain_text("Arrived.", timeout=20_000)
    assert line.created == 3 and line.begun_at[0] == 2 * MEGABYTE, "it went on, not anew"
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    chooser.set_input_files([SYNOPTIC])
    expect(page.locator(".file", has_text=SYNOPTIC.name)).to_contain_text("here already")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    go_on(page)

    expect(page.get_by_text("Rosa Exempla")).to_be_visible()
    expect(page.get_by_text("scan of the chest")).to_be_visible()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("We have your message")).to_be_visible()
    quiet(second, cut=True)

    play.run()
    with Session(world.engine) as session:
        (case,) = session.scalars(select(Case)).all()
        (patient,) = session.scalars(select(Patient)).all()
        documents = session.scalars(select(Document)).all()
    assert (case.site, case.residence_country, patient.name) == ("breast", "KE", "Rosa Exempla")
    wanted = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (SYNOPTIC, poor, scan)
    }
    assert {each.file_name: each.sha256 for each in documents} == wanted
    for each in documents:
        assert hashlib.sha256(world.storage.get(each.object_key)).hexdigest() == each.sha256
    play.case_id = case.id or 0
    assert {"triage_inquiry", "review_findings"} <= {task.kind for task in play.tasks()}
