"""A desk of a hospital on a phone, and the coordinator beside it: from the link to its end."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browsing import watch
from tests.web.desks import code_in, link_in
from tests.web.parts import make_user
from tests.workflows.acts import to_outreach
from tests.workflows.playing import Play
from workflows.events import Actor
from workflows.portal.consents import withdraw

pytestmark = pytest.mark.browser
PHONE = 390


def enter(page: Page, play: Play, address: str, template: str) -> None:
    """Open the link of a letter, ask for the code, and enter it."""
    page.goto(address + link_in(play, template))
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code", exact=True).fill(code_in(play).lower())
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Data sheet")).to_be_visible()


def send(page: Page, form: str) -> None:
    with page.expect_navigation():
        page.locator(f"#{form}").get_by_role("button", name="Send").click()


def test_a_desk_on_a_phone_asks_for_slides_and_gives_an_offer_that_the_coordinator_sees(
    browser: Browser, address: str, play: Play
) -> None:
    to_outreach(play)
    make_user(play.world, "coordinator")
    phone, office = watch(browser, address, width=PHONE), watch(browser, address)
    desk, page = phone.page, office.page
    enter(desk, play, address, "M10")
    wide = desk.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE, f"{wide} pixels across"

    desk.get_by_text("We need more records").click()
    desk.get_by_role("checkbox", name="Slides or blocks").check()
    send(desk, "missing")
    expect(desk.get_by_role("status")).to_contain_text("we look for what you need")

    desk.get_by_text("We can treat: our offer").click()
    desk.get_by_label("Currency").fill("USD")
    desk.get_by_label("From", exact=True).fill("7,800")
    desk.get_by_label("To", exact=True).fill("9,100")
    desk.get_by_label("Days in hospital").fill("5")
    send(desk, "offer")
    expect(desk.locator("#offer")).to_contain_text("USD 7,800")
    desk.get_by_role("checkbox", name="These amounts are right").check()
    send(desk, "offer")
    expect(desk.get_by_role("status")).to_contain_text("we have your offer")

    office.sign_in("coordinator")
    page.goto(f"{address}/cases/{play.case.ref}/hospitals")
    expect(page.get_by_role("table", name=re.compile("Offers"))).to_contain_text("7,800")
    page.get_by_role("link", name="Records and links").click()
    expect(page.get_by_role("heading", name=re.compile("Records for H01"))).to_be_visible()
    expect(page.locator(".link")).to_contain_text("first opened")

    withdraw(play.world, play.case.ref, "share_deid", "H01", Actor("coordinator", "c1"))
    desk.reload()
    expect(desk.get_by_role("heading")).to_contain_text("does not open anything")
    asked = ("404", "422")  # the link that has ended, and the amounts to be looked at again
    assert [one for one in phone.errors if not any(code in one for code in asked)] == []
    office.must_be_quiet()


def test_a_coordinator_looks_at_each_page_covers_more_and_releases(
    browser: Browser, address: str, play: Play
) -> None:
    to_outreach(play)
    make_user(play.world, "coordinator")
    office = watch(browser, address)
    page = office.page
    office.sign_in("coordinator")
    page.goto(f"{address}/cases/{play.case.ref}/hospitals")
    page.get_by_role("link", name="Records and links").click()
    page.get_by_role("radio", name=re.compile("Records without names")).check()
    page.get_by_role("checkbox", name=re.compile(r"^\d+ ")).first.check()
    page.get_by_role("button", name="Prepare").click()
    play.run()
    page.reload()
    expect(page.get_by_role("button", name="Release to")).to_be_disabled()
    before = page.locator("details:has-text('covered')").first.inner_text()
    picture = page.locator("input[type=image]").first
    picture.evaluate("picture => picture.scrollIntoView()")
    frame = picture.bounding_box()
    assert frame
    page.mouse.move(frame["x"] + 60, frame["y"] + 150)
    page.mouse.down()
    page.mouse.move(frame["x"] + 300, frame["y"] + 190)
    with page.expect_navigation():
        page.mouse.up()
    assert page.locator("details:has-text('covered')").first.inner_text() != before
    while page.get_by_role("button", name="may leave so").count():
        for place in page.get_by_role("checkbox", name="I looked at these places").all():
            place.check()
        with page.expect_navigation():
            page.get_by_role("button", name="may leave so").first.click()
    with page.expect_navigation():
        page.get_by_role("button", name="Release to").click()
    play.run()
    play.answer("approve_message", "approve")
    phone = watch(browser, address, width=PHONE)
    enter(phone.page, play, address, "M59")
    phone.page.get_by_role("link", name="Look at it").first.click()
    seen = phone.page.get_by_role("img", name="Page 1").first
    expect(seen).to_be_visible()
    assert seen.evaluate("image => image.decode().then(() => image.naturalWidth)") > 500
    office.must_be_quiet()
    phone.must_be_quiet()
