"""How long the bytes of a delivery are kept that belongs to no case."""

from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from models import HumanTask, InboundWebhook
from workflows.hooks.inbox import LOOK

NOBODYS_FOR = timedelta(days=30)
"""As long as a person and the partner may need to find out what was meant."""


def forget_nobodys(session: Session, now: datetime) -> None:
    """Let go of the bytes of deliveries that were not taken, unless a person is still asked.

    The row stays, with what its sender was answered; the store is swept of what no row names.
    """
    asked = select(col(HumanTask.objects)["hook_id"].as_integer()).where(
        col(HumanTask.kind) == LOOK, col(HumanTask.state) == "open"
    )
    session.execute(
        update(InboundWebhook)
        .where(
            col(InboundWebhook.state).in_(("refused", "put_aside", "conflict")),
            col(InboundWebhook.object_key) != "",
            col(InboundWebhook.case_id).is_(None),
            func.coalesce(col(InboundWebhook.settled_at), col(InboundWebhook.received_at))
            < now - NOBODYS_FOR,
            col(InboundWebhook.id).not_in(asked),
        )
        .values(object_key="")
        .execution_options(synchronize_session=False)
    )
