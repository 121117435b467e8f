"""Working from the pages: lists, the case, its documents, and answering what waits for a person."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session

from models import AuditEntry, Consent, Document, FindingRecord, HumanTask, Message
from settings import PROJECT_ROOT
from tests.web.parts import Visitor
from tests.workflows.acts import SIGNED
from tests.workflows.playing import Play
from web.letters import fingerprint
from workflows.engine.world import World

Visit = Callable[..., Visitor]
SYNOPTIC = (PROJECT_ROOT / "examples" / "breast-synoptic.pdf").read_bytes()


@pytest.fixture
def reviewed(play: Play) -> Play:
    """A case whose report waits for a person's look at its findings."""
    play.open(SYNOPTIC)
    play.run()
    return play


def task_of(play: Play, kind: str) -> HumanTask:
    return next(task for task in play.tasks() if task.kind == kind)


def rows(world: World, table: Any) -> list[Any]:
    with Session(world.engine) as session:
        return list(session.scalars(select(table).order_by(table.id)))


def test_the_work_list_shows_my_tasks_and_leads_to_them(visit: Visit, play: Play) -> None:
    play.open()
    visitor = visit("coordinator")
    text = visitor.get("/").text
    task = task_of(play, "triage_inquiry")
    assert play.case.ref in text and f"/tasks/{task.id}" in text
    assert "<strong>1</strong> open" in text
    assert "Nothing waits for you" in visit("clinician").get("/").text


def test_an_answer_given_on_the_page_moves_the_case(visit: Visit, play: Play) -> None:
    play.open(site=None)
    task = task_of(play, "triage_inquiry")
    visitor = visit("coordinator")
    page = f"/tasks/{task.id}"
    refused = visitor.send(page, {"answer": "in_scope"})
    assert refused.status_code == 422 and "needs its site" in refused.text
    assert play.case.state == "INQUIRY"
    answer = visitor.send(page, {"answer": "in_scope", "set:site": "breast"})
    assert answer.headers["location"] == f"/cases/{play.case.ref}/overview?done={task.id}"
    assert play.case.state == "AWAITING_CONSENT"
    (triaged,) = play.events("inquiry.triaged")
    assert triaged.actor_type == "coordinator" and triaged.actor_ref.startswith("U-")


def test_a_word_outside_its_list_is_refused_on_the_page_with_the_list(
    visit: Visit, play: Play
) -> None:
    play.open()
    page = f"/tasks/{task_of(play, 'triage_inquiry').id}"
    form = {"answer": "in_scope", "set:site": "breast", "set:asked_for": "Kwokkanary"}
    refused = visit("coordinator").send(page, form)
    assert refused.status_code == 422
    assert "asked_for must be one of these codes: iort, second_opinion" in refused.text
    assert play.case.state == "INQUIRY" and play.events("inquiry.triaged") == []


def test_a_task_is_answered_once(visit: Visit, play: Play) -> None:
    play.open()
    page = f"/tasks/{task_of(play, 'triage_inquiry').id}"
    visitor = visit("coordinator")
    token = visitor.token(page)
    form = {"csrf": token, "answer": "in_scope", "set:site": "breast"}
    assert visitor.client.post(page, data=form).status_code == 303
    again = visitor.client.post(page, data=form)
    assert again.status_code == 422 and "done already" in again.text
    assert len(play.events("inquiry.triaged")) == 1


def test_a_clinician_does_not_answer_for_a_coordinator(visit: Visit, play: Play) -> None:
    play.open()
    page = f"/tasks/{task_of(play, 'triage_inquiry').id}"
    visitor = visit("clinician")
    assert "Your role reads this task" in visitor.get(page).text
    answer = visitor.client.post(
        page, data={"csrf": visitor.token("/"), "answer": "in_scope", "set:site": "breast"}
    )
    assert answer.status_code == 422 and "Only a coordinator" in answer.text
    assert play.case.state == "INQUIRY"


