"""Webhooks in: a partner opens a case or adds to one of its own, once, however often it is sent.

The raw body is verified before anything parses it and kept in object storage as it came. The inbox
row and what it leads to stand in one transaction: both or neither.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from adapters.webhooks import LARGEST_BODY_IN, WebhookNotGenuine, new_secret, verify
from models import Case, Document, InboundWebhook, Message, WebhookEndpoint
from models.base import require_id
from models.database import transaction
from workflows.cases.intake import (
    IntakeRefused,
    NewCase,
    NewPatient,
    add_document,
    open_case,
    store_original,
)
from workflows.cases.red_flags import Reported, danger_in, report_red_flag
from workflows.engine.file_store import store_told
from workflows.engine.not_there import CaseNotFound
from workflows.engine.record import Cause, Recorder
from workflows.engine.world import World
from workflows.events import Actor, Event, EventRefused

LARGEST_BODY = LARGEST_BODY_IN
"""Bytes of one delivery; a larger one is not read."""


class NotGenuine(Exception):
    """Unknown source, wrong signature, or too old: which of them is nobody's business."""


class HookRefused(ValueError):
    """Genuine, but not something we take; the message tells the partner what to mend."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class HookDocument(_Strict):
    """A file inside a webhook: its bytes in base64."""

    file_name: str = Field(default="", max_length=400)
    content: str


class HookPatient(_Strict):
    """What the partner knows of the patient."""

    name: str | None = Field(default=None, max_length=200)
    birth_date: date | None = None
    sex: str | None = Field(default=None, max_length=10)
    email: str | None = Field(default=None, max_length=254)
    phone: str | None = Field(default=None, max_length=40)
    nationality: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")


class CaseOpened(_Strict):
    """`type: case.opened`."""

    patient: HookPatient = HookPatient()
    site: str | None = None
    language: str = Field(default="en", max_length=12)
    urgency: str = "routine"
    residence_country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")
    documents: list[HookDocument] = []
    rehearsal: bool = False


class DocumentReceived(_Strict):
    """`type: document.received`, for a case that this partner opened."""

    case_ref: str = Field(max_length=16)
    document: HookDocument


class CaseNote(_Strict):
    """`type: case.note`: a text for the coordinator, for a case that this partner opened."""

    case_ref: str = Field(max_length=16)
    text: str = Field(min_length=1, max_length=20_000)


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a webhook; `duplicate` means that it had come before and nothing was done."""

    case_ref: str | None
    duplicate: bool = False


Stored = tuple[str, str, int, str]
"""A document whose bytes are stored: SHA-256, key, size, file name."""


@dataclass
class _Taking:
    """One webhook being taken in a transaction."""

    world: World
    session: Session
    recorder: Recorder
    source: str
    inbox: InboundWebhook
    stored: "list[Stored]"

    @property
    def actor(self) -> Actor:
        return Actor("webhook", self.source[:40])


@store_told()
def accept(world: World, source: str, headers: Mapping[str, str], body: bytes) -> Accepted:
    """Take one delivery; the same `webhook-id` again does nothing.

    Raises `NotGenuine` (unknown source and bad signature alike), `HookRefused`, `StoreFailed`
    (then nothing was taken and the partner sends again).
    """
    secret = world.settings.webhook_secrets.get(source)
    # An unknown source is verified too, against a secret nobody has: same answer, same time.
    secrets = secret.get_secret_value().split() if secret else [new_secret()]
    try:
        external_id = verify(secrets, body=body, headers=headers)
    except WebhookNotGenuine:
        raise NotGenuine from None
    if secret is None:
        raise NotGenuine
    data = _parse(body)
    key = f"webhooks/{hashlib.sha256(body).hexdigest()}"
    world.storage.put(key, body, "application/json")
    stored: list[Stored] = []
    try:
        _store_documents(world, data, stored)
        taken = _take(world, source, external_id, key, data, stored)
    except (HookRefused, IntakeRefused, EventRefused, CaseNotFound):
        _drop(world, key, stored)
        raise
    if taken.duplicate:
        _drop(world, key, stored)  # the case that had it may be erased since
    return taken


def _take(
    world: World, source: str, external_id: str, key: str, data: "Data", stored: "list[Stored]"
) -> Accepted:
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        inbox = _inbox_row(session, source, external_id, key, recorder.now)
        if inbox is None:
            return Accepted(None, duplicate=True)
        taking = _Taking(world, session, recorder, source, inbox, stored)
        case = _apply(taking, data)
        inbox.case_id, inbox.state = case.id, "done"
        payload = {"source": source[:60], "signature_ok": True, "replay": False}
        recorder.record(
            require_id(case.id), Event("webhook.received", payload, actor=taking.actor), Cause()
        )
        due = recorder.flush()
        ref = case.ref
    world.doorbell.ring(due)
    return Accepted(ref)


def _drop(world: World, key: str, stored: "list[Stored]") -> None:
    """Remove what a delivery that made no row left in the store, unless a row names the same."""
    with transaction(world.engine) as session:
        of_hook = select(col(InboundWebhook.id)).where(col(InboundWebhook.object_key) == key)
        gone = [] if session.scalars(of_hook.limit(1)).first() else [key]
        for _, document_key, _, _ in stored:
            of_case = select(col(Document.id)).where(col(Document.object_key) == document_key)
            if session.scalars(of_case.limit(1)).first() is None:
                gone.append(document_key)
    for one in gone:
        world.storage.erase(one)


