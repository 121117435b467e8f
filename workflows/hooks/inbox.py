"""The door for webhooks: the sender is verified, the bytes are kept, and a step does the rest.

The same id with the same body is answered the same, however often it comes. The same id with
another body is refused, kept, and shown to a person.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from adapters.webhooks import WebhookNotGenuine
from models import Document, InboundWebhook
from models.base import require_id
from models.database import transaction
from workflows.cases.intake import next_case
from workflows.engine.file_store import store_told
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.hooks.genuine import genuine_id
from workflows.hooks.problems import HookRefused, document
from workflows.hooks.sources import Source, source_of
from workflows.hooks.understanding import Understood, understand

LONGEST_ID = 256
LOOK = "look_at_hook"


@dataclass(frozen=True, slots=True)
class Call:
    """One delivery as it came: headers, body, and the network address it came from."""

    headers: Mapping[str, str]
    body: bytes
    address: str = ""

    def header(self, name: str) -> str:
        """Return a header, whatever the case of its name; empty where there is none."""
        return next((v for k, v in self.headers.items() if k.lower() == name), "")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sender is told."""

    status: int
    body: Mapping[str, Any]


@dataclass(slots=True)
class _Kept:
    """A delivery whose bytes are kept, on its way to a row."""

    source: Source
    external_id: str
    sha256: str
    call: Call
    understood: Understood | None = None
    refused: HookRefused | None = None
    row: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"webhooks/{self.sha256}"


def sends_mail(world: World, source: str) -> bool:
    """Say whether a source is a mail provider whose secret we have."""
    known = source in world.settings.webhook_secrets
    return known and source_of(world.settings.playbooks_dir, source).kind == "mail"


@store_told()
def receive(world: World, source: str, call: Call) -> Answer:
    """Keep one delivery and answer it.

    Raises `HookRefused` for what leaves no row (an unknown sender, a body that is too large or an
    id that is too long), and `StoreFailed`: then nothing was taken and the partner sends again.
    """
    rules = source_of(world.settings.playbooks_dir, source)
    if len(call.body) > rules.largest:
        raise HookRefused("too_large")
    try:
        external_id = genuine_id(world, rules, call)
    except WebhookNotGenuine:
        raise HookRefused("not_genuine") from None
    if len(external_id) > LONGEST_ID:
        raise HookRefused("id_too_long")
    kept = _Kept(rules, external_id, hashlib.sha256(call.body).hexdigest(), call)
    with transaction(world.engine) as session:
        first = _first(session, kept)
        if first is not None and _same(first, kept):
            return _again(first)
    world.storage.put(kept.key, call.body, "application/octet-stream")
    _look_at(kept)
    return _write(world, kept)


def _look_at(kept: _Kept) -> None:
    """Read what came, now that it is kept. What nobody expected is for the step to fail on."""
    call, rules = kept.call, kept.source
    try:
        kept.understood = understand(
            rules, call.header("content-type"), call.header("content-encoding"), call.body
        )
        if not rules.may_send(kept.understood.kind):
            raise HookRefused("type_not_allowed", [kept.understood.kind])
    except HookRefused as refused:
        kept.refused = refused
    except Exception:
        kept.understood = None


def _write(world: World, kept: _Kept) -> Answer:
    now = world.clock.now()
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, now)
        row_id = session.scalars(
            insert(InboundWebhook)
            .values(**_values(kept, now))
            .on_conflict_do_nothing(
                index_elements=["source", "external_id"],
                index_where=col(InboundWebhook.conflict_of).is_(None),
            )
            .returning(col(InboundWebhook.id))
        ).first()
        if row_id is None:
            answer = _second(recorder, kept, now)
        else:
            answer = _answer(recorder, session.get_one(InboundWebhook, row_id), kept)
        due = recorder.flush()
    world.doorbell.ring(due)
    if row_id is None:
        drop_unnamed(world, kept.key)
    return answer


def _values(kept: _Kept, now: datetime) -> dict[str, Any]:
    return {
        "source": kept.source.source,
        "external_id": kept.external_id,
        "object_key": kept.key,
        "body_sha256": kept.sha256,
        "size": len(kept.call.body),
        "content_type": kept.call.header("content-type")[:100] or None,
        "kind": kept.understood.kind if kept.understood else None,
        "state": "refused" if kept.refused else "received",
        "problem": kept.refused.code if kept.refused else None,
        "settled_at": now if kept.refused else None,
        "received_at": now,
    }


def _answer(recorder: Recorder, row: InboundWebhook, kept: _Kept) -> Answer:
    """Write down what the sender is told, and have the delivery worked."""
    if kept.refused is not None:
        row.answer = document(kept.refused)
        if kept.source.kind != "partner":
            # Nobody reads the answer there: a person of ours has to know.
            about = {"hook_id": require_id(row.id)}
            recorder.request(LOOK, objects=about, detail=kept.refused.code)
        return Answer(kept.refused.problem.status, row.answer)
    told: dict[str, Any] = {"status": "accepted"}
    if kept.understood is not None and kept.understood.opens:
        row.promised_id, row.promised_ref = next_case(recorder.session, recorder.now)
        told["case_ref"] = row.promised_ref
    row.answer = told
    recorder.request("take_hook", objects={"hook_id": require_id(row.id)})
    return Answer(200, told)


def _first(session: Session, kept: _Kept) -> InboundWebhook | None:
    return session.scalars(
        select(InboundWebhook).where(
            col(InboundWebhook.source) == kept.source.source,
            col(InboundWebhook.external_id) == kept.external_id,
            col(InboundWebhook.conflict_of).is_(None),
        )
    ).first()


def _same(first: InboundWebhook, kept: _Kept) -> bool:
    """Say whether a delivery is the one that came before; of an erased one nothing else is kept."""
    return first.body_sha256 is None or first.body_sha256 == kept.sha256


def _again(first: InboundWebhook) -> Answer:
    told = first.answer or {"status": "accepted"}
    return Answer(int(told.get("status", 200)) if first.problem and first.answer else 200, told)


def _second(recorder: Recorder, kept: _Kept, now: datetime) -> Answer:
    """Answer a delivery whose id is there already; keep another body and show it to a person."""
    first = _first(recorder.session, kept)
    assert first is not None
    if _same(first, kept):
        return _again(first)
    refused = HookRefused("other_body")
    values = _values(kept, now) | {
        "state": "conflict", "problem": refused.code, "settled_at": None,
        "answer": document(refused), "conflict_of": first.id,
    }  # fmt: skip
    second = recorder.session.scalars(
        insert(InboundWebhook)
        .values(**values)
        .on_conflict_do_nothing(
            index_elements=["conflict_of", "body_sha256"],
            index_where=col(InboundWebhook.conflict_of).is_not(None),
        )
        .returning(col(InboundWebhook.id))
    ).first()
    if second is not None:
        recorder.request(LOOK, objects={"hook_id": second}, detail=refused.code)
    return Answer(refused.problem.status, document(refused))


def drop_unnamed(world: World, *keys: str) -> None:
    """Remove objects that no row names: what a delivery that made no row left in the store."""
    with transaction(world.engine) as session:
        gone = [key for key in keys if not _named(session, key)]
    for key in gone:
        world.storage.erase(key)


def _named(session: Session, key: str) -> bool:
    hooks = select(col(InboundWebhook.id)).where(col(InboundWebhook.object_key) == key)
    documents = select(col(Document.id)).where(col(Document.object_key) == key)
    found = (session.scalars(each.limit(1)).first() for each in (hooks, documents))
    return any(one is not None for one in found)
