"""Webhooks out: every event to every partner that wants it, signed, at least once, thin.

Each partner has a lane of its own, in which few are worked at once: one that is slow, trickles or
is dead delays only itself.
"""

import json
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from adapters import webhooks
from adapters.clock import real_now
from models import Case, CaseEvent, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from models.base import require_id
from workflows.declared import Raises
from workflows.engine.deciding import Trouble
from workflows.engine.lookup import get
from workflows.engine.stopping import DELIVER
from workflows.engine.work import NotNow, Unit, Work, slow
from workflows.engine.world import World
from workflows.hooks import lanes
from workflows.hooks.breaker import gives_up, lane_pause, retry_wait
from workflows.hooks.endpoints import OFF, switch_off
from workflows.hooks.partner_secrets import opened

IN_A_LANE = 2
"""Deliveries to one partner that are on their way at once."""
TEST = "endpoint.test"
TEST_PREFIX = "test_"
WAITS_FOR_ONE_BEFORE = timedelta(minutes=2)
"""The one before wakes it; this is for when that was stopped."""
_CHANCE = random.SystemRandom()

GIVEN_UP = Trouble(
    stopped="A partner's computer did not take our messages",
    patient="Nothing here; the partner's own system does not know how its cases stand.",
    do=(
        "Ask the partner whether it is back, then send again. The partner sees each message "
        "once, by its number."
    ),
    codes={
        "gone": Trouble(
            stopped="A partner's address is closed",
            do=(
                "The partner answered 'gone', or nothing for days, and gets nothing any more. Send "
                "again only when it asked for it: that opens the address."
            ),
        ),
        "no_answer": Trouble(
            do="The partner's computer did not answer for three days. Ask, then send again."
        ),
    },
)
"""What the repair desk says of a delivery that was given up."""


