"""What a restore does to the rows that came back, in the transaction that brought them.

Between the backup and the restore the old system went on: it erased, it was told of deaths, it sent
letters. What is known of that is done again first. What was waiting to leave may have left, so that
each such letter is uncertain; what was due may have been done, so that nothing it brings leaves by
itself (`step_run.again`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, text, update
from sqlmodel import Session, col

from accounts import audit
from keys.marks import Marks
from models import Mark, Message, Peer, PortalDraft, Restoration, StepRun, UserSession
from models.base import require_id
from models.house_key import marks_key
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Event
from workflows.restored.stops import record_again
from workflows.retention.again import ErasedBefore, erase_again

ACTOR = "cli:restore"


@dataclass(frozen=True, slots=True)
class Since:
    """What is known of the time between the backup and the restore."""

    erased: Sequence[ErasedBefore] = ()
    facts: Sequence[Mapping[str, Any]] = ()
    links: Mapping[int, int] | None = None
    known_until: datetime | None = None


def begin(
    world: World, session: Session, *, backup: str, point: datetime, since: Since
) -> Restoration:
    """Bring the restored rows into the mode in which nothing leaves; the caller commits.

    The event of an uncertain letter asks a person about it.
    """
    now = business_now(session)
    # Nobody else sees the rows yet: the key of the marks is read where they are.
    world.keys.marks = Marks(marks_key(session, world.keys.ring))
    row = Restoration(backup=backup, point=point, restored_at=now, ledger_at=since.known_until)
    row.erased = sum(erase_again(world, session, one, now) for one in since.erased)
    recorder = Recorder(session, world.process, now)
    row.letters = _letters(session, recorder)
    row.steps = _steps(session, now)
    row.stops = record_again(session, recorder, since.facts, since.links or {})
    recorder.flush()
    _end_sessions(session, now)
    for table in (Mark, Peer):  # what the old system saw of its own servers
        session.execute(delete(table))
    session.add(row)
    audit.note(session, actor_ref=ACTOR, action="restored.begun", at=now, object_ref=backup)
    session.flush()
    return row


def business_now(session: Session) -> datetime:
    """Return the business clock's time, as the database tells it."""
    ahead = "coalesce((SELECT seconds FROM clock_shift LIMIT 1), 0)"
    query = text(f"SELECT clock_timestamp() + make_interval(secs => {ahead})")
    found: datetime = session.scalars(query).one()
    return found


def _letters(session: Session, recorder: Recorder) -> int:
    """Make uncertain what waited to leave; return how many letters that are."""
    waiting = session.scalars(
        select(Message)
        .where(col(Message.direction) == "out", col(Message.state).in_(("queued", "sending")))
        .order_by(col(Message.case_id), col(Message.id))
    ).all()
    recorder.lock(sorted({one.case_id for one in waiting if one.case_id is not None}))
    for message in waiting:
        message.state = "uncertain"
        objects = {"message_id": require_id(message.id)}
        if message.thread_id is not None:
            objects["thread_id"] = message.thread_id
        if message.case_id is not None:
            payload = {"message_id": require_id(message.id)}
            recorder.record(message.case_id, Event("message.uncertain", payload, objects))
    session.execute(
        update(PortalDraft)
        .where(col(PortalDraft.letter_state).in_(("queued", "sending")))
        .values(letter_state="uncertain")
    )
    return len(waiting)


def _steps(session: Session, now: datetime) -> int:
    """Mark what was due as possibly done; what a worker held is nobody's now."""
    session.execute(
        update(StepRun)
        .where(col(StepRun.state) == "running")
        .values(
            state="queued",
            lease_until=None,
            fence=col(StepRun.fence) + 1,
            attempt=func.greatest(col(StepRun.attempt) - 1, 0),
        )
    )
    due = (col(StepRun.state) == "queued", col(StepRun.due_at) <= now)
    count = session.scalar(select(func.count()).select_from(StepRun).where(*due)) or 0
    session.execute(update(StepRun).where(*due).values(again=True, rung_at=None))
    return count


def _end_sessions(session: Session, now: datetime) -> None:
    """End every session: nobody knows which of them were ended after the backup."""
    session.execute(
        update(UserSession).where(col(UserSession.revoked_at).is_(None)).values(revoked_at=now)
    )
