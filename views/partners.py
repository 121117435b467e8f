"""Partners' systems: what they sent us and what became of it; what we tell them, and how that goes.

Ids, codes, counts and moments; the bytes of a delivery are shown by themselves, and written down.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Row, text

from accounts import audit
from adapters.storage import ObjectMissing
from models import InboundWebhook
from models.database import transaction
from workflows.engine.file_store import store_told
from workflows.engine.lookup import RowNotFound
from workflows.engine.world import World
from workflows.events import Actor
from workflows.hooks.problems import PROBLEMS
from workflows.hooks.replaying import may_replay

SHOWN = 50
TRIES_SHOWN = 100
LARGEST_SHOWN = 200_000
"""Bytes of a delivery that its page shows."""
STATES = {
    "received": "kept, is being worked",
    "done": "taken",
    "refused": "kept, not taken",
    "conflict": "two contents under one number",
    "put_aside": "put aside by a person",
}
PLAIN = {
    "other_body": "The partner's program used one number for two different messages",
    "compressed": "The partner's program packed it, and we take it plain",
    "not_json_type": "The partner's program did not say that it sends JSON",
    "not_form_type": "The partner's program sent another kind of body than it should",
    "wrong_charset": "Its letters are written in a way that cannot be read for sure (not UTF-8)",
    "not_json": "The partner's program sent something that cannot be read",
    "twice_named": "The same field stands in it twice, with two answers",
    "too_deep": "It is built in a way that no honest program builds it",
    "not_text": "It holds a sign that is no text",
    "not_a_number": "It holds a number that is none",
    "unknown_type": "It is of a kind that we do not know",
    "type_not_allowed": "This partner may not send us this kind of message",
    "not_as_documented": "A field is missing, or filled in as we cannot take it",
    "not_base64": "A document in it is damaged",
    "no_such_case": "It is for a case that this partner has not opened",
    "no_rehearsal": "It is for a rehearsal, and this is no rehearsal",
    "no_such_object": "The file that it tells of is not in the store",
    "other_bucket": "The file that it tells of lies where we take nothing from",
    "object_too_large": "The file that it tells of is too large",
    "no_mail": "There is no letter in it",
}
"""Why a delivery was not taken, for a coordinator; its sender was told it in a program's terms."""
_ANSWERS = {
    410: "gone for good",
    429: "asks for more time",
    400: "does not want it",
    401: "does not know our signature",
    403: "does not let us in",
    404: "has no such address",
}
_RESULT = {
    "pending": "on its way",
    "delivered": "taken",
    "failed": "given up",
    "given_up": "held back",
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery of a partner."""

    id: int
    source: str
    external_id: str
    kind: str | None
    state: str
    words: str
    problem: str | None
    do: str | None
    case_ref: str | None
    size: int | None
    received_at: datetime
    settled_at: datetime | None
    replayed: int
    conflict_of: int | None
    may_replay: bool


@dataclass(frozen=True, slots=True)
class Body:
    """What came, as text where it is text; `cut` says that more came than is shown."""

    text: str
    cut: bool


@dataclass(frozen=True, slots=True)
class Partner:
    """Where a partner wants our events, and how it goes there."""

    id: int
    name: str
    url: str
    host: str
    types: Sequence[str]
    ordered: bool
    standing: str
    """`well`, `failing`, `resting`, `paused` or `off`."""
    words: str
    failures: int
    failing_since: datetime | None
    closed_until: datetime | None
    both_until: datetime | None
    waiting: int
    failed: int
    last_taken: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Try:
    """One try to tell a partner something. `result` is what became of the message since."""

    at: datetime
    delivery_id: int
    what: str
    case_ref: str | None
    answer: str
    took_ms: int
    result: str
    state: str


def inbox(world: World, state: str = "", source: str = "") -> list[Delivery]:
    """Return what partners sent, the newest first; of one state or source where they are given."""
    with transaction(world.engine) as session:
        rows = session.execute(_INBOX, {"state": state, "source": source, "id": None}).all()
    return [_delivery(row) for row in rows]


def one_delivery(world: World, hook_id: int) -> Delivery:
    """Return one delivery; raise `RowNotFound`."""
    with transaction(world.engine) as session:
        row = session.execute(_INBOX, {"state": "", "source": "", "id": hook_id}).first()
    if row is None:
        raise RowNotFound(f"there is no delivery {hook_id}")
    return _delivery(row)


@store_told()
def body_of(world: World, hook_id: int, actor: Actor) -> Body | None:
    """Return what came, None where it is not kept any more. Personal data: the look is noted."""
    with transaction(world.engine) as session:
        row = session.get(InboundWebhook, hook_id)
        if row is None:
            raise RowNotFound(f"there is no delivery {hook_id}")
        audit.note(
            session,
            actor_ref=actor.ref,
            action="hook.viewed",
            at=world.clock.now(),
            object_ref=f"hook:{hook_id}",
            case_id=row.case_id,
        )
        key = row.object_key
    try:
        content = world.storage.get(key) if key else b""
    except ObjectMissing:
        return None
    shown = content[:LARGEST_SHOWN].decode("utf-8", "replace").replace("\0", "\N{SYMBOL FOR NULL}")
    return Body(shown, len(content) > LARGEST_SHOWN) if key else None


_INBOX = text(
    f"""
    SELECT h.id, h.source, h.external_id, h.kind, h.state, h.problem, h.size, h.received_at,
           h.settled_at, h.replayed, h.conflict_of, h.object_key <> '' AS kept, c.ref
      FROM inbound_webhook h LEFT JOIN "case" c ON c.id = h.case_id
     WHERE (:state = '' OR h.state = :state) AND (:source = '' OR h.source = :source)
       AND (CAST(:id AS bigint) IS NULL OR h.id = :id)
     ORDER BY h.id DESC LIMIT {SHOWN}
    """  # noqa: S608 - a constant of this file
)


def _delivery(row: Row[Any]) -> Delivery:
    problem = PROBLEMS.get(row.problem or "")
    return Delivery(
        row.id, row.source, row.external_id, row.kind, row.state, STATES[row.state],
        PLAIN.get(row.problem or "", row.problem), problem.do if problem else None, row.ref,
        row.size, row.received_at, row.settled_at, row.replayed, row.conflict_of,
        may_replay(row.state, kept=row.kept),
    )  # fmt: skip


def partners(world: World) -> list[Partner]:
    """Return where our events go, by name."""
    now = world.clock.now()
    with transaction(world.engine) as session:
        return [_partner(row, now) for row in session.execute(_PARTNERS, {"id": None})]


def one_partner(world: World, endpoint_id: int) -> Partner:
    """Return one partner; raise `RowNotFound`."""
    with transaction(world.engine) as session:
        row = session.execute(_PARTNERS, {"id": endpoint_id}).first()
    if row is None:
        raise RowNotFound(f"there is no partner {endpoint_id}")
    return _partner(row, world.clock.now())


_PARTNERS = text(
    """
    SELECT p.*,
           (SELECT count(*) FROM webhook_delivery d
             WHERE d.endpoint_id = p.id AND d.state = 'pending') AS waiting,
           (SELECT count(*) FROM webhook_delivery d
             WHERE d.endpoint_id = p.id AND d.state = 'failed') AS failed,
           (SELECT max(a.at) FROM (SELECT at, status FROM webhook_attempt
             WHERE endpoint_id = p.id ORDER BY id DESC LIMIT 200) AS a
             WHERE a.status BETWEEN 200 AND 299) AS last_taken
      FROM webhook_endpoint p
     WHERE p.removed_at IS NULL AND (CAST(:id AS bigint) IS NULL OR p.id = :id)
     ORDER BY p.name
    """
)


def _partner(row: Row[Any], now: datetime) -> Partner:
    resting = row.closed_until is not None and row.closed_until > now
    if not row.active:
        gone = row.disabled_reason == "gone"
        words = "it answered that it is gone" if gone else "it took nothing for days"
        standing, words = "off", f"switched off: {words}"
    elif row.paused_at is not None:
        standing, words = "paused", "paused by us: what happens waits for it"
    elif resting:
        standing, words = "resting", "does not answer: we try again after a while"
    elif row.failures:
        standing, words = "failing", "the last try failed"
    else:
        standing, words = "well", "takes what we send"
    both = row.previous_until if row.previous_until and row.previous_until > now else None
    return Partner(
        row.id, row.name, row.url, urlsplit(row.url).hostname or "", row.types or (), row.ordered,
        standing, words, row.failures, row.failing_since, row.closed_until if resting else None,
        both, row.waiting, row.failed, row.last_taken, row.created_at,
    )  # fmt: skip


def tries(world: World, endpoint_id: int, most: int = TRIES_SHOWN) -> list[Try]:
    """Return the newest tries to tell a partner something."""
    with transaction(world.engine) as session:
        rows = session.execute(_TRIES, {"id": endpoint_id, "most": most}).all()
    return [
        Try(
            row.at,
            row.delivery_id,
            row.type or "endpoint.test",
            row.ref,
            _answer(row.status, row.reason),
            row.took_ms,
            _RESULT[row.state],
            row.state,
        )
        for row in rows
    ]


def _answer(status: int, reason: str | None) -> str:
    """Return what a partner's computer answered, in words, with its number."""
    if not status:
        inside = "our guard does not send there" if reason == "address_not_public" else "no answer"
        return f"{inside} ({reason or 'unknown'})"
    kinds = {2: "taken", 3: "leads elsewhere, and we do not follow", 5: "is not working"}
    words = _ANSWERS.get(status) or kinds.get(status // 100, "does not want it")
    return f"{words} ({status})"


_TRIES = text(
    """
    SELECT a.at, a.delivery_id, a.status, a.reason, a.took_ms, d.state, e.type, c.ref
      FROM webhook_attempt a
      JOIN webhook_delivery d ON d.id = a.delivery_id
      LEFT JOIN case_event e ON e.event_id = d.event_id
      LEFT JOIN "case" c ON c.id = e.case_id
     WHERE a.endpoint_id = :id ORDER BY a.id DESC LIMIT :most
    """
)
