"""Mail over real SMTP and IMAP, and webhooks over a real HTTP connection."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col
from standardwebhooks.webhooks import Webhook

from adapters.clock import FixedClock
from adapters.mail_out import MailRefused, MailUncertain
from adapters.webhooks import new_secret
from models import HumanTask, InboundMail, StepRun, WebhookDelivery, WebhookEndpoint
from models.database import transaction
from settings import Settings
from tests.workflows.acts import SYNOPTIC
from tests.workflows.playing import PATIENT, Play
from workflows.cases.reported_facts import report_fact
from workflows.engine.recurring import FETCH_MAIL, ensure_recurring
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.events import Actor
from workflows.hooks.partner_secrets import sealed
from workflows.steps import STEPS


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    return Play(World(settings, engine=engine, clock=clock), clock)


def send(play: Play, sender: str, subject: str, text: str) -> None:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = sender, play.world.settings.mail_from, subject
    letter.set_content(text)
    play.world.mail_out.deliver(letter.as_bytes(), sender, [play.world.settings.mail_from])


def fetch(play: Play) -> None:
    ensure_recurring(play.world)
    Runner(play.world, STEPS).drain(FETCH_MAIL)


def inbox(play: Play) -> list[InboundMail]:
    with Session(play.world.engine) as session:
        return list(session.scalars(select(InboundMail)))


def test_a_patients_letter_is_fetched_kept_and_put_on_the_case(play: Play) -> None:
    play.open()
    play.run()
    send(play, PATIENT.email or "", "my papers", "I will send the report tomorrow.")
    fetch(play)
    (mail,) = inbox(play)
    assert b"tomorrow" in play.world.storage.get(mail.object_key)
    assert [event.payload["from_role"] for event in play.events("message.received")] == ["patient"]
    assert "read_letter" in [task.kind for task in play.tasks()]


def test_a_letter_of_nobody_known_is_given_to_a_person(play: Play) -> None:
    send(play, "stranger@elsewhere.example", "hello", "Is this the right place?")
    fetch(play)
    with Session(play.world.engine) as session:
        task = session.scalars(select(HumanTask)).one()
    assert task.kind == "match_mail" and task.case_id is None
    assert inbox(play)[0].state == "unmatched"


def test_an_address_is_no_pattern_for_others(play: Play) -> None:
    play.open()
    address = PATIENT.email or ""
    send(play, f"_{address[1:]}", "hello", "Whose case is this?")
    fetch(play)
    assert inbox(play)[0].state == "unmatched"
    send(play, address.upper(), "hello", "It is mine.")
    play.clock.move(play.world.settings.mail_poll * 2)
    fetch(play)
    assert inbox(play)[1].state == "matched", "capitals are the same address"


def test_fetching_again_takes_nothing_twice_and_goes_on_for_ever(play: Play) -> None:
    send(play, "stranger@elsewhere.example", "hello", "Is this the right place?")
    fetch(play)
    play.clock.move(play.world.settings.mail_poll * 2)
    fetch(play)
    assert len(inbox(play)) == 1
    with Session(play.world.engine) as session:
        rows = session.scalars(select(StepRun).where(col(StepRun.name) == FETCH_MAIL)).all()
    assert [row.state for row in rows] == ["done"]


class Refusing:
    """A mail server at the edge, with one answer for everything."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.calls = 0

    def deliver(self, *_: object, **__: object) -> None:
        self.calls += 1
        raise self.error


def test_a_letter_whose_fate_is_unknown_is_never_sent_again(play: Play) -> None:
    server = Refusing(MailUncertain("dropped"))
    play.world.mail_out = server  # type: ignore[assignment]
    play.open()
    play.run()
    play.move(1)
    assert server.calls == 1
    assert [message.state for message in play.messages(template="M01")] == ["uncertain"]
    assert "settle_message" in [task.kind for task in play.tasks()]
    play.answer("settle_message", "not_delivered")
    play.move(1)
    assert server.calls == 1


def test_a_passing_refusal_is_tried_again_and_a_final_one_is_shown(play: Play) -> None:
    passing = Refusing(MailRefused(permanent=False, code=451, stage="recipient"))
    play.world.mail_out = passing  # type: ignore[assignment]
    play.open()
    play.run()
    assert [message.state for message in play.messages(template="M01")] == ["queued"]
    final = Refusing(MailRefused(permanent=True, code=550, stage="recipient"))
    play.world.mail_out = final  # type: ignore[assignment]
    play.move(1)
    assert (passing.calls, final.calls) == (1, 1)
    assert [message.state for message in play.messages(template="M01")] == ["refused"]
    assert "settle_message" in [task.kind for task in play.tasks()]


