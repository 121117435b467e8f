"""Checking findings by plain forms: one verdict each, reasons kept, a refused form not lost."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session, col
from starlette.datastructures import FormData

from models import CaseEvent, FindingRecord, HumanTask
from models.database import transaction
from tests.web.parts import Visitor
from tests.workflows.acts import to_review
from tests.workflows.playing import Play
from views.shown import ShownFinding, shown
from web.marking import marked
from web.verdicts import Verdict, decided_values, verdicts
from workflows.engine.world import World

Visit = Callable[..., Visitor]


@pytest.fixture
def reviewed(play: Play) -> Play:
    to_review(play)
    return play


def findings(world: World) -> dict[str, FindingRecord]:
    with Session(world.engine) as session:
        rows = session.scalars(select(FindingRecord).order_by(col(FindingRecord.id)))
        return {row.field: row for row in rows}


def key(finding: FindingRecord) -> str:
    return f"{finding.field}#{finding.id}"


def page_of(play: Play) -> str:
    task = next(task for task in play.tasks() if task.kind == "review_findings")
    return f"/tasks/{task.id}"


def test_a_part_is_saved_and_the_task_waits_for_the_rest(
    visit: Visit, world: World, reviewed: Play
) -> None:
    page, rows = page_of(reviewed), findings(world)
    form = {
        f"is:{key(rows['breast.er'])}": "confirm",
        f"is:{key(rows['breast.grade'])}": "reject",
        f"code:{key(rows['breast.grade'])}": "other_part",
        f"why:{key(rows['breast.grade'])}": "it is of the left side",
        f"set:{key(rows['breast.size_mm'])}": "< 14",
        "answer": "settle",
    }
    visitor = visit("coordinator")
    assert visitor.send(page, form).headers["location"] == f"{page}?saved=true"
    now = findings(world)
    assert now["breast.er"].state == "confirmed"
    assert (now["breast.grade"].state, now["breast.grade"].reason) == (
        "rejected",
        "other_part: it is of the left side",
    )
    assert (now["breast.size_mm"].state, now["breast.size_mm"].value) == ("corrected", {"lt": 14})
    waiting = [row for row in now.values() if row.state == "proposed"]
    assert len(waiting) == len(now) - 3
    text = visitor.get(page).text
    assert f"3 of {len(now)} settled" in text
    assert "it is about another tumour, side or specimen: it is of the left side" in text
    refused = visitor.send(page, {"answer": "confirm"})
    assert refused.status_code == 422 and "Look at each of these by itself" in refused.text
    by_itself = reviewed.looked_at()["confirmed"].split(",")
    form = {f"is:{name}": "confirm" for name in by_itself}
    assert visitor.send(page, {"answer": "confirm", **form}).status_code == 303
    assert "proposed" not in {row.state for row in findings(world).values()}
    (answered,) = reviewed.events("human_task.completed")
    assert answered.payload["answer"] == "confirm", "the task was answered once"


def test_settling_the_last_value_finishes_the_task(
    visit: Visit, world: World, reviewed: Play
) -> None:
    form = {f"is:{key(row)}": "confirm" for row in findings(world).values()}
    sent = visit("clinician").send(page_of(reviewed), {"answer": "settle", **form})
    assert sent.headers["location"].startswith(f"/cases/{reviewed.case.ref}/overview?done=")
    with Session(world.engine) as session:
        kinds = session.scalars(select(col(HumanTask.kind)).where(col(HumanTask.state) == "open"))
        assert "review_findings" not in list(kinds)


def test_a_reason_stays_with_the_finding_and_only_its_code_in_the_event(
    visit: Visit, world: World, reviewed: Play
) -> None:
    er = key(findings(world)["breast.er"])
    form = {f"is:{er}": "reject", f"why:{er}": "Zyxcanary said so", "answer": "confirm"}
    form |= {
        f"is:{name}": "confirm"
        for name in reviewed.looked_at()["confirmed"].split(",")
        if name != er
    }
    assert visit("coordinator").send(page_of(reviewed), form).status_code == 303
    assert findings(world)["breast.er"].reason == "Zyxcanary said so"
    (rejected,) = reviewed.events("extraction.field_rejected")
    assert rejected.payload["reason"] == "other"
    with Session(world.engine) as session:
        told = [str(event.payload) for event in session.scalars(select(CaseEvent))]
    assert not any("Zyxcanary" in payload for payload in told)


def test_a_refused_form_comes_back_as_it_was_sent(
    visit: Visit, world: World, reviewed: Play
) -> None:
    rows = findings(world)
    er, size = key(rows["breast.er"]), key(rows["breast.size_mm"])
    form = {
        f"is:{er}": "reject",
        f"set:{size}": "17",
        f"why:{size}": "measured again",
        "answer": "settle",
    }
    refused = visit("coordinator").send(page_of(reviewed), form)
    assert refused.status_code == 422 and "Say why breast.er" in refused.text
    words = " ".join(refused.text.split())
    assert 'value="17"' in words and 'value="measured again"' in words
    rejecting = f'name="is:{er}" value="reject"'
    assert rejecting in words and words.split(rejecting)[1].split(">")[0].endswith("checked")
    assert {row.state for row in findings(world).values()} == {"proposed"}


def test_the_unsure_come_first_and_what_another_place_states_is_said(
    visit: Visit, world: World, reviewed: Play
) -> None:
    size = findings(world)["breast.size_mm"]
    with transaction(world.engine) as session:
        last = session.get(FindingRecord, findings(world)["breast.ki67_percent"].id)
        assert last is not None
        last.confidence = 0.4
        session.add(
            FindingRecord(
                **{**size.model_dump(exclude={"id"}), "value": 19, "source": "imaging_mri"}
            )
        )
    text = " ".join(visit("coordinator").get(page_of(reviewed)).text.split())
    order = [part.split('"')[0] for part in text.split('data-card data-finding="')[1:]]
    unsure = {str(one.id) for one in findings(world).values() if one.confidence < 0.8}
    assert str(last.id) in unsure and set(order[: len(unsure)]) == unsure
    assert "unsure, 40 %" in text
    card = text.split(f'id="f{size.id}" data-row')[1].split("</fieldset>")[0]
    assert "Stated elsewhere:" in card and "19 mm" in card and "imaging MRI" in card


def finding(**given: Any) -> ShownFinding:
    row = FindingRecord(
        id=7,
        case_id=1,
        field="breast.er",
        source="core_biopsy",
        extractor_version="1",
        **{"value": "positive", **given},
    )
    return shown(ShownFinding, row)


@pytest.mark.parametrize(
    ("sent", "values"),
    [
        ({}, {}),
        ({"set:breast.er#7": "positive"}, {}),
        ({"is:breast.er#7": "confirm"}, {"confirmed": "breast.er#7"}),
        ({"is:breast.er#7": "correct"}, {"confirmed": "breast.er#7"}),
        ({"set:breast.er#7": "negative"}, {"breast.er#7": "negative"}),
        ({"is:breast.er#7": "confirm", "set:breast.er#7": "negative"}, {"breast.er#7": "negative"}),
        (
            {"set:breast.er#7": " ", "code:breast.er#7": "not_stated"},
            {"breast.er#7": "", "why:breast.er#7": "not_stated"},
        ),
        (
            {"is:breast.er#7": "reject", "set:breast.er#7": "negative", "why:breast.er#7": "no"},
            {"breast.er#7": "", "why:breast.er#7": "no"},
        ),
        ({"new-field": "patient.ecog", "new-value": "1"}, {"patient.ecog": "1"}),
    ],
)
def test_what_a_form_means(sent: dict[str, str], values: dict[str, str]) -> None:
    form = FormData(sent)
    assert decided_values(form, verdicts(form, [finding()])) == values


def test_a_reason_is_a_code_words_or_both() -> None:
    assert Verdict(code="not_stated").reason == "not_stated"
    assert Verdict(code="other", words="see page 2").reason == "see page 2"
    assert Verdict(code="not_stated", words="see page 2").reason == "not_stated: see page 2"


def test_quotes_are_marked_in_the_text_whatever_their_white_space() -> None:
    text = "Tumor size: 12\nmm. ER Positive 95 %. ER (again) Positive"
    one, two, lost = (
        finding(quote=quote) for quote in ("12 mm", "Positive 95 %", "not in the text")
    )
    within = finding(quote="95 %")
    pieces = marked(text, [two, one, lost, within])
    assert "".join(piece.text for piece in pieces) == text
    assert [(piece.text, piece.findings) for piece in pieces if piece.findings] == [
        ("12\nmm", (one,)),
        ("Positive 95 %", (two, within)),
    ]
