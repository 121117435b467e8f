"""The suitability tab: evidence with its place, what is missing and whom to ask, signing, void."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from local.rehearsal.people import SIGNER
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


def signing(play: Play) -> dict[str, Any]:
    """Return what the box asks beside the decision: a tick on each finding, and who signs."""
    ticked = play.signing().pop("seen").split(",")
    return {"set:seen": ticked, **{f"set:{name}": value for name, value in SIGNER.items()}}


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
        "reason": "close to the skin",
        **signing(weighed),
    }
    assert visitor.send(f"/tasks/{task.id}", form, page=path).status_code == 303
    text = tab(visitor, weighed)
    assert "A second opinion is asked for" in text and "close to the skin" in text
    assert "not signed" not in text


def test_a_bare_click_signs_nothing_and_what_was_typed_stays(visit: Visit, weighed: Play) -> None:
    visitor, path = visit("clinician"), f"/cases/{weighed.case.ref}/suitability"
    box = tab(visitor, weighed).split('<section class="card sign"')[1].split("</section>")[0]
    assert "set:agrees" not in box and "checked" not in box
    (task,) = [task for task in weighed.tasks() if task.kind == "review_case"]
    blank = visitor.send(f"/tasks/{task.id}", {}, page=path)
    assert blank.status_code == 422 and "Choose an answer" in blank.text
    bare = visitor.send(f"/tasks/{task.id}", {"answer": "suitable_for_outreach"}, page=path)
    assert bare.status_code == 422
    assert "Tick each finding that decides" in bare.text
    full = signing(weighed)
    left_out = {**full, "set:seen": full["set:seen"][1:], "reason": "seen at the board"}
    form = {"answer": "suitable_for_outreach", "set:technique": "kv_iort", **left_out}
    refused = visitor.send(f"/tasks/{task.id}", form, page=path)
    assert refused.status_code == 422 and "Not ticked: " in refused.text
    kept = refused.text.split('<section class="card sign"')[1].split("</section>")[0]
    assert re.search(r'value="suitable_for_outreach" required checked', kept)
    assert 'value="kv_iort" selected' in kept and ">seen at the board</textarea>" in kept
    assert kept.count("required checked") == len(full["set:seen"])
    assert f'value="{SIGNER["signer_name"]}"' in kept
    unnamed = {**full, "set:signer_name": " ", "answer": "needs_data"}
    refused = visitor.send(f"/tasks/{task.id}", unnamed, page=path)
    assert refused.status_code == 422 and "Say your name" in refused.text
    assert f'value="{SIGNER["signer_registration"]}"' in refused.text
    without = visitor.send(f"/tasks/{task.id}", {**form, **full, "reason": " "}, page=path)
    assert without.status_code == 422 and "a difference needs a reason" in without.text
    assert weighed.events("clinician.review_signed") == []


def test_a_second_click_and_an_old_page_sign_nothing_more(visit: Visit, weighed: Play) -> None:
    """A double submit, and a tab that was opened before a value was corrected."""
    visitor, path = visit("clinician"), f"/cases/{weighed.case.ref}/suitability"
    (task,) = [task for task in weighed.tasks() if task.kind == "review_case"]
    text = visitor.get(path).text
    (number,) = re.findall(r'name="set:result" value="(\d+)"', text)
    form = {
        "answer": "suitable_for_outreach",
        "reason": "as the board saw it",
        "set:result": number,
        **signing(weighed),
    }
    settle_again(
        weighed.world,
        require_id(finding(weighed, "breast.size_mm").id),
        what="correct",
        value="33",
        actor=Actor("clinician", "U-1"),
        reason="misread",
    )
    weighed.run()
    (again,) = [task for task in weighed.tasks() if task.kind == "review_case"]
    for number in {task.id, again.id}:
        old = visitor.send(f"/tasks/{number}", form, page=path)
        assert old.status_code == 422 and "as the board saw it" in old.text
        assert 'name="set:seen"' in old.text and "required checked> <strong>" not in old.text
    assert weighed.events("clinician.review_signed") == []
    (now,) = re.findall(r'name="set:result" value="(\d+)"', visitor.get(path).text)
    fresh = {**form, "set:result": now, **signing(weighed)}
    assert visitor.send(f"/tasks/{again.id}", fresh, page=path).status_code == 303
    twice = visitor.send(f"/tasks/{again.id}", fresh, page="/account")
    assert twice.status_code == 422 and "is done already" in twice.text
    assert "as the board saw it" in twice.text
    assert len(weighed.events("clinician.review_signed")) == 1


def test_the_task_page_leads_to_the_one_place_to_sign(visit: Visit, weighed: Play) -> None:
    (task,) = [task for task in weighed.tasks() if task.kind == "review_case"]
    for role in ("clinician", "coordinator", "lead"):
        answer = visit(role).get(f"/tasks/{task.id}")
        assert answer.status_code == 303
        place = f"/cases/{weighed.case.ref}/suitability#sign-{task.id}"
        assert answer.headers["location"] == place


def test_a_coordinators_hands_sign_nothing(visit: Visit, weighed: Play) -> None:
    (task,) = [task for task in weighed.tasks() if task.kind == "review_case"]
    form = {"answer": "needs_data", "reason": "mine", **signing(weighed)}
    for role in ("coordinator", "lead"):
        refused = visit(role).send(f"/tasks/{task.id}", form, page="/account")
        assert refused.status_code == 422 and "Only a clinician may answer this" in refused.text
    coordinator = visit("coordinator")
    stated = {"name": "A", "qualification": "B", "registration": "C"}
    assert coordinator.send("/account/signer", stated, page="/account").status_code == 403
    assert 'action="/account/signer"' not in coordinator.get("/account").text
    assert weighed.events("clinician.review_signed") == []


def test_a_clinician_states_once_who_signs(visit: Visit, weighed: Play) -> None:
    visitor, path = visit("clinician"), f"/cases/{weighed.case.ref}/suitability"
    stated = {"name": "Dr Zoe Sample", "qualification": "Oncologist", "registration": " "}
    refused = visitor.send("/account/signer", stated, page="/account")
    assert refused.status_code == 422 and 'value="Dr Zoe Sample"' in refused.text
    stated["registration"] = "R-12345, the register"
    assert visitor.send("/account/signer", stated, page="/account").status_code == 303
    text = tab(visitor, weighed)
    assert "Signed by <strong>Dr Zoe Sample</strong>, Oncologist, R-12345, the register" in text
    assert "set:signer_name" not in text
    (task,) = [task for task in weighed.tasks() if task.kind == "review_case"]
    form = {"answer": "second_opinion", "set:outcome": "needs_data", "reason": "rare"}
    ticks = {"set:seen": signing(weighed)["set:seen"]}
    assert visitor.send(f"/tasks/{task.id}", {**form, **ticks}, page=path).status_code == 303
    assert "Dr Zoe Sample, Oncologist, R-12345, the register" in tab(visit("coordinator"), weighed)


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
    form = {"answer": "suitable_for_outreach", "reason": "the board said so", **signing(play)}
    refused = visitor.send(f"/tasks/{task.id}", form, page=path)
    assert refused.status_code == 422
    assert "Hospitals cannot be asked on this result" in refused.text and words in refused.text
    assert (
        "urgent care near home" in refused.text and ">the board said so</textarea>" in refused.text
    )
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
