"""Letters that lie in no case: those that people set aside, with the reason.

Holds personal data: whoever asks is audited.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import col

from accounts import audit
from models import InboundMail, Message
from models.base import require_id
from models.database import transaction
from workflows.engine.world import World

ASIDE = "aside"
PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class WaitingLetter:
    """A letter of a list: `why` and `by` are those of whoever set it aside last."""

    message_id: int
    address: str
    subject: str
    came_at: datetime
    why: str | None
    by: str | None
    set_at: datetime | None


@dataclass(frozen=True, slots=True)
class LetterList:
    """One page of a list, the newest letters first."""

    state: str
    rows: Sequence[WaitingLetter]
    total: int
    page: int
    pages: int


def letters_waiting(world: World, state: str, page: int, actor_ref: str) -> LetterList:
    """Return a page (from 1) of the letters in a state of the inbox; who looked is written down."""
    where = (col(InboundMail.state) == state, col(Message.case_id).is_(None))
    with transaction(world.engine) as session:
        joined = (
            select(func.count())
            .select_from(InboundMail)
            .join(Message, col(Message.id) == col(InboundMail.message_row_id))
        )
        total = session.scalar(joined.where(*where)) or 0
        pages = max(1, -(-total // PER_PAGE))
        page = min(max(page, 1), pages)
        found = session.execute(
            select(Message, InboundMail)
            .join(InboundMail, col(InboundMail.message_row_id) == col(Message.id))
            .where(*where)
            .order_by(col(Message.sent_at).desc(), col(Message.id).desc())
            .offset((page - 1) * PER_PAGE)
            .limit(PER_PAGE)
        ).all()
        audit.note(
            session, actor_ref=actor_ref, action="letters.viewed", at=world.clock.now(),
            object_ref=state,
        )  # fmt: skip
        rows = [_row(message, inbox) for message, inbox in found]
    return LetterList(state, rows, total, page, pages)


def _row(message: Message, inbox: InboundMail) -> WaitingLetter:
    return WaitingLetter(
        require_id(message.id),
        message.address,
        message.subject,
        message.sent_at or message.created_at,
        inbox.aside_reason,
        inbox.aside_by,
        inbox.aside_at,
    )
