"""Where the values of a letter to the patient come from: a case and the rows it is about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, CaseEvent, Patient
from models.base import require_id
from workflows.engine.world import World
from workflows.letters.days import day_in


@dataclass
class Source:
    """Where the values come from: a case, its patient and the rows a letter is about."""

    session: Session
    world: World
    case: Case
    patient: Patient
    now: datetime
    objects: Mapping[str, Any]
    template: str

    @property
    def case_id(self) -> int:
        """The case's id."""
        return require_id(self.case.id)

    @property
    def today(self) -> date:
        """The day it is where the reader lives."""
        return self.day(self.now)

    def day(self, moment: datetime) -> date:
        """Return the day that a moment is where the reader lives."""
        return day_in(self.patient.time_zone, moment)

    def last(self, type: str, **holding: str) -> CaseEvent | None:
        """Return the newest event of a type whose payload holds these values."""
        query = select(CaseEvent).where(
            col(CaseEvent.case_id) == self.case_id, col(CaseEvent.type) == type
        )
        for name, value in holding.items():
            query = query.where(col(CaseEvent.payload)[name].as_string() == value)
        return self.session.scalars(query.order_by(col(CaseEvent.seq).desc()).limit(1)).first()

    def last_payload(self, type: str, **holding: str) -> dict[str, Any]:
        """Return the payload of `last`; empty when there is none."""
        event = self.last(type, **holding)
        return dict(event.payload) if event else {}


Compute = Callable[[Source], Any]
