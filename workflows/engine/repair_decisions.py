"""Repair: steps that failed too often, playbook files that are refused."""

from models import StepRun
from workflows.declared import Raises
from workflows.engine.deciding import (
    COORDINATORS,
    Choice,
    Deciding,
    DecisionRefused,
    Question,
    Trouble,
)
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
            "retry": Choice(
                "Try it again",
                _retry,
                raises=Raises(events=("job.requeued",)),
                will=(
                    "Each step goes back into its queue and runs within seconds. What was "
                    "done before is not done twice. A step that fails again comes back "
                    "here."
                ),
            ),
            "give_up": Choice(
                "Leave it; the rest is done by hand",
                _give_up,
                reason=True,
                raises=Raises(events=("job.given_up",)),
                will=(
                    "The steps are put away for good and do not run any more. What they "
                    "were to do must be done by hand."
                ),
            ),
        },
    ),
    "mend_playbook": Question.of(
        "A criteria file is refused; the last good version stays in use "
        "(`iort criteria check` says what to mend)",
        ("administrator",),
        {
            "mended": Choice(
                "It is mended: read it again",
                _look_again,
                will=(
                    "The criteria files are read again. A file that is still refused stays here."
                ),
            )
        },
        trouble=Trouble(
            stopped="A criteria file is refused",
            patient=(
                "The last good version stays in use; results are sound but may be older than meant."
            ),
            do="An administrator runs ./iort criteria check, mends the file and confirms here.",
        ),
    ),
}
