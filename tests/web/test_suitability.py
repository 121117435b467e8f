"""The suitability tab: evidence with its place, what is missing and whom to ask, signing, void."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from models import FindingRecord
from models.base import require_id
from models.database import transaction
from tests.web.parts import Visitor
from tests.workflows.acts import to_clinician
from tests.workflows.playing import Play
from workflows.events import Actor
from workflows.findings.reopened import settle_again

Visit = Callable[..., Visitor]


@pytest.fixture
def weighed(play: Play) -> Play:
    to_clinician(play)
    return play


def finding(play: Play, name: str) -> FindingRecord:
    with Session(play.world.engine) as session:
        query = select(FindingRecord).where(col(FindingRecord.field) == name)
        row = session.scalars(query.order_by(col(FindingRecord.id))).first()
        assert row is not None
        return row


def tab(visitor: Visitor, play: Play, query: str = "") -> str:
    return " ".join(visitor.get(f"/cases/{play.case.ref}/suitability{query}").text.split())


def criterion(text: str, name: str) -> str:
    return text.split(f'id="{name}"')[1].split("</tr>")[0]


def test_a_criterion_names_the_line_it_rests_on_and_its_source(visit: Visit, weighed: Play) -> None:
    er = finding(weighed, "breast.er")
    row = criterion(tab(visit("clinician"), weighed), "A7-ER")
    assert f'href="/documents/{er.document_id}?page={er.page}#f{er.id}"' in row
    assert "<q>Estrogen receptor (ER) Positive 95 % of cells, strong</q>" in row and "ASTRO" in row


def test_the_criteria_are_narrowed_to_one_result(visit: Visit, weighed: Play) -> None:
    visitor = visit("clinician")
    whole = tab(visitor, weighed)
    counts = {
        code: int(count)
        for code, count in re.findall(
            r'<a href="\?status=(\w*)#criteria-preop"[^>]*>[^<]*<span class="number">(\d+)', whole
        )
    }
    assert counts.pop("") == whole.count('class="status-')
    unknown = tab(visitor, weighed, "?status=unknown")
    assert set(re.findall(r'<tr class="status-(\w+)"', unknown)) == {"unknown"}
    assert unknown.count('<tr class="status-unknown"') == counts["unknown"] > 0
    assert counts.pop("disputed", 0) >= 0 and sum(counts.values()) == whole.count('class="status-')


def test_what_is_missing_says_whom_to_ask(visit: Visit, weighed: Play) -> None:
    text = tab(visit("clinician"), weighed)
    asked = text.split("Missing: what to ask, and whom")[1].split("</details>")[0]
    patient = asked.split("The patient: their own word is enough")[1]
    assert "pregnancy" in patient
    assert "BRCA" in asked.split("The family: a report that states it")[1]


def test_documents_that_differ_are_named_where_it_matters(visit: Visit, weighed: Play) -> None:
    er = finding(weighed, "breast.er")
    with transaction(weighed.world.engine) as session:
        session.add(FindingRecord(**{**er.model_dump(exclude={"id"}), "value": "negative"}))
    settle_again(
        weighed.world,
        require_id(finding(weighed, "breast.grade").id),
        what="reject",
        actor=Actor("clinician", "U-1"),
        reason="illegible",
    )
    text = tab(visit("clinician"), weighed)
    link = f"/cases/{weighed.case.ref}/documents#differ-breast.er"
    assert link in criterion(text, "A7-ER") and "documents differ" in criterion(text, "A7-ER")
    assert f'<a href="{link}">ER</a>' in text.split("Missing: what to ask")[1]


def test_a_clinician_signs_on_the_tab_and_reads_what_is_attested(
    visit: Visit, weighed: Play
) -> None:
    visitor, path = visit("clinician"), f"/cases/{weighed.case.ref}/suitability"
    text = tab(visitor, weighed)
    box = text.split('<section class="card sign"')[1].split("</section>")[0]
    assert "You sign this result:" in box and "holds for these inputs only" in box
    (task,) = [task for task in weighed.tasks() if task.kind == "review_case"]
    form = {
        "answer": "second_opinion",
        "set:outcome": "suitable_for_outreach",
        "set:agrees": "yes",
        "reason": "close to the skin",
    }
    assert visitor.send(f"/tasks/{task.id}", form, page=path).status_code == 303
    text = tab(visitor, weighed)
    assert "A second opinion is asked for" in text and "close to the skin" in text
    assert "not signed" not in text


def test_a_bare_click_signs_nothing_and_what_was_typed_stays(visit: Visit, weighed: Play) -> None:
    visitor, path = visit("clinician"), f"/cases/{weighed.case.ref}/suitability"
    box = tab(visitor, weighed).split('<section class="card sign"')[1].split("</section>")[0]
    assert re.search(r'<select name="set:agrees" required>\s*<option value="">choose', box)
    (task,) = [task for task in weighed.tasks() if task.kind == "review_case"]
    bare = visitor.send(f"/tasks/{task.id}", {"answer": "suitable_for_outreach"}, page=path)
    assert bare.status_code == 422
    assert "Say whether you agree with the pre-screen: yes or no." in bare.text
    form = {"answer": "suitable_for_outreach", "set:agrees": "no", "set:technique": "kv_iort"}
    differs = visitor.send(f"/tasks/{task.id}", form, page=path)
    assert differs.status_code == 422 and "needs a reason" in differs.text
    kept = differs.text.split('value="suitable_for_outreach">')[1].split("</form>")[0]
    assert 'value="no" selected' in kept and 'value="kv_iort" selected' in kept
    assert weighed.events("clinician.review_signed") == []


@pytest.mark.parametrize(("stated", "words"), [
    ({"patient.pregnant": "true"}, "Urgent: a clinician must look at this today"),
    ({"surgery.status": "done"}, "A circumstance normally stops an IORT pathway"),
])  # fmt: skip
def test_the_tab_signs_no_case_to_hospitals_on_an_urgent_or_stopping_result(
    visit: Visit, play: Play, stated: dict[str, str], words: str
) -> None:
    to_clinician(play, stated)
    visitor, path = visit("clinician"), f"/cases/{play.case.ref}/suitability"
    assert words in tab(visitor, play)
    (task,) = [task for task in play.tasks() if task.kind == "review_case"]
    form = {"answer": "suitable_for_outreach", "set:agrees": "no", "reason": "the board said so"}
    refused = visitor.send(f"/tasks/{task.id}", form, page=path)
    assert refused.status_code == 422
    assert "Hospitals cannot be asked on this result" in refused.text and words in refused.text
    assert "urgent care near home" in refused.text and 'value="the board said so"' in refused.text
    assert play.case.state == "CLINICIAN_REVIEW"


def test_who_may_not_sign_has_no_box_to_sign_in(visit: Visit, weighed: Play) -> None:
    text = tab(visit("coordinator"), weighed)
    box = text.split('<section class="card sign"')[1].split("</section>")[0]
    assert "A clinician signs this" in box and "<form" not in box


def test_a_void_signature_says_since_when_and_what_changed(visit: Visit, weighed: Play) -> None:
    weighed.sign("suitable_for_outreach")
    settle_again(
        weighed.world,
        require_id(finding(weighed, "breast.size_mm").id),
        what="correct",
        value="33",
        actor=Actor("clinician", "U-1"),
        reason="misread",
    )
    text = tab(visit("clinician"), weighed)
    signed = text.split(">Signatures</h3>")[1].split("</section>")[0]
    assert "Void since" in signed and "tumour size changed" in signed
    assert "on an earlier result" in signed and "not signed" in text
