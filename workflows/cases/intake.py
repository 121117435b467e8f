"""The doors' common work: opening a case and adding a file to it, whichever door was used.

Portal, command line, e-mail and webhooks all come here: the original bytes are stored under their
SHA-256 first, then one transaction writes the rows and records the facts.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from models import Case, Document, Patient
from models.base import require_id
from models.case import SITES as SITES
from models.case import URGENCIES
from workflows.cases.time_zones import ASK_ZONE, NOT_STATED, only_zone
from workflows.cases.who_decides import does_not_know
from workflows.engine.record import Cause, Recorder
from workflows.engine.world import World
from workflows.events import SYSTEM, Actor, Event
from workflows.stages import FIRST_STATE, stage_of

ORIGINALS = "originals/"


class IntakeRefused(ValueError):
    """What came cannot be taken; the message says what to do. It holds no personal data."""


@dataclass(frozen=True, slots=True)
class NewPatient:
    """What the inquiry says of the patient; every part may be missing.

    A `time_zone` of None is the only one of the country or the telephone; where there are several,
    it stays not stated and a person is asked.
    """

    name: str | None = None
    other_names: tuple[str, ...] = ()
    birth_date: date | None = None
    sex: str | None = None
    record_number: str | None = None
    email: str | None = None
    phone: str | None = None
    time_zone: str | None = NOT_STATED
    nationality: str | None = None
    intake: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewCase:
    """What opens a case. `source` is a code of `case.opened`; `site` a code of disease.site."""

    patient: NewPatient = NewPatient()
    site: str | None = None
    source: str = "web"
    language: str = "en"
    urgency: str = "routine"
    residence_country: str | None = None
    rehearsal: bool = False


def store_original(world: World, content: bytes) -> tuple[str, str]:
    """Store bytes as they came and return (SHA-256 in hex, object key).

    Raises `adapters.storage.StorageError` when the store does not answer: then nothing was taken
    and the sender must be told to try again.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    key = f"{ORIGINALS}{sha256}"
    world.storage.put(key, content, "application/octet-stream")
    return sha256, key


def store_large_original(world: World, read: Callable[[], Iterable[bytes]]) -> tuple[str, str, int]:
    """Store a content that `read` gives in chunks, twice: once to name it, once to keep it.

    Returns (SHA-256 in hex, object key, bytes). Raises `adapters.storage.StorageError`.
    """
    digest, size = hashlib.sha256(), 0
    for chunk in read():
        digest.update(chunk)
        size += len(chunk)
    sha256 = digest.hexdigest()
    key = f"{ORIGINALS}{sha256}"
    world.storage.put_stream(key, read(), sha256, "application/octet-stream")
    return sha256, key, size


def next_case(session: Session, now: datetime) -> tuple[int, str]:
    """Return number and reference of a case that will be opened; nobody else gets them."""
    number = session.execute(
        text("SELECT nextval(pg_get_serial_sequence('\"case\"', 'id'))")
    ).scalar_one()
    return int(number), f"CFX-{now:%y}-{number:05d}"


def open_case(
    session: Session,
    recorder: Recorder,
    world: World,
    new: NewCase,
    actor: Actor = SYSTEM,
    *,
    promised: tuple[int, str] | None = None,
) -> Case:
    """Open a case in the caller's transaction and record `case.opened`.

    `promised` are the number and reference that were told before (`next_case`).
    Raises `IntakeRefused` for an unknown site or urgency, and for a rehearsal outside embedded
    mode.
    """
    if new.rehearsal and not world.settings.embedded:
        raise IntakeRefused("Rehearsal cases exist in embedded mode only (./iort up).")
    if new.site is not None and new.site not in SITES:
        raise IntakeRefused(f"Unknown site. Use one of: {', '.join(SITES)}.")
    if new.urgency not in URGENCIES:
        raise IntakeRefused(f"Unknown urgency. Use one of: {', '.join(URGENCIES)}.")
    now = recorder.now
    case_id, ref = promised or next_case(session, now)
    case = Case(
        id=case_id,
        ref=ref,
        state=FIRST_STATE,
        stage=stage_of(FIRST_STATE),
        waiting_on="coordinator",
        waiting_since=now,
        site=new.site,
        urgency=new.urgency,
        source=new.source,
        language=new.language,
        residence_country=new.residence_country,
        rehearsal=new.rehearsal,
        opened_at=now,
    )
    session.add(case)
    session.flush()
    person = new.patient
    zone = person.time_zone or only_zone(new.residence_country, person.phone, now)
    patient = Patient(
        case_id=case_id,
        name=person.name,
        other_names=list(person.other_names),
        birth_date=person.birth_date,
        sex=person.sex,
        record_number=person.record_number,
        email=person.email,
        phone=person.phone,
        time_zone=zone or NOT_STATED,
        nationality=person.nationality,
        intake=dict(person.intake),
    )
    session.add(patient)
    payload = {
        "source": new.source,
        "residence_country": new.residence_country,
        "language": new.language,
        "cancer_site": new.site,
        "urgency": new.urgency,
        "patient_knows": does_not_know(patient),
    }
    recorder.record(case_id, Event("case.opened", payload, actor=actor))
    if zone is None and (person.email or person.phone):
        recorder.request(ASK_ZONE, case_id=case_id)
    return case


def add_document(
    session: Session,
    recorder: Recorder,
    case_id: int,
    *,
    sha256: str,
    key: str,
    size: int,
    file_name: str,
    channel: str,
    actor: Actor = SYSTEM,
    cause: Cause | None = None,
    received_at: datetime | None = None,
) -> Document:
    """Write the row of a stored original and record `document.received`.

    The name is kept as the sender wrote it, control characters removed, 400 characters at most; it
    is shown to people and never used as a path.
    """
    document = Document(
        case_id=case_id,
        sha256=sha256,
        object_key=key,
        size=size,
        file_name=shown_name(file_name),
        channel=channel,
        received_at=received_at or recorder.now,
    )
    session.add(document)
    session.flush()
    document_id = require_id(document.id)
    payload = {"document_id": document_id, "channel": channel, "bytes": size, "sha256": sha256}
    event = Event("document.received", payload, {"document_id": document_id}, actor)
    recorder.record(case_id, event, cause)
    return document


def shown_name(name: str) -> str:
    """Return a file's name as people see it: no control characters, 400 characters at most."""
    return "".join(char for char in name if char.isprintable()).strip()[:400] or "unnamed"
