"""What a person says of each value read: it is right, it is another, or it is not stated.

The values of an answer name a finding as `field`, or as `field#id` where a document states a field
twice: `field#id=value` corrects it, an empty value rejects it, `why:field#id` says why (one of
`REJECTION_REASONS`, or words), and `confirmed` lists those that are right as they stand: what
decides a criterion, and what was read unsurely, is named there one by one.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import select
from sqlmodel import Session, col

from accounts.people import says_something
from models import Case, FindingRecord, HumanTask
from models.base import require_id
from suitability import FindingsError, Library, parse_findings
from suitability.screening import plain_value
from workflows.documents.by_itself import must_decide
from workflows.documents.differing import note_differences
from workflows.engine.deciding import Deciding, DecisionRefused, NotStated
from workflows.engine.lookup import get
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor
from workflows.findings.companions import fall_back
from workflows.screening.assessments import assessed_payload, latest_assessment, observations, weigh
from workflows.screening.signatures import standing, void_outdated
from workflows.screening.withdrawn import EVENT, unsettled

BY_HAND = "by-hand"
CONFIRMED = "confirmed"
SIGNING_TASKS: Mapping[str, tuple[str, ...]] = {
    "preop": ("review_case", "second_opinion"),
    "postop": ("recheck_pathology",),
}
"""Questions that wait for the signature on a phase's newest result."""
WHY = "why:"
OTHER = "other"
VALUE_AT_MOST = 300
"""Characters of a finding: a number, a code, a day or a short list of these."""
REJECTION_REASONS: Mapping[str, str] = {
    "not_stated": "the document does not state this",
    "other_subject": "it is about something else: another field",
    "other_part": "it is about another tumour, side or specimen",
    "past_or_family": "it is about an earlier illness or a relative",
    "not_a_result": "it is a plan, a question or a suspicion, not a result",
    "stated_better": "another place of the document states it better",
    "superseded": "a later or more certain report replaces it",
    "other_person": "it is about another person",
    "illegible": "it cannot be read with certainty",
}


class Settling(Protocol):
    """Who settles a finding of which case, and how that is recorded."""

    session: Session
    recorder: Recorder
    world: World
    actor: Actor
    reason: str | None

    @property
    def case_id(self) -> int:
        """The id of the finding's case."""

    @property
    def case(self) -> Case:
        """The locked case."""

    def record(
        self,
        type: str,
        payload: Mapping[str, Any] | None = None,
        objects: Mapping[str, int] | None = None,
    ) -> None:
        """Record a fact on the case."""


def proposals(deciding: Deciding) -> list[FindingRecord]:
    """Return the findings of the task's document that nobody has settled yet."""
    return _proposed(deciding.session, deciding.object_id("document_id"))


def _proposed(session: Session, document_id: int) -> list[FindingRecord]:
    return list(
        session.scalars(
            select(FindingRecord)
            .where(
                col(FindingRecord.document_id) == document_id,
                col(FindingRecord.state) == "proposed",
            )
            .order_by(col(FindingRecord.id))
        )
    )


def as_looked_at(
    session: Session, library: Library, task: HumanTask, given: Mapping[str, str]
) -> dict[str, str]:
    """Return what an answer states of having looked at each value that needs it, as read.

    `given` are the values that are corrected or rejected in the same answer.
    """
    assert task.case_id is not None
    case = get(session, Case, task.case_id)
    found = _proposed(session, int(task.objects["document_id"]))
    named = [
        _own(one)
        for one in must_decide(found, library, case.site)
        if _own(one) not in given and one.field not in given
    ]
    return {**given, CONFIRMED: ",".join(named)}


