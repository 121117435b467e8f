"""A case worked in a real Chromium: from the letter that leaves to the journey's checklist."""

import pytest
from playwright.sync_api import Browser, Page

from local.rehearsal.hospital import HospitalPost, offer
from tests.web.browsing import watch
from tests.web.parts import make_user
from tests.workflows.acts import SIGNED, second, to_clinician, to_surgery
from tests.workflows.playing import Play
from workflows.engine.recurring import FETCH_MAIL, ensure_recurring
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.steps import STEPS

pytestmark = pytest.mark.browser


def fetch(play: Play) -> None:
    ensure_recurring(play.world)
    Runner(play.world, STEPS).drain(FETCH_MAIL)
    play.run()


def open_task(page: Page, title: str) -> None:
    page.get_by_role("link", name=title).first.click()
    page.get_by_role("heading", name=title).wait_for()


def answered(page: Page, play: Play) -> None:
    page.get_by_text("was answered").wait_for()
    play.run()


def test_an_edited_letter_leaves_an_offer_comes_back_and_the_journey_begins(
    browser: Browser, address: str, world: World, play: Play
) -> None:
    to_clinician(play)
    play.sign("suitable_for_outreach")
    play.answer("record_hospital_consent", "granted", hospitals="H01", **SIGNED)
    play.answer("approve_shortlist", "approve", hospitals="H01")
    make_user(world, "coordinator")
    watched = watch(browser, address)
    watched.sign_in("coordinator")
    page, case = watched.page, f"{address}/cases/{play.case.ref}"

    page.goto(f"{case}/hospitals")
    page.get_by_text("1 letter waits for approval").wait_for()
    open_task(page, "Read the letter and approve it")
    letter = page.get_by_label("The letter")
    letter.fill(letter.input_value().replace("We would be grateful", "We should be grateful"))
    page.get_by_role("button", name="See changes").click()
    shown = page.get_by_role("region", name="Your changes")
    assert "would" in shown.locator("del").inner_text()
    assert "should" in shown.locator("ins").inner_text()
    assert play.messages(template="M10")[0].state == "draft"
    page.get_by_role("button", name="Send with these changes").click()
    answered(page, play)

    hospital = play.messages(template="M10")[0].address
    post = HospitalPost(world.settings)
    now = play.clock.now()
    assert post.answer([hospital], lambda enquiry: offer(now), now) == 1, "the letter arrived"
    post.close()
    fetch(play)
    page.goto(f"{case}/hospitals")
    reply = page.locator("ol.talk li.in")
    assert "offer" in reply.locator(".chip").inner_text() and "% sure" in reply.inner_text()
    assert "tumour board has reviewed" in reply.locator("pre").inner_text()
    open_task(page, "A hospital has answered")
    assert page.get_by_label("An offer with dates or costs").is_checked(), "suggested"
    page.get_by_role("button", name="That is what it is").click()
    answered(page, play)

    open_task(page, "Write down the hospital's offer")
    form = page.locator("form.answer", has_text="The amounts are as in the letter")
    form.get_by_label("currency").fill("USD")
    form.get_by_label("lower amount").fill("7800")
    form.get_by_label("upper amount").fill("9100")
    form.get_by_role("button").click()
    page.get_by_text("seven thousand eight hundred").first.wait_for()
    assert ["422" in error for error in watched.errors] == [True], "not taken before it was heard"
    watched.errors.clear()
    form.get_by_role("button").click()  # said once more, as it was read back
    answered(page, play)
    page.goto(f"{case}/hospitals")
    assert "7,800 to 9,100 USD" in page.get_by_role("region", name="Offers compared").inner_text()
    open_task(page, "Present the offer to the family")
    page.locator("form.answer", has_text="Amounts checked").get_by_role("button").click()
    answered(page, play)
    open_task(page, "What has the family decided?")
    form = page.locator("form.answer", has_text="They accept an offer")
    form.get_by_label("which offer").select_option(index=1)
    form.get_by_role("button").click()
    answered(page, play)
    second(play, "confirm_admission")
    page.goto(f"{case}/hospitals")
    open_task(page, "Agree the admission date with the hospital")
    form = page.locator("form.answer", has_text="confirmed it in writing")
    form.get_by_label("admission date").fill("2027-02-08")
    form.get_by_role("button").click()
    answered(page, play)

    page.goto(f"{case}/journey")
    assert page.get_by_role("img", name="The journey on a time line").is_visible()
    first = page.locator("table.checklist tbody tr").first
    first.get_by_role("button", name="Done").click()
    page.get_by_text("The item is done.").wait_for()
    assert "done" in page.locator("table.checklist tbody tr").first.inner_text()
    assert len(play.events("checklist.item_done")) == 1
    watched.must_be_quiet()


@pytest.mark.parametrize("width", [390, 1280])
def test_no_tab_is_wider_than_the_screen(
    browser: Browser, address: str, world: World, play: Play, width: int
) -> None:
    to_surgery(play)
    make_user(world, "lead")
    watched = watch(browser, address, width=width)
    watched.sign_in("lead")
    tabs = ("overview", "hospitals", "journey", "followup", "messages", "consent", "audit")
    for tab in tabs:
        watched.page.goto(f"{address}/cases/{play.case.ref}/{tab}")
        across = watched.page.evaluate("document.documentElement.scrollWidth")
        assert across <= width, f"{tab} is {across} wide"
    watched.must_be_quiet()
