"""Rows of steps that this version does not know: renamed, or parked with one question for all.

An upgrade may take a step away while rows wait for it. Nothing would ever work them: so the relay
looks, when it starts and when such a row is due.
"""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select, text
from sqlmodel import Session, col

from models import HumanTask
from models.database import transaction
from workflows.declared import Raises
from workflows.engine.deciding import Choice, Deciding, DecisionRefused, Question, Trouble
from workflows.engine.record import Recorder
from workflows.engine.renamed import RENAMED
from workflows.engine.world import World
from workflows.events import Event

UNKNOWN = "UnknownStep"
ASKED = "unknown_step"

_RENAME = text(
    "UPDATE step_run SET name = :new, fence = fence + 1 WHERE name = :old"
    " AND (state IN ('queued', 'paused') OR state = 'running' AND lease_until < now()"
    "      OR state = 'dead' AND error_class = :unknown)"
)
_KNOWN_AGAIN = text(
    "UPDATE step_run SET state = 'queued', error_class = NULL, attempt = 0, rung_at = NULL,"
    " finished_at = NULL WHERE state = 'dead' AND error_class = :unknown AND name = ANY(:known)"
)
_PARK = text(
    "UPDATE step_run SET state = 'dead', error_class = :unknown, finished_at = :now,"
    " lease_until = NULL, fence = fence + 1"
    " WHERE NOT name = ANY(:known)"
    " AND (state IN ('queued', 'paused') OR state = 'running' AND lease_until < now())"
)
_PARKED = text("SELECT DISTINCT name FROM step_run WHERE state = 'dead' AND error_class = :unknown")
_GO_ON = text(
    "UPDATE step_run SET state = 'queued', name = :new, error_class = NULL, attempt = 0,"
    " rung_at = NULL, finished_at = NULL, fence = fence + 1"
    " WHERE state = 'dead' AND error_class = :unknown AND name = :old"
)
_GIVE_UP = text(
    "UPDATE step_run SET state = 'cancelled' WHERE state = 'dead' AND error_class = :unknown"
    " AND name = :old RETURNING id, case_id"
)


def settle_names(
    world: World, known: Collection[str], renamed: Mapping[str, str] = RENAMED
) -> Sequence[str]:
    """Rename rows, park those of unknown steps, let go on what is known again; return the unknown.

    A person is asked once for each unknown name, and no more once no row has it.
    """
    names = {"unknown": UNKNOWN, "known": list(known)}
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        for old, new in renamed.items():
            session.execute(_RENAME, {"old": old, "new": new, "unknown": UNKNOWN})
        session.execute(_KNOWN_AGAIN, names)
        session.execute(_PARK, {**names, "now": recorder.now})
        parked = sorted(session.scalars(_PARKED, {"unknown": UNKNOWN}))
        for name in parked:
            recorder.request(ASKED, objects={"step": name}, detail=name)
        _asked_no_more(session, recorder, parked)
        recorder.flush()
    return parked


def _asked_no_more(session: Session, recorder: Recorder, parked: Sequence[str]) -> None:
    tasks = session.scalars(
        select(HumanTask).where(col(HumanTask.kind) == ASKED, col(HumanTask.state) == "open")
    ).all()
    for task in tasks:
        if task.detail not in parked:
            recorder.withdraw(task)


def _old(deciding: Deciding) -> str:
    return deciding.task.detail or ""


def _run_as(deciding: Deciding) -> None:
    """Let the rows go on under the name of a step that this version has."""
    new = deciding.value("step_name").strip()
    if new not in deciding.world.process.steps:
        raise DecisionRefused(f"There is no step {new[:60]}. docs/workflow lists the steps.")
    names = {"old": _old(deciding), "new": new, "unknown": UNKNOWN}
    deciding.session.execute(_GO_ON, names)


def _give_up(deciding: Deciding) -> None:
    """Put the rows away; each case's timeline says so."""
    name = _old(deciding)
    rows = deciding.session.execute(_GIVE_UP, {"old": name, "unknown": UNKNOWN}).all()
    payload = {"task_name": name, "queue": name.split(".", 1)[0]}
    of_cases = [(row.case_id, row.id) for row in rows if row.case_id is not None]
    deciding.recorder.lock(sorted({case_id for case_id, _ in of_cases}))
    for case_id, run_id in sorted(of_cases):
        fact = Event("job.given_up", payload, {"step_run_id": run_id}, deciding.actor)
        deciding.recorder.record(case_id, fact, deciding.cause)


QUESTIONS = {
    ASKED: Question.of(
        "Steps wait that this version does not know",
        ("administrator",),
        {
            "run_as": Choice(
                "They are another step now: let them go on under its name",
                _run_as,
                needs=("step_name",),
                will="Every waiting row takes the new name and runs when it is due.",
            ),
            "give_up": Choice(
                "Put them away; what they were to do is done by hand",
                _give_up,
                reason=True,
                raises=Raises(events=("job.given_up",)),
                will="The rows are put away for good, and each case's timeline says so.",
            ),
        },
        trouble=Trouble(
            stopped="Rows wait for a step that this version does not know",
            patient="Letters, deadlines or reminders of cases do not happen.",
            do=(
                "Say which step does this now, or start the version that knows it: then they go "
                "on by themselves."
            ),
        ),
    )
}
