"""The console by keyboard alone, in a real Chromium."""

import pytest
from playwright.sync_api import Browser, Page

from settings import PROJECT_ROOT
from tests.web.browsing import watch
from tests.web.parts import make_user
from tests.workflows.playing import Play
from workflows.world import World

pytestmark = pytest.mark.browser

KEYS = (PROJECT_ROOT / "web" / "static" / "keys.js").read_text(encoding="utf-8")
PAGE = """
<a href="#w" data-key="g w">Work</a> <input data-key="/" aria-label="Find">
<nav class="tabs"><a href="#one">One</a><a href="#two">Two</a></nav>
<ul>
<li data-row><a id="a1" href="#a1">First</a> <button data-key="c" data-key-label="confirm" id="c1">c</button></li>
<li data-row hidden><a href="#hidden">Hidden</a></li>
<li data-row tabindex="-1" id="r2"><a href="#a2">Second</a> <button data-key="c" id="c2">c</button></li>
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
        "document.addEventListener('click', e => { if (e.target.id) document.title += e.target.id })"
    )
    return page


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


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
    assert keyed.url.endswith("#a2")


def test_a_key_means_the_row_that_holds_the_focus(keyed: Page) -> None:
    press(keyed, "c")
    press(keyed, "j", "j", "c")
    assert keyed.title() == ".c1c2"


def test_two_keys_one_after_the_other_and_the_tabs(keyed: Page) -> None:
    press(keyed, "g", "w")
    assert keyed.url.endswith("#w")
    press(keyed, "2")
    assert keyed.url.endswith("#two")
    press(keyed, "w")
    assert keyed.url.endswith("#two"), "half of a pair does nothing"


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
