"""Looking twice and approving in a real Chromium; what a case's page says of drafts until then."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from local.rehearsal.people import SIGNER
from models import CriteriaAct
from models.database import transaction
from tests.web.browsing import Watched, watch
from tests.web.parts import make_user
from tests.web.signing import tick_each
from tests.workflows.acts import to_clinician
from tests.workflows.playing import Play
from tests.workflows.screening.sets import (
    TARGIT,
    approves,
    edit_file,
    new_version,
    own_playbooks,
    results,
    withdraws,
)
from workflows.engine.world import World
from workflows.events import Actor

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
    tick_each(box.get_by_role("checkbox"))
    assert fits(page, width)
    box.get_by_role("button", name="Approve this version").click()
    expect(page.get_by_role("status").first).to_contain_text("No stored result was changed")
    assert results(play) == before
    page.goto(f"{address}/cases/{play.case.ref}/suitability")
    expect(page.locator(".notice.draft")).to_contain_text(f"{TARGIT} 0.2.0")
    assert fits(page, width)
    watched.must_be_quiet()


def looked_again(browser: Browser, address: str, role: str) -> Watched:
    """A clinician on the second look, everything ticked and named: one press from approving."""
    watched = watch(browser, address)
    watched.sign_in(role)
    watched.page.goto(f"{address}/criteria/{TARGIT}?look=again")
    box = watched.page.locator("section.sign")
    for name, value in SIGNER.items():
        part = box.locator(f"input[name='{name}']")
        if part.count():
            part.fill(value)
    tick_each(box.get_by_role("checkbox"))
    return watched


def test_of_two_clinicians_with_the_page_open_the_second_is_told_who_was_first(
    browser: Browser, address: str, world: World, folder: Path
) -> None:
    make_user(world, "clinician")
    first = looked_again(browser, address, "clinician")
    second = looked_again(browser, address, "clinician")
    first.page.get_by_role("button", name="Approve this version").dblclick()
    expect(first.page.get_by_text("Approved. No stored result was changed.")).to_be_visible()
    second.page.get_by_role("button", name="Approve this version").click()
    alert = second.page.get_by_role("alert")
    expect(alert).to_contain_text("was approved already on 20")
    expect(alert).to_contain_text(SIGNER["signer_name"])
    assert second.page.get_by_role("button", name="Approve this version").count() == 0
    with transaction(world.engine) as session:
        assert len(session.scalars(select(CriteriaAct)).all()) == 1


def test_a_page_from_before_the_words_meant_something_else_approves_nothing(
    browser: Browser, address: str, world: World, folder: Path
) -> None:
    make_user(world, "clinician")
    approves(world, actor=Actor("clinician", "U-elsewhere"))
    old, new = "largest invasive dimension; take", "any dimension; take"
    edit_file(folder, "vocabularies/findings.yaml", old, new)
    watched = looked_again(browser, address, "clinician")
    page = watched.page
    note = page.get_by_role("note").filter(has_text="in another meaning")
    expect(note).to_contain_text("what breast.size_mm is (vocabulary of findings)")
    edit_file(folder, "vocabularies/findings.yaml", new, "every dimension; take")
    page.get_by_role("button", name="Approve this version").click()
    expect(page.get_by_role("alert")).to_contain_text("is not what you looked at")
    tick_each(page.locator("section.sign").get_by_role("checkbox"))
    page.get_by_role("button", name="Approve this version").click()
    expect(page.get_by_text("Approved. No stored result was changed.")).to_be_visible()
    assert page.get_by_role("note").filter(has_text="in another meaning").count() == 0
    assert fits(page, 1280)


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
