"""What a clinician does in the box where a result is signed, in a real browser."""

from playwright.sync_api import Page

from local.rehearsal.people import SIGNER


def state_signer(page: Page) -> None:
    """Type who signs, as it is asked the first time."""
    for name, value in SIGNER.items():
        page.locator(f"section.sign input[name='set:{name}']").fill(value)


def tick_all(page: Page, *, but: str = "") -> None:
    """Tick each finding that decides, one of them left out if it is named."""
    for box in page.locator("section.sign input[name='set:seen']").all():
        if box.get_attribute("value") != but:
            box.check()
