"""A result whose set was withdrawn: the case is told, and a clinician says what happens next."""

from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Assessment, CaseEvent, CriteriaAct, HumanTask
from models.base import require_id
from suitability import Library
from suitability.deciding import NO_OUTREACH
from suitability.standing import WITHDRAWN
from workflows.declared import Raises
from workflows.engine.deciding import (
    CLINICIANS,
    Choice,
    Deciding,
    DecisionRefused,
    Question,
    nothing,
)
from workflows.engine.work import Unit, cheap
from workflows.screening.assessments import assess, assessed_payload, latest_assessment
from workflows.screening.signatures import standing
from workflows.screening.standing_sets import withdrawn_of

EVENT = "suitability.set_withdrawn"
SETTLE, KEEP = "settle_withdrawn_set", "keep"
SET_WITHDRAWN = "set_withdrawn"
PHASES = ("preop", "postop")


@cheap(
    "suitability.tell_withdrawn",
    words="a case is told that a set behind its result was withdrawn",
    stopped="A case was not told that a set behind its result was withdrawn",
    patient="The clinician is not asked whether the result still holds.",
    raises=Raises(events=(EVENT,)),
)
def tell_withdrawn(unit: Unit) -> None:
    """Record, once for each newest result, which of its sets a clinician has withdrawn."""
    for payload in unsettled(unit.session, unit.case_id, unit.world.playbooks.criteria):
        unit.record(EVENT, payload)


def unsettled(session: Session, case_id: int, library: Library) -> list[dict[str, Any]]:
    """Return the payloads of `suitability.set_withdrawn` that the timeline does not have yet."""
    told = [
        (event.payload.get("assessment_id"), event.payload.get("sets"))
        for event in session.scalars(
            select(CaseEvent).where(col(CaseEvent.case_id) == case_id, col(CaseEvent.type) == EVENT)
        )
    ]
    found = []
    for phase in PHASES:
        newest = latest_assessment(session, case_id, phase)
        sets = list(withdrawn_of(session, newest.set_versions, library)) if newest else []
        if newest is not None and sets and (newest.id, sets) not in told:
            found.append({"assessment_id": newest.id, "phase": phase, "sets": sets})
    return found


def must_be_settled(session: Session, assessment: Assessment, library: Library) -> tuple[str, ...]:
    """Return the withdrawn sets of a result that no clinician has kept it in spite of."""
    sets = withdrawn_of(session, assessment.set_versions, library)
    if not sets:
        return ()
    hashes = [assessment.set_versions[name]["sha256"] for name in sets]
    since = max(
        session.scalars(
            select(col(CriteriaAct.at)).where(
                col(CriteriaAct.sha256).in_(hashes), col(CriteriaAct.act) == WITHDRAWN
            )
        )
    )
    kept = session.scalars(
        select(col(HumanTask.id)).where(
            col(HumanTask.case_id) == assessment.case_id,
            col(HumanTask.kind) == SETTLE,
            col(HumanTask.answer) == KEEP,
            col(HumanTask.done_at) >= max(since, assessment.assessed_at),
        )
    ).first()
    return () if kept is not None else sets


def _weigh_anew(deciding: Deciding) -> None:
    """Make a new result of each phase that rests on a withdrawn set, with the sets as they are.

    Signatures on the old result are void: they were given on rules that no longer hold.
    """
    library = deciding.world.playbooks.criteria
    for phase in PHASES:
        old = latest_assessment(deciding.session, deciding.case_id, phase)
        if old is None or not withdrawn_of(deciding.session, old.set_versions, library):
            continue
        _still_in_use(deciding, library, old)
        _anew(deciding, phase)


def _still_in_use(deciding: Deciding, library: Library, old: Assessment) -> None:
    for name in withdrawn_of(deciding.session, old.set_versions, library):
        known = library.sets.get(name)
        before = old.set_versions[name]
        same = known is not None and known.sha256 == before["sha256"]
        # Another text under the withdrawn version's number is no new version.
        if same or (known is not None and known.version == before["version"]):
            raise DecisionRefused(
                f"The withdrawn text of {name} is still the one in use: weighed anew, the case "
                "would rest on it again. Put a new version in place first, or keep the result."
            )


def _anew(deciding: Deciding, phase: str) -> None:
    session, now = deciding.session, deciding.recorder.now
    new, _ = assess(session, deciding.world, deciding.case, phase, now)
    objects = {"assessment_id": require_id(new.id)}
    for review in standing(session, deciding.case_id, phase):
        review.void_at, review.void_reason = now, SET_WITHDRAWN
        voided = {
            "review_id": require_id(review.id),
            "assessment_id": require_id(new.id),
            "phase": phase,
            "reason": SET_WITHDRAWN,
            "stops": new.category if new.category in NO_OUTREACH else None,
            "old_input_hash": review.input_hash,
        }
        deciding.record("clinician.review_voided", voided, objects)
    deciding.record("suitability.assessed", assessed_payload(new), objects)


QUESTIONS = {
    SETTLE: Question.of(
        "A criteria set behind this result was withdrawn: what happens next?",
        CLINICIANS,
        {
            "weigh_anew": Choice(
                "Weigh the case anew with the sets as they are now",
                _weigh_anew,
                raises=Raises(events=("clinician.review_voided", "suitability.assessed")),
            ),
            KEEP: Choice(
                "Keep the result: what was withdrawn does not bear on this patient",
                nothing,
                reason=True,
            ),
        },
    )
}
