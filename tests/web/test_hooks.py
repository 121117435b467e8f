"""Partners' webhooks: genuine or 401, once however often, and only to one's own cases."""

import base64
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx2 import Response
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlmodel import Session, col

from adapters.webhooks import new_secret, sign
from models import Case, CaseEvent, Document, FindingRecord, InboundWebhook, Message, Patient
from settings import Settings
from tests.web.parts import Visitor
from tests.workflows.acts import SYNOPTIC
from tests.workflows.playing import PATIENT, Play
from tests.workflows.test_before_consent import nothing_left
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.hooks.taking import TAKE
from workflows.steps import STEPS

Visit = Callable[..., Visitor]
SECRET, OTHER_SECRET = new_secret(), new_secret()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    secrets = {"partner": SecretStr(SECRET), "other": SecretStr(OTHER_SECRET)}
    return settings.model_copy(update={"webhook_secrets": secrets})


def send(
    visitor: Visitor,
    body: Any,
    *,
    source: str = "partner",
    secret: str = SECRET,
    message_id: str = "m-1",
    age: timedelta = timedelta(0),
    change: Mapping[str, str] | None = None,
) -> Response:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = sign([secret], message_id=message_id, sent_at=datetime.now(UTC) - age, body=raw)
    return visitor.client.post(
        f"/hooks/{source}", content=raw, headers={**headers, **(change or {})}
    )


def opened(name: str = "Rosa Exempla", **data: Any) -> dict[str, Any]:
    return {"type": "case.opened", "data": {"patient": {"name": name}, "site": "breast", **data}}


def worked(world: World) -> None:
    """Work what the inbox kept, as the worker does."""
    while Runner(world, STEPS).drain(TAKE):
        pass


