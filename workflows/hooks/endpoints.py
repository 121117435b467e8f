"""Where partners want our events: addresses, secrets, what they hear, and when they rest."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlmodel import Session, col
from ulid import ULID

from adapters.webhooks import WebhookFailed, WebhookRefused, check_address, new_secret
from models import WebhookDelivery, WebhookEndpoint
from models.base import require_id
from workflows.engine.work import Unit
from workflows.engine.world import World
from workflows.hooks import lanes
from workflows.hooks.partner_secrets import sealed

OFF = "partner_off"
"""The question to a person about a partner that gets nothing any more."""
_NAME = re.compile(r"[\w][\w .-]{0,58}[\w.]|\w")
_WHY = {
    "malformed_url": "This is no address that we can send to.",
    "credentials_in_url": "Leave user name and password out of the address.",
    "not_https": "The address must begin with https://",
    "port_not_allowed": "Only the ports 443 and 8443 are used.",
    "address_not_public": "This address is not public, or one that only https:// may reach.",
}


class EndpointRefused(ValueError):
    """It cannot be done so; the message says what to do."""


def add_endpoint(
    world: World,
    session: Session,
    name: str,
    url: str,
    types: Sequence[str] = (),
    *,
    ordered: bool = False,
) -> str:
    """Register where a partner wants our events; return the signing secret, shown once.

    The name is looked up now: an address inside the house is refused before anything is sent.
    """
    name, url = name.strip(), url.strip()
    if not _NAME.fullmatch(name):
        raise EndpointRefused("Give the partner a name of letters, digits, dots and spaces.")
    if len(url) > 500:
        raise EndpointRefused("The address is longer than 500 characters.")
    try:
        check_address(url, allow_loopback=world.settings.embedded)
    except WebhookRefused as refused:
        raise EndpointRefused(_WHY[refused.reason]) from None
    except WebhookFailed:
        raise EndpointRefused("There is no computer of that name. Check the address.") from None
    known = select(col(WebhookEndpoint.id)).where(col(WebhookEndpoint.name) == name)
    if session.scalars(known).first():
        raise EndpointRefused("There is a partner with that name already.")
    endpoint = WebhookEndpoint(name=name, url=url, types=_types(world, types), ordered=ordered)
    session.add(endpoint)
    session.flush()
    secret = new_secret()
    endpoint.secret = sealed(world.keys.ring, endpoint, secret)
    session.flush()
    return secret


def endpoint_named(session: Session, name: str) -> WebhookEndpoint:
    """Return a partner's endpoint, locked; raise `EndpointRefused` where there is none."""
    found = session.scalars(
        select(WebhookEndpoint)
        .where(col(WebhookEndpoint.name) == name.strip(), col(WebhookEndpoint.removed_at).is_(None))
        .with_for_update()
    ).first()
    if found is None:
        raise EndpointRefused("There is no partner of that name.")
    return found


def change_types(world: World, endpoint: WebhookEndpoint, types: Sequence[str]) -> None:
    """Say which events a partner hears from now on: types, or groups such as `offer.*`."""
    endpoint.types = _types(world, types)


def _types(world: World, types: Sequence[str]) -> list[str] | None:
    """Return the types as they are kept; None for all of them."""
    wanted = sorted({one.strip() for one in types if one.strip()})
    known = world.process.vocabulary.names()
    for one in wanted:
        group = one.removesuffix("*") if one.endswith(".*") else None
        if one not in known and not (group and any(type.startswith(group) for type in known)):
            raise EndpointRefused(f"{one[:60]} is no event. The event catalogue lists them.")
    return wanted or None


def rotate(world: World, endpoint: WebhookEndpoint, now: datetime, both_for: timedelta) -> str:
    """Give a partner a new secret and return it; for a while both sign, so that nothing breaks."""
    endpoint.previous_secret, endpoint.previous_until = endpoint.secret, now + both_for
    secret = new_secret()
    endpoint.secret = sealed(world.keys.ring, endpoint, secret)
    return secret


def pause(session: Session, endpoint: WebhookEndpoint, now: datetime) -> None:
    """Send a partner nothing for now; what happens meanwhile waits for it."""
    if endpoint.paused_at is None:
        endpoint.paused_at = now
        lanes.put_off(session, require_id(endpoint.id), lanes.FAR)


def resume(session: Session, endpoint: WebhookEndpoint, now: datetime) -> None:
    """Send again, beginning with what waited; also to a partner that was switched off."""
    endpoint.paused_at = endpoint.closed_until = endpoint.failing_since = None
    endpoint.failures, endpoint.active, endpoint.disabled_reason = 0, True, None
    session.flush()
    lanes.wake(session, require_id(endpoint.id), now)


