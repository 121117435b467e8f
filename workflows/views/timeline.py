"""A case's timeline: every event in plain words, with what caused it. No personal data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, CaseEvent, Hospital
from workflows.views.words import EventWords


@dataclass(frozen=True, slots=True)
class Entry:
    """One event; `cause_seq` is the number of the event it follows from, on the same case."""

    seq: int
    event_id: str
    type: str
    words: str
    occurred_at: datetime
    recorded_at: datetime
    actor_type: str
    actor_ref: str
    cause_seq: int | None
    causation_id: str | None
    root_id: int | None
    step_run_id: int | None
    objects: Mapping[str, Any]
    payload: Mapping[str, Any]
    rehearsal: bool

    def to_json(self) -> dict[str, object]:
        """Return the event as JSON: times in ISO 8601 with zone."""
        return {
            "seq": self.seq,
            "event_id": self.event_id,
            "type": self.type,
            "words": self.words,
            "occurred_at": self.occurred_at.isoformat(),
            "recorded_at": self.recorded_at.isoformat(),
            "actor_type": self.actor_type,
            "actor_ref": self.actor_ref,
            "cause_seq": self.cause_seq,
            "causation_id": self.causation_id,
            "root_id": self.root_id,
            "step_run_id": self.step_run_id,
            "objects": dict(self.objects),
            "payload": dict(self.payload),
            "rehearsal": self.rehearsal,
        }


MACHINERY = ("extraction.field_", "job.", "timer.", "sla.", "reminder.scheduled", "access.")
"""Event types that a reader of the story may fold away."""


def is_detail(type: str) -> bool:
    """Return whether an event is machinery or one of many alike, not a turn of the story."""
    return type.startswith(MACHINERY)


def timeline(session: Session, case: Case, playbooks: Path) -> list[Entry]:
    """Return the events of a case in order."""
    words = EventWords.load(playbooks)
    events = session.scalars(
        select(CaseEvent).where(col(CaseEvent.case_id) == case.id).order_by(col(CaseEvent.seq))
    ).all()
    by_id = {event.event_id: event.seq for event in events}
    hospitals = hospital_names(session)
    return [
        Entry(
            seq=event.seq,
            event_id=event.event_id,
            type=event.type,
            words=words.sentence(event.type, {**event.objects, **event.payload}, hospitals),
            occurred_at=event.occurred_at,
            recorded_at=event.recorded_at,
            actor_type=event.actor_type,
            actor_ref=event.actor_ref,
            cause_seq=by_id.get(event.causation_id or ""),
            causation_id=event.causation_id,
            root_id=event.root_id,
            step_run_id=event.step_run_id,
            objects=event.objects,
            payload=event.payload,
            rehearsal=event.rehearsal,
        )
        for event in events
    ]


def hospital_names(session: Session) -> dict[int, str]:
    """Return the directory's names by id."""
    rows = session.execute(select(col(Hospital.id), col(Hospital.code), col(Hospital.name)))
    return {row_id: f"{code} {name}" for row_id, code, name in rows if row_id is not None}
