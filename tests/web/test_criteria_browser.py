"""Looking twice and approving in a real Chromium; what a case's page says of drafts until then."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from local.rehearsal.people import SIGNER
from tests.web.browsing import watch
from tests.web.parts import make_user
from tests.workflows.acts import to_clinician
from tests.workflows.playing import Play
from tests.workflows.screening.sets import TARGIT, new_version, own_playbooks, results, withdraws
from workflows.engine.world import World

pytestmark = pytest.mark.browser


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Path:
    return own_playbooks(world, tmp_path)


def fits(page: Page, width: int) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth") <= width)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_clinician_looks_twice_ticks_and_approves(
    browser: Browser, address: str, world: World, folder: Path, play: Play, width: int
) -> None:
    make_user(world, "clinician")
    to_clinician(play)
    new_version(folder, "op: le, value: 35", "op: le, value: 11")
    world.playbooks.look_again()
    before = results(play)
    watched = watch(browser, address, width=width)
    watched.sign_in("clinician")
    page = watched.page
    page.goto(f"{address}/criteria")
    expect(page.get_by_role("note")).to_contain_text("19 of 20 sets are not approved")
    assert fits(page, width)
    page.get_by_role("link", name="1 with another: what would change").first.click()
    expect(page.get_by_role("region", name="Results that would change")).to_contain_text(
        "TA-04: met → not met"
    )
    assert page.get_by_role("button", name="Approve this version").count() == 0
    page.get_by_role("link", name="Look again and approve").click()
    box = page.locator("section.sign")
    expect(box).to_contain_text("would change 1 of 1 results")
    for name, value in SIGNER.items():
        box.locator(f"input[name='{name}']").fill(value)
    box.get_by_role("button", name="Approve this version").click()
    assert box.locator("input:invalid").count() > 0  # the browser sent nothing: ticks are missing
    for tick in box.get_by_role("checkbox").all():
        tick.check()
    assert fits(page, width)
    box.get_by_role("button", name="Approve this version").click()
    expect(page.get_by_role("status").first).to_contain_text("No stored result was changed")
    assert results(play) == before
    page.goto(f"{address}/cases/{play.case.ref}/suitability")
    expect(page.locator(".notice.draft")).to_contain_text(f"{TARGIT} 0.2.0")
    assert fits(page, width)
    watched.must_be_quiet()


def test_a_withdrawn_set_stands_over_the_result_and_over_the_signature(
    browser: Browser, address: str, world: World, folder: Path, play: Play
) -> None:
    make_user(world, "clinician")
    to_clinician(play)
    withdraws(world)
    play.run()
    watched = watch(browser, address)
    watched.sign_in("clinician")
    page = watched.page
    page.goto(f"{address}/cases/{play.case.ref}/suitability")
    note = page.locator(".notice.withdrawn")
    expect(note).to_contain_text("was withdrawn on")
    expect(note).to_contain_text("it was not weighed again")
    expect(page.locator("section.sign .attest").last).to_contain_text("was withdrawn, see above")
    page.get_by_role("link", name="A criteria set behind this result was withdrawn").first.click()
    expect(page.get_by_text("Weigh the case anew with the sets as they are now")).to_be_visible()
    watched.must_be_quiet()