def count(world: World, table: Any) -> int:
    with Session(world.engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_partner_opens_a_case_with_a_document(visit: Visit, world: World) -> None:
    content = base64.b64encode(b"%PDF-1.4 a report").decode()
    body = opened(documents=[{"file_name": "report.pdf", "content": content}])
    answer = send(visit(), body)
    assert answer.status_code == 200
    worked(world)
    with Session(world.engine) as session:
        case = session.scalars(select(Case)).one()
        assert answer.json() == {"status": "accepted", "case_ref": case.ref}
        assert (case.source, case.site) == ("webhook", "breast")
        assert session.scalars(select(Patient)).one().name == "Rosa Exempla"
        document = session.scalars(select(Document)).one()
        assert world.storage.get(document.object_key) == b"%PDF-1.4 a report"
        types = list(session.scalars(select(col(CaseEvent.type)).order_by(col(CaseEvent.seq))))
        assert types[0] == "case.opened"
        assert {"document.received", "webhook.received"} <= set(types)
        payloads = json.dumps([e.payload for e in session.scalars(select(CaseEvent))])
        assert "Rosa" not in payloads and "report.pdf" not in payloads
        inbox = session.scalars(select(InboundWebhook)).one()
        assert json.loads(world.storage.get(inbox.object_key)) == body


def test_a_delivery_repeated_does_nothing_and_is_answered_the_same(
    visit: Visit, world: World
) -> None:
    visitor = visit()
    first = send(visitor, opened())
    assert first.json()["status"] == "accepted"
    again = send(visitor, opened())
    worked(world)
    after = send(visitor, opened())
    assert {(a.status_code, a.text) for a in (first, again, after)} == {(200, first.text)}
    worked(world)
    assert count(world, Case) == 1 and count(world, InboundWebhook) == 1


def test_every_doubt_about_the_sender_is_answered_alike(visit: Visit, world: World) -> None:
    visitor = visit()
    answers = [
        send(visitor, opened(), secret=OTHER_SECRET),
        send(visitor, opened(), source="unknown"),
        send(visitor, opened(), age=timedelta(minutes=6)),
        send(visitor, opened(), age=timedelta(minutes=-6)),
        send(visitor, opened(), change={"webhook-id": "m-2"}),
        send(visitor, opened(), change={"webhook-signature": "v1,AAAA"}),
        send(visitor, opened(), change={"webhook-timestamp": "soon"}),
        visitor.client.post("/hooks/partner", content=b"{}"),
    ]
    assert {a.status_code for a in answers} == {401}
    assert len({a.text for a in answers}) == 1
    assert answers[0].headers["content-type"] == "application/problem+json"
    assert count(world, Case) == 0 and count(world, InboundWebhook) == 0


def test_the_body_signed_is_the_body_read(visit: Visit, world: World) -> None:
    raw = json.dumps(opened()).encode()
    headers = sign([SECRET], message_id="m-1", sent_at=datetime.now(UTC), body=raw)
    answer = visit().client.post("/hooks/partner", content=raw + b" ", headers=headers)
    assert answer.status_code == 401


def test_one_of_several_secrets_will_do(visit: Visit, world: World) -> None:
    world.settings.webhook_secrets["partner"] = SecretStr(f"{OTHER_SECRET} {SECRET}")
    assert send(visit(), opened(), secret=SECRET).status_code == 200


WRONG: tuple[Any, ...] = (
    b"not json",
    {"type": "patient.deceased", "data": {}},
    {"data": {}},
    [],
    {"type": ["case.opened"], "data": {}},
    opened(site="brain"),
    opened(colour="blue"),
    opened(documents=[{"file_name": "x", "content": "***"}]),
    {"type": "case.note", "data": {"case_ref": "CFX-26-00001", "text": ""}},
)


def test_a_genuine_body_that_is_not_as_documented_is_refused_and_opens_nothing(
    visit: Visit, world: World
) -> None:
    visitor = visit()
    for number, body in enumerate(WRONG):
        answer = send(visitor, body, message_id=f"m-{number}")
        assert answer.status_code == (400 if body == b"not json" else 422), body
    worked(world)
    assert count(world, Case) == 0
    with Session(world.engine) as session:
        kept = session.scalars(select(InboundWebhook)).all()
    assert {row.state for row in kept} == {"refused"} and len(kept) == len(WRONG)
    assert all(world.storage.exists(row.object_key) for row in kept), "as they came"


def test_a_refusal_does_not_repeat_what_was_sent(visit: Visit) -> None:
    answer = send(visit(), opened(name="Rosa Exempla", birth_date="Rosa"))
    assert answer.status_code == 422 and "Rosa" not in answer.text


def test_a_partner_adds_to_its_own_case_and_to_no_other(
    visit: Visit, world: World, play: Play
) -> None:
    visitor = visit()
    play.open()
    foreign = play.case.ref
    own = send(visitor, opened()).json()["case_ref"]
    worked(world)
    content = base64.b64encode(b"later").decode()

    def document(ref: str) -> dict[str, Any]:
        data = {"case_ref": ref, "document": {"file_name": "b.txt", "content": content}}
        return {"type": "document.received", "data": data}

    send(visitor, document(own), message_id="m-2")
    send(visitor, document(foreign), message_id="m-3")
    send(visitor, document(own), message_id="m-4", source="other", secret=OTHER_SECRET)
    worked(world)
    assert count(world, Document) == 1
    with Session(world.engine) as session:
        rows = {row.external_id: row for row in session.scalars(select(InboundWebhook))}
    assert (rows["m-2"].state, rows["m-2"].problem) == ("done", None)
    for refused in ("m-3", "m-4"):
        assert (rows[refused].state, rows[refused].problem) == ("refused", "no_such_case")
    asked = [task for task in play.tasks() if task.kind == "look_at_hook"]
    assert {task.detail for task in asked} == {"no_such_case"} and len(asked) == 2


def test_a_note_waits_for_a_coordinator_and_stays_out_of_the_events(
    visit: Visit, world: World, play: Play
) -> None:
    visitor = visit()
    ref = send(visitor, opened()).json()["case_ref"]
    note = {"type": "case.note", "data": {"case_ref": ref, "text": "Rosa has moved house"}}
    assert send(visitor, note, message_id="m-2").status_code == 200
    worked(world)
    assert "read_letter" in [task.kind for task in play.tasks()]
    with Session(world.engine) as session:
        assert session.scalars(select(Message).where(col(Message.direction) == "in")).one().body
        payloads = json.dumps([e.payload for e in session.scalars(select(CaseEvent))])
    assert "Rosa" not in payloads


def test_a_partners_note_that_speaks_of_danger_is_a_red_flag(
    visit: Visit, world: World, play: Play
) -> None:
    visitor = visit()
    ref = send(visitor, opened()).json()["case_ref"]
    note = {"type": "case.note", "data": {"case_ref": ref, "text": "Rosa is unconscious"}}
    assert send(visitor, note, message_id="m-2").status_code == 200
    assert send(visitor, note, message_id="m-2").status_code == 200, "the same once more"
    worked(world)
    (task,) = [task for task in play.tasks() if task.kind == "call_patient_now"]
    assert "Rosa is unconscious" in visit("lead").get(f"/tasks/{task.id}").text
    with Session(world.engine) as session:
        (flag,) = [
            event for event in session.scalars(select(CaseEvent))
            if event.type == "clinical.red_flag_reported"
        ]  # fmt: skip
    assert (flag.payload["source"], flag.payload["reported_by"]) == ("partner_note", None)
    assert flag.payload["symptom_codes"] == ["unconscious"] and flag.actor_type == "webhook"


def test_what_a_partner_sends_is_read_and_nothing_more_before_the_consent(
    visit: Visit, play: Play
) -> None:
    content = base64.b64encode(SYNOPTIC).decode()
    body = opened(PATIENT.name or "", documents=[{"file_name": "report.pdf", "content": content}])
    assert send(visit(), body).status_code == 200
    worked(play.world)
    with Session(play.world.engine) as session:
        play.case_id = session.scalars(select(col(Case.id))).one() or 0
    play.run()
    assert count(play.world, FindingRecord) > 5
    nothing_left(play)
    play.answer("triage_inquiry", "in_scope", site="breast")
    play.move(3)
    nothing_left(play)
