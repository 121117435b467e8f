"""What `stop` does: cancels queued rows and bumps the fence of running ones.

A running row whose fence was bumped cannot commit. A message that is just being handed over becomes
`uncertain`: whether it left is for a person to find out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, literal, or_, select, true, update
from sqlmodel import Session, col

from models import HumanTask, Message, StepRun, WebhookDelivery
from models.base import require_id
from models.human_task import ALARMS, SETTLE
from workflows.engine import dedupe_keys
from workflows.engine.on_its_way import wait_for_letters
from workflows.engine.papers_left import leave_papers
from workflows.engine.permissions import is_unallowed
from workflows.verbs import EVERYTHING, UNALLOWED

DELIVER = "hooks.deliver_event"
WRITES = (
    "notices.nudge_consent",
    "notices.nudge_records",
    "notices.nudge_decision",
    "notices.send_update",
    "reminders.send_reminder",
)
"""Steps that write letters and can be stopped by name."""
OPEN = ("queued", "running", "paused")
ALARMING = ("notices.alert_staff", "reminders.climb_alarm", "ingestion.take_held_files")
"""Steps that go on when everything stops: an alarm stays with a person until they answer it, and
files that wait in a letter are taken, to be kept as all that comes then is."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Which human tasks (id, kind), and the messages whose fate is now unknown."""

    tasks: tuple[tuple[int, str], ...]
    uncertain_messages: tuple[int, ...]


def cancel(
    session: Session,
    case_id: int,
    steps: Sequence[str],
    tasks: Sequence[str],
    same: tuple[str, int | None] | None,
    now: datetime,
    keep_step_run: int | None = None,
    detail: str | None = None,
) -> Cancelled:
    """Cancel open steps by name and open human tasks by kind; `EVERYTHING` cancels all of both.

    `UNALLOWED` stops no step, but the letters on their way that the family allows no more.
    `same` restricts to rows about the same object, `detail` to tasks that are about it. The step
    that records the stopping fact (`keep_step_run`) finishes its own work.
    """
    everything = EVERYTHING in steps
    uncertain: tuple[int, ...] = ()
    session.flush()
    if everything or UNALLOWED in steps:
        wait_for_letters(session, case_id)
    if UNALLOWED in steps:
        uncertain = _doubt_unallowed(session, case_id)
    if steps:
        where: list[ColumnElement[bool]] = [
            col(StepRun.case_id) == case_id,
            col(StepRun.state).in_(OPEN),
        ]
        if everything:
            where.append(col(StepRun.name).not_in(ALARMING))
        else:
            where.append(col(StepRun.name).in_(list(steps)))
        if same is not None:
            where.append(col(StepRun.objects)[same[0]].as_integer() == same[1])
        if keep_step_run is not None:
            where.append(col(StepRun.id) != keep_step_run)
        stopped = session.execute(
            update(StepRun)
            .where(*where)
            .values(state="cancelled", fence=StepRun.fence + 1, finished_at=now)
            .returning(col(StepRun.id), col(StepRun.name), col(StepRun.objects))
            .execution_options(synchronize_session=False)
        ).all()
        letters = [row for row in stopped if row.name in WRITES]
        if letters and not everything:
            uncertain = _stop_messages(session, case_id, _written_by(letters))
    cancelled_tasks = _cancel_tasks(session, case_id, tasks, everything, same, detail, now)
    if everything:
        uncertain = _stop_messages(session, case_id, true())
        _give_up_deliveries(session, case_id)
        leave_papers(session, case_id, now)
    return Cancelled(cancelled_tasks, uncertain)


def outlives() -> ColumnElement[bool]:
    """Return which questions stay open whatever ends their case.

    An alarm, until somebody has called; whether a letter arrived, until somebody knows.
    """
    message_id = col(HumanTask.objects)["message_id"].as_integer()
    unknown = exists().where(col(Message.id) == message_id, col(Message.state) == "uncertain")
    return or_(
        col(HumanTask.kind).in_(ALARMS),
        and_(col(HumanTask.kind) == SETTLE, unknown.correlate(HumanTask)),
    )


