"""Whether a letter may leave: asked when a person approves it, and when it is sent.

A letter with findings leaves under a clinician's signature on these very findings, and to a
hospital that the family allows; one that asks to delete what was shared needs neither.
"""

from sqlalchemy import and_, or_, select
from sqlmodel import Session, col

from models import Case, CaseEvent, Message, OutreachThread
from models.base import require_id
from workflows.engine.dedupe_keys import of_notice_on_review
from workflows.engine.lookup import patient_of
from workflows.engine.permissions import ASKED_FOR as ASKED_FOR
from workflows.engine.permissions import ASKS_TO_DELETE as ASKS_TO_DELETE
from workflows.engine.permissions import allows as allows
from workflows.engine.permissions import is_unallowed
from workflows.engine.permissions import wants_no_letters as wants_no_letters
from workflows.screening.signatures import lets_out, standing

STOPPED_STATES = frozenset(
    {"BEREAVEMENT_WRAPUP", "WITHDRAWAL_WRAPUP", "CLOSED_DECEASED", "CLOSED_WITHDRAWN"}
)
AFTER_STOP = frozenset({"M38", "M56", ASKS_TO_DELETE})
"""What a withdrawal ended with is told all the same; after a death nothing is."""
FREE = ("M63", "M64")
"""Letters in a person's own words to a hospital: the first awaits an answer. What they say nobody
can tell beforehand: they count as letters with findings.
"""
WITH_FINDINGS = frozenset({"M10", "M11", "M14", "M44", "M59", "M61", *FREE})
"""Letters that ask hospitals about a case, or tell findings: each leaves under a signature."""

OF_REVIEW = ("M07", "M07a")
"""Letters about one signed result: where nothing differs, and after the call about what does."""
ON_A_RESULT = frozenset({*OF_REVIEW, "M08"})
"""Letters that tell a family of the signed result: without the signature nothing of it holds."""

STOPPED, NO_SIGNATURE, NO_CONSENT = "stopped", "signature", "consent"
"""Why a letter does not leave, as `Message.held_for` keeps it."""


def is_stopped(session: Session, case: Case, template: str | None) -> bool:
    """Return whether no letter of this kind may be written any more.

    A case that was closed for another reason keeps its state when a death or a withdrawal is told.
    """
    if case.state in ("BEREAVEMENT_WRAPUP", "CLOSED_DECEASED"):
        return True
    if patient_of(session, require_id(case.id)).deceased_at is not None:
        return True
    if template in AFTER_STOP:
        return False
    return case.state in STOPPED_STATES or _withdrawn_when_closed(session, case)


def _withdrawn_when_closed(session: Session, case: Case) -> bool:
    """Return whether the whole was withdrawn of a case that is closed, and not opened since."""
    if case.closed_at is None:
        return False
    newest = session.scalars(
        select(col(CaseEvent.type))
        .where(
            col(CaseEvent.case_id) == case.id,
            or_(
                col(CaseEvent.type) == "case.reopened",
                and_(
                    col(CaseEvent.type) == "consent.withdrawn",
                    col(CaseEvent.payload)["whole"].as_boolean(),
                ),
            ),
        )
        .order_by(col(CaseEvent.seq).desc())
        .limit(1)
    ).first()
    return newest == "consent.withdrawn"


def may_be_shared(session: Session, thread: OutreachThread) -> bool:
    """Return whether the family allows the hospital of this thread to be shown the case."""
    return allows(session, thread.case_id, thread.hospital_id)


def why_not(session: Session, case: Case, message: Message) -> str | None:
    """Return why the letter may not leave now, as a code; None when it may.

    The caller holds the case's row: what a signature or a consent rests on is changed under it.
    """
    if is_stopped(session, case, message.template):
        return STOPPED
    case_id = require_id(case.id)
    if is_unallowed(session, case_id, message):
        return NO_CONSENT
    if message.to_role == "patient":
        return NO_SIGNATURE if _unsigned(session, case_id, message) else None
    if message.to_role == "hospital" and message.template in WITH_FINDINGS:
        return NO_SIGNATURE if lets_out(session, case_id) is None else None
    return None


def _unsigned(session: Session, case_id: int, message: Message) -> bool:
    """Say whether a letter tells a family of a result without the signature that it tells of.

    The next signature is on another result: what an earlier letter says may not be so any more.
    """
    if message.template not in ON_A_RESULT:
        return False
    reviews = standing(session, case_id, "preop")
    keys = {of_notice_on_review(case_id, require_id(one.id)) for one in reviews}
    return message.dedupe_key not in keys if message.template in OF_REVIEW else not keys
