"""Reminders that a family may end by themselves, with the button of their mail program (RFC 8058).

They are the letters that ask once more for what was asked before. Letters of care, questions after
the treatment and answers are none: these go on.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from correspondence.own_page import STOP
from models import CaseEvent, Message
from workflows.engine.world import World
from workflows.letters.own_page import marked

ENDED = "reminders.ended"
ABOUT = "about"
"""Under which name `Message.told` keeps what the row named that called for a letter."""
NUDGE = "nudge"
"""Marks the rows that write a reminder, with which of them it is."""


def is_reminder(objects: Mapping[str, Any]) -> bool:
    """Return whether a row's letter asks once more for something."""
    return NUDGE in objects


def asks_again(message: Message) -> bool:
    """Return whether a letter is a reminder, by what called for it."""
    told = message.told if isinstance(message.told, dict) else {}
    return message.to_role == "patient" and is_reminder(told.get(ABOUT) or {})


def are_ended(session: Session, case_id: int) -> bool:
    """Return whether the family wants no reminders."""
    found = select(col(CaseEvent.event_id)).where(
        col(CaseEvent.case_id) == case_id, col(CaseEvent.type) == ENDED
    )
    return session.scalars(found.limit(1)).first() is not None


def way_out(world: World) -> str:
    """Return the address that ends the reminders of a case, with the mark that stands for it."""
    return marked(world, STOP)
