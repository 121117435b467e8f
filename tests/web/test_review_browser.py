"""Checking findings in a real Chromium: by a click on the frame, by keyboard alone, by hand."""

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlmodel import Session, col

from local.rehearsal.people import SIGNER
from models import FindingRecord
from tests.web.browsing import Watched, watch
from tests.web.parts import make_user
from tests.web.signing import state_signer, tick_all, tick_each
from tests.workflows.acts import to_clinician, to_review
from tests.workflows.playing import Play
from workflows.engine.world import World

pytestmark = pytest.mark.browser


def findings(world: World) -> dict[str, FindingRecord]:
    with Session(world.engine) as session:
        rows = session.scalars(select(FindingRecord).order_by(col(FindingRecord.id)))
        return {row.field: row for row in rows}


@pytest.fixture
def reviewing(browser: Browser, address: str, world: World, play: Play) -> Watched:
    """The page on which a coordinator checks what was read."""
    make_user(world, "coordinator")
    to_review(play)
    task = next(task for task in play.tasks() if task.kind == "review_findings")
    watched = watch(browser, address)
    watched.sign_in("coordinator")
    watched.page.goto(f"{address}/tasks/{task.id}")
    return watched


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.name"))


def test_a_frame_and_its_finding_show_each_other(reviewing: Watched, world: World) -> None:
    page, er = reviewing.page, findings(world)["breast.er"]
    page.locator(f"#b{er.id}").click()
    assert focused(page) == f"f{er.id}"
    card = page.locator(f"#f{er.id}")
    expect(card).to_contain_text(er.quote or "?")
    expect(card).to_be_in_viewport()
    size = findings(world)["breast.size_mm"]
    page.locator(f"#f{size.id} a.where").click()
    framed = page.locator(f"#b{size.id}")
    expect(framed).to_be_in_viewport()
    assert page.locator("[data-pane] .active rect").get_attribute("id") == f"b{size.id}"
    page.get_by_text("Text", exact=True).click()
    marked = page.locator(f".texts a[data-finding~='{size.id}'] mark")
    expect(marked).to_be_visible()
    assert (marked.text_content() or "").split() == (size.quote or "").split()
    marked.click()
    assert focused(page) == f"f{size.id}"
    reviewing.must_be_quiet()


def test_of_findings_at_one_place_another_click_finds_the_next(
    reviewing: Watched, world: World
) -> None:
    page, rows = reviewing.page, findings(world)
    first, second = rows["breast.histology"], rows["disease.histology_confirmed"]
    assert first.box == second.box
    seen = set()
    for _ in range(3):
        place = page.locator(f"#b{first.id}").bounding_box()
        assert place
        page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
        seen.add(focused(page))
    assert {f"f{first.id}", f"f{second.id}"} <= seen


def test_a_finding_is_confirmed_from_its_frame_and_the_rest_waits(
    reviewing: Watched, world: World, play: Play
) -> None:
    page, er = reviewing.page, findings(world)["breast.er"]
    total = len(findings(world))
    page.locator(f"#b{er.id}").click()
    page.keyboard.press("c")
    expect(page.get_by_text(f"1 of {total} settled")).to_be_visible()
    page.keyboard.press("s")
    page.get_by_text("are settled; the others wait here").wait_for()
    states = {name: row.state for name, row in findings(world).items()}
    assert states.pop("breast.er") == "confirmed" and set(states.values()) == {"proposed"}
    assert "review_findings" in [task.kind for task in play.tasks()]
    expect(page.get_by_text(f"1 of {total} settled")).to_be_visible()
    reviewing.must_be_quiet()


def test_by_keyboard_alone_one_is_rejected_one_corrected_and_the_rest_confirmed(
    reviewing: Watched, world: World, play: Play
) -> None:
    page = reviewing.page
    order = [item.get_attribute("data-finding") or "" for item in page.locator("[data-card]").all()]
    by_id = {str(row.id): row for row in findings(world).values()}
    grade = next(key for key in order if by_id[key].field == "breast.grade")
    size = next(key for key in order if by_id[key].field == "breast.size_mm")
    for _ in range(order.index(grade) + 1):
        page.keyboard.press("n")
    assert focused(page) == f"f{grade}"
    page.keyboard.press("r")
    page.keyboard.type("It is about another tumour")
    page.keyboard.press("Enter")
    assert focused(page) != f"f{grade}", "the next one that waits has the focus"
    page.keyboard.press("p")
    while focused(page) != f"f{size}":
        page.keyboard.press("n")
    page.keyboard.press("x")
    page.keyboard.type("14")
    page.keyboard.press("Enter")
    expect(page.locator(f"#f{size}")).to_have_class("check correct")
    page.keyboard.press("c")
    confirmed = page.locator("[data-card].confirm")
    expect(confirmed).to_have_count(1)
    page.keyboard.press("p")
    while focused(page) != confirmed.get_attribute("id"):
        page.keyboard.press("p")
    page.keyboard.press("u")
    expect(page.locator("[data-card].confirm")).to_have_count(0)
    left = page.locator("[data-own]:not(.confirm, .correct, .reject)")
    expect(page.get_by_text(f"{left.count()} to be looked at one by one first")).to_be_visible()
    page.keyboard.press("n")
    while left.count():
        page.keyboard.press("c")
    page.locator("[data-finish]").focus()
    page.keyboard.press("Enter")
    page.get_by_text("was answered").wait_for()
    decided = findings(world)
    rejected, corrected = decided.pop("breast.grade"), decided.pop("breast.size_mm")
    assert (rejected.state, rejected.reason) == ("rejected", "other_part")
    assert (corrected.state, corrected.value) == ("corrected", 14)
    assert {row.state for row in decided.values()} == {"confirmed"}
    (told,) = play.events("extraction.field_rejected")
    assert told.payload["reason"] == "other_part"
    reviewing.must_be_quiet()


