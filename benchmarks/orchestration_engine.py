"""This project's engine with six cheap steps and nothing else: Recorder, claims, Runner, relay.

The table is the benchmark's own; the engine, the Celery app's settings, the doorbell and the relay
are the product's. Each step records one event, and each event starts the next step.

    celery -A benchmarks.orchestration_engine worker ...
    python -m benchmarks.orchestration_engine        (the relay)
"""

from collections.abc import Mapping, Sequence
from functools import cache, partial
from pathlib import Path

from celery import Celery, Task
from sqlalchemy import insert

from benchmarks.orchestration_work import OPEN, STEPS, BenchmarkRow, work_as_row
from models import Case
from models.database import make_engine, transaction
from settings import PROJECT_ROOT, get_settings
from tasks import relay
from tasks.app import make_app
from tasks.doorbell import CeleryDoorbell
from tasks.shown import Shown
from workflows.engine.doorbell import DueRow
from workflows.engine.record import Recorder
from workflows.engine.runner import Runner
from workflows.engine.work import Step, Unit
from workflows.engine.world import World
from workflows.events import Event, Vocabulary
from workflows.process import Process
from workflows.stages import StateMachine
from workflows.verbs import do

QUEUE = "suitability"


def _name(number: int) -> str:
    return f"{QUEUE}.benchmark_{number}"


def _step(number: int, unit: Unit) -> None:
    row_id = unit.object_id("row_id")
    work_as_row(unit.session, row_id, number)
    unit.record(f"benchmark.done_{number}", objects={"row_id": row_id})


STEP_TABLE = {
    _name(number): Step(_name(number), cheap=partial(_step, number), loads=(BenchmarkRow, "row_id"))
    for number in range(1, STEPS + 1)
}


def _process(playbooks: Path) -> Process:
    events = [f"benchmark.done_{number}" for number in range(STEPS + 1)]
    return Process(
        vocabulary=Vocabulary({event: {} for event in events}),
        machine=StateMachine.load(playbooks / "state_machine.yaml"),
        on_event={event: (do(_name(number)),) for number, event in enumerate(events[:-1], 1)},
        on_entering={},
    )


class BenchmarkWorld(World):
    """The product's world with the benchmark's process in it."""

    process = _process(PROJECT_ROOT / "playbooks")


app = make_app(get_settings())
app.conf.include = []


def wired(kind: type[BenchmarkWorld], app: Celery, steps: Mapping[str, Step]) -> BenchmarkWorld:
    """Return a world of this kind with the Celery doorbell of `app`, as a worker has it."""
    settings = get_settings()
    own = kind(settings, engine=make_engine(settings, try_out=False))
    own.doorbell = CeleryDoorbell(app, steps, settings.ring_batch)
    return own


@cache
def world() -> BenchmarkWorld:
    """Return this process's world."""
    return wired(BenchmarkWorld, app, STEP_TABLE)


@cache
def runner() -> Runner:
    """Return this process's runner."""
    return Runner(world(), STEP_TABLE, Shown(app))


class Ring(Task):  # type: ignore[type-arg]
    """A ring, as in `tasks/steps.py`."""

    step: str

    def run(self, row_id: int, root_id: int) -> None:
        """Work the due rows of the step."""
        runner().drain(self.step)


for _each in STEP_TABLE:
    app.register_task(type("Ring", (Ring,), {"name": _each, "step": _each})())


def open_cases(case_ids: Sequence[int]) -> list[DueRow]:
    """Open cases in one transaction, as a door opens one; return the rows to ring for."""
    own = world()
    with transaction(own.engine) as session:
        now = own.clock.now()
        recorder = Recorder(session, own.process, now)
        stage = {"state": "PRE_SCREEN", "stage": "screening", "opened_at": now}
        session.execute(insert(Case), [{"id": n, "ref": f"B-{n}", **stage} for n in case_ids])
        session.execute(OPEN, [{"case": case_id} for case_id in case_ids])
        recorder.lock(case_ids)
        for case_id in case_ids:
            recorder.record(case_id, Event("benchmark.done_0", objects={"row_id": case_id}))
        return recorder.flush()


def main() -> None:
    """Run the relay until SIGTERM."""
    relay.serve(world(), STEP_TABLE)


if __name__ == "__main__":
    main()
