"""What somebody does at a page, beside the questions that are asked: facts in one transaction."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from models import Case
from models.database import transaction
from workflows.engine.not_there import check_not_erased
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor, Event


@dataclass
class Acting:
    """One act on a case: who does it, and the transaction in which its facts are recorded."""

    session: Session
    recorder: Recorder
    world: World
    case_id: int
    actor: Actor

    @property
    def case(self) -> Case:
        """The locked case."""
        return self.recorder.case(self.case_id)

    @property
    def now(self) -> datetime:
        """The moment of the act."""
        return self.recorder.now

    def record(
        self,
        type: str,
        payload: Mapping[str, Any] | None = None,
        objects: Mapping[str, int] | None = None,
        *,
        actor: Actor | None = None,
    ) -> str:
        """Record a fact on the case, as done by who acts."""
        event = Event(type, payload or {}, objects or {}, actor or self.actor)
        return self.recorder.record(self.case_id, event)

    def request(
        self,
        name: str,
        objects: Mapping[str, Any] | None = None,
        *,
        detail: str | None = None,
        due_at: datetime | None = None,
    ) -> int | None:
        """Request what `ON_REQUEST` names for the case; see `Recorder`."""
        return self.recorder.request(
            name, case_id=self.case_id, objects=objects, detail=detail, due_at=due_at
        )


@contextmanager
def acting(world: World, case_id: int, actor: Actor) -> Iterator[Acting]:
    """Yield an act on a case that is locked; at its end all commits, and what is due is rung for.

    Raises `CaseErased` where nothing of the case is left.
    """
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        check_not_erased(recorder.case(case_id))
        yield Acting(session, recorder, world, case_id, actor)
        due = recorder.flush()
    world.doorbell.ring(due)