def test_findings_are_confirmed_and_one_is_corrected(
    visit: Visit, world: World, reviewed: Play
) -> None:
    task = task_of(reviewed, "review_findings")
    visitor = visit("coordinator")
    page = f"/tasks/{task.id}"
    proposed = {f.field: f for f in rows(world, FindingRecord)}
    shown = dict(re.findall(r'name="set:([\w.]+#\d+)" value="([^"]*)"', visitor.get(page).text))
    keys = {name: f"{name}#{finding.id}" for name, finding in proposed.items()}
    assert shown.keys() == set(keys.values())
    form = {f"set:{name}": value for name, value in shown.items()}
    form |= {f"set:{keys['breast.size_mm']}": "14", f"set:{keys['breast.er']}": ""}
    form |= {"new-field": "patient.ecog", "new-value": "1"}
    left = visitor.send(page, {"answer": "confirm", **form})
    assert left.status_code == 422 and f"{keys['breast.grade']}" in left.text
    for name in reviewed.looked_at()["confirmed"].split(","):
        form |= {f"is:{name}": "confirm"}
    refused = visitor.send(page, {"answer": "confirm", **form})
    assert refused.status_code == 422 and "Say why breast.er" in refused.text
    form |= {f"code:{keys['breast.er']}": "not_stated"}
    assert visitor.send(page, {"answer": "confirm", **form}).status_code == 303
    decided = {f.field: f for f in rows(world, FindingRecord)}
    size = decided.pop("breast.size_mm")
    assert (size.state, size.value) == ("corrected", 14)
    assert decided.pop("breast.er").state == "rejected", "an emptied value is not confirmed"
    assert (decided["patient.ecog"].value, decided.pop("patient.ecog").proposed_value) == (1, None)
    assert {f.state for f in decided.values()} == {"confirmed"}
    for name, finding in decided.items():
        assert finding.value == proposed[name].value, "what was not touched stays as it was read"


def test_a_value_outside_the_vocabulary_is_refused_with_the_reason(
    visit: Visit, world: World, reviewed: Play
) -> None:
    page = f"/tasks/{task_of(reviewed, 'review_findings').id}"
    answer = visit("coordinator").send(page, {"answer": "confirm", "set:breast.er": "plenty"})
    assert answer.status_code == 422 and "breast.er" in answer.text
    assert {f.state for f in rows(world, FindingRecord)} == {"proposed"}


def test_the_document_page_frames_each_finding_and_names_its_quote(
    visit: Visit, world: World, reviewed: Play
) -> None:
    (document,) = rows(world, Document)
    visitor = visit("clinician")
    page = visitor.get(f"/documents/{document.id}?page=1")
    framed = [f for f in rows(world, FindingRecord) if f.page == 1 and f.box]
    assert framed
    for finding in framed:
        assert f'id="b{finding.id}"' in page.text and f'id="f{finding.id}"' in page.text
    picture = visitor.get(f"/documents/{document.id}/pages/1.png")
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
    assert visitor.get(f"/documents/{document.id}/pages/99.png").status_code == 404
    actions = [entry.action for entry in rows(world, AuditEntry)]
    assert "document.viewed" in actions


def test_an_original_with_active_content_is_only_ever_a_download(
    visit: Visit, world: World, play: Play
) -> None:
    play.open(b"<html><script>alert(1)</script></html>")
    (document,) = rows(world, Document)
    answer = visit("coordinator").get(f"/documents/{document.id}/original")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "document.downloaded" in [entry.action for entry in rows(world, AuditEntry)]


def test_names_of_people_and_files_are_shown_as_text(
    visit: Visit, world: World, play: Play
) -> None:
    from workflows.cases.intake import NewPatient

    play.open(SYNOPTIC, patient=NewPatient(name="<script>alert(1)</script>"))
    visitor = visit("coordinator")
    text = visitor.get(f"/cases/{play.case.ref}/overview").text
    assert "<script>" not in text and "&lt;script&gt;" in text


def test_every_tab_opens_and_every_look_is_audited(
    visit: Visit, world: World, reviewed: Play
) -> None:
    visitor = visit("lead")
    tabs = [
        "overview",
        "documents",
        "suitability",
        "hospitals",
        "journey",
        "followup",
        "messages",
        "consent",
    ]
    for tab in tabs:
        assert visitor.get(f"/cases/{reviewed.case.ref}/{tab}").status_code == 200
    assert visitor.get(f"/cases/{reviewed.case.ref}/gossip").status_code == 404
    seen = [e.action for e in rows(world, AuditEntry) if e.case_id == reviewed.case_id]
    assert seen == [f"case.viewed:{tab}" for tab in tabs]