@dataclass(frozen=True, slots=True)
class _Parcel:
    """What is sent, and to whom."""

    delivery_id: int
    endpoint_id: int
    case_id: int | None
    url: str
    secrets: tuple[str, ...]
    message_id: str
    body: bytes


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of one try; `status` is 0 where no answer came."""

    status: int
    reason: str | None
    retry_after: int | None
    took_ms: int

    @property
    def taken(self) -> bool:
        return 200 <= self.status < 300


@slow(
    DELIVER,
    words="a partner is told",
    stopped="A partner was not told of an event",
    patient="Nothing here; the partner's own system does not know how the case stands.",
    lanes=IN_A_LANE,
    raises=Raises(requests=(OFF,)),
)
def deliver_event(work: Work) -> None:
    """Post one event, without any hash; what the receiver answered is kept as a status."""
    with work.reading() as session:
        parcel = _parcel(session, work)
    if parcel is None:
        with work.finishing():
            return
    outcome = _post(work.world, parcel)
    if outcome.taken:
        _delivered(work, parcel, outcome)
    else:
        _not_taken(work, parcel, outcome)


def _parcel(session: Session, work: Work) -> _Parcel | None:
    """Return what is to be sent; None where nothing is any more. Raises `NotNow`."""
    delivery = get(session, WebhookDelivery, work.object_id("delivery_id"))
    endpoint = get(session, WebhookEndpoint, delivery.endpoint_id)
    test = delivery.event_id.startswith(TEST_PREFIX)
    if delivery.state != "pending" or not (endpoint.active or test) or endpoint.removed_at:
        return None
    if not test:
        closed = lanes.FAR if endpoint.paused_at else endpoint.closed_until
        if closed is not None and closed > work.now:
            raise NotNow(lanes.CLOSED, closed - work.now)
    event = session.scalars(
        select(CaseEvent).where(col(CaseEvent.event_id) == delivery.event_id)
    ).first()
    if event is None:
        body = _test_body(delivery.event_id) if test else None
    else:
        if endpoint.ordered and _one_before(session, delivery, event):
            raise NotNow(lanes.IN_ORDER, WAITS_FOR_ONE_BEFORE)
        payload = work.world.process.vocabulary.without_hashes(event.type, event.payload)
        body = _body(event, get(session, Case, event.case_id).ref, payload)
    if body is None:
        return None
    old = endpoint.previous_secret if _still(endpoint.previous_until, work.now) else None
    ring = work.world.keys.ring
    secrets = tuple(opened(ring, endpoint, kept) for kept in (endpoint.secret, old) if kept)
    return _Parcel(
        require_id(delivery.id), require_id(endpoint.id), event.case_id if event else None,
        endpoint.url, secrets, delivery.event_id, body,
    )  # fmt: skip


def _still(until: datetime | None, now: datetime) -> bool:
    return until is not None and until > now


def _one_before(session: Session, delivery: WebhookDelivery, event: CaseEvent) -> bool:
    """Say whether an earlier event of the case is still on its way to the same partner."""
    earlier = (
        select(col(WebhookDelivery.id))
        .join(CaseEvent, col(CaseEvent.event_id) == col(WebhookDelivery.event_id))
        .where(
            col(CaseEvent.case_id) == event.case_id,
            col(CaseEvent.seq) < event.seq,
            col(WebhookDelivery.endpoint_id) == delivery.endpoint_id,
            col(WebhookDelivery.state) == "pending",
        )
    )
    return session.scalars(earlier.limit(1)).first() is not None


def _post(world: World, parcel: _Parcel) -> _Outcome:
    began = time.monotonic()
    status, reason, asked = 0, None, None
    try:
        # The receiver compares this attempt's time with its own clock, not with our business clock.
        headers = webhooks.sign(
            parcel.secrets, message_id=parcel.message_id, sent_at=real_now(), body=parcel.body
        )
        allow = world.settings.embedded
        with world.traces.span("partner post", "client", peer="partner"):
            answer = webhooks.post(
                parcel.url, parcel.body, headers, timeout=webhooks.TIMEOUT_SECONDS,
                allow_loopback=allow,
            )  # fmt: skip
        status, asked = answer.status, answer.retry_after
    except (webhooks.WebhookFailed, webhooks.WebhookRefused) as error:
        reason = error.reason[:40]
    return _Outcome(status, reason, asked, int((time.monotonic() - began) * 1000))


def _note(unit: Unit, parcel: _Parcel, outcome: _Outcome) -> tuple[WebhookDelivery, int]:
    """Write the try down; return the delivery and how often it was tried."""
    delivery = get(unit.session, WebhookDelivery, parcel.delivery_id)
    delivery.attempts += 1
    delivery.last_status = outcome.status
    delivery.first_tried_at = delivery.first_tried_at or unit.now
    unit.session.add(
        WebhookAttempt(
            endpoint_id=parcel.endpoint_id,
            delivery_id=parcel.delivery_id,
            status=outcome.status,
            reason=outcome.reason,
            took_ms=outcome.took_ms,
            at=unit.now,
        )
    )
    return delivery, delivery.attempts


def _delivered(work: Work, parcel: _Parcel, outcome: _Outcome) -> None:
    with work.finishing() as unit:
        delivery, _ = _note(unit, parcel, outcome)
        delivery.state, delivery.delivered_at = "delivered", unit.now
        endpoint = get(unit.session, WebhookEndpoint, parcel.endpoint_id)
        if endpoint.failures or endpoint.closed_until or endpoint.failing_since:
            _is_back(unit, parcel.endpoint_id)
        if endpoint.ordered and parcel.case_id is not None:
            unit.session.flush()
            work.due_rows += lanes.wake_next(
                unit.session, parcel.endpoint_id, parcel.case_id, unit.now
            )


def _is_back(unit: Unit, endpoint_id: int) -> None:
    endpoint = unit.session.get_one(
        WebhookEndpoint, endpoint_id, with_for_update=True, populate_existing=True
    )
    was_closed = endpoint.closed_until is not None
    endpoint.failures, endpoint.failing_since, endpoint.closed_until = 0, None, None
    if was_closed and endpoint.paused_at is None:
        lanes.wake(unit.session, endpoint_id, unit.now)


def _not_taken(work: Work, parcel: _Parcel, outcome: _Outcome) -> None:
    """Count the failure, for the delivery and for its partner; try again later or give up."""
    ends = False
    with work.claiming() as unit:
        delivery, tries = _note(unit, parcel, outcome)
        wait = retry_wait(tries, _CHANCE.random())
        if parcel.message_id.startswith(TEST_PREFIX):
            # Whoever made the test looks at its try.
            delivery.state, ends = "given_up", True
        else:
            endpoint = unit.session.get_one(
                WebhookEndpoint, parcel.endpoint_id, with_for_update=True, populate_existing=True
            )
            endpoint.failures += 1
            endpoint.failing_since = endpoint.failing_since or unit.now
            silent = timedelta(days=work.world.settings.hook_silent_days)
            if outcome.status == 410:
                switch_off(unit, endpoint, "gone")
                ends = True
            elif unit.now - endpoint.failing_since >= silent:
                switch_off(unit, endpoint, "no_answer")
                ends = True
            elif gives_up(tries, delivery.first_tried_at, unit.now):
                delivery.state, ends = "failed", True
            pause = lane_pause(endpoint.failures, outcome.retry_after, _CHANCE.random())
            if not ends and pause is not None:
                endpoint.closed_until = max(unit.now + pause, endpoint.closed_until or unit.now)
                lanes.put_off(unit.session, parcel.endpoint_id, endpoint.closed_until)
                # It is the partner that is away, not this message that is not wanted.
                wait = endpoint.closed_until - unit.now
    if ends:
        with work.finishing():
            return
    raise NotNow("WebhookNotTaken", wait)


def _body(event: CaseEvent, ref: str, payload: Mapping[str, Any]) -> bytes:
    return _json(
        event.type,
        event.occurred_at,
        {
            "event_id": event.event_id,
            "case_ref": ref,
            "seq": event.seq,
            "rehearsal": event.rehearsal,
            "payload": payload,
        },
    )


def _test_body(message_id: str) -> bytes:
    data = {"event_id": message_id, "text": "A test: nothing happened in any case."}
    return _json(TEST, real_now(), data)


def _json(type: str, at: datetime, data: Mapping[str, Any]) -> bytes:
    said = {"type": type, "timestamp": at.isoformat(), "data": data}
    return json.dumps(said, separators=(",", ":")).encode()
