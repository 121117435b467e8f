"""What a clinician does in the box where a result is signed, in a real browser."""

from playwright.sync_api import Locator, Page

from local.rehearsal.people import SIGNER


def state_signer(page: Page) -> None:
    """Type who signs, as it is asked the first time."""
    for name, value in SIGNER.items():
        page.locator(f"section.sign input[name='set:{name}']").fill(value)


def tick_all(page: Page, *, but: str = "") -> None:
    """Tick each finding that decides, one of them left out if it is named."""
    wanted = "section.sign input[name='set:seen']" + (f":not([value='{but}'])" if but else "")
    tick_each(page.locator(wanted))


def tick_each(boxes: Locator) -> None:
    """Tick boxes: one as a hand does it, seen and in reach, the others by a click of their own."""
    boxes.first.check()
    boxes.evaluate_all("boxes => boxes.forEach(box => box.checked || box.click())")
