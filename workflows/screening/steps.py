"""Suitability: screens what people confirmed. Whatever comes out goes to a clinician."""

from sqlalchemy import select
from sqlmodel import col

from models import HumanTask
from suitability import PlaybookError
from workflows.declared import Raises
from workflows.engine.work import Unit, cheap
from workflows.screening.assessments import assess, assessed_payload
from workflows.screening.signatures import void_outdated
from workflows.screening.withdrawn import EVENT, unsettled

MEND_PLAYBOOK = "mend_playbook"
SCREENED = Raises(events=("suitability.assessed", "clinician.review_voided", EVENT))


@cheap(
    "suitability.screen_case",
    words="the findings are weighed against the criteria",
    stopped="A case was not weighed against the criteria",
    patient="The clinician has no pre-screen to look at; the case stands still.",
    raises=SCREENED,
)
def screen_case(unit: Unit) -> None:
    """Screen before surgery; the result orders the clinicians' list and decides nothing."""
    if unit.case.state == "PRE_SCREEN":
        _screen(unit, "preop")


@cheap(
    "suitability.recheck_case",
    words="the final pathology is weighed",
    stopped="The final pathology was not weighed",
    patient="Further treatment that the pathology calls for could be missed. Look at it today.",
    raises=SCREENED,
)
def recheck_case(unit: Unit) -> None:
    """Make a new result on the final pathology against the post-operative set."""
    _screen(unit, "postop")


def _screen(unit: Unit, phase: str) -> None:
    assessment, _ = assess(unit.session, unit.world, unit.case, phase, unit.now)
    for voided in void_outdated(unit.session, unit.world.playbooks.criteria, assessment, unit.now):
        objects = {"assessment_id": voided["assessment_id"]}
        unit.record("clinician.review_voided", voided, objects)
    payload = assessed_payload(assessment)
    unit.record("suitability.assessed", payload, {"assessment_id": payload["assessment_id"]})
    for told in unsettled(unit.session, unit.case_id, unit.world.playbooks.criteria):
        unit.record(EVENT, told)


@cheap(
    "suitability.check_playbooks",
    words="the criteria files are checked",
    stopped="The criteria files are not being checked",
    patient="The last good criteria stay in use; a newer version is not taken up.",
    raises=Raises(requests=("mend_playbook",)),
)
def check_playbooks(unit: Unit) -> None:
    """Read the criteria files again; ask the administrator once for each that is refused.

    The last good version stays in use. When the files load again the question is withdrawn.
    """
    problem = unit.world.playbooks.look_again().problem
    place = _place(problem) if problem else None
    for task in unit.session.scalars(
        select(HumanTask).where(
            col(HumanTask.kind) == MEND_PLAYBOOK, col(HumanTask.state) == "open"
        )
    ).all():
        if task.detail == place:
            return
        task.state, task.answer = "done", "mended"
        task.done_by, task.done_at = "system", unit.now
    if place is not None:
        unit.session.flush()
        unit.request(MEND_PLAYBOOK, detail=place)


def _place(problem: PlaybookError) -> str:
    """Return file and line as the code that a task shows; the end of it when it is long."""
    place = f"{problem.file}:{problem.line}" if problem.line else problem.file
    return place.replace(" ", "_")[-60:]
