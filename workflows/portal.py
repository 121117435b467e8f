"""The patient's door: an inquiry from the form, and more files by a signed link."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from models import Case
from models.base import require_id
from models.database import transaction
from workflows.engine import Recorder
from workflows.events import Actor
from workflows.intake import NewCase, add_document, open_case, store_original
from workflows.links import read_portal_token
from workflows.lookup import get
from workflows.world import World

LINK_VALID = timedelta(days=90)
PATIENT = Actor("patient", "")
STATUS_WORDS = {
    "inquiry": "We have your inquiry and will answer it.",
    "records": "We are collecting and checking the medical records.",
    "screening": "A clinician is reading the records.",
    "outreach": "Hospitals are being asked.",
    "decision": "An offer is being discussed with you.",
    "admission": "The admission is being prepared.",
    "travel": "The journey is being prepared.",
    "treatment": "You are in the care of the hospital.",
    "return": "The journey home is being prepared.",
    "follow_up": "You are at home; we stay in touch.",
    "alternatives": "We will talk with you about other ways.",
    "closed": "This file is closed. You can write to us at any time.",
}


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


def case_of_link(world: World, token: str) -> Case:
    """Return the case that a signed link opens; raise `LinkRefused`."""
    case_id = read_portal_token(token, world.secret, LINK_VALID)
    with transaction(world.engine) as session:
        return get(session, Case, case_id)


def _add(
    session: Session, recorder: Recorder, case_id: int, stored: Sequence[tuple[Upload, str, str]]
) -> None:
    for upload, sha256, key in stored:
        add_document(
            session, recorder, case_id, sha256=sha256, key=key, size=len(upload.content),
            file_name=upload.name, channel="portal", actor=PATIENT,
        )  # fmt: skip
