"""What we tell partners: a lane each, closed while nobody answers, and nothing lost meanwhile."""

import threading
import time
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlmodel import Session, col

from adapters import webhooks
from models import WebhookDelivery
from models.base import require_id
from models.database import transaction
from tests.adapters.peers import WebhookServer, scripted, trickling
from tests.workflows.hooks.parts import (
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
from workflows.engine.runner import Runner
from workflows.engine.stopping import DELIVER
from workflows.hooks.breaker import CLOSES_AFTER, LONGEST_PAUSE
from workflows.steps import STEPS

__all__ = ["play", "receiver"]


def test_a_slow_a_trickling_and_a_dead_partner_delay_only_themselves(
    play: Play, receiver: WebhookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve threads, as the worker has; a slow partner takes two of them at the most."""
    monkeypatch.setattr(webhooks, "TIMEOUT_SECONDS", 8.0)
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
    real = webhooks.post

    def post(url: str, body: bytes, headers: Any, **how: Any) -> Any:
        if b'"seq":2,' in body:
            return webhooks.WebhookAnswer(400)
        return real(url, body, headers, **how)

    monkeypatch.setattr(webhooks, "post", post)
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
