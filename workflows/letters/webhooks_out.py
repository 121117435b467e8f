"""Webhooks out: every event to every active endpoint, signed, at least once, thin."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from adapters import webhooks
from models import Case, CaseEvent, WebhookDelivery, WebhookEndpoint
from workflows.engine.deciding import Trouble
from workflows.engine.lookup import get
from workflows.engine.work import RetryLater, Work, slow

RETRY = tuple(timedelta(seconds=s) for s in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400))
"""Standard Webhooks' schedule: 5 s to 24 h, about 75 hours in all."""
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
                "The partner answered 'gone' and gets nothing any more. Send again only when it "
                "asked for it: that opens the address."
            ),
        ),
        "no_answer": Trouble(
            do="The partner's computer did not answer for three days. Ask, then send again."
        ),
    },
)
"""What the repair desk says of a delivery that was given up."""


@slow(
    "hooks.deliver_event",
    words="a partner is told",
    stopped="A partner was not told of an event",
    patient="Nothing here; the partner's own system does not know how the case stands.",
    max_attempts=len(RETRY) + 2,
)
def deliver_event(work: Work) -> None:
    """Post one event, without any hash; the receiver's answer is kept as a status."""
    with work.reading() as session:
        delivery = get(session, WebhookDelivery, work.object_id("delivery_id"))
        endpoint = get(session, WebhookEndpoint, delivery.endpoint_id)
        event = session.scalars(
            select(CaseEvent).where(col(CaseEvent.event_id) == delivery.event_id)
        ).one()
        ref = get(session, Case, event.case_id).ref
        url, secret, active = endpoint.url, endpoint.secret, endpoint.active
        attempts = delivery.attempts
    if delivery.state != "pending" or not active:
        with work.finishing():
            return
    payload = work.world.process.vocabulary.without_hashes(event.type, event.payload)
    body = _body(event, ref, payload)
    status = 0
    try:
        # The receiver compares this attempt's time with its own clock, not with our business clock.
        headers = webhooks.sign(
            [secret], message_id=event.event_id, sent_at=datetime.now(UTC), body=body
        )
        allow = work.world.settings.embedded
        status = webhooks.post(url, body, headers, allow_loopback=allow).status
    except (webhooks.WebhookFailed, webhooks.WebhookRefused):
        status = 0
    if 200 <= status < 300:
        _settle(work, "delivered", status, attempts + 1)
        return
    if status == 410 or attempts + 1 > len(RETRY):
        _settle(work, "failed", status, attempts + 1, disable=status == 410)
        return
    with work.claiming() as unit:
        row = get(unit.session, WebhookDelivery, work.object_id("delivery_id"))
        row.attempts = attempts + 1
        row.last_status = status
    raise RetryLater("WebhookNotTaken", RETRY[attempts])


def _body(event: CaseEvent, ref: str, payload: Mapping[str, Any]) -> bytes:
    return json.dumps(
        {
            "type": event.type,
            "timestamp": event.occurred_at.isoformat(),
            "data": {
                "event_id": event.event_id,
                "case_ref": ref,
                "seq": event.seq,
                "rehearsal": event.rehearsal,
                "payload": payload,
            },
        },
        separators=(",", ":"),
    ).encode()


def _settle(work: Work, state: str, status: int, attempts: int, disable: bool = False) -> None:
    with work.finishing() as unit:
        delivery = get(unit.session, WebhookDelivery, work.object_id("delivery_id"))
        delivery.state = state
        delivery.last_status = status
        delivery.attempts = attempts
        if state == "delivered":
            delivery.delivered_at = unit.now
        if disable:
            endpoint = get(unit.session, WebhookEndpoint, delivery.endpoint_id)
            endpoint.active = False
            endpoint.disabled_reason = "gone"
