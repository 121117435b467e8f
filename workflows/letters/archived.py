"""Old letters in a case: read by people, with their files, and nothing moves because of them.

An old reply stops no chase, and its files are not read by themselves: they are kept until somebody
has one read. Only a fresh word of danger is heard (`importing.py`).
"""

from datetime import date

from sqlalchemy import func, select
from sqlmodel import Session, col

from accounts import audit
from models import Document, InboundMail, Message
from models.base import require_id
from models.database import transaction
from workflows.cases.intake import shown_name
from workflows.documents.notes import MOVED_WITH, OF_LETTER, left_with
from workflows.documents.scanning import let_go
from workflows.engine.deciding import DecisionRefused
from workflows.engine.lookup import get
from workflows.engine.not_there import check_not_erased
from workflows.engine.papers_left import KEPT, READ_ASKED
from workflows.engine.permissions import wants_nothing_read
from workflows.engine.record import Cause, Recorder
from workflows.engine.world import World
from workflows.events import SYSTEM, Actor, Event
from workflows.letters.letter_files import StoredFile, take_again

ARCHIVED = "archived"
TO_PLACE, MACHINE = "to_place", "machine"
"""States of the inbox: a person gives it to its place; a machine wrote it."""


def record_archived(
    recorder: Recorder, message: Message, role: str, cause: Cause | None = None,
    actor: Actor = SYSTEM,
) -> None:  # fmt: skip
    """Write down that an old letter stands in the case that its row names."""
    about = {"message_id": require_id(message.id)}
    if message.thread_id is not None:
        about["thread_id"] = message.thread_id
    payload = {**about, "from_role": role, "written_on": _day(message)}
    recorder.record(message.case_id or 0, Event("message.archived", payload, about, actor), cause)


def _day(message: Message) -> str | None:
    written: date | None = message.sent_at.date() if message.sent_at else None
    return written.isoformat() if written else None


def keep_files(recorder: Recorder, message: Message, stored: list[StoredFile]) -> None:
    """Write down the files of an old letter as documents that nobody has had read."""
    case_id, letter = message.case_id or 0, require_id(message.id)
    for name, sha256, key, size, shown in stored:
        known = next(iter(left_with(recorder.session, case_id, letter, sha256)), None)
        if known is not None:
            let_go(known, KEPT)
            known.notes = {k: v for k, v in known.notes.items() if k != MOVED_WITH}
            continue
        channel = "email" if message.thread_id is None else "hospital"
        document = Document(
            case_id=case_id,
            sha256=sha256,
            object_key=key,
            size=size,
            file_name=shown_name(name),
            channel=channel,
            state=KEPT,
            notes={OF_LETTER: letter, **({"shown_in_text": True} if shown else {})},
            received_at=recorder.now,
        )
        recorder.session.add(document)
        recorder.session.flush()
        about = {"document_id": require_id(document.id)}
        payload = {**about, "channel": channel, "bytes": size, "sha256": sha256}
        recorder.record(case_id, Event("document.kept", payload, about))


def read_kept(world: World, document_id: int, actor_ref: str) -> str:
    """Have a kept file read like one that comes now; return its case's reference.

    Who asked is written down; asked twice, it is read once. Raises `RowNotFound`, `CaseErased`, and
    `DecisionRefused` where the family took back the permission to work with its papers.
    """
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        document = get(session, Document, document_id)
        case = recorder.case(document.case_id)
        check_not_erased(case)
        session.refresh(document, with_for_update=True)
        if wants_nothing_read(session, case):
            raise DecisionRefused(
                "The family took back the permission to work with its papers: this one stays as it "
                "came. If they give it again, record that first."
            )
        if document.state == KEPT:
            document.received_at = recorder.now
            document.notes = {**document.notes, READ_ASKED: True}
            take_again(recorder, document)
            audit.note(
                session, actor_ref=actor_ref, action="document.read_asked", at=recorder.now,
                object_ref=f"document:{document_id}", case_id=case.id,
            )  # fmt: skip
        due, ref = recorder.flush(), case.ref
    world.doorbell.ring(due)
    return ref


def must_be_empty(session: Session) -> None:
    """Refuse to close the list of old letters while one waits."""
    left = session.scalar(
        select(func.count()).select_from(InboundMail).where(col(InboundMail.state) == TO_PLACE)
    )
    if left:
        raise DecisionRefused(f"{left} letters still wait for their places, on the page Letters.")
