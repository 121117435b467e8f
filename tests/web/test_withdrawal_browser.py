"""A family leaves from its own page, on a phone: what waited stops, and the link ends."""

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select
from sqlmodel import Session, col

from accounts.signed_links import portal_link
from models import StepRun
from models.base import require_id
from tests.web.browsing import watch
from tests.web.parts import FAMILY, shown_code
from tests.workflows.acts import to_outreach
from tests.workflows.playing import Play

pytestmark = pytest.mark.browser


def test_leaving_from_a_phone_by_keyboard_stops_what_waits(
    browser: Browser, address: str, play: Play
) -> None:
    to_outreach(play)
    assert {"outreach.chase_hospital", "notices.send_update"} <= set(waiting(play))
    watched = watch(browser, address, width=390)
    page = watched.page
    shown_code(play.world, play.case_id)
    page.context.add_cookies([{"name": "iort_own", "value": FAMILY, "url": address}])
    page.goto(address + portal_link("", play.world.keys.ring, require_id(play.case_id)))
    page.get_by_role("link", name="Leave the programme").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/withdraw")
    page.get_by_role("checkbox", name="Yes, I want to leave the programme.").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Leave now")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("You have left the programme")).to_be_visible()
    assert play.case.state == "WITHDRAWAL_WRAPUP"
    left = set(waiting(play))
    assert not left & {"outreach.chase_hospital", "notices.send_update"}
    watched.must_be_quiet()


def waiting(play: Play) -> list[str]:
    """Return the names of the case's steps that are still to come."""
    with Session(play.world.engine) as session:
        query = select(col(StepRun.name)).where(
            col(StepRun.case_id) == play.case_id, col(StepRun.state).in_(("queued", "paused"))
        )
        return list(session.scalars(query))
