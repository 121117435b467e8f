"""The console by keyboard alone, in a real Chromium."""

import re

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from settings import PROJECT_ROOT
from tests.web.browsing import Watched, of_lists, watch
from tests.web.parts import PASSWORD, make_user
from tests.workflows.playing import Play
from workflows.engine.world import World

pytestmark = pytest.mark.browser

KEYS = (PROJECT_ROOT / "web" / "static" / "keys.js").read_text(encoding="utf-8")
PAGE = """
<a href="#w" data-key="g w">Work</a> <input data-key="/" aria-label="Find">
<nav class="tabs"><a href="#one">One</a><a href="#two">Two</a></nav>
<ul>
<li data-row><a id="a1" href="#a1">First</a>
<button data-key="c" data-key-label="confirm" id="c1">c</button></li>
<li data-row hidden><a href="#hidden">Hidden</a></li>
<li data-row tabindex="-1" id="r2"><a href="#a2">Second</a>
<button data-key="c" id="c2">c</button></li>
</ul>
<button type="button" data-opens="keys" hidden>Keys</button>
"""


@pytest.fixture
def keyed(page: Page, tmp_path_factory: pytest.TempPathFactory) -> Page:
    """A page with every attribute that keys.js knows; clicked buttons are counted in its title."""
    folder = tmp_path_factory.mktemp("keyed")
    (folder / "keys.js").write_text(KEYS, encoding="utf-8")
    (folder / "page.html").write_text(
        f"<!doctype html><title>.</title><body>{PAGE}<script src=keys.js></script>",
        encoding="utf-8",
    )
    page.goto((folder / "page.html").as_uri())
    page.evaluate(
        "document.addEventListener('click', e => e.target.id && (document.title += e.target.id))"
    )
    return page


def press(page: Page, *keys: str) -> None:
    """Press keys one after the other, once the page has loaded the script that hears them."""
    page.wait_for_load_state()
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, condition: str) -> None:
    for _ in range(60):
        press(page, "Tab")
        if page.evaluate(condition):
            return
    raise AssertionError(f"sixty tabs did not lead to {condition}")


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def test_j_and_k_move_through_the_rows_that_can_be_seen(keyed: Page) -> None:
    press(keyed, "j")
    assert focused(keyed) == "a1"
    press(keyed, "j")
    assert focused(keyed) == "r2", "a row with a tabindex takes the focus itself"
    press(keyed, "j")
    assert focused(keyed) == "r2", "the last row is the end"
    press(keyed, "ArrowUp")
    assert focused(keyed) == "a1"
    press(keyed, "ArrowDown", "Enter")
    expect(keyed).to_have_url(re.compile("#a2$"))


def test_a_key_means_the_row_that_holds_the_focus(keyed: Page) -> None:
    press(keyed, "c")
    press(keyed, "j", "j", "c")
    assert keyed.title() == ".c1c2"


def test_two_keys_one_after_the_other_and_the_tabs(keyed: Page) -> None:
    press(keyed, "g", "w")
    expect(keyed).to_have_url(re.compile("#w$"))
    press(keyed, "2")
    expect(keyed).to_have_url(re.compile("#two$"))
    press(keyed, "w")
    expect(keyed).to_have_url(re.compile("#two$"))  # half of a pair does nothing


def test_keys_rest_while_somebody_types(keyed: Page) -> None:
    press(keyed, "/")
    keyed.keyboard.type("cj2?")
    assert keyed.get_by_label("Find").input_value() == "cj2?"
    assert keyed.title() == "." and keyed.locator("dialog").count() == 0
    press(keyed, "Escape", "c")
    assert keyed.title() == ".c1"
    press(keyed, "Control+c")
    assert keyed.title() == ".c1"


def test_the_list_of_keys_turns_single_keys_off_for_good(keyed: Page) -> None:
    press(keyed, "?")
    dialog = keyed.get_by_role("dialog", name="Keys")
    assert "confirm" in dialog.inner_text() and "Two" in dialog.inner_text()
    press(keyed, "c")
    assert keyed.title() == ".", "keys rest while the list is open"
    dialog.get_by_label("Single keys are on").uncheck()
    press(keyed, "Escape")
    assert dialog.count() == 0
    press(keyed, "c", "j", "?")
    keyed.reload()
    press(keyed, "c", "j", "?")
    assert keyed.title() == "." and focused(keyed) == "" and dialog.count() == 0
    keyed.get_by_role("button", name="Keys").click()
    dialog.get_by_label("Single keys are on").check()
    press(keyed, "Escape", "j")
    assert focused(keyed) == "a1"


# The console itself


@pytest.fixture
def signed_in(browser: Browser, address: str, world: World, play: Play) -> Watched:
    """A coordinator at the work list, with two cases that wait for triage."""
    make_user(world, "coordinator")
    play.open(site=None)
    play.open(site=None)
    watched = watch(browser, address)
    watched.page.goto(f"{address}/login")
    watched.page.keyboard.type("coordinator")
    press(watched.page, "Tab")
    watched.page.keyboard.type(PASSWORD)
    press(watched.page, "Enter")
    watched.page.get_by_role("heading", name="My work").wait_for()
    return watched


