"""Whether a letter may leave: asked when a person approves it, and when it is sent.

A letter with findings leaves under a clinician's signature on these very findings, and to a
hospital that the family allows; one that asks to delete what was shared needs neither.
"""

from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, Consent, Message, OutreachThread
from models.base import require_id
from workflows.engine.dedupe_keys import of_notice_on_review
from workflows.engine.lookup import get
from workflows.screening.signatures import lets_out, standing

STOPPED_STATES = frozenset(
    {"BEREAVEMENT_WRAPUP", "WITHDRAWAL_WRAPUP", "CLOSED_DECEASED", "CLOSED_WITHDRAWN"}
)
ASKS_TO_DELETE = "M17"
AFTER_STOP = frozenset({"M38", ASKS_TO_DELETE})
"""What a withdrawal ended with is told all the same; after a death nothing is."""
ASKED_FOR = frozenset({"M38", "M41"})
"""Letters that also reach a patient who wants none: what they asked for, and what their no did."""
WITH_FINDINGS = frozenset({"M10", "M11", "M14", "M44"})
"""Letters that ask hospitals about a case, or tell findings: each leaves under a signature."""

OF_REVIEW = ("M07", "M07a")
"""Letters about one signed result: where nothing differs, and after the call about what does."""
ON_A_RESULT = frozenset({*OF_REVIEW, "M08"})
"""Letters that tell a family of the signed result: without the signature nothing of it holds."""

STOPPED, NO_SIGNATURE, NO_CONSENT = "stopped", "signature", "consent"
"""Why a letter does not leave, as `Message.held_for` keeps it."""


def is_stopped(case: Case, template: str | None) -> bool:
    """Return whether no letter of this kind may be written any more."""
    if case.state in ("BEREAVEMENT_WRAPUP", "CLOSED_DECEASED"):
        return True
    return case.state in STOPPED_STATES and template not in AFTER_STOP


def wants_no_letters(session: Session, case_id: int) -> bool:
    """Return whether the patient has taken back the permission to be written to."""
    answers = session.scalars(
        select(col(Consent.withdrawn_at)).where(
            col(Consent.case_id) == case_id, col(Consent.scope) == "messaging"
        )
    ).all()
    return bool(answers) and all(withdrawn is not None for withdrawn in answers)


def may_be_shared(session: Session, thread: OutreachThread) -> bool:
    """Return whether the family allows the hospital of this thread to be shown the case."""
    return allows(session, thread.case_id, thread.hospital_id)


def allows(session: Session, case_id: int, hospital_id: int) -> bool:
    """Return whether the family allows this hospital to be shown the case."""
    granted = session.scalars(
        select(col(Consent.id)).where(
            col(Consent.case_id) == case_id,
            col(Consent.hospital_id) == hospital_id,
            col(Consent.scope).in_(("share_deid", "share_identified")),
            col(Consent.withdrawn_at).is_(None),
        )
    ).first()
    return granted is not None


def why_not(session: Session, case: Case, message: Message) -> str | None:
    """Return why the letter may not leave now, as a code; None when it may.

    The caller holds the case's row: what a signature or a consent rests on is changed under it.
    """
    if is_stopped(case, message.template):
        return STOPPED
    if message.to_role == "patient" and message.template not in ASKED_FOR:
        if wants_no_letters(session, require_id(case.id)):
            return NO_CONSENT
        return NO_SIGNATURE if _unsigned(session, require_id(case.id), message) else None
    if message.to_role != "hospital":
        return None
    if message.thread_id is None:  # of which hospital it is nobody can say, and of no consent
        return NO_CONSENT
    if message.template == ASKS_TO_DELETE:
        return None
    if not may_be_shared(session, get(session, OutreachThread, message.thread_id)):
        return NO_CONSENT
    if message.template in WITH_FINDINGS and lets_out(session, require_id(case.id)) is None:
        return NO_SIGNATURE
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