_FAILED = text(
    "UPDATE webhook_delivery SET state = 'pending', attempts = 0, last_status = NULL,"
    " first_tried_at = NULL WHERE endpoint_id = :endpoint AND state = 'failed' RETURNING id"
)


def send_failed(session: Session, endpoint: WebhookEndpoint, now: datetime) -> int:
    """Open a partner again and send all that failed; return how many."""
    resume(session, endpoint, now)
    ids = list(session.scalars(_FAILED, {"endpoint": endpoint.id}))
    lanes.queue(session, ids, lanes.opens(endpoint, now))
    return len(ids)


def remove(session: Session, endpoint: WebhookEndpoint, now: datetime) -> None:
    """Take a partner away: address and secrets are gone, what was sent stays to be looked up."""
    lanes.drop(session, endpoint, now, "given_up")
    endpoint.active, endpoint.removed_at = False, now
    endpoint.name = f"{endpoint.name[:40]} (removed {endpoint.id})"
    endpoint.url = endpoint.secret = ""
    endpoint.previous_secret = endpoint.previous_until = None
    failed = text(
        "UPDATE webhook_delivery SET state = 'given_up'"
        " WHERE endpoint_id = :endpoint AND state = 'failed'"
    )
    session.execute(failed, {"endpoint": endpoint.id})


def switch_off(unit: Unit, endpoint: WebhookEndpoint, reason: str) -> None:
    """Send a partner nothing any more and tell a person: `gone`, or `no_answer` for days."""
    endpoint.active, endpoint.disabled_reason = False, reason
    lanes.drop(unit.session, endpoint, unit.now, "failed")
    unit.recorder.request(
        OFF, objects={"endpoint_id": require_id(endpoint.id)}, cause=unit.cause, detail=reason
    )


def send_test(session: Session, endpoint: WebhookEndpoint, now: datetime) -> int:
    """Queue a test for a partner, also for one that is paused; return the delivery's id."""
    delivery = WebhookDelivery(
        endpoint_id=require_id(endpoint.id), event_id=f"test_{str(ULID())[:21]}"
    )
    session.add(delivery)
    session.flush()
    number = require_id(delivery.id)
    lanes.queue(session, [number], now)
    return number


def send_again(
    session: Session, endpoint: WebhookEndpoint, delivery_id: int, now: datetime
) -> None:
    """Send one delivery of a partner again, under its number; raise `EndpointRefused`."""
    delivery = session.get(WebhookDelivery, delivery_id, with_for_update=True)
    if delivery is None or delivery.endpoint_id != endpoint.id:
        raise EndpointRefused("There is no such message to this partner.")
    if delivery.state == "given_up":
        raise EndpointRefused("It was held back, by a person or because the case ended so.")
    if delivery.state == "pending":
        raise EndpointRefused("It is on its way already.")
    if not endpoint.active:
        raise EndpointRefused("The partner is switched off: let it be sent to again first.")
    delivery.state, delivery.attempts, delivery.last_status = "pending", 0, None
    delivery.first_tried_at = None
    lanes.queue(session, [delivery_id], lanes.opens(endpoint, now))


# A message that a stop held back (given up) stays so: a person of ours decided, or a death.
_SINCE = text(
    """
    INSERT INTO webhook_delivery (endpoint_id, event_id, state, attempts)
    SELECT p.id, e.event_id, 'pending', 0
      FROM webhook_endpoint p CROSS JOIN case_event e JOIN "case" c ON c.id = e.case_id
     WHERE p.id = :endpoint AND e.occurred_at >= :since AND c.erased_at IS NULL
       AND (p.types IS NULL OR EXISTS (
            SELECT FROM unnest(p.types) AS t(type) WHERE e.type = t.type
               OR right(t.type, 2) = '.*' AND starts_with(e.type, left(t.type, -1))))
    ON CONFLICT (endpoint_id, event_id) DO UPDATE
       SET state = 'pending', attempts = 0, last_status = NULL, first_tried_at = NULL
     WHERE webhook_delivery.state IN ('delivered', 'failed')
    RETURNING id
    """
)


def send_since(session: Session, endpoint: WebhookEndpoint, since: datetime, now: datetime) -> int:
    """Send everything since a moment again, under the same ids; return how many."""
    if not endpoint.active:
        raise EndpointRefused("The partner is switched off: let it be sent to again first.")
    ids = list(session.scalars(_SINCE, {"endpoint": endpoint.id, "since": since}))
    lanes.queue(session, ids, lanes.opens(endpoint, now))
    return len(ids)
