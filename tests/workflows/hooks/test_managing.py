"""Looking after partners: pause, filter, secrets, tests, replays, removal, addresses, roles."""

import socket
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlmodel import Session, col
from standardwebhooks.webhooks import Webhook

from models import StepRun, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from models.database import transaction
from tests.adapters.peers import WebhookServer
from tests.workflows.hooks.parts import (
    LEAD,
    deliver,
    endpoint,
    happen,
    kinds,
    play,
    receiver,
    states,
    subscribe,
    told,
)
from tests.workflows.playing import Play
from workflows.cases.reported_facts import report_fact
from workflows.engine.stopping import DELIVER
from workflows.events import Actor
from workflows.hooks.endpoints import EndpointRefused
from workflows.hooks.managing import Act, act

__all__ = ["play", "receiver"]


def test_pause_keeps_what_happens_and_resume_sends_it(play: Play, receiver: WebhookServer) -> None:
    subscribe(play, receiver.url)
    play.open()
    act(play.world, Act("pause", name="partner"), LEAD)
    play.run()
    happen(play, 2)
    play.move(2)
    assert receiver.received == [] and endpoint(play).active
    assert "late_step" not in kinds(play) and kinds(play).count("partner_off") == 0
    act(play.world, Act("resume", name="partner"), LEAD)
    deliver(play)
    assert sorted(told(receiver)) == [event.seq for event in play.events()]


def test_a_filter_lets_through_what_it_names(play: Play, receiver: WebhookServer) -> None:
    with pytest.raises(EndpointRefused, match="no event"):
        subscribe(play, receiver.url, types=["case.opened", "case.reopenned"])
    subscribe(play, receiver.url, types=["case.opened", "human_task.*"])
    play.open()
    play.run()
    seqs = {e.seq for e in play.events() if e.type == "case.opened" or "human_task." in e.type}
    assert set(told(receiver)) == seqs
    act(play.world, Act("types", name="partner"), LEAD)
    happened = len(play.events())
    happen(play, 1, "human_task.cancelled")
    deliver(play)
    assert happened + 1 in told(receiver)


def test_both_secrets_sign_for_a_while_after_a_change(play: Play, receiver: WebhookServer) -> None:
    old = subscribe(play, receiver.url)
    new = act(play.world, Act("rotate", name="partner"), LEAD).secret or ""
    assert new != old
    play.open()
    deliver(play)
    _, headers, body = receiver.received[-1]
    for secret in (old, new):
        Webhook(secret).verify(body, {k.lower(): v for k, v in headers.items()})
    play.clock.move(timedelta(hours=25))
    happen(play)
    deliver(play)
    _, headers, body = receiver.received[-1]
    Webhook(new).verify(body, {k.lower(): v for k, v in headers.items()})
    with pytest.raises(Exception, match="signature"):
        Webhook(old).verify(body, {k.lower(): v for k, v in headers.items()})


def test_a_test_reaches_a_paused_partner_and_its_tries_are_written_down(
    play: Play, receiver: WebhookServer
) -> None:
    subscribe(play, receiver.url)
    act(play.world, Act("pause", name="partner"), LEAD)
    act(play.world, Act("test", name="partner"), LEAD)
    deliver(play)
    assert b'"endpoint.test"' in receiver.received[0][2]
    receiver.status = 500
    act(play.world, Act("test", name="partner"), LEAD)
    deliver(play)
    assert len(receiver.received) == 2 and endpoint(play).failures == 0, "a test counts for nothing"
    with Session(play.world.engine) as session:
        assert [one.status for one in session.scalars(select(WebhookAttempt))] == [200, 500]


def test_one_or_all_since_a_moment_go_again_under_their_numbers(
    play: Play, receiver: WebhookServer
) -> None:
    subscribe(play, receiver.url)
    play.open()
    play.run()
    first = {headers["webhook-id"] for _, headers, _ in receiver.received}
    play.clock.move(timedelta(hours=1))
    moment = play.clock.now()
    happen(play, 3)
    deliver(play)
    receiver.received.clear()
    done = act(play.world, Act("since", name="partner", since=moment), LEAD)
    deliver(play)
    assert done.count == 3 and len(receiver.received) == 3
    assert not first & {headers["webhook-id"] for _, headers, _ in receiver.received}
    receiver.received.clear()
    with Session(play.world.engine) as session:
        number = session.scalars(select(col(WebhookDelivery.id)).limit(1)).one() or 0
    act(play.world, Act("again", name="partner", delivery_id=number), LEAD)
    deliver(play)
    assert [headers["webhook-id"] in first for _, headers, _ in receiver.received] == [True]