def settle_given(deciding: Deciding, given: dict[str, str], *, rest: bool) -> dict[str, str]:
    """Settle the document's findings as `given`, those not named only with `rest`: as read.

    With `rest`, what decides a criterion and what is unsure must be named: one button confirms
    neither. What says the same as a corrected value in other words, and was confirmed before, falls
    back: it waits for somebody who looks at it. Returns what is left of `given`: values of fields
    that the document's findings do not have. Raises `DecisionRefused`.
    """
    right = {name.strip() for name in given.pop(CONFIRMED, "").split(",") if name.strip()}
    reasons = {
        name.removeprefix(WHY): given.pop(name) for name in list(given) if name.startswith(WHY)
    }
    found = proposals(deciding)
    known = {name for one in found for name in (_own(one), one.field)}
    for name in (*reasons, *(name for name in given if "#" in name)):
        if name not in known:
            raise _unknown(name)
    named = _right(found, right)
    if rest:
        _each_by_itself(deciding, found, named, given)
    rest_of: list[tuple[FindingRecord, str]] = []
    corrected: list[FindingRecord] = []
    settled: set[str] = set()
    for finding in found:
        own = _own(finding)
        value = given.pop(own if own in given else finding.field, None)
        why = reasons.pop(own if own in reasons else finding.field, "").strip()
        if value is None and finding.id not in named:
            rest_of.append((finding, why))
            continue
        settled.add(finding.field)
        if value is None:
            settle(deciding, finding, "confirmed", why=why)
        elif not value.strip():
            settle(deciding, finding, "rejected", why=why)
        else:
            new = typed(deciding, finding.field, value)
            state = "corrected" if new != finding.value else "confirmed"
            settle(deciding, finding, state, new, why=why)
            corrected += [finding] if state == "corrected" else []
    for finding, why in rest_of if rest else ():
        settled.add(finding.field)
        settle(deciding, finding, "confirmed", why=why)
    for finding in corrected:
        fall_back(deciding.session, finding, settled)
    for name in reasons:
        raise _unknown(name)
    return given


def _own(finding: FindingRecord) -> str:
    return f"{finding.field}#{finding.id}"


def _unknown(name: str) -> DecisionRefused:
    return DecisionRefused(
        f"{name[:80]} is not one of the document's open values: it was settled, or the document "
        "was read again, since you opened this page. Nothing was saved. Open the page anew and "
        "look at the values as they are now."
    )


def _right(found: Sequence[FindingRecord], names: set[str]) -> set[int | None]:
    """Return the ids of the findings named as right; a bare field names all that say the same."""
    right: set[int | None] = set()
    for name in sorted(names):
        meant = [one for one in found if name in (_own(one), one.field)]
        if not meant:
            raise _unknown(name)
        if any(one.value != meant[0].value for one in meant):
            raise DecisionRefused(
                f"The document states {name} more than once, not alike: name each that is right, "
                f"{', '.join(_own(one) for one in meant)}."
            )
        right |= {one.id for one in meant}
    return right


def _each_by_itself(
    deciding: Deciding,
    found: Sequence[FindingRecord],
    named: set[int | None],
    given: Mapping[str, str],
) -> None:
    """Refuse to confirm with the rest what a person looks at one by one; name what is left."""
    library = deciding.world.playbooks.criteria
    spent: set[str] = set()
    left = []
    for one in must_decide(found, library, deciding.case.site):
        key = _own(one) if _own(one) in given else one.field
        if one.id not in named and (key not in given or key in spent):
            left.append(one)
        spent.add(key)
    if not left:
        return
    known = library.vocabulary.fields
    words = ", ".join(
        f"{known[one.field].label if one.field in known else one.field} ({_own(one)})"
        for one in left
    )
    keys = ",".join(_own(one) for one in found if one.id in named or one in left)
    raise NotStated(
        "Look at each of these by itself and confirm, correct or reject it: it decides a criterion "
        f"or was read unsurely. Left: {words}. The others are confirmed together.",
        f"--set {CONFIRMED}={keys}",
    )


