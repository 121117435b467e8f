"""The patient's door: an inquiry from the form, and more files by a signed link."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from models import Case
from models.base import require_id
from models.database import transaction
from workflows.audit import note
from workflows.engine import Recorder
from workflows.events import Actor
from workflows.intake import NewCase, add_document, open_case, store_original
from workflows.links import LinkRefused, portal_link, read_portal_token
from workflows.sessions import real_now
from workflows.world import World

LINK_VALID = timedelta(days=90)
PATIENT = Actor("patient", "")
FROM_PAGE = "portal"
"""Stands as the sender's address of a message written on the patient's own page."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One file as it came through the browser."""

    name: str
    content: bytes


def receive_inquiry(world: World, new: NewCase, uploads: Sequence[Upload]) -> Case:
    """Open a case from the form; the files are stored before any row is written.

    Raises `IntakeRefused`, `adapters.storage.StorageError` (then nothing was taken).
    """
    stored = [(upload, *store_original(world, upload.content)) for upload in uploads]
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        case = open_case(session, recorder, world, new, PATIENT)
        _add(session, recorder, require_id(case.id), stored)
        due = recorder.flush()
    world.doorbell.ring(due)
    return case


def receive_files(world: World, case_id: int, uploads: Sequence[Upload]) -> None:
    """Add files to a case; raises `adapters.storage.StorageError`, `CaseNotFound`."""
    stored = [(upload, *store_original(world, upload.content)) for upload in uploads]
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        recorder.case(case_id)
        _add(session, recorder, case_id, stored)
        due = recorder.flush()
    world.doorbell.ring(due)


def case_of_link(world: World, token: str, place: str = "") -> Case:
    """Return the case that a link opens; raise `LinkRefused`, which is written down.

    `place` is the keyed hash of where the request came from.
    """
    try:
        return _opened(world, token)
    except LinkRefused as refused:
        with transaction(world.engine) as session:
            known = refused.case_id and session.get(Case, refused.case_id)
            note(
                session, actor_ref=place or "unknown", action="portal.refused", at=real_now(),
                object_ref=refused.reason, case_id=refused.case_id if known else None,
            )  # fmt: skip
        raise


def _opened(world: World, token: str) -> Case:
    held = read_portal_token(token, world.secret, LINK_VALID)
    with transaction(world.engine) as session:
        case = session.get(Case, held.case_id)
    if case is None:
        raise LinkRefused("This link is not valid.", "forged")
    if case.link_generation != held.generation:
        raise LinkRefused("This link has ended. Ask us for a new one.", "revoked", held.case_id)
    return case


def note_opening(world: World, case: Case) -> None:
    """Write down that the patient's page was opened by its link."""
    case_id = require_id(case.id)
    with transaction(world.engine) as session:
        note(
            session, actor_ref=patient_ref(case_id), action="portal.opened", at=real_now(),
            case_id=case_id,
        )  # fmt: skip


def patient_ref(case_id: int) -> str:
    """Return the pseudonym under which a case's patient stands in events and in the audit."""
    return f"patient:{case_id}"


def link_of(world: World, case: Case, public_url: str = "") -> str:
    """Return a fresh link to the case's page; without `public_url` only its path."""
    return portal_link(public_url, world.secret, require_id(case.id), case.link_generation)


def revoke_links(world: World, case_id: int, actor_ref: str) -> None:
    """End every link to the patient's page that was sent so far; raise `CaseNotFound`."""
    with transaction(world.engine) as session:
        Recorder(session, world.process, world.clock.now()).case(case_id).link_generation += 1
        note(
            session, actor_ref=actor_ref, action="portal.links_revoked", at=real_now(),
            case_id=case_id,
        )  # fmt: skip


def _add(
    session: Session, recorder: Recorder, case_id: int, stored: Sequence[tuple[Upload, str, str]]
) -> None:
    for upload, sha256, key in stored:
        add_document(
            session, recorder, case_id, sha256=sha256, key=key, size=len(upload.content),
            file_name=upload.name, channel="portal", actor=PATIENT,
        )  # fmt: skip
