"""Robots that answer our letters: their words are read, but they are no word of the family.

A mailbox that answers every letter by itself would else put off reminders and calls for ever, and
wake a case that waits. One without any mark of a robot is known by its second answer: the same
words, just after a letter of ours.
"""

import re
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import Session, col

from correspondence import InboundLetter
from models import Case, Message
from models.findable import address_is

JUST_AFTER = timedelta(minutes=10)
"""So soon after a letter of ours a robot answers; a person seldom does, in the same words."""
A_DAY = timedelta(hours=24)
ANSWERS_MAIL = frozenset({"M33"})
"""Letters that leave by themselves because a mail came: one a day at most to one address."""
ANSWERS_ANYBODY = frozenset({"M01"})
"""What answers an inquiry: whoever sends one chooses the address, and it may be a stranger's."""
INQUIRIES_A_DAY = 5
"""So many inquiries are answered at one address within a day, of whatever cases."""


def is_robots(session: Session, case_id: int, letter: InboundLetter, message: Message) -> bool:
    """Return whether a letter from a family's address, kept as `message`, is a machine's."""
    if letter.machine in ("out_of_office", "auto_reply"):
        return True
    came = message.sent_at
    if came is None:
        return False
    of_address = address_is(session, col(Message.address_mark), letter.from_address)
    ours = select(col(Message.id)).where(
        col(Message.case_id) == case_id,
        col(Message.direction) == "out",
        of_address,
        col(Message.sent_at).between(came - JUST_AFTER, came),
    )
    if session.scalars(ours.limit(1)).first() is None:
        return False
    earlier = select(col(Message.body)).where(
        col(Message.case_id) == case_id,
        col(Message.direction) == "in",
        col(Message.id) != message.id,
        of_address,
    )
    bodies = session.scalars(earlier.order_by(col(Message.id).desc()).limit(20))
    return _plain(letter.new_text) in {_plain(body) for body in bodies}


def _plain(text: str) -> str:
    """Return words alone: a ticket's number and the hour differ from answer to answer."""
    return " ".join(re.sub(r"[\d\W_]+", " ", text.lower()).split())


def is_flooded(session: Session, template: str, address: str, now: datetime) -> bool:
    """Return whether an address got its answers to inquiries for a day: somebody floods it."""
    if template not in ANSWERS_ANYBODY:
        return False
    opened = select(col(Case.id)).where(col(Case.opened_at) > now - A_DAY)
    sent = select(col(Message.id)).where(
        col(Message.case_id).in_(opened),
        col(Message.template) == template,
        address_is(session, col(Message.address_mark), address),
        col(Message.state) != "cancelled",
    )
    return len(session.scalars(sent.limit(INQUIRIES_A_DAY)).all()) == INQUIRIES_A_DAY


def was_answered_today(
    session: Session, case_id: int, template: str, address: str, now: datetime
) -> bool:
    """Return whether the same letter left for this address within a day."""
    sent = select(col(Message.id)).where(
        col(Message.case_id) == case_id,
        col(Message.template) == template,
        address_is(session, col(Message.address_mark), address),
        col(Message.direction) == "out",
        col(Message.state) != "cancelled",
        func.coalesce(col(Message.sent_at), now) > now - A_DAY,
    )
    return session.scalars(sent.limit(1)).first() is not None
