"""What we tell partners: a lane each, closed while nobody answers, and nothing lost meanwhile."""

import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlmodel import Session, col
from standardwebhooks.webhooks import Webhook

from adapters.clock import FixedClock
from models import StepRun, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from models.base import require_id
from models.database import transaction
from settings import Settings
from tests.adapters.peers import WebhookServer, scripted, trickling, webhook_server
from tests.workflows.playing import Play
from workflows.cases.reported_facts import report_fact
from workflows.engine.record import Recorder
from workflows.engine.runner import Runner
from workflows.engine.stopping import DELIVER
from workflows.engine.world import World
from workflows.events import Actor, Event
from workflows.hooks import delivering
from workflows.hooks.breaker import CLOSES_AFTER, LONGEST_PAUSE
from workflows.hooks.endpoints import EndpointRefused
from workflows.hooks.managing import Act, act
from workflows.steps import STEPS

LEAD = Actor("lead", "U-lead")


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    return Play(World(settings, engine=engine, clock=clock), clock)


def subscribe(play: Play, url: str, name: str = "partner", **how: Any) -> str:
    done = act(play.world, Act("add", name=name, url=url, **how), LEAD)
    return done.secret or ""


@pytest.fixture
def receiver() -> Iterator[WebhookServer]:
    with webhook_server() as server:
        yield server


def happen(play: Play, times: int = 1, type: str = "human_task.cancelled") -> None:
    """Let something happen in the case that starts nothing else."""
    with transaction(play.world.engine) as session:
        recorder = Recorder(session, play.world.process, play.clock.now())
        for number in range(times):
            payload = {"task_id": 1000 + number, "kind": "x"}
            recorder.record(play.case_id, Event(type, payload, {"task_id": 1000 + number}))
        recorder.flush()


def told(server: WebhookServer) -> list[int]:
    return [json.loads(body)["data"]["seq"] for _, _, body in server.received]


def deliver(play: Play) -> None:
    while Runner(play.world, STEPS).drain(DELIVER):
        pass


def endpoint(play: Play, name: str = "partner") -> WebhookEndpoint:
    with Session(play.world.engine) as session:
        found = select(WebhookEndpoint).where(col(WebhookEndpoint.name) == name)
        return session.scalars(found).one()


def states(play: Play) -> dict[str, int]:
    with Session(play.world.engine) as session:
        rows = session.scalars(select(col(WebhookDelivery.state))).all()
    return {state: list(rows).count(state) for state in set(rows)}


def kinds(play: Play) -> list[str]:
    return [task.kind for task in play.tasks()]


