"""What a signature needs before it is given, and the row that it becomes.

The program compares the outcome with the category and says whether they agree; nobody types it.
The signer has ticked each finding that decides, has read the newest result, and is named.
"""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from accounts.people import says_something
from accounts.signers import Signer, first_since_reset
from models import Assessment, Review
from models.base import require_id
from suitability import Library
from suitability.deciding import NO_OUTREACH, SUITABLE, Decides, agrees, decides
from suitability.evidence import CONFLICT
from suitability.rollup import COMMON
from suitability.words import CATEGORY_WORDS
from workflows.documents.differing import differing, differing_in_words
from workflows.engine.deciding import Deciding, DecisionRefused, NotStated
from workflows.engine.values import in_words
from workflows.screening.assessments import latest_assessment
from workflows.screening.signatures import SUPERSEDED, standing, unsigned_results
from workflows.screening.who_signs import SIGNER, same_clinician, who_signs
from workflows.screening.withdrawn import must_be_settled

MAY = ("seen", "result", *SIGNER, "technique", "agrees")
"""The values that every signature takes; `agrees` is computed, and refused when it contradicts."""
CLINICIAN = "clinician"
"""Who signs; an administrator, who may answer other questions in a pinch, does not."""
POINTS_TO = {True: "agrees with", False: "differs from"}


def decides_of(assessment: Assessment, library: Library) -> Decides:
    """Return what decides a stored result: its reasons and the findings to tick."""
    return decides(assessment.result, stated_in(assessment.findings), library)


def stated_in(findings: Mapping[str, Any]) -> list[str]:
    """Return the fields of a stored result's findings that state anything."""
    observed = findings.get("observations", {})
    return [
        name for name, rows in observed.items() if any(row.get("value") is not None for row in rows)
    ]


def as_read(session: Session, library: Library, case_id: int, phase: str) -> dict[str, str]:
    """Return what a signature on the newest result of a phase states of having read it.

    `result` is its number, `seen` the findings that decide, ticked; nothing without a result.
    """
    assessment = latest_assessment(session, case_id, phase)
    if assessment is None:
        return {}
    ticked = decides_of(assessment, library).fields
    return {"result": str(assessment.id), "seen": ",".join(ticked)}


def checked(deciding: Deciding, phase: str, outcome: str) -> tuple[Assessment, bool, Signer]:
    """Return the result that is signed, whether the outcome agrees with it, and who signs.

    Raises `DecisionRefused`: no result, an older one was read, the result forbids the outcome, a
    deciding finding is not ticked, a difference has no reason, or who signs is not stated.
    """
    if deciding.actor.type != CLINICIAN:
        raise DecisionRefused("Only a clinician signs a result.")
    assessment = _as_read(deciding, phase)
    _may_go_out(deciding, assessment, outcome)
    same = _agreement(deciding, assessment, outcome)
    _ticked(deciding, assessment)
    given = {name: deciding.optional(name) for name in SIGNER}
    signer = who_signs(deciding.session, deciding.actor.ref, given)
    if not same:
        _reason_of_difference(deciding, assessment, outcome)
    return assessment, same, signer


def _as_read(deciding: Deciding, phase: str) -> Assessment:
    """Return the newest result; refuse when another one was read, or may have been.

    Who does not say which result was read has read the only one that nobody has signed yet.
    """
    assessment = latest_assessment(deciding.session, deciding.case_id, phase)
    if assessment is None:
        raise DecisionRefused("There is no result to sign yet.")
    read = deciding.optional("result")
    waiting = unsigned_results(deciding.session, deciding.case_id, phase)
    if read is None and len(waiting) > 1:
        numbers = ", ".join(map(str, waiting))
        raise NotStated(
            f"The findings were weighed anew while this waited: results {numbers} are not signed, "
            f"the newest is {assessment.id}. Say which one you have read (`iort case show` names "
            "the newest).",
            f"--set result={assessment.id}",
        )
    if read is not None and read != str(assessment.id):
        raise DecisionRefused(
            "The findings were weighed anew since you opened this page. Nothing was signed: "
            "look at the result as it is now and tick its findings again."
        )
    return assessment


def _may_go_out(deciding: Deciding, assessment: Assessment, outcome: str) -> None:
    """Refuse to send a case to hospitals on a result that is urgent or stops the pathway."""
    if outcome != SUITABLE:
        return
    withdrawn = must_be_settled(deciding.session, assessment, deciding.world.playbooks.criteria)
    if withdrawn:
        raise DecisionRefused(
            f"A clinician withdrew a criteria set that this result rests on: {', '.join(withdrawn)}"
            ". Hospitals cannot be asked until the task about it is answered: weigh the case anew, "
            "or keep the result with a reason."
        )
    disputed = _disputed(deciding, assessment)
    if disputed:
        library = deciding.world.playbooks.criteria
        raise DecisionRefused(f"Hospitals cannot be asked {differing_in_words(disputed, library)}")
    if assessment.category not in NO_OUTREACH:
        return
    library = deciding.world.playbooks.criteria
    fields = [library.vocabulary.fields.get(n) for n in decides_of(assessment, library).fields]
    stopped = ", ".join(field.label for field in fields if field is not None)
    raise DecisionRefused(
        f"Hospitals cannot be asked on this result. {CATEGORY_WORDS[assessment.category]}."
        + (f" What stands against it: {stopped}." if stopped else "")
        + " What you can do: advise urgent care near home, ask for more data, or say that another "
        "way is to be discussed with the family. If a value is wrong, correct it among the "
        "documents: the case is then weighed anew."
    )