def test_what_a_death_held_back_is_not_sent_again_by_a_replay(
    play: Play, receiver: WebhookServer
) -> None:
    subscribe(play, receiver.url)
    receiver.status = 503
    play.open()
    play.run()
    report_fact(play.world, play.case.ref, "patient.deceased", Actor("coordinator", "c1"), None)
    held = states(play)["given_up"]
    receiver.status = 200
    act(play.world, Act("resume", name="partner"), LEAD)
    act(play.world, Act("since", name="partner", since=play.case.opened_at), LEAD)
    deliver(play)
    assert states(play)["given_up"] == held


def test_a_partner_that_is_removed_gets_nothing_and_leaves_nothing_waiting(
    play: Play, receiver: WebhookServer
) -> None:
    subscribe(play, receiver.url)
    play.open()
    act(play.world, Act("remove", name="partner"), LEAD)
    play.run()
    assert receiver.received == [] and states(play).keys() == {"given_up"}
    with Session(play.world.engine) as session:
        (gone,) = session.scalars(select(WebhookEndpoint)).all()
        waiting = select(StepRun).where(
            col(StepRun.name) == DELIVER, col(StepRun.state) == "queued"
        )
        assert (gone.url, gone.secret) == ("", "") and session.scalars(waiting).all() == []
    subscribe(play, receiver.url)
    with pytest.raises(EndpointRefused, match="no partner"):
        act(play.world, Act("pause", name="another"), LEAD)


ADDRESSES: Sequence[str] = (
    "https://10.0.0.5/x", "https://user:pw@partner.example/", "http://partner.example/",
    "https://169.254.169.254/latest", "https://localhost/", "https://[::1]/", "ftp://x/",
    "https://127.0.0.1/", "https://0x7f.1/", "https://partner.example:22/", "https://[fe80::1]/",
    "https://100.64.0.1/", "https://[::ffff:10.0.0.1]/", "https://no-such-name.invalid/", "x" * 600,
)  # fmt: skip


def test_addresses_inside_the_house_are_refused_when_they_are_added(play: Play) -> None:
    outside = play.world.settings.model_copy(update={"embedded": False})
    play.world.settings = outside
    for number, url in enumerate(ADDRESSES):
        with pytest.raises(EndpointRefused):
            act(play.world, Act("add", name=f"p{number}", url=url), LEAD)
    with Session(play.world.engine) as session:
        assert session.scalars(select(WebhookEndpoint)).all() == []


def test_a_name_that_leads_inside_later_is_refused_when_it_is_sent_to(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: public when it was added, loopback when the event comes."""
    play.world.settings = play.world.settings.model_copy(update={"embedded": False})
    answers = ["93.184.216.34", "127.0.0.1"]

    def resolve(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        address = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    play.open()
    with monkeypatch.context() as patched:
        patched.setattr("adapters.guarded_http.socket.getaddrinfo", resolve)
        subscribe(play, "https://partner.example/")
    with transaction(play.world.engine) as session:
        session.execute(text("UPDATE webhook_endpoint SET url = 'https://127.0.0.1/'"))
    happen(play)
    deliver(play)
    with Session(play.world.engine) as session:
        tried = session.scalars(select(WebhookAttempt)).all()
    assert {one.reason for one in tried} == {"address_not_public"}


def test_only_a_lead_or_administrator_changes_addresses(
    play: Play, receiver: WebhookServer
) -> None:
    with pytest.raises(EndpointRefused, match="lead"):
        act(play.world, Act("add", name="p", url=receiver.url), Actor("coordinator", "U-c"))
    subscribe(play, receiver.url)
    with pytest.raises(EndpointRefused):
        act(play.world, Act("remove", name="partner"), Actor("coordinator", "U-c"))
    act(play.world, Act("pause", name="partner"), Actor("coordinator", "U-c"))
    assert endpoint(play).paused_at is not None
