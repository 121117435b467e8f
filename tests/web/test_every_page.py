"""Every page, in a real Chromium: accessible, quiet, no wider than the screen, none forgotten.

axe-core (https://github.com/dequelabs/axe-core) checks what a program can check of WCAG 2.2 AA.
"""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.web.browsing import Watched, serve, watch
from tests.web.every_page import (
    LEADING,
    PEOPLE,
    House,
    Sample,
    full_house,
    page_at,
    pages,
    samples,
    to_read,
)
from tests.workflows.playing import Play
from workflows.engine.world import World

WCAG_2_2_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture
def house(play: Play) -> House:
    return full_house(play)


@pytest.fixture
def address(world: World) -> Iterator[str]:
    with serve(world) as address:
        yield address


def test_no_page_is_forgotten(house: House) -> None:
    """A page without a sample is a page that nobody checks: give its route an `example`."""
    seen = {page_at(sample.path) for sample in samples(house)}
    assert {page.path for page in pages() if to_read(page)} - seen == set()


def test_what_leads_elsewhere_is_there() -> None:
    assert {page.path for page in pages()} >= LEADING


WIDE, NARROW = 1280, 390
PARTS = 2
"""The pages are looked at in so many parts, side by side; each opens a page once for all checks."""


@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_is_accessible_quiet_and_worked_by_keyboard(
    browser: Browser, address: str, house: House, part: int
) -> None:
    found: list[str] = []
    wanted = samples(house)[part::PARTS]
    for role in (None, "second-step", *PEOPLE):
        theirs = [sample for sample in wanted if sample.role == role]
        if not theirs:
            continue
        watched = watch(browser, address, width=WIDE)
        if role is not None:
            watched.sign_in(role)
        for sample in theirs:
            found += [f"{sample.name}: {fault}" for fault in faults(watched, sample)]
        found += [f"{role}: asked {host}" for host in watched.hosts if host not in address]
        watched.page.context.close()
    assert not found, "\n".join(found)


def faults(watched: Watched, sample: Sample) -> Iterator[str]:
    """Open a page and tell what is wrong with it: by keyboard, on a desk's screen, on a phone."""
    page = watched.page
    answer = page.goto(watched.address + sample.path)
    wanted = 404 if sample.name in ("nothing-here", "portal-ended") else 200
    if answer is None or answer.status != wanted:
        yield f"answered {answer and answer.status}"
    headings = page.locator("h1").count()
    if headings != 1:
        yield f"has {headings} main headings"
    yield from keyboard_faults(page)
    for width in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        across = page.evaluate("document.documentElement.scrollWidth")
        if across > width:
            yield f"is {across} wide on a screen of {width}"
        yield from (f"{fault}, {width} wide" for fault in violations(page))
    page.set_viewport_size({"width": WIDE, "height": 800})
    # A page that says 404 is an error to the browser's console, and rightly so.
    errors = [error for error in watched.errors if not (wanted == 404 and "404" in error)]
    watched.errors.clear()
    yield from (f"console: {error}" for error in errors)


UNSTICK = """() => {
  for (const one of document.querySelectorAll("body *"))
    if (getComputedStyle(one).position === "sticky") one.style.position = "static";
}"""


AXE = Axe().axe_script
FAULTS = """options => axe.run(options).then(({violations}) => violations.map(
  ({id, help, nodes}) => [id, help, nodes.slice(0, 4).map(node => String(node.target))]))"""


def violations(page: Page) -> Iterator[str]:
    """Tell what axe-core finds against WCAG 2.2 AA, with the places."""
    options = {"runOnly": {"type": "tag", "values": WCAG_2_2_AA}, "resultTypes": ["violations"]}
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    # What scrolls under a bar that stays in place is not small: it is measured beside the bar.
    page.evaluate(UNSTICK)
    for rule, help, places in page.evaluate(FAULTS, options):
        yield f"{rule}: {help} at {', '.join(places)}"


CONTROLS = """() => {
  const wanted = 'a[href], button, input, select, textarea, summary, [tabindex]'
  window.controls = [...document.querySelectorAll(wanted)].filter(one =>
    one.tabIndex >= 0 && !one.disabled && one.type !== 'hidden' && one.checkVisibility())
  return window.controls.map(one => one.outerHTML.slice(0, 120))
}"""
FOLLOW = """() => {
  window.followed = []
  const here = () => {
    const one = document.activeElement
    const style = getComputedStyle(one)
    const child = one.firstElementChild && getComputedStyle(one.firstElementChild)
    const shown = style.outlineStyle !== 'none' || style.boxShadow !== 'none'
      || getComputedStyle(one.closest('label') || one).outlineStyle !== 'none'
      || one.type === 'date'  // the browser marks the part of the date that has the focus
      || (child && (child.outlineStyle !== 'none' || child.strokeWidth !== '1px'))
    const group = one.type === 'radio' ? window.controls.filter(
      other => other.type === 'radio' && other.name === one.name && other.form === one.form)
      : [one]
    return [group.map(member => window.controls.indexOf(member)), Boolean(shown)]
  }
  document.addEventListener('focusin', () => window.followed.push(here()))
}"""
"""Notes at each move of the focus which control has it, and whether that is shown."""


def keyboard_faults(page: Page) -> Iterator[str]:
    """Press Tab through a page; tell which controls were not reached or showed no focus."""
    controls = page.evaluate(CONTROLS)
    page.evaluate(FOLLOW)
    dates = sum('type="date"' in text for text in controls)
    for _ in range(len(controls) + 2 + 3 * dates):
        page.keyboard.press("Tab")
    reached: set[int] = set()
    for group, shown in page.evaluate("window.followed"):
        reached |= set(group)
        if not shown and -1 not in group:
            yield f"focus is not shown on {controls[group[0]]}"
    for number, text in enumerate(controls):
        if number not in reached:
            yield f"Tab does not reach {text}"
