"""Repair: steps that failed too often, playbook files that are refused."""

from models import StepRun
from workflows.engine.deciding import COORDINATORS, Choice, Deciding, DecisionRefused, Question
from workflows.engine.lookup import get


def _step(deciding: Deciding) -> StepRun:
    step = get(deciding.session, StepRun, deciding.object_id("step_run_id"))
    if step.state != "dead":
        raise DecisionRefused(f"The step is {step.state}; there is nothing to repair.")
    return step


def _names(step: StepRun) -> dict[str, str]:
    return {"task_name": step.name, "queue": step.name.split(".", 1)[0]}


def _retry(deciding: Deciding) -> None:
    """Queue the step again; one that runs again by itself, as recurring ones do, needs nothing."""
    if get(deciding.session, StepRun, deciding.object_id("step_run_id")).state != "dead":
        return
    step = _step(deciding)
    step.state = "queued"
    step.attempt = 0
    step.fence += 1
    step.due_at = deciding.recorder.now
    step.rung_at = None
    if deciding.task.case_id is not None:
        objects = {"step_run_id": deciding.object_id("step_run_id")}
        deciding.record("job.requeued", _names(step), objects)


def _give_up(deciding: Deciding) -> None:
    step = _step(deciding)
    step.state = "cancelled"
    if deciding.task.case_id is not None:
        objects = {"step_run_id": deciding.object_id("step_run_id")}
        deciding.record("job.given_up", _names(step), objects)


def _look_again(deciding: Deciding) -> None:
    problem = deciding.world.playbooks.look_again().problem
    if problem is not None:
        raise DecisionRefused(f"Still refused. {problem}")


QUESTIONS = {
    "repair_step": Question.of(
        "A step failed again and again",
        (*COORDINATORS, "clinician"),
        {
            "retry": Choice("Try it again", _retry),
            "give_up": Choice("Leave it; the rest is done by hand", _give_up, reason=True),
        },
    ),
    "mend_playbook": Question.of(
        "A criteria file is refused; the last good version stays in use "
        "(`iort criteria check` says what to mend)",
        ("administrator",),
        {"mended": Choice("It is mended: read it again", _look_again)},
    ),
}