class Receiver(ThreadingHTTPServer):
    """A partner's endpoint: keeps what it gets, answers as told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 200


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(self.server.status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def subscribe(play: Play, receiver: Receiver) -> str:
    secret = new_secret()
    url = f"http://127.0.0.1:{receiver.server_port}/events"
    with transaction(play.world.engine) as session:
        endpoint = WebhookEndpoint(name="partner", url=url)
        session.add(endpoint)
        session.flush()
        endpoint.secret = sealed(play.world.keys.ring, endpoint, secret)
    return secret


def deliveries(play: Play) -> list[WebhookDelivery]:
    with Session(play.world.engine) as session:
        return list(session.scalars(select(WebhookDelivery).order_by(col(WebhookDelivery.id))))


def test_every_event_is_delivered_signed_and_without_personal_data(
    play: Play, receiver: Receiver
) -> None:
    secret = subscribe(play, receiver)
    play.open()
    play.run()
    events = [Webhook(secret).verify(body, headers) for headers, body in receiver.got]
    assert sorted(event["data"]["seq"] for event in events) == [e.seq for e in play.events()]
    assert (PATIENT.name or "?").encode() not in b"".join(body for _, body in receiver.got)
    assert {delivery.state for delivery in deliveries(play)} == {"delivered"}


def test_a_partner_gets_no_hash_that_could_be_guessed_back(play: Play, receiver: Receiver) -> None:
    secret = subscribe(play, receiver)
    play.open(SYNOPTIC)
    play.run()
    stored = [e for e in play.events() if e.type == "document.stored"]
    assert stored and all(e.payload["sha256"] for e in stored)
    told = [Webhook(secret).verify(body, headers)["data"] for headers, body in receiver.got]
    of_documents = [data["payload"] for data in told if "document_id" in data["payload"]]
    assert of_documents
    assert not [payload for payload in of_documents if "sha256" in payload]


def test_the_timeline_holds_no_hash_of_what_a_report_says(play: Play) -> None:
    """Few fields have more than a hundred values: a hash of one is the value."""
    play.open(SYNOPTIC)
    play.run()
    proposed = [e for e in play.events() if e.type == "extraction.field_proposed"]
    assert proposed
    assert not [name for e in proposed for name in e.payload if "hash" in name]


def test_a_partner_that_is_away_gets_it_later_under_the_same_id(
    play: Play, receiver: Receiver
) -> None:
    subscribe(play, receiver)
    receiver.status = 503
    play.open()
    play.run()
    first = {headers["webhook-id"] for headers, _ in receiver.got}
    events_before = len(play.events())
    receiver.status = 200
    receiver.got.clear()
    play.clock.move(play.world.settings.relay_ring_again * 2)
    play.run()
    assert {headers["webhook-id"] for headers, _ in receiver.got} == first
    assert len(play.events()) == events_before, "a failed delivery makes no event to deliver"


def test_a_partner_that_is_gone_is_asked_no_more(play: Play, receiver: Receiver) -> None:
    subscribe(play, receiver)
    receiver.status = 410
    play.open()
    play.run()
    with Session(play.world.engine) as session:
        assert not session.scalars(select(WebhookEndpoint)).one().active


@pytest.mark.parametrize("stopped_by", ["patient.deceased", "consent.withdrawn"])
def test_what_a_stop_holds_back_from_a_partner_waits_no_more(
    play: Play, receiver: Receiver, stopped_by: str
) -> None:
    subscribe(play, receiver)
    receiver.status = 503
    play.open()
    play.run()
    assert {delivery.state for delivery in deliveries(play)} == {"pending"}
    before = [delivery.id for delivery in deliveries(play)]
    payload = {"scopes": ["process"], "channel": "console"}
    report_fact(
        play.world,
        play.case.ref,
        stopped_by,
        Actor("coordinator", "c1"),
        payload if stopped_by == "consent.withdrawn" else None,
    )
    held = [delivery for delivery in deliveries(play) if delivery.id in before]
    assert {delivery.state for delivery in held} == {"given_up"}
    receiver.got.clear()
    play.move(1)
    ids = {delivery.event_id for delivery in held}
    assert not ids & {headers["webhook-id"] for headers, _ in receiver.got}


@pytest.mark.parametrize("name", ["You Zhang", "Dina Case", "Lea Message", "Ina Have", "張 偉"])
def test_a_patient_whose_name_is_a_word_of_our_letters_gets_them(play: Play, name: str) -> None:
    play.open(patient=replace(PATIENT, name=name))
    play.run()
    assert [message.state for message in play.messages(template="M01")] == ["sent"]
    assert {message.state for message in play.messages(direction="out")} == {"sent"}