def test_a_rejection_without_reason_is_not_sent(reviewing: Watched, world: World) -> None:
    page = reviewing.page
    page.keyboard.press("n")
    page.keyboard.press("r")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    assert "saved" not in page.url and page.locator("select:invalid").count() == 1
    page.keyboard.press("r")
    page.keyboard.press("Tab")
    page.keyboard.type("Zyxcanary is not hers")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    page.get_by_text("are settled; the others wait here").wait_for()
    (rejected,) = [row for row in findings(world).values() if row.state == "rejected"]
    assert rejected.reason == "Zyxcanary is not hers"
    reviewing.must_be_quiet()


def test_keys_that_are_switched_off_decide_nothing(reviewing: Watched) -> None:
    page = reviewing.page
    page.evaluate("localStorage.setItem('iort.keys.off', 'true')")
    page.reload()
    page.keyboard.press("n")
    page.keyboard.press("c")
    expect(page.locator("[data-card].confirm")).to_have_count(0)
    assert page.locator("input[type=radio][value=confirm]:checked").count() == 0


def test_findings_are_settled_without_scripts(
    browser: Browser, address: str, world: World, play: Play
) -> None:
    make_user(world, "coordinator")
    to_review(play)
    task = next(task for task in play.tasks() if task.kind == "review_findings")
    watched = watch(browser, address, width=390, scripts=False)
    watched.sign_in("coordinator")
    page = watched.page
    page.goto(f"{address}/tasks/{task.id}")
    er = findings(world)["breast.er"]
    card = page.locator(f"#f{er.id}")
    card.get_by_label("reject").check()
    card.get_by_label("why").select_option("other_person")
    page.get_by_role("button", name="Save what is settled").click()
    page.get_by_text("are settled; the others wait here").wait_for()
    tick_each(page.locator("[data-own] input[value=confirm]"))
    page.get_by_role("button", name="Confirm the others and finish").click()
    page.get_by_text("was answered").wait_for()
    decided = findings(world)
    assert decided.pop("breast.er").reason == "other_person"
    assert {row.state for row in decided.values()} == {"confirmed"}
    watched.must_be_quiet()


@pytest.mark.parametrize("width", [390, 1280])
def test_what_would_settle_it_is_said_in_words(
    browser: Browser, address: str, world: World, play: Play, width: int
) -> None:
    make_user(world, "clinician")
    to_clinician(play)
    watched = watch(browser, address, width=width)
    watched.sign_in("clinician")
    page = watched.page
    page.goto(f"{address}/cases/{play.case.ref}/suitability")
    page.get_by_role("link", name="What would settle it").click()
    changes = page.get_by_role("heading", name="What one answer would change")
    expect(changes).to_be_visible()
    expect(page.get_by_text("Sources side by side").first).to_be_visible()
    words = page.locator("main").inner_text()
    for code in ("guideline_unsuitable", "mixed_signals", "pathway_stopped", "consistent_fit"):
        assert code not in words
    assert "A guideline grades this at its lowest level" in words
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    watched.must_be_quiet()


def test_a_clinician_reads_the_line_behind_a_criterion_and_signs(
    browser: Browser, address: str, world: World, play: Play
) -> None:
    make_user(world, "clinician")
    to_clinician(play)
    watched = watch(browser, address)
    watched.sign_in("clinician")
    page = watched.page
    suitability = f"{address}/cases/{play.case.ref}/suitability"
    page.goto(suitability)
    er = findings(world)["breast.er"]
    line = page.locator(f"table.criteria a[href$='#f{er.id}']").first
    if not line.is_visible():  # its set is folded
        line.locator("xpath=ancestor::details[contains(@class, 'set')]/summary").click()
    line.click()
    expect(page.locator(f"#f{er.id}")).to_contain_text(er.quote or "?")
    expect(page.locator(f"#b{er.id}")).to_be_in_viewport()
    page.goto(suitability)
    box = page.locator("section.sign")
    expect(box).to_contain_text("holds for these inputs only")
    state_signer(page)
    tick_all(page)
    box.get_by_role("radio", name="Hospitals may be asked").check()
    box.get_by_label("Reason").first.fill("the open facts do not change it")
    box.get_by_role("button", name="Sign", exact=True).click()
    page.get_by_text("was answered").wait_for()
    assert play.case.state == "SHORTLISTING"
    page.goto(suitability)
    expect(page.get_by_text("stands", exact=True)).to_be_visible()
    expect(page.get_by_text(SIGNER["signer_name"])).to_be_visible()
    watched.must_be_quiet()
