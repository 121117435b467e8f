"""Repair: steps that failed too often, playbook files that are refused."""

from models import Peer, StepRun
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
    step.attempt, step.held_since = 0, None
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


def _peer(deciding: Deciding) -> Peer | None:
    return deciding.session.get(Peer, deciding.task.detail or "")


def _try_now(deciding: Deciding) -> None:
    """Let the next step that needs the server try it at once."""
    peer = _peer(deciding)
    if peer is not None and peer.away_since is not None:
        peer.next_try_at = deciding.recorder.now
        deciding.stays_open = True


def _answers(deciding: Deciding) -> None:
    peer = _peer(deciding)
    if peer is not None and peer.away_since is not None:
        raise DecisionRefused("It has not answered yet. Let it be tried now, or wait.")


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
    "peer_away": Question.of(
        "A server does not answer",
        ("administrator",),
        {
            "try_now": Choice(
                "Try it now",
                _try_now,
                will="The next letter, file or poll tries it. When it answers, all goes on.",
            ),
            "answers": Choice("It answers again", _answers),
        },
        trouble=Trouble(
            stopped="A server does not answer",
            patient="What needs it waits. Nothing is lost, and nothing is left to be done by hand.",
            do=(
                "See with ./iort doctor what it says, and mend it. It is tried again and again; "
                "this question goes away by itself when it answers."
            ),
            codes={
                "smtp": Trouble(
                    stopped="The mail server takes no letters",
                    patient="No letter leaves, to families or to hospitals. They wait in order.",
                ),
                "imap": Trouble(
                    stopped="The mailbox cannot be read",
                    patient="Letters that came lie unread: an answer, or a sign of danger.",
                ),
                "store": Trouble(
                    stopped="The object store does not answer",
                    patient="No document is read and no letter leaves until it is back.",
                ),
            },
        ),
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
