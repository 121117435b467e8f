"""What stands beside each conversation with a hospital: whom it waits for, its people, its notes.

Holds personal data: whoever asks is audited.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from accounts import audit
from correspondence.placeholders import StartingText
from models import Case, Hospital, Message, OutreachThread, ThreadContact, ThreadNote
from models.base import require_id
from models.database import transaction
from views.case_head import CaseHead, case_head
from views.shown import ShownCase, ShownHospital, ShownMessage, ShownThread, shown
from workflows.engine.lookup import case_by_ref
from workflows.engine.not_there import check_not_erased
from workflows.engine.permissions import allows_names
from workflows.engine.world import World
from workflows.letters.enclosures import MOST_BYTES, may_go
from workflows.letters.hospital_people import Person, people_of
from workflows.outreach.filling import placeholder_values
from workflows.outreach.free_letters import thread_in
from workflows.outreach.standing import Standing, standing


@dataclass(frozen=True, slots=True)
class Note:
    """A note that never leaves."""

    words: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a person of theirs that a coordinator confirmed; `way` is phone, whatsapp..."""

    way: str
    value: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside one thread."""

    standing: Standing
    people: Sequence[Person]
    numbers: Sequence[Number]
    notes: Sequence[Note]


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that may be picked to go with a letter. `size` in bytes."""

    id: int
    name: str
    label: str | None
    size: int


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that a person needs who writes to a hospital."""

    case: ShownCase
    row: CaseHead
    thread: ShownThread
    hospital: ShownHospital
    beside: Beside
    letters: Sequence[ShownMessage]
    """Newest first."""
    papers: Sequence[Paper]
    may_name: bool
    """Whether this hospital may have what names the patient."""
    most_bytes: int
    values: Mapping[str, str | None]
    texts: Sequence[StartingText]


def beside_threads(world: World, case_id: int) -> Mapping[int, Beside]:
    """Return what stands beside each thread of a case, by its number."""
    with transaction(world.engine) as session:
        case = session.get_one(Case, case_id)
        threads = session.scalars(
            select(OutreachThread).where(col(OutreachThread.case_id) == case_id)
        ).all()
        return {require_id(one.id): _beside(session, case, one) for one in threads}


def desk(world: World, ref: str, thread_id: int, actor_ref: str) -> Desk:
    """Return the desk of a thread and note who looked; raise `CaseErased` or `RowNotFound`."""
    now = world.clock.now()
    with transaction(world.engine) as session:
        case = case_by_ref(session, ref)
        check_not_erased(case)
        thread = thread_in(session, case, thread_id)
        hospital = session.get_one(Hospital, thread.hospital_id)
        case_id = require_id(case.id)
        audit.note(
            session, actor_ref=actor_ref, action="thread.viewed", at=now,
            object_ref=f"outreach_thread:{thread_id}", case_id=case_id,
        )  # fmt: skip
        letters = session.scalars(
            select(Message)
            .where(col(Message.thread_id) == thread.id)
            .order_by(col(Message.id).desc())
        )
        return Desk(
            shown(ShownCase, case),
            case_head(session, case, now),
            shown(ShownThread, thread),
            shown(ShownHospital, hospital),
            _beside(session, case, thread),
            [shown(ShownMessage, one) for one in letters],
            [
                Paper(require_id(one.id), one.file_name, one.label, one.size)
                for one in may_go(session, case_id)
            ],
            allows_names(session, case_id, thread.hospital_id),
            MOST_BYTES,
            placeholder_values(session, world, case, hospital, thread),
            world.playbooks.hospital_texts.texts,
        )


def _beside(session: Session, case: Case, thread: OutreachThread) -> Beside:
    notes = session.scalars(
        select(ThreadNote)
        .where(col(ThreadNote.thread_id) == thread.id)
        .order_by(col(ThreadNote.id).desc())
    )
    return Beside(
        standing(session, case, thread),
        people_of(session, thread),
        _numbers(session, thread),
        [Note(one.words, one.written_by, one.written_at) for one in notes],
    )


def _numbers(session: Session, thread: OutreachThread) -> list[Number]:
    rows = session.scalars(
        select(ThreadContact)
        .where(
            col(ThreadContact.thread_id) == thread.id,
            col(ThreadContact.state) == "confirmed",
            col(ThreadContact.way) != "email",
        )
        .order_by(col(ThreadContact.id))
    )
    return [Number(one.way, one.value, one.name) for one in rows]
