"""How far a case's erasure is, and whether it may begin."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, CaseEvent, Erasure, HumanTask, OutreachThread, StepRun
from models.base import require_id
from models.human_task import ALARMS
from workflows.engine.stopping import OPEN
from workflows.letters.leaving import ASKS_TO_DELETE, is_stopped
from workflows.outreach.corrections import told_to
from workflows.retention.found import unmatched
from workflows.stages import WRAPPING_UP as WRAPPING_UP

ERASE = "ingestion.erase_case"


def erasure_of(session: Session, case_id: int) -> Erasure | None:
    """Return the erasure that was decided for the case."""
    query = select(Erasure).where(col(Erasure.case_id) == case_id)
    return session.scalars(query.execution_options(populate_existing=True)).first()


def is_asked_for(session: Session, case_id: int) -> bool:
    """Return whether somebody asked for the erasure and has had no other answer since."""
    answered = ("data.erasure_refused", "data.kept")
    newest = session.scalars(
        select(col(CaseEvent.type))
        .where(
            col(CaseEvent.case_id) == case_id,
            col(CaseEvent.type).in_(("data.erasure_asked", *answered)),
        )
        .order_by(col(CaseEvent.seq).desc())
        .limit(1)
    ).first()
    return newest == "data.erasure_asked"


def holders(session: Session, case: Case) -> Sequence[OutreachThread]:
    """Return the threads with hospitals that were told findings of the case, oldest first."""
    threads = session.scalars(
        select(OutreachThread)
        .where(col(OutreachThread.case_id) == case.id)
        .order_by(col(OutreachThread.id))
    )
    return [thread for thread in threads if told_to(session, thread) is not None]


def still_to_answer(session: Session, case: Case) -> list[OutreachThread]:
    """Return the threads whose hospital is asked to delete findings and has not said that it did.

    None after a death: hospitals are written to no more.
    """
    if is_stopped(session, case, ASKS_TO_DELETE):
        return []
    return [one for one in holders(session, case) if one.deletion in (None, "asked")]


def alarm_is_open(session: Session, case_id: int) -> bool:
    """Return whether somebody may be in danger: then nobody's number is taken away."""
    query = select(col(HumanTask.id)).where(
        col(HumanTask.case_id) == case_id,
        col(HumanTask.state) == "open",
        col(HumanTask.kind).in_(ALARMS),
    )
    return session.scalars(query.limit(1)).first() is not None


def in_question(session: Session, case_id: int) -> bool:
    """Return whether somebody is still to look whose letter of the patient's address one is."""
    letters = unmatched(session, case_id)
    query = select(col(HumanTask.id)).where(
        col(HumanTask.state) == "open",
        col(HumanTask.kind).in_(("match_mail", "find_sender")),
        col(HumanTask.objects)["message_id"].as_integer().in_(letters),
    )
    return bool(letters) and session.scalars(query.limit(1)).first() is not None


def at_work(session: Session, case_id: int, but: int | None = None) -> bool:
    """Return whether a worker does something for the case: it may put things into the store."""
    query = select(col(StepRun.id)).where(
        col(StepRun.case_id) == case_id, col(StepRun.state) == "running", col(StepRun.id) != but
    )
    return session.scalars(query.limit(1)).first() is not None


def may_begin(session: Session, case: Case, erasure: Erasure, today: date) -> bool:
    """Return whether the erasure may go on: the case is closed, and hospitals were given time."""
    case_id = require_id(case.id)
    if erasure.done_at is not None or erasure.hold_reason is not None:
        return False
    if case.closed_at is None or alarm_is_open(session, case_id):
        return False
    if case.erased_at is not None:
        return True
    if in_question(session, case_id):
        return False
    return today > erasure.wait_until or not still_to_answer(session, case)


def is_running(session: Session, case_id: int) -> bool:
    """Return whether the step that erases is queued, at work, or waits for a repair."""
    query = select(col(StepRun.id)).where(
        col(StepRun.case_id) == case_id,
        col(StepRun.name) == ERASE,
        col(StepRun.state).in_((*OPEN, "dead")),
    )
    return session.scalars(query.limit(1)).first() is not None
