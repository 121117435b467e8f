"""The clock of retention: which data are due, what was decided and can begin. It never decides."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlmodel import Session, col

from models import Case, Erasure, HumanTask, Message
from models.base import require_id
from workflows.declared import Raises
from workflows.engine.case_facts import ever_allowed
from workflows.engine.work import Unit, Work, cheap, slow
from workflows.events import SYSTEM, Event
from workflows.letters.leaving import ASKS_TO_DELETE
from workflows.outreach.open_threads import CLOSING, close_thread
from workflows.outreach.writing import DRAFTING, draft
from workflows.retention.holding import DUE, ask_again, ask_no_more
from workflows.retention.state import (
    WRAPPING_UP,
    erasure_of,
    is_running,
    may_begin,
    still_to_answer,
)

AT_ONCE = 100
"""Cases of a kind that one look takes; the next look finds the rest."""
ASKED = "confirm_erasure"


@slow(
    "reminders.watch_retention",
    words="it is looked which data are due to be erased",
    stopped="Nobody looks which data are due to be erased",
    patient="Data are kept for longer than the family was told.",
    raises=Raises(
        events=("data.erasure_due", "data.erasure_refused", DUE), requests=("erase_case",)
    ),
)
def watch_retention(work: Work) -> None:
    """Set days that are missing, ask a person before they come, and go on with what was decided."""
    _each(work, _without_day, _set_day)
    soon = (work.now + timedelta(days=work.world.process.policy.remind_days)).date()
    _each(work, lambda session: _due(session, soon), _ask)
    _each(work, _decided, _go_on)
    with work.finishing():
        pass


def _each(
    work: Work, find: Callable[[Session], Sequence[int]], do: Callable[[Unit, int], None]
) -> None:
    with work.reading() as session:
        found = find(session)
    for case_id in found:
        with work.claiming() as unit:
            unit.recorder.lock([case_id])
            do(unit, case_id)


def _without_day(session: Session) -> Sequence[int]:
    """Return cases that were closed before days were set."""
    query = select(col(Case.id)).where(
        col(Case.closed_at).is_not(None),
        col(Case.erase_on).is_(None),
        col(Case.erased_at).is_(None),
    )
    return _ids(session, query.order_by(col(Case.id)).limit(AT_ONCE))


def _due(session: Session, soon: date) -> Sequence[int]:
    """Return closed cases whose day is near, for which nothing is decided and nobody is asked."""
    decided = select(col(Erasure.id)).where(col(Erasure.case_id) == col(Case.id))
    asked = select(col(HumanTask.id)).where(
        col(HumanTask.case_id) == col(Case.id),
        col(HumanTask.kind) == ASKED,
        col(HumanTask.state) == "open",
    )
    query = select(col(Case.id)).where(
        col(Case.closed_at).is_not(None),
        col(Case.erased_at).is_(None),
        col(Case.erase_on) <= soon,
        ~decided.exists(),
        ~asked.exists(),
    )
    return _ids(session, query.order_by(col(Case.erase_on), col(Case.id)).limit(AT_ONCE))


def _decided(session: Session) -> Sequence[int]:
    query = select(col(Erasure.case_id)).where(col(Erasure.done_at).is_(None))
    return _ids(session, query.order_by(col(Erasure.id)))


def _ids(session: Session, query: Select[Any]) -> Sequence[int]:
    return [row for row in session.scalars(query) if row is not None]


def _set_day(unit: Unit, case_id: int) -> None:
    case = unit.recorder.case(case_id)
    if case.closed_at is not None and case.erase_on is None and case.outcome is not None:
        allowed = ever_allowed(unit.session, case_id)
        policy = unit.world.process.policy
        case.erase_on = policy.erase_on(case.outcome, case.closed_at, allowed=allowed)


def _ask(unit: Unit, case_id: int) -> None:
    """Record that the day is near; the table asks a person. Looked at again under the lock."""
    case = unit.recorder.case(case_id)
    soon = (unit.now + timedelta(days=unit.world.process.policy.remind_days)).date()
    if case_id in _due(unit.session, soon) and case.erase_on is not None:
        payload = {"erase_on": case.erase_on.isoformat(), "reason": "due"}
        unit.recorder.record(case_id, Event("data.erasure_due", payload, actor=SYSTEM))


def _go_on(unit: Unit, case_id: int) -> None:
    case, erasure = unit.recorder.case(case_id), erasure_of(unit.session, case_id)
    if erasure is None or is_running(unit.session, case_id):
        return
    if case.closed_at is None and case.state not in WRAPPING_UP:
        # It was opened again: whoever did so wants it to go on.
        unit.session.delete(erasure)
        ask_no_more(unit.recorder, case_id)
        refused = Event("data.erasure_refused", {"reason": "reopened"}, actor=SYSTEM)
        unit.recorder.record(case_id, refused)
        return
    if may_begin(unit.session, case, erasure, unit.now.date()):
        unit.recorder.request("erase_case", case_id=case_id)
    elif erasure.hold_reason is not None:
        ask_again(unit.recorder, case, erasure)


@cheap(
    "outreach.ask_deletion",
    words="hospitals that hold findings are asked to delete them",
    stopped="Hospitals were not asked to delete what they were sent",
    patient="A hospital keeps data that are erased here.",
    raises=Raises(events=(*DRAFTING, *CLOSING), letters=(ASKS_TO_DELETE,)),
)
def ask_deletion(unit: Unit) -> None:
    """Close each thread whose hospital holds findings, and ask it to delete them (M17)."""
    for thread in still_to_answer(unit.session, unit.case):
        if thread.state != "closed":
            close_thread(unit, thread, "withdrawn")
        if thread.deletion is None and not _drafted(unit, require_id(thread.id)):
            draft(unit, thread, ASKS_TO_DELETE)


def _drafted(unit: Unit, thread_id: int) -> bool:
    """Return whether such a letter waits already, since the permission was taken back."""
    query = select(col(Message.id)).where(
        col(Message.thread_id) == thread_id,
        col(Message.template) == ASKS_TO_DELETE,
        col(Message.state).in_(("draft", "queued", "sending", "sent", "uncertain")),
    )
    return unit.session.scalars(query.limit(1)).first() is not None