def settle(
    by: Settling, finding: FindingRecord, state: str, value: Any | None = None, *, why: str = ""
) -> None:
    """Confirm, correct or reject one finding, and record it without its value.

    The reason stays with the finding; the event carries its code. Raises `DecisionRefused` for a
    rejection without one.
    """
    reason = why or by.reason
    if state == "rejected" and not says_something(reason or ""):
        raise DecisionRefused(
            f"Say why {finding.field}#{finding.id} is rejected: choose a reason or give one in "
            f"words (--set {WHY}{finding.field}#{finding.id}=not_stated)."
        )
    finding.state = state
    if value is not None:
        finding.value = value
    finding.decided_by = by.actor.ref
    finding.decided_at = by.recorder.now
    finding.reason = reason
    finding_id = require_id(finding.id)
    objects = {"finding_id": finding_id}
    if finding.document_id is not None:
        objects["document_id"] = finding.document_id
    payload: dict[str, Any] = {
        "field": finding.field,
        "finding_id": finding_id,
        "extractor_version": finding.extractor_version,
    }
    if state == "rejected":
        payload |= {"document_id": finding.document_id, "reason": reason_code(reason)}
        by.record("extraction.field_rejected", payload, objects)
        return
    payload |= {"corrected": state == "corrected"}
    by.record("extraction.field_confirmed", payload, objects)


def reason_code(reason: str | None) -> str:
    """Return the code of a reason as it was kept, "code" or "code: words"; words alone: other."""
    code = (reason or "").split(":", 1)[0].strip()
    return code if code in REJECTION_REASONS else OTHER


def typed(by: Settling, field: str, given: str) -> Any:
    """Return a typed value for `field`; DecisionRefused when the vocabulary does not allow it."""
    if len(given) > VALUE_AT_MOST:
        raise DecisionRefused(f"{field[:60]} is too long: at most {VALUE_AT_MOST} characters.")
    try:
        value = json.loads(given)
    except (ValueError, RecursionError):
        value = given
    if value is None:
        raise DecisionRefused(f"{field[:60]}: null is no value. Leave it blank, or type a value.")
    library = by.world.playbooks.criteria
    try:
        parsed = parse_findings({field: value}, library, on=by.recorder.now.date())
    except FindingsError as error:
        raise DecisionRefused(str(error)) from None
    return plain_value(parsed[field][0].value) if parsed.get(field) else value


def must_fit(by: Settling) -> None:
    """Refuse a confirmation whose values could not be weighed, with what to mend."""
    by.session.flush()
    today = by.recorder.now.date()
    used, _ = observations(by.session, by.case, today)
    try:
        parse_findings(used, by.world.playbooks.criteria, on=today)
    except FindingsError as error:
        raise DecisionRefused(f"{error} Correct it with --set FIELD=VALUE.") from None


def screen_if_changed(by: Settling, phase: str) -> None:
    """Make a new result when the inputs of the one that clinicians sign have changed.

    Signatures bound to the old inputs are void; a result that waits for a signature, the first or
    one after a void one, is replaced by the new one. After the operation only results on the
    final pathology are looked at: the one from before stays as it was signed.
    """
    session, now = by.session, by.recorder.now
    newest = latest_assessment(session, by.case_id, phase)
    if newest is not None and phase == "preop":
        note_differences(by, now.date())
    signed = standing(session, by.case_id, phase)
    waits = by.case.state == "CLINICIAN_REVIEW" or _asked_to_sign(session, by.case_id, phase)
    if newest is None or not (signed or waits):
        return
    before = newest.input_hash
    assessment, _ = weigh(session, by.world, by.case, phase, now)
    if all(known == assessment.input_hash for known in (before, *(r.input_hash for r in signed))):
        return
    session.add(assessment)
    session.flush()
    voided = void_outdated(session, by.world.playbooks.criteria, assessment, now)
    objects = {"assessment_id": require_id(assessment.id)}
    for payload in voided:
        by.record("clinician.review_voided", payload, objects)
    by.record("suitability.assessed", assessed_payload(assessment), objects)
    for told in unsettled(session, by.case_id, by.world.playbooks.criteria):
        by.record(EVENT, told)


def _asked_to_sign(session: Session, case_id: int, phase: str) -> bool:
    """Return whether a clinician is asked to sign the newest result, wherever the case stands."""
    query = select(col(HumanTask.id)).where(
        col(HumanTask.case_id) == case_id,
        col(HumanTask.kind).in_(SIGNING_TASKS[phase]),
        col(HumanTask.state) == "open",
    )
    return session.scalars(query.limit(1)).first() is not None
