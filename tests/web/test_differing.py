"""The page on which a person picks which of several statements holds."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from tests.web.browsing import watch
from tests.web.parts import Visitor, make_user
from tests.workflows.findings.test_differing import kinds, stated, waiting
from tests.workflows.playing import Play
from workflows.engine.world import World

Visit = Callable[..., Visitor]


def page_of(play: Play) -> str:
    return f"/tasks/{next(t.id for t in play.tasks() if t.kind == 'settle_differences')}"


def test_each_statement_stands_there_and_nothing_is_preselected(visit: Visit, play: Play) -> None:
    waiting(play, source="final_pathology", quote="Histologic grade: G3", report_date="2026-09-30")
    first, second = stated(play, "breast.grade")
    visitor = visit("coordinator")
    text = " ".join(visitor.get(page_of(play)).text.split())
    for shown in (
        "while documents differ on: ", "final pathology", "2026-09-30",
        "Histologic grade: G3", f"/documents/{first.document_id}?page={first.page}#f{first.id}",
        f"/documents/{second.document_id}?page={second.page}#f{second.id}", "choose a reason",
        "none of these holds",
    ):  # fmt: skip
        assert shown in text, shown
    assert " checked" not in text.split('<form method="post" action="/tasks/')[1]
    documents = visitor.get(f"/cases/{play.case.ref}/documents").text
    assert "the case waits for a pick" in documents and page_of(play) in documents


def test_a_refused_pick_comes_back_as_it_was_sent(visit: Visit, play: Play) -> None:
    waiting(play)
    first, _ = stated(play, "breast.grade")
    visitor, page = visit("clinician"), page_of(play)
    blank = visitor.send(page, {"answer": "pick"})
    assert blank.status_code == 422 and "Pick which statement holds" in blank.text
    form = {"answer": "pick", "pick:breast.grade": str(first.id)}
    form |= {"words:breast.grade": "the slides were read twice"}
    refused = visitor.send(page, form)
    assert refused.status_code == 422 and "Choose why the other statements" in refused.text
    assert f'value="{first.id}" checked' in refused.text
    assert 'value="the slides were read twice"' in refused.text
    form |= {"code:breast.grade": "superseded"}
    assert visitor.send(page, form).status_code == 303
    second = stated(play, "breast.grade")[-1]
    assert second.reason == "superseded: the slides were read twice"
    (event,) = play.events("extraction.difference_settled")
    assert "slides" not in str(event.payload) and event.payload["reason"] == "superseded"
    again = visitor.send(page, form, page="/cases")
    assert again.status_code == 422 and "is done already" in again.text


def test_of_two_people_at_once_the_second_is_refused(visit: Visit, play: Play) -> None:
    waiting(play)
    first, second = stated(play, "breast.grade")
    page = page_of(play)
    one, other = visit("coordinator"), visit("clinician")
    form = {"answer": "pick", "code:breast.grade": "superseded"}
    other.token(page)
    assert one.send(page, {**form, "pick:breast.grade": str(first.id)}).status_code == 303
    late = other.send(page, {**form, "pick:breast.grade": str(second.id)})
    assert late.status_code == 422
    assert [row.state for row in stated(play, "breast.grade")] == ["confirmed", "rejected"]


def test_an_analyst_sees_no_statement(visit: Visit, play: Play) -> None:
    waiting(play)
    assert visit("analyst").get(page_of(play)).status_code == 403


@pytest.mark.parametrize("scripts", [True, False])
def test_a_statement_is_picked_by_keyboard_and_without_scripts(
    browser: Browser, address: str, world: World, play: Play, scripts: bool
) -> None:
    waiting(play)
    make_user(world, "coordinator")
    watched = watch(browser, address, width=1280 if scripts else 390, scripts=scripts)
    watched.sign_in("coordinator")
    page = watched.page
    page.goto(f"{address}{page_of(play)}")
    assert page.locator("main input[type=radio]:checked").count() == 0
    first, _ = stated(play, "breast.grade")
    page.locator(f"input[type=radio][value='{first.id}']").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.name") != "code:breast.grade":
        page.keyboard.press("Tab")
    page.keyboard.type("a later")
    page.keyboard.press("Tab")
    page.keyboard.type("seen on the slides")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("was answered").wait_for()
    assert [row.state for row in stated(play, "breast.grade")] == ["confirmed", "rejected"]
    play.run()
    assert play.case.state == "CLINICIAN_REVIEW" and "settle_differences" not in kinds(play)
    watched.must_be_quiet()