def _cancel_tasks(
    session: Session,
    case_id: int,
    kinds: Sequence[str],
    everything: bool,
    same: tuple[str, int | None] | None,
    detail: str | None,
    now: datetime,
) -> tuple[tuple[int, str], ...]:
    if not kinds and not everything:
        return ()
    where: list[ColumnElement[bool]] = [
        col(HumanTask.case_id) == case_id,
        col(HumanTask.state) == "open",
    ]
    if everything:
        where.append(~outlives())
    else:
        where.append(col(HumanTask.kind).in_(list(kinds)))
    if same is not None:
        where.append(col(HumanTask.objects)[same[0]].as_integer() == same[1])
    if detail is not None:
        where.append(col(HumanTask.detail) == detail)
    rows = session.execute(
        update(HumanTask)
        .where(*where)
        .values(state="cancelled", done_at=now)
        .returning(col(HumanTask.id), col(HumanTask.kind))
        .execution_options(synchronize_session="fetch")
    ).all()
    return tuple((task_id, kind) for task_id, kind in rows if task_id is not None)


def _written_by(rows: Sequence[Row[Any]]) -> ColumnElement[bool]:
    """Return which messages these rows write: their keys name the row, or its question."""
    questions = [row.objects["reminder_id"] for row in rows if "reminder_id" in row.objects]
    return dedupe_keys.written_by([row.id for row in rows], questions)


def _stop_messages(session: Session, case_id: int, which: ColumnElement[bool]) -> tuple[int, ...]:
    """Cancel the letters that have not left; return those of which that cannot be known."""
    session.execute(
        update(Message)
        .where(
            col(Message.case_id) == case_id,
            col(Message.direction) == "out",
            col(Message.state).in_(("draft", "queued")),
            which,
        )
        .values(state="cancelled")
        .execution_options(synchronize_session="fetch")
    )
    rows = session.scalars(
        update(Message)
        .where(col(Message.case_id) == case_id, col(Message.state) == "sending", which)
        .values(state="uncertain")
        .returning(col(Message.id))
        .execution_options(synchronize_session="fetch")
    ).all()
    return tuple(row for row in rows if row is not None)


def _doubt_unallowed(session: Session, case_id: int) -> tuple[int, ...]:
    """Mark the letters on their way that the family allows no more; those that wait are looked at
    when they are claimed.

    Their steps go on: whoever hands such a letter over sees it before the text, and lets it be.
    """
    leaving = session.scalars(
        select(Message).where(
            col(Message.case_id) == case_id,
            col(Message.direction) == "out",
            col(Message.state) == "sending",
        )
    ).all()
    found = [one for one in leaving if is_unallowed(session, case_id, one)]
    for message in found:
        message.state = "uncertain"
    session.flush()
    return tuple(require_id(one.id) for one in found)


def _give_up_deliveries(session: Session, case_id: int) -> None:
    """Say of every delivery to a partner whose step was stopped that it will not be made."""
    stopped = select(col(StepRun.objects)["delivery_id"].as_integer()).where(
        col(StepRun.case_id) == case_id,
        col(StepRun.name) == DELIVER,
        col(StepRun.state) == "cancelled",
    )
    session.execute(
        update(WebhookDelivery)
        .where(col(WebhookDelivery.id).in_(stopped), col(WebhookDelivery.state) == "pending")
        .values(state="given_up")
        .execution_options(synchronize_session=False)
    )


def pause_waits(session: Session, case_id: int) -> None:
    """Pause the case's waits while it is on hold, the safety ones excepted."""
    session.execute(
        update(StepRun)
        .where(
            col(StepRun.case_id) == case_id,
            col(StepRun.state) == "queued",
            col(StepRun.wait),
            col(StepRun.safety) == literal(False),
        )
        .values(state="paused", fence=StepRun.fence + 1)
        .execution_options(synchronize_session=False)
    )


def resume_waits(session: Session, case_id: int, held_for: timedelta) -> None:
    """Let paused waits run on, each as much later as the case was held."""
    session.execute(
        update(StepRun)
        .where(col(StepRun.case_id) == case_id, col(StepRun.state) == "paused")
        .values(state="queued", due_at=StepRun.due_at + held_for)
        .execution_options(synchronize_session=False)
    )