def test_a_task_is_found_opened_and_answered_by_keyboard_alone(
    signed_in: Watched, play: Play
) -> None:
    page = signed_in.page
    press(page, "?")
    dialog = page.get_by_role("dialog", name="Keys")
    assert "next row" in dialog.inner_text() and "My work" in dialog.inner_text()
    press(page, "Escape")
    tasks = {f"t{task.id}": task for task in play.tasks() if task.kind == "triage_inquiry"}
    press(page, "j")
    first = focused(page)
    press(page, "j")
    second = focused(page)
    assert {first, second} == set(tasks)
    press(page, "k", "Enter")
    page.get_by_role("heading", name="Read the inquiry: is it for us?").wait_for()
    tab_to(page, "document.activeElement.name == 'set:site'")
    page.keyboard.type("breast")
    tab_to(page, "document.activeElement.textContent == 'In scope'")
    press(page, "Enter")
    page.get_by_text("was answered").wait_for()
    with_answer = [task.id for task in play.tasks() if task.kind == "triage_inquiry"]
    assert with_answer == [tasks[second].id]
    press(page, "2")
    page.get_by_role("link", name="Timeline", exact=True).and_(
        page.locator("[aria-current]")
    ).wait_for()
    press(page, "g", "c")
    page.get_by_role("heading", name="Cases", exact=True).wait_for()
    press(page, "g", "w")
    page.get_by_role("heading", name="My work").wait_for()
    press(page, "/")
    page.keyboard.type(str(play.case_id))
    press(page, "Enter")
    page.get_by_role("heading", name=play.case.ref).wait_for()
    signed_in.must_be_quiet()


def refresh(page: Page) -> None:
    """Let the list ask for its rows now, and wait until it has the answer."""
    with page.expect_response(lambda response: "background" in response.request.headers):
        page.evaluate("htmx.trigger('#live', 'refresh')")


def test_new_rows_come_by_themselves_and_disturb_nobody(signed_in: Watched, play: Play) -> None:
    page = signed_in.page
    page.evaluate("localStorage.setItem('iort.keys.off', 'false')")
    press(page, "j", "j")
    held = focused(page)
    known = page.locator("[data-row]").count()
    refresh(page)
    assert page.locator("[data-row]").count() == known and page.locator("#news").inner_text() == ""
    play.open(site=None)
    refresh(page)
    page.locator("#news", has_text="new").wait_for()
    assert page.locator("#news").inner_text() == "2 new", "the task and its case"
    assert page.get_by_role("link", name=play.case.ref).count() == 2
    assert focused(page) == held
    assert page.locator(".fresh").count() == 2
    signed_in.must_be_quiet()


def test_rows_are_not_exchanged_under_somebody_who_types(signed_in: Watched, play: Play) -> None:
    page = signed_in.page
    page.goto(f"{signed_in.address}/?urgency=routine")
    page.get_by_text("Save this view").click()
    page.get_by_label("Name of the view").fill("Rou")
    play.open(site=None)
    page.evaluate("htmx.trigger('#live', 'refresh')")
    page.keyboard.type("tine")
    page.evaluate("htmx.trigger('#live', 'refresh')")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("navigation", name="Saved views").get_by_role(
        "link", name="Routine 3"
    ).wait_for()
    signed_in.must_be_quiet()


def test_a_hidden_page_asks_nothing_and_looks_when_it_is_seen_again(
    signed_in: Watched, play: Play
) -> None:
    page = signed_in.page
    asked: list[str] = []

    def note(request: Request) -> None:
        if "background" in request.headers and of_lists(request):
            asked.append(request.url)

    page.on("request", note)
    hide = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true})"
    page.evaluate(hide % "true")
    play.open(site=None)
    page.evaluate("htmx.trigger('#live', 'refresh')")
    page.evaluate("new Promise(requestAnimationFrame)")
    assert asked == []
    page.evaluate(hide % "false")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.locator("#news", has_text="2 new").wait_for()
    assert len(asked) == 1
    signed_in.must_be_quiet()


def test_lists_can_be_filtered_and_renewed_without_scripts(
    browser: Browser, address: str, world: World, play: Play
) -> None:
    make_user(world, "coordinator")
    play.open(site="breast")
    watched = watch(browser, address, width=390, scripts=False)
    watched.sign_in("coordinator")
    page = watched.page
    watched.follow(page.locator("#f-site-breast"))
    assert page.url.endswith("/?site=breast")
    play.open(site="breast")
    watched.follow(page.get_by_role("link", name="Refresh"))
    assert page.get_by_role("link", name=play.case.ref).count() == 2
    assert page.get_by_role("button", name="Keys").count() == 0, "no keys without scripts"
    watched.follow(page.get_by_role("link", name="Without breast"))
    assert page.url.endswith("/?all=true")
    watched.must_be_quiet()
