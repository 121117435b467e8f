"""The lane of a partner: its waiting deliveries are put off, woken or taken away together."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text, update
from sqlmodel import Session, col

from models import StepRun, WebhookDelivery, WebhookEndpoint
from models.base import require_id
from workflows.engine.doorbell import DueRow
from workflows.engine.stopping import DELIVER

FAR = datetime(9999, 1, 1, tzinfo=UTC)
"""When the deliveries of a paused partner are due."""
IN_ORDER = "InOrder"
CLOSED = "LaneClosed"


def put_off(session: Session, endpoint_id: int, until: datetime) -> None:
    """Let the waiting deliveries of a lane wait until a moment."""
    _update(
        session,
        (col(StepRun.lane) == endpoint_id, col(StepRun.due_at) < until),
        {"due_at": until, "error_class": CLOSED, "rung_at": None},
    )


def wake(session: Session, endpoint_id: int, now: datetime) -> None:
    """Let everything that waits in a lane be due now: the partner is back."""
    _update(
        session,
        (col(StepRun.lane) == endpoint_id, col(StepRun.due_at) > now),
        {"due_at": now, "rung_at": None},
    )


def wake_next(session: Session, endpoint_id: int, case_id: int, now: datetime) -> list[DueRow]:
    """Let the deliveries of a case that wait for the one before them be due now; return them."""
    rows = _update(
        session,
        (
            col(StepRun.case_id) == case_id,
            col(StepRun.lane) == endpoint_id,
            col(StepRun.error_class) == IN_ORDER,
        ),
        {"due_at": now, "rung_at": None},
    )
    return [DueRow(row.id, DELIVER, row.root_id or row.id) for row in rows]


def drop(session: Session, endpoint: WebhookEndpoint, now: datetime, state: str) -> None:
    """Take a lane's waiting deliveries out of their queue; they become `state`."""
    endpoint_id = require_id(endpoint.id)
    _update(
        session,
        (col(StepRun.lane) == endpoint_id,),
        {"state": "cancelled", "finished_at": now, "fence": StepRun.fence + 1},
    )
    session.execute(
        update(WebhookDelivery)
        .where(
            col(WebhookDelivery.endpoint_id) == endpoint_id, col(WebhookDelivery.state) == "pending"
        )
        .values(state=state)
        .execution_options(synchronize_session="fetch")
    )


def _update(session: Session, where: tuple[Any, ...], values: dict[str, Any]) -> list[Any]:
    session.flush()
    return list(
        session.execute(
            update(StepRun)
            .where(col(StepRun.name) == DELIVER, col(StepRun.state) == "queued", *where)
            .values(**values)
            .returning(col(StepRun.id), col(StepRun.root_id))
            .execution_options(synchronize_session=False)
        )
    )


_QUEUE = text(
    """
    INSERT INTO step_run (case_id, name, state, wait, safety, due_at, attempt, fence, objects, lane,
                          cause_event_id)
    SELECT e.case_id, :step, 'queued', false, false, :due, 0, 0,
           jsonb_build_object('delivery_id', d.id, 'lane', d.endpoint_id), d.endpoint_id,
           e.event_id
      FROM webhook_delivery d LEFT JOIN case_event e ON e.event_id = d.event_id
     WHERE d.id = ANY(:ids)
     ORDER BY e.case_id, e.seq, d.id
    """
)


def opens(endpoint: WebhookEndpoint, now: datetime) -> datetime:
    """Return when a lane's deliveries may leave."""
    return FAR if endpoint.paused_at is not None else max(now, endpoint.closed_until or now)


def queue(session: Session, ids: list[int], due: datetime) -> None:
    """Queue these deliveries, each case's in its order; the relay rings for them."""
    session.flush()
    session.execute(_QUEUE, {"step": DELIVER, "due": due, "ids": ids})