def _disputed(deciding: Deciding, assessment: Assessment) -> list[str]:
    """Return the fields that decide and of which documents state different values.

    With them the facts that would stop the case if the worse of two statements is right.
    """
    library = deciding.world.playbooks.criteria
    today = deciding.recorder.now.date()
    differ = differing(deciding.session, deciding.case, library, today)
    stored = assessment.result.get("criteria", {})
    fields = [
        name
        for criterion in library.sets[COMMON].criteria
        if criterion.role in ("required", "exclusion") and CONFLICT in stored.get(criterion.id, ())
        for name in criterion.fields()
        if len(assessment.findings.get("observations", {}).get(name, ())) > 1
    ]
    return list(dict.fromkeys([*differ, *fields]))


def _agreement(deciding: Deciding, assessment: Assessment, outcome: str) -> bool:
    same = compared(assessment, outcome)
    typed = deciding.flag("agrees")
    if typed is not None and typed is not same:
        raise DecisionRefused(
            f"Whether you agree is compared, not typed: {in_words(outcome)} {POINTS_TO[same]} this "
            f"result (agrees={'yes' if same else 'no'}). Leave `agrees` out."
        )
    return same


def compared(assessment: Assessment, outcome: str) -> bool:
    """Return whether an outcome is what the result points to.

    After surgery, clear is no further treatment, and nothing else is.
    """
    if assessment.phase == "preop":
        return agrees(assessment.category, outcome)
    found = assessment.result.get("recheck", {})
    return (outcome == "no_change") is bool(found.get("clear"))


def _ticked(deciding: Deciding, assessment: Assessment) -> None:
    library = deciding.world.playbooks.criteria
    needed = decides_of(assessment, library).fields
    seen = set((deciding.optional("seen") or "").replace(" ", "").split(",")) - {""}
    unknown = sorted(seen - set(stated_in(assessment.findings)))
    if unknown:
        shown = ", ".join(name[:40] for name in unknown[:5])
        raise DecisionRefused(f"Not a finding of this result: {shown}.")
    missing = [name for name in needed if name not in seen]
    if missing:
        known = library.vocabulary.fields
        labels = ", ".join(known[name].label if name in known else name for name in missing)
        raise NotStated(
            f"Tick each finding that decides, when you have looked at it. Not ticked: {labels}.",
            f"--set seen={','.join(needed)}",
        )


def _reason_of_difference(deciding: Deciding, assessment: Assessment, outcome: str) -> None:
    if says_something(deciding.reason or ""):
        return
    category = CATEGORY_WORDS.get(assessment.category or "", "the re-check").split(";")[0]
    raise NotStated(
        f"“{in_words(outcome)}” differs from the result ({category.lower()}): "
        "a difference needs a reason.",
        "--reason TEXT",
    )


def sign(deciding: Deciding, phase: str, outcome: str) -> Review:
    """Write a signature on the newest result of `phase`, bound to its input hash.

    It supersedes signatures on older results of the phase, and this clinician's earlier one on
    the same result. Another clinician's signature on the same result stands beside it. Raises
    what `checked` raises.
    """
    assessment, same, signer = checked(deciding, phase, outcome)
    for earlier in standing(deciding.session, deciding.case_id, phase):
        same_result = earlier.assessment_id == assessment.id
        own = same_clinician(earlier, deciding.actor.ref, signer.registration)
        if not same_result or own:
            earlier.void_at = deciding.recorder.now
            earlier.void_reason = SUPERSEDED
    review = Review(
        case_id=deciding.case_id,
        assessment_id=require_id(assessment.id),
        outcome=outcome,
        agrees_with_screen=same,
        reason=deciding.reason,
        technique=deciding.optional("technique"),
        clinician_ref=deciding.actor.ref,
        signer_name=signer.name,
        signer_qualification=signer.qualification,
        signer_registration=signer.registration,
        input_hash=assessment.input_hash,
        signed_at=deciding.recorder.now,
    )
    deciding.session.add(review)
    deciding.session.flush()
    return review


def signed_objects(review: Review) -> dict[str, int]:
    """Return the ids that an event about a signature is about."""
    return {"assessment_id": review.assessment_id, "review_id": require_id(review.id)}


def marked(deciding: Deciding, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return a signature's payload; the first since an account was reset is marked, once."""
    after = first_since_reset(deciding.session, deciding.actor.ref)
    return {**payload, "after_reset": after or None}


def signed_payload(review: Review, kind: str) -> dict[str, Any]:
    """Return the payload of `clinician.review_signed`; the reason stays with the signature."""
    return {
        "assessment_id": review.assessment_id,
        "review": kind,
        "outcome": review.outcome,
        "agrees_with_screen": review.agrees_with_screen,
        "override_reason": None if review.agrees_with_screen else "see_review",
        "technique": review.technique,
        "input_hash": review.input_hash,
    }
