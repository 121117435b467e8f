"""The pages of the criteria sets: who looks, who approves, the second look, what is kept."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session

from local.rehearsal.people import SIGNER
from models import CriteriaAct
from suitability.approval import to_confirm
from tests.web.parts import Visitor, seen
from tests.workflows.acts import to_clinician
from tests.workflows.playing import Play
from tests.workflows.screening.sets import (
    TARGIT,
    approves,
    edit,
    new_version,
    own_playbooks,
    results,
    withdraws,
)
from tests.workflows.screening.test_report_pdf import words
from workflows.engine.world import World
from workflows.screening.report_pdf import case_report_pdf

Visit = Callable[..., Visitor]
PAGE = f"/criteria/{TARGIT}"
AGAIN = f"{PAGE}?look=again"


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Path:
    return own_playbooks(world, tmp_path)


def mark(visitor: Visitor) -> str:
    """The mark of the second look, as the form carries it."""
    found = re.search(r'name="look" value="(\w+)"', visitor.get(AGAIN).text)
    assert found
    return found.group(1)


def form(world: World, visitor: Visitor, **changes: Any) -> dict[str, Any]:
    ticks = list(to_confirm(world.playbooks.criteria.sets[TARGIT]))
    return {"version": "0.2.0", "look": mark(visitor), "seen": ticks, **SIGNER, **changes}


def acts(world: World) -> list[CriteriaAct]:
    with Session(world.engine) as session:
        return list(session.scalars(select(CriteriaAct)))


def test_the_list_names_drafts_and_who_approved(visit: Visit, world: World, folder: Path) -> None:
    visitor = visit("analyst")
    text = seen(visitor.get("/criteria").text)
    assert "19 of 20 sets are not approved by a clinician" in text
    approves(world)
    text = seen(visitor.get("/criteria").text)
    assert "18 of 20 sets" in text and SIGNER["signer_name"] in text


@pytest.mark.parametrize("role", ["coordinator", "lead", "analyst", "administrator"])
def test_another_role_looks_and_may_do_nothing(
    visit: Visit, world: World, folder: Path, role: str
) -> None:
    visitor = visit(role)
    for address in (PAGE, AGAIN):
        answer = visitor.get(address)
        assert answer.status_code == 200
        assert "/approve" not in answer.text and "/withdraw" not in answer.text
    sent = {"version": "0.2.0", "look": "0" * 16, "reason": "wrong", **SIGNER}
    for act in ("approve", "withdraw"):
        assert visitor.send(f"{PAGE}/{act}", sent, PAGE).status_code == 403
    assert acts(world) == []


def test_the_form_stands_on_the_second_look_alone(visit: Visit, world: World, folder: Path) -> None:
    visitor = visit("clinician")
    first = visitor.get(PAGE).text
    assert "/approve" not in first and f'href="{PAGE}?look=again#approve"' in first
    refused = visitor.send(f"{PAGE}/approve", form(world, visitor, look=""), AGAIN)
    assert refused.status_code == 422 and "Look at what the version would change" in refused.text
    assert acts(world) == []
    done = visitor.send(f"{PAGE}/approve", form(world, visitor), AGAIN)
    assert done.status_code == 303
    text = seen(visitor.get(done.headers["location"]).text)
    assert "No stored result was changed" in text and "approved" in text
    assert len(acts(world)) == 1
    again = visitor.send(f"{PAGE}/approve", {"version": "0.2.0", "look": "0" * 16}, PAGE)
    assert again.status_code == 422 and "approved already" in again.text


def test_a_stale_page_approves_nothing_and_keeps_what_was_typed(
    visit: Visit, play: Play, folder: Path
) -> None:
    to_clinician(play)
    visitor, before = visit("clinician"), results(play)
    sent = form(play.world, visitor)
    new_version(folder, "op: le, value: 35", "op: le, value: 11")
    refused = visitor.send(f"{PAGE}/approve", sent, AGAIN)
    assert refused.status_code == 422 and "is not loaded: the files have 0.3.0" in refused.text
    assert f'value="{SIGNER["signer_name"]}"' in refused.text
    text = seen(refused.text)
    assert "1 would change" in text and play.case.ref in text and "TA-04: met → not met" in text
    sent = {**sent, "version": "0.3.0"}
    refused = visitor.send(f"{PAGE}/approve", sent, AGAIN)
    assert refused.status_code == 422 and "is not what you looked at" in refused.text
    assert acts(play.world) == [] and results(play) == before


def test_a_tick_left_out_is_asked_for_and_the_others_are_kept(
    visit: Visit, world: World, folder: Path
) -> None:
    visitor, name = visit("clinician"), "common_contraindications"
    page = f"/criteria/{name}"
    ticks = list(to_confirm(world.playbooks.criteria.sets[name]))
    found = re.search(r'name="look" value="(\w+)"', visitor.get(f"{page}?look=again").text)
    assert found and len(ticks) > 1
    sent = {"version": "0.2.0", "look": found.group(1), "seen": ticks[1:], **SIGNER}
    refused = visitor.send(f"{page}/approve", sent, page)
    assert refused.status_code == 422 and f"Not ticked: {ticks[0]}." in refused.text
    assert refused.text.count(" required checked>") == len(ticks) - 1
    assert acts(world) == []


def test_a_case_s_page_names_its_drafts_until_they_are_approved(
    visit: Visit, play: Play, folder: Path
) -> None:
    to_clinician(play)
    visitor = visit("clinician")
    page = f"/cases/{play.case.ref}/suitability"
    text = seen(visitor.get(page).text)
    assert "not yet signed by a clinician" in text and f"{TARGIT} 0.2.0" in text
    assert "It rests on draft criteria, named above." in text
    approves(play.world)
    text = seen(visitor.get(page).text)
    assert f"{TARGIT} 0.2.0" not in text and "breast_eliot" in text


def test_a_case_s_page_its_timeline_and_its_paper_say_that_a_set_was_withdrawn(
    visit: Visit, play: Play, folder: Path
) -> None:
    to_clinician(play)
    before = results(play)
    visitor = visit("clinician")
    sent = {"version": "0.2.0", "reason": "", **SIGNER}
    refused = visitor.send(f"{PAGE}/withdraw", sent, PAGE)
    assert refused.status_code == 422 and "Say why the version is withdrawn" in refused.text
    sent["reason"] = "the limit was read wrongly"
    assert visitor.send(f"{PAGE}/withdraw", sent, PAGE).status_code == 303
    play.run()
    page = seen(visitor.get(f"/cases/{play.case.ref}/suitability").text)
    assert "was withdrawn on" in page and "the limit was read wrongly" in page
    assert "it was not weighed again" in page and "A set behind it was withdrawn" in page
    timeline = seen(visitor.get(f"/cases/{play.case.ref}/timeline").text)
    assert f"A criteria set behind the result was withdrawn: {TARGIT}" in timeline.replace(
        TARGIT.replace("_", " "), TARGIT
    )
    work = seen(visitor.get(f"/cases/{play.case.ref}/overview").text)
    assert "A criteria set behind this result was withdrawn" in work
    paper = words(case_report_pdf(play.world, play.case.ref).content)
    assert "Withdrawn criteria" in paper and "the limit was read wrongly" in paper
    assert f"{TARGIT} 0.2.0" not in paper.split("Drafts:")[1].split(".\n")[0].split("To be read")[0]
    assert results(play) == before


def test_what_no_set_is_called_is_not_found_and_nothing_typed_breaks_the_page(
    visit: Visit, world: World, folder: Path
) -> None:
    visitor = visit("clinician")
    for odd in ("no_such_set", "%00", "..%2f..%2fetc", "x" * 500, "<script>"):
        assert visitor.get(f"/criteria/{odd}").status_code in (400, 404), odd
        sent = {"version": "\u200b", "look": "<b>", "reason": "\ud7ff" * 10, **SIGNER}
        answer = visitor.send(f"/criteria/{odd}/approve", sent, PAGE)
        assert answer.status_code in (400, 404, 405), odd
    sent = {"version": "0.2.0", "look": "x" * 30_000, **SIGNER}
    assert visitor.send(f"{PAGE}/approve", sent, PAGE).status_code == 422
    assert acts(world) == []


def test_a_refused_file_is_told_with_its_line_and_the_last_good_text_is_shown(
    visit: Visit, world: World, folder: Path
) -> None:
    edit(folder, "op: le, value: 35", "op: lte, value: 35")
    text = seen(visit("clinician").get(PAGE).text)
    assert "A criteria file is refused; shown is the last good version" in text
    assert re.search(r"breast_targit_a\.yaml:\d+", text)


def test_a_withdrawn_version_is_shown_as_such_and_offers_nothing(
    visit: Visit, world: World, folder: Path
) -> None:
    withdraws(world)
    page = visit("clinician").get(AGAIN).text
    assert "/approve" not in page and "/withdraw" not in page and "Withdrawn" in page
