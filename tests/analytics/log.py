"""A small log written by hand, so that the right answers are known."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session
from ulid import ULID

from models import Case, CaseEvent, Hospital, HumanTask, StepRun

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


class Log:
    """Writes cases and their events; `hours` count from START."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._seq: dict[int, int] = {}

    def hospital(self, hospital_id: int, code: str) -> None:
        self.session.add(
            Hospital(
                id=hospital_id, code=code, name=code, city="X", country="IN", email="a@b.example"
            )
        )
        self.session.flush()

    def case(self, case_id: int, *, country: str = "KE", state: str = "INQUIRY") -> str:
        ref = f"CFX-26-{case_id:05d}"
        self.session.add(
            Case(
                id=case_id,
                ref=ref,
                state=state,
                stage="inquiry",
                site="breast",
                residence_country=country,
                opened_at=START,
                waiting_since=START,
            )
        )
        self.session.flush()
        self.event(case_id, "case.opened", {"residence_country": country}, hours=0)
        return ref

    def event(
        self,
        case_id: int,
        type: str,
        payload: Mapping[str, Any] | None = None,
        *,
        hours: float,
        actor: tuple[str, str] = ("system", ""),
        objects: Mapping[str, int] | None = None,
    ) -> str:
        self._seq[case_id] = self._seq.get(case_id, 0) + 1
        event_id = str(ULID())
        self.session.add(
            CaseEvent(
                case_id=case_id,
                seq=self._seq[case_id],
                event_id=event_id,
                type=type,
                occurred_at=START + timedelta(hours=hours),
                actor_type=actor[0],
                actor_ref=actor[1],
                payload=dict(payload or {}),
                objects=dict(objects or {}),
            )
        )
        self.session.flush()
        return event_id

    def moved(self, case_id: int, to: str, waiting_on: str, hours: float) -> None:
        self.event(
            case_id, "case.state_changed", {"to_state": to, "waiting_on": waiting_on}, hours=hours
        )

    def task(self, case_id: int, kind: str, *, due: float, done: float | None) -> None:
        self.session.add(
            HumanTask(
                case_id=case_id,
                kind=kind,
                role="coordinator",
                opened_at=START,
                due_at=START + timedelta(hours=due),
                done_at=None if done is None else START + timedelta(hours=done),
                state="open" if done is None else "done",
            )
        )
        self.session.flush()

    def step(self, case_id: int, name: str, *, state: str, attempt: int) -> None:
        self.session.add(
            StepRun(case_id=case_id, name=name, state=state, attempt=attempt, due_at=START)
        )
        self.session.flush()