def add_endpoint(session: Session, name: str, url: str) -> str:
    """Register where a partner wants our events; return the signing secret, shown once."""
    if not url.startswith(("https://", "http://127.0.0.1", "http://localhost", "http://[::1]")):
        raise HookRefused("The address must begin with https://")
    if session.scalars(
        select(col(WebhookEndpoint.id)).where(col(WebhookEndpoint.name) == name)
    ).first():
        raise HookRefused("There is an endpoint with that name already.")
    secret = new_secret()
    session.add(WebhookEndpoint(name=name[:60], url=url[:500], secret=secret))
    return secret


def list_endpoints(session: Session) -> list[WebhookEndpoint]:
    """Return the registered endpoints by name."""
    return list(session.scalars(select(WebhookEndpoint).order_by(col(WebhookEndpoint.name))))


def _inbox_row(
    session: Session, source: str, external_id: str, key: str, now: datetime
) -> InboundWebhook | None:
    """Insert the inbox row; None when this delivery is there already, also while it is taken."""
    row_id = session.scalars(
        insert(InboundWebhook)
        .values(
            source=source,
            external_id=external_id[:120],
            object_key=key,
            state="received",
            received_at=now,
        )
        .on_conflict_do_nothing(index_elements=["source", "external_id"])
        .returning(col(InboundWebhook.id))
    ).first()
    return session.get(InboundWebhook, row_id) if row_id is not None else None


Data = CaseOpened | DocumentReceived | CaseNote
_TYPES: Mapping[str, type[CaseOpened] | type[DocumentReceived] | type[CaseNote]] = {
    "case.opened": CaseOpened,
    "document.received": DocumentReceived,
    "case.note": CaseNote,
}


def _parse(body: bytes) -> Data:
    try:
        raw = json.loads(body)
    except ValueError:
        raise HookRefused("The body is not JSON.") from None
    kind = raw.get("type") if isinstance(raw, dict) else None
    model = _TYPES.get(kind) if isinstance(kind, str) else None
    if model is None:
        raise HookRefused(f"type must be one of: {', '.join(_TYPES)}")
    try:
        return model.model_validate(raw.get("data") or {})
    except ValidationError as error:
        # Places only: the values may be personal data.
        places = {".".join(str(part) for part in e["loc"]) or "data" for e in error.errors()}
        raise HookRefused(f"Not as documented: {', '.join(sorted(places))}") from None


def _store_documents(world: World, data: Data, stored: list[Stored]) -> None:
    """Store the bytes of each document and add it to `stored`; raise `HookRefused`."""
    if isinstance(data, CaseNote):
        return
    documents = data.documents if isinstance(data, CaseOpened) else [data.document]
    for number, document in enumerate(documents, 1):
        try:
            content = base64.b64decode(document.content, validate=True)
        except (binascii.Error, ValueError):
            raise HookRefused(f"document {number}: content is not base64") from None
        sha256, key = store_original(world, content)
        stored.append((sha256, key, len(content), document.file_name))


def _apply(taking: _Taking, data: Data) -> Case:
    case = _open(taking, data) if isinstance(data, CaseOpened) else _own_case(taking, data.case_ref)
    case_id = require_id(case.id)
    taking.recorder.lock([case_id])
    for sha256, key, size, name in taking.stored:
        add_document(
            taking.session,
            taking.recorder,
            case_id,
            sha256=sha256,
            key=key,
            size=size,
            file_name=name,
            channel="partner",
            actor=taking.actor,
        )
    if isinstance(data, CaseNote):
        _note(taking, case, data.text)
    return case


def _open(taking: _Taking, data: CaseOpened) -> Case:
    person = NewPatient(**data.patient.model_dump(), time_zone=None)
    new = NewCase(
        patient=person,
        site=data.site,
        source="webhook",
        language=data.language,
        urgency=data.urgency,
        residence_country=data.residence_country,
        rehearsal=data.rehearsal,
    )
    return open_case(taking.session, taking.recorder, taking.world, new, taking.actor)


def _own_case(taking: _Taking, ref: str) -> Case:
    """Return a case that this source opened; another's is refused like one that is not there."""
    case = taking.session.scalars(
        select(Case)
        .join(InboundWebhook, col(InboundWebhook.case_id) == col(Case.id))
        .where(
            col(Case.ref) == ref.upper(),
            col(Case.erased_at).is_(None),
            col(InboundWebhook.source) == taking.source,
        )
        .limit(1)
    ).first()
    if case is None:
        raise HookRefused("You have opened no case with that reference.")
    return case


def _note(taking: _Taking, case: Case, text: str) -> None:
    message = Message(
        case_id=case.id,
        direction="in",
        state="received",
        to_role="coordinator",
        automated=False,
        address=taking.source[:254],
        subject="Note of a partner",
        body=text,
        language=case.language,
    )
    taking.session.add(message)
    taking.session.flush()
    objects = {"message_id": require_id(message.id)}
    danger = danger_in(taking.world, text)
    who = {"from_role": "partner", "channel": "webhook", "danger": danger.level}
    payload = {**objects, **who}
    cause = Cause()
    event_id = taking.recorder.record(
        require_id(case.id), Event("message.received", payload, objects, taking.actor), cause
    )
    taking.recorder.request(
        "read_letter",
        case_id=case.id,
        objects=objects,
        cause=Cause(event_id=event_id),
        detail="partner",
    )
    if danger.signs:
        flag = Reported(danger.signs, "partner_note", "webhook", taking.actor, None, objects)
        report_red_flag(taking.recorder, require_id(case.id), flag, Cause(event_id=event_id))