def test_a_slow_a_trickling_and_a_dead_partner_delay_only_themselves(
    play: Play, receiver: WebhookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve threads, as the worker has; a slow partner takes two of them at the most."""
    monkeypatch.setattr(delivering.webhooks, "TIMEOUT_SECONDS", 8.0)
    play.open()
    play.run()
    with ExitStack() as peers:
        for name in ("slow", "other"):
            port = peers.enter_context(scripted(b"", hang=True))
            subscribe(play, f"http://127.0.0.1:{port}/", name)
        subscribe(play, "http://127.0.0.1:9/", "dead")
        port = peers.enter_context(trickling(b"HTTP/1.1 200 OK\r\nx: ", b"y"))
        subscribe(play, f"http://127.0.0.1:{port}/", "trickling")
        subscribe(play, receiver.url, "healthy")
        happen(play, 8)
        began = time.monotonic()
        threads = [threading.Thread(target=deliver, args=(play,)) for _ in range(12)]
        for thread in threads:
            thread.start()
        while len(receiver.received) < 8 and time.monotonic() - began < 8:
            threading.Event().wait(0.02)
        seconds = time.monotonic() - began
        running = _running(play)
        assert len(receiver.received) == 8 and seconds < 8, "before the slow ones are given up"
        assert max(running.values(), default=0) <= 3, "two, and one more where two claimed at once"
    for thread in threads:
        thread.join(30)


def _running(play: Play) -> dict[int, int]:
    with Session(play.world.engine) as session:
        found = session.execute(
            text(
                "SELECT lane, count(*) FROM step_run WHERE name = :name AND state = 'running'"
                " GROUP BY lane"
            ),
            {"name": DELIVER},
        ).all()
    return {row[0]: row[1] for row in found}


def test_failures_in_a_row_close_the_lane_and_one_success_opens_it_with_all_that_waited(
    play: Play, receiver: WebhookServer
) -> None:
    subscribe(play, receiver.url)
    receiver.status = 503
    play.open()
    play.run()
    happen(play, 20)
    deliver(play)
    assert len(receiver.received) == CLOSES_AFTER, "no more than it takes to see that it is down"
    closed = endpoint(play).closed_until
    assert closed is not None and closed > play.clock.now()
    happen(play, 3)
    deliver(play)
    assert len(receiver.received) == CLOSES_AFTER, "what happens meanwhile waits too"
    receiver.received.clear()
    receiver.status = 200
    play.clock.move(timedelta(minutes=2))
    deliver(play)
    assert set(told(receiver)) == set(range(1, len(play.events()) + 1))
    assert len(told(receiver)) == len(set(told(receiver))), "each once"
    assert (endpoint(play).failures, endpoint(play).closed_until) == (0, None)
    assert states(play).keys() == {"delivered"}


@pytest.mark.parametrize("ordered", [True, False])
def test_a_partner_that_is_down_for_a_day_gets_each_event_once_and_in_order_where_asked(
    play: Play, receiver: WebhookServer, ordered: bool
) -> None:
    subscribe(play, receiver.url, ordered=ordered)
    receiver.status = 503
    play.open()
    play.run()
    for _ in range(12):
        happen(play, 2)
        deliver(play)
        play.clock.move(timedelta(hours=2))
    tried = len(receiver.received)
    receiver.received.clear()
    receiver.status = 200
    play.clock.move(LONGEST_PAUSE * 1.3)
    deliver(play)
    seqs = told(receiver)
    assert sorted(seqs) == [event.seq for event in play.events()], "each once"
    if ordered:
        assert seqs == sorted(seqs)
    assert tried < 60, f"a partner that is down is asked now and then: {tried}"
    assert states(play).keys() == {"delivered"}


def test_what_a_partner_asks_for_is_given_within_bounds(
    play: Play, receiver: WebhookServer
) -> None:
    subscribe(play, receiver.url)
    receiver.status, receiver.answer_headers = 429, {"Retry-After": "3600"}
    play.open()
    play.run()
    asked = len(receiver.received)
    receiver.status, receiver.answer_headers = 200, {}
    play.clock.move(timedelta(minutes=59))
    deliver(play)
    assert len(receiver.received) == asked
    play.clock.move(timedelta(minutes=2))
    deliver(play)
    assert states(play).keys() == {"delivered"}
    receiver.status, receiver.answer_headers = 503, {"Retry-After": "9999999"}
    happen(play)
    deliver(play)
    closed = endpoint(play).closed_until
    assert closed is not None and closed - play.clock.now() <= timedelta(hours=6)


def test_a_partner_that_takes_nothing_for_days_is_switched_off_and_a_person_is_told(
    play: Play, receiver: WebhookServer
) -> None:
    subscribe(play, receiver.url)
    receiver.status = 500
    play.open()
    play.run()
    happened = len(play.events())
    for _ in range(16):
        play.clock.move(timedelta(hours=5))
        deliver(play)
    assert not endpoint(play).active and endpoint(play).disabled_reason == "no_answer"
    assert kinds(play).count("partner_off") == 1
    assert states(play).keys() == {"failed"}, "nothing waits for ever"
    receiver.status = 200
    receiver.received.clear()
    play.answer("partner_off", "send_again")
    assert set(range(1, happened + 1)) <= set(told(receiver))
    assert endpoint(play).active and states(play).keys() == {"delivered"}


def test_gone_is_said_to_a_person_at_once(play: Play, receiver: WebhookServer) -> None:
    subscribe(play, receiver.url)
    receiver.status = 410
    play.open()
    play.run()
    assert [t.detail for t in play.tasks() if t.kind == "partner_off"] == ["gone"]
    assert len(receiver.received) == 1 and states(play).keys() == {"failed"}
    play.answer("partner_off", "leave_off", "they said goodbye")
    assert not endpoint(play).active


def test_one_event_that_a_partner_never_takes_holds_up_no_other(
    play: Play, receiver: WebhookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(play, receiver.url)
    real = delivering.webhooks.post

    def post(url: str, body: bytes, headers: Any, **how: Any) -> Any:
        if b'"seq":2,' in body:
            return delivering.webhooks.WebhookAnswer(400)
        return real(url, body, headers, **how)

    monkeypatch.setattr(delivering.webhooks, "post", post)
    play.open()
    happen(play, 3)
    for _ in range(20):
        deliver(play)
        play.clock.move(timedelta(hours=8))
        happen(play)
    assert endpoint(play).active and endpoint(play).failures <= 1
    assert states(play)["failed"] == 1
    with Session(play.world.engine) as session:
        failed = select(WebhookDelivery).where(col(WebhookDelivery.state) == "failed")
        assert session.scalars(failed).one().attempts >= 10


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


def test_a_long_queue_of_one_partner_hides_no_other(play: Play, receiver: WebhookServer) -> None:
    """The claim looks at the first rows of each lane, however many wait there."""
    play.open()
    play.run()
    subscribe(play, "http://127.0.0.1:9/", "dead")
    happen(play, 300)
    subscribe(play, receiver.url, "healthy")
    happen(play)
    with transaction(play.world.engine) as session:
        lane = require_id(endpoint(play, "dead").id)
        session.execute(
            text(
                "UPDATE step_run SET state = 'running', fence = fence + 1,"
                " lease_until = now() + interval '1 minute' WHERE id IN (SELECT id FROM step_run"
                " WHERE lane = :lane ORDER BY id LIMIT 2)"
            ),
            {"lane": lane},
        )
    assert Runner(play.world, STEPS).drain(DELIVER) == 1
    assert len(receiver.received) == 1