def test_the_timeline_tells_the_story_without_personal_data(visit: Visit, reviewed: Play) -> None:
    visitor = visit("analyst")
    text = visitor.get(f"/cases/{reviewed.case.ref}/timeline?details=true").text
    assert "The case was opened" in text and "Proposed: breast.er" in text
    assert "Exempla" not in text
    events = visitor.get(f"/api/cases/{reviewed.case.ref}/timeline").json()["events"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))


def test_an_analyst_sees_no_personal_data_anywhere(visit: Visit, reviewed: Play) -> None:
    visitor = visit("analyst")
    ref = reviewed.case.ref
    for path in (f"/cases/{ref}/overview", f"/cases/{ref}/documents", "/tasks/1", "/documents/1"):
        assert visitor.get(path).status_code == 403
    assert "Exempla" not in visitor.get("/cases").text
    assert visitor.get(f"/cases/{ref}").headers["location"].endswith("/timeline")


def test_a_letter_is_edited_and_approved(visit: Visit, world: World, play: Play) -> None:
    from tests.workflows.acts import to_clinician

    to_clinician(play)
    play.sign("suitable_for_outreach")
    visitor = visit("coordinator")
    consent = task_of(play, "record_hospital_consent")
    page = visitor.get(f"/tasks/{consent.id}").text
    assert 'type="checkbox" name="set:hospitals" value="H01"' in page
    form = {"answer": "granted", "set:hospitals": ["H01"], "set:signed_by": "guardian"}
    refused = visitor.send(f"/tasks/{consent.id}", form)
    assert refused.status_code == 422 and rows(world, Consent)[1:] == []
    assert (
        "Say how the consent was signed: on screen, on paper or in a recorded call." in refused.text
    )
    kept = refused.text.split('name="answer" value="granted"')[1].split("</form>")[0]
    assert 'value="H01" checked' in kept and 'value="guardian" selected' in kept
    form |= {"set:method": "paper"}
    refused = visitor.send(f"/tasks/{consent.id}", form)
    assert "Say on which ground somebody else" in refused.text and rows(world, Consent)[1:] == []
    visitor.send(f"/tasks/{consent.id}", {**form, "set:ground": "court"})
    assert [(c.signed_by, c.method) for c in rows(world, Consent)[1:]] == [("guardian", "paper")]
    play.run()
    shortlist = task_of(play, "approve_shortlist")
    visitor.send(f"/tasks/{shortlist.id}", {"answer": "approve", "set:hospitals": ["H01"]})
    play.run()
    (draft,) = [m for m in rows(world, Message) if m.template == "M10"]
    page_path = f"/tasks/{task_of(play, 'approve_message').id}"
    assert draft.body.splitlines()[0] in visitor.get(page_path).text
    body = draft.body.replace("\n", "\r\n") + "\r\nThank you."
    edit = {"answer": "approve", "set:body": body, "seen": fingerprint(body)}
    assert visitor.send(page_path, edit).status_code == 303
    play.run()
    (sent,) = [m for m in rows(world, Message) if m.template == "M10"]
    assert sent.state == "sent" and sent.body.endswith("Thank you.") and "\r" not in sent.body
    (approved,) = [e for e in play.events("message.approved") if e.payload["edited"]]
    assert approved.payload["message_id"] == sent.id


def test_a_letter_sent_as_it_stands_counts_as_unedited(
    visit: Visit, world: World, reviewed: Play
) -> None:
    from starlette.datastructures import FormData

    from web.forms import Known, posted_values

    known = Known(letter="Dear colleagues,\n\nbody\n")
    assert posted_values(FormData({"set:body": "Dear colleagues,\r\n\r\nbody\r\n"}), known) == {}


def test_the_case_list_filters_and_counts(visit: Visit, play: Play) -> None:
    play.open()
    visitor = visit("coordinator")
    ref = play.case.ref
    for query, found in (
        ("", True),
        ("?stage=inquiry&waiting_on=coordinator&site=breast&country=ke", True),
        ("?stage=outreach", False),
        ("?site=pancreas", False),
        ("?country=IN", False),
        ("?hospital=H01", False),
    ):
        assert (ref in visitor.get(f"/cases{query}").text) is found, query
    assert visitor.get("/api/cases?stage=inquiry").json()["total"] == 1
    assert visitor.get("/api/tasks").json()[0]["answers"][0]["answer"] == "in_scope"


@pytest.mark.parametrize("path", ["/cases/CFX-26-99999/timeline", "/cases/x/overview", "/tasks/9",
                                  "/documents/9", "/questions/weather"])  # fmt: skip
