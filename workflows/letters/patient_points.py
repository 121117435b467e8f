"""What a patient may read of a signed pre-screen: the playbook's own plain words, nothing else.

Before a clinician has signed there is nothing to tell. What does not match is spoken about, not
written: a letter lists what matches and what is still open.
"""

from sqlmodel import Session

from models import Assessment
from suitability import Library
from suitability.criteria import Criterion
from suitability.evaluator import OUTSIDE
from workflows.engine.lookup import get
from workflows.screening.signatures import standing

MAX_POINTS = 8
"""Lines a letter has at most of each kind: more is not read."""


def signed_result(session: Session, case_id: int) -> Assessment | None:
    """Return the pre-operative result that the newest standing signature is on."""
    found = standing(session, case_id, "preop")
    return get(session, Assessment, found[-1].assessment_id) if found else None


def matched_points(assessment: Assessment | None, library: Library) -> list[str]:
    """Return what the papers match, one line a topic, in the `plain` words of the criteria.

    A profile that the case is outside of is left out: to match one point of it says nothing, and a
    man is not told that a trial took women of his age.
    """
    if assessment is None:
        return []
    judged = assessment.result.get("criteria", {})
    outcomes = assessment.result.get("sets", {})
    lines: dict[str, str] = {}
    for one in library.sets.values():
        if one.kind != "gate" or outcomes.get(one.id) == OUTSIDE:
            continue
        for criterion in one.criteria:
            if criterion.role == "required" and judged.get(criterion.id) == "met":
                lines.setdefault(_topic(criterion), criterion.plain)
    return list(dict.fromkeys(line for line in lines.values() if line))[:MAX_POINTS]


def open_questions(assessment: Assessment | None) -> list[str]:
    """Return the `ask` texts of what is missing, those that most criteria wait for first."""
    if assessment is None:
        return []
    missing = sorted(
        assessment.result.get("missing", []), key=lambda item: -len(item.get("criteria", []))
    )
    asks = dict.fromkeys(item["ask"] for item in missing if item["ask"] not in ("", "-"))
    return list(asks)[:MAX_POINTS]


def _topic(criterion: Criterion) -> str:
    return criterion.fields()[0]
