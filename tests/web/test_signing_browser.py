"""Signing in a real Chromium: what cannot go out, what agrees, what differs, what comes back."""

import pytest
from playwright.sync_api import Browser, Page, expect

from local.rehearsal.people import SIGNER
from models.base import require_id
from tests.web.browsing import Watched, watch
from tests.web.parts import make_user
from tests.web.signing import state_signer, tick_all
from tests.web.test_suitability import finding
from tests.workflows.acts import to_clinician
from tests.workflows.playing import Play
from workflows.engine.world import World
from workflows.events import Actor
from workflows.findings.reopened import settle_again

pytestmark = pytest.mark.browser

PREGNANT = {"patient.pregnant": "true"}
OUTSIDE = {"breast.focality": "multicentric"}
ASK, ANOTHER_WAY = "Hospitals may be asked", "Another way is to be discussed with the family"


def opened(
    browser: Browser, address: str, play: Play, *, width: int = 1280, scripts: bool = True
) -> Watched:
    watched = watch(browser, address, width=width, scripts=scripts)
    watched.sign_in("clinician")
    (task,) = [task for task in play.tasks() if task.kind == "review_case"]
    watched.page.goto(f"{address}/tasks/{task.id}")  # as the work list does
    return watched


def decide(page: Page, decision: str, reason: str = "") -> None:
    box = page.locator("section.sign")
    box.get_by_role("radio", name=decision).check()
    box.get_by_label("Reason").first.fill(reason)
    box.get_by_role("button", name="Sign", exact=True).click()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_pregnant_patients_result_cannot_be_signed_to_hospitals(
    browser: Browser, address: str, world: World, play: Play, width: int
) -> None:
    make_user(world, "clinician")
    to_clinician(play, PREGNANT)
    watched = opened(browser, address, play, width=width)
    page = watched.page
    box = page.locator("section.sign")
    expect(box).to_contain_text("not while this stands: pregnancy")
    state_signer(page)
    tick_all(page)
    decide(page, ASK, "the board said so")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Hospitals cannot be asked on this result")
    expect(alert).to_contain_text("What stands against it: pregnancy")
    expect(alert).to_contain_text("urgent care near home")
    assert play.case.state == "CLINICIAN_REVIEW" and play.messages(to_role="hospital") == []
    assert play.events("clinician.review_signed") == []
    expect(box.get_by_label("Reason").first).to_have_value("the board said so")
    expect(box.get_by_role("radio", name=ASK)).to_be_checked()
    expect(box.locator("input[name='set:signer_name']")).to_have_value(SIGNER["signer_name"])
    assert all(one.is_checked() for one in box.locator("input[name='set:seen']").all())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    decide(page, ANOTHER_WAY)
    page.get_by_text("was answered").wait_for()
    assert play.events("clinician.review_signed")[0].payload["agrees_with_screen"] is True


def test_an_outside_case_is_agreed_to_without_a_reason(
    browser: Browser, address: str, world: World, play: Play
) -> None:
    make_user(world, "clinician")
    to_clinician(play, OUTSIDE)
    watched = opened(browser, address, play)
    page = watched.page
    expect(page.locator("section.sign .reasons")).to_contain_text("focality: multicentric")
    state_signer(page)
    tick_all(page)
    decide(page, ANOTHER_WAY)
    page.get_by_text("was answered").wait_for()
    assert play.case.state == "ALTERNATIVES"
    watched.must_be_quiet()


def test_differing_from_an_outside_case_needs_a_reason(
    browser: Browser, address: str, world: World, play: Play
) -> None:
    make_user(world, "clinician")
    to_clinician(play, OUTSIDE)
    watched = opened(browser, address, play)
    page = watched.page
    state_signer(page)
    tick_all(page)
    decide(page, ASK)
    expect(page.get_by_role("alert")).to_contain_text("a difference needs a reason")
    assert play.case.state == "CLINICIAN_REVIEW"
    decide(page, ASK, "the second focus was a fibroadenoma")
    page.get_by_text("was answered").wait_for()
    (event,) = play.events("clinician.review_signed")
    assert event.payload["agrees_with_screen"] is False and play.case.state == "SHORTLISTING"


def test_one_tick_left_out_is_asked_for_by_the_page_and_by_the_program(
    browser: Browser, address: str, world: World, play: Play
) -> None:
    make_user(world, "clinician")
    to_clinician(play)
    watched = opened(browser, address, play)
    page = watched.page
    expect(page.locator("section.sign .patient")).to_contain_text("not stated")
    state_signer(page)
    tick_all(page, but="breast.er")
    decide(page, "More data are needed first")
    assert page.locator("input[name='set:seen']:invalid").count() == 1  # the browser sent nothing
    page.locator("section.sign form").first.evaluate("form => form.noValidate = true")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Not ticked: ER.")
    ticked = page.locator("section.sign input[name='set:seen']:checked").count()
    assert ticked == page.locator("section.sign input[name='set:seen']").count() - 1
    assert play.events("clinician.review_signed") == []


def test_a_second_tab_with_an_older_result_signs_nothing_and_keeps_what_was_typed(
    browser: Browser, address: str, world: World, play: Play
) -> None:
    make_user(world, "clinician")
    to_clinician(play)
    watched = opened(browser, address, play, scripts=False)
    page = watched.page
    state_signer(page)
    tick_all(page)
    settle_again(
        world, require_id(finding(play, "breast.size_mm").id), what="correct", value="33",
        actor=Actor("clinician", "U-1"), reason="misread",
    )  # fmt: skip
    play.run()
    decide(page, ASK, "small and low grade")
    expect(page.get_by_role("alert")).to_be_visible()
    box = page.locator("section.sign")
    expect(box.locator(".patient")).to_contain_text("33 mm")
    expect(box.get_by_label("Reason").first).to_have_value("small and low grade")
    assert box.locator("input[name='set:seen']:checked").count() == 0
    assert play.events("clinician.review_signed") == []
