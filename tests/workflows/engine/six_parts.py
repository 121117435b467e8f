"""A table of six cheap steps in a row, each started by the fact of the one before."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from adapters.clock import FixedClock
from models import Case, StepRun
from models.base import require_id
from models.database import transaction
from settings import PROJECT_ROOT, Settings
from tests.workflows.engine.test_runner import SmallWorld, kinds
from workflows.engine.fusing import Followed
from workflows.engine.record import Recorder
from workflows.engine.runner import Runner
from workflows.engine.work import Step, Unit
from workflows.events import Event, Vocabulary
from workflows.process import Process
from workflows.verbs import do

STEPS = 6
NAMES = [f"suitability.part_{number}" for number in range(1, STEPS + 1)]
FACTS = [f"part.done_{number}" for number in range(STEPS + 1)]


class Killed(BaseException):
    """The worker ends here: nothing is rolled back by it, nothing written down."""


def process_of(extra: Mapping[str, Any]) -> Process:
    """Each part's fact starts the next part."""
    table: dict[str, Any] = {
        fact: (do(name),) for name, fact in zip(NAMES, FACTS[:-1], strict=True)
    }
    real = Process.load(PROJECT_ROOT / "playbooks")
    ours: dict[str, dict[str, Any]] = {name: {} for name in (*FACTS, "part.stopped")}
    return Process(
        vocabulary=Vocabulary({**real.vocabulary._forms, **ours}),
        machine=real.machine,
        on_event={**table, **extra},
        on_entering={},
        on_request=real.on_request,
    )


@dataclass
class Play:
    """Cases whose first part is due, a runner, and what it showed."""

    world: Any
    runner: Runner
    shown: list[Followed]
    cases: list[int]

    def rows(self, case_id: int) -> list[tuple[str, str]]:
        """Return the case's steps with their states, as they were begun."""
        with Session(self.world.engine) as session:
            found = session.scalars(
                select(StepRun).where(col(StepRun.case_id) == case_id).order_by(col(StepRun.name))
            )
            return [(re.split("[._]", row.name)[-1], row.state) for row in found]

    def rung(self) -> list[str]:
        """Return for which steps somebody was woken."""
        return [row.name for row in self.world.doorbell.rung]

    def facts(self, case_id: int) -> list[str]:
        """Return the case's timeline."""
        return kinds(self.world, case_id)

    def drain_all(self) -> None:
        """Work whatever is due until nothing is."""
        while any(self.runner.drain(name) for name in NAMES):
            pass


Begin = Callable[..., Play]


@pytest.fixture
def begin(engine: Engine, settings: Settings, clock: FixedClock) -> Begin:
    """Return how to begin: what parts do besides, how many cases, what else the table says."""

    def make(
        parts: Mapping[int, Callable[[Unit], None]] | None = None,
        cases: int = 1,
        extra: Mapping[str, Any] | None = None,
    ) -> Play:
        world: Any = SmallWorld(engine, settings, clock, process_of(extra or {}))
        steps = {name: _part(number, parts or {}) for number, name in enumerate(NAMES, 1)}
        shown: list[Followed] = []
        play = Play(world, Runner(world, steps, shown.extend), shown, [])
        with transaction(engine) as session:
            recorder = Recorder(session, world.process, clock.now())
            for number in range(cases):
                case = Case(
                    ref=f"CFX-26-{number:05d}",
                    state="INQUIRY",
                    stage="inquiry",
                    opened_at=datetime(2026, 11, 23, tzinfo=UTC),
                )
                session.add(case)
                session.flush()
                play.cases.append(require_id(case.id))
                recorder.record(play.cases[-1], Event(FACTS[0]))
            recorder.flush()
        return play

    return make


def _part(number: int, parts: Mapping[int, Callable[[Unit], None]]) -> Step:
    def work(unit: Unit) -> None:
        if number in parts:
            parts[number](unit)
        unit.record(FACTS[number])

    return Step(NAMES[number - 1], cheap=work)