def test_what_is_not_there_is_said_plainly(visit: Visit, path: str) -> None:
    assert visit("lead").get(path).status_code == 404


def test_questions_are_answered_on_the_page_and_as_csv(visit: Visit, play: Play) -> None:
    play.open()
    visitor = visit("analyst")
    assert "Empty, as it must be" in visitor.get("/questions/messages_after_the_end").text
    lines = visitor.get("/questions/funnel.csv").text.splitlines()
    assert lines[0] == "cohort,state,cases" and lines[1].endswith("INQUIRY,1")


def test_a_change_needs_a_post(visit: Visit, play: Play) -> None:
    play.open()
    visitor = visit("coordinator")
    task = task_of(play, "triage_inquiry").id
    visitor.get(f"/tasks/{task}?answer=in_scope&set:site=breast")
    assert visitor.get("/logout").status_code == 405
    assert play.case.state == "INQUIRY" and visitor.get("/").status_code == 200


def test_nothing_of_a_case_stands_in_an_address(visit: Visit, reviewed: Play) -> None:
    visitor = visit("coordinator")
    text = "".join(
        visitor.get(f"/cases/{reviewed.case.ref}/{tab}").text for tab in ("overview", "documents")
    )
    addresses = re.findall(r'(?:href|src|action)="([^"]*)"', text)
    assert addresses and not any("exempla" in address.lower() for address in addresses)


def test_waiting_letters_are_listed_with_their_cases_only(visit: Visit, play: Play) -> None:
    play.open()
    text = visit("coordinator").get("/").text
    assert "Exempla" not in text, "the work list is not audited, so it names nobody"


def test_a_field_stated_twice_is_corrected_where_it_is_wrong(
    visit: Visit, world: World, reviewed: Play
) -> None:
    from models.database import transaction

    first = next(f for f in rows(world, FindingRecord) if f.field == "breast.grade")
    with transaction(world.engine) as session:
        twin = FindingRecord(**{**first.model_dump(exclude={"id"}), "value": 3})
        session.add(twin)
    other = rows(world, FindingRecord)[-1]
    page = f"/tasks/{task_of(reviewed, 'review_findings').id}"
    form = {"answer": "confirm", f"set:breast.grade#{other.id}": "2"}
    for name in reviewed.looked_at()["confirmed"].split(","):
        form |= {f"is:{name}": "confirm"}
    assert visit("coordinator").send(page, form).status_code == 303
    grades = {
        f.id: (f.state, f.value) for f in rows(world, FindingRecord) if f.field == first.field
    }
    assert grades == {first.id: ("confirmed", first.value), other.id: ("corrected", 2)}


def test_a_finding_that_is_not_of_this_document_is_refused(visit: Visit, reviewed: Play) -> None:
    page = f"/tasks/{task_of(reviewed, 'review_findings').id}"
    form = {"answer": "confirm", "set:breast.grade#999999": "2"}
    answer = visit("coordinator").send(page, form)
    assert answer.status_code == 422 and "open values" in answer.text


def test_a_clinician_sees_what_would_settle_it_and_takes_the_report_on_paper(
    visit: Visit, reviewed: Play
) -> None:
    reviewed.answer("triage_inquiry", "in_scope", site="breast")
    reviewed.answer("record_consent", "granted", **SIGNED)
    reviewed.confirm()
    reviewed.answer("settle_completeness", "waive", reason="imaging is on its way")
    reviewed.answer("countersign_waiver", "agree", "not needed yet")
    visitor, ref = visit("clinician"), reviewed.case.ref
    tab = visitor.get(f"/cases/{ref}/suitability").text
    assert f"/cases/{ref}/suitability/what-if" in tab
    page = visitor.get(f"/cases/{ref}/suitability/what-if")
    assert page.status_code == 200
    assert "Sources side by side" in page.text and "TARGIT" in page.text
    paper = visitor.get(f"/cases/{ref}/suitability/report.pdf")
    assert paper.content.startswith(b"%PDF") and ref in paper.headers["content-disposition"]
    assert visit("analyst").get(f"/cases/{ref}/suitability/report.pdf").status_code == 403
    actions = [entry.action for entry in rows(reviewed.world, AuditEntry)]
    assert "case.paper" in actions and "case.viewed:what-if" in actions
