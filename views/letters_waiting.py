"""Letters that lie in no case: old ones that wait for a place, and those that people set aside.

Holds personal data: whoever asks is audited.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, String, cast, func, select
from sqlmodel import Session, col

from accounts import audit
from models import InboundMail, Message
from models.base import require_id
from models.database import transaction
from workflows.cases.contacts import cases_of
from workflows.engine.world import World

LISTS = {"to_place": "Old letters to place", "aside": "Set aside", "machine": "Old, of machines"}
"""States of the inbox that are lists of letters, and what each is called."""
PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class WaitingLetter:
    """A letter of a list: `why`, `by` and `set_at` are of whoever set it aside."""

    message_id: int
    address: str
    subject: str
    came_at: datetime
    why: str | None
    by: str | None
    set_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote old letters that wait: how many, when, and which cases the address stands in.

    `message_id` is one of them, by which the sender is named in addresses of pages.
    """

    message_id: int
    address: str
    count: int
    first: datetime
    last: datetime
    subject: str
    cases: Sequence[str]


@dataclass(frozen=True, slots=True)
class LetterList:
    """One page of a list, by letters (the newest first) or by senders (the most letters first)."""

    state: str
    counts: Sequence[tuple[str, str, int]]
    """Every list: its code, what it is called, and how many letters are in it."""
    rows: Sequence[WaitingLetter]
    senders: Sequence[Sender]
    total: int
    page: int
    pages: int


Where = tuple[ColumnElement[bool], ...]
_SENDER = func.coalesce(col(Message.address_mark), cast(col(Message.id), String))
"""Letters without a sender are each of a sender of their own."""


def letters_waiting(
    world: World, state: str, page: int, actor_ref: str, of: int | None = None
) -> LetterList:
    """Return a page (from 1) of a list; who looked is written down.

    What waits for its place is listed by senders; `of` is a letter whose sender's are listed.
    """
    with transaction(world.engine) as session:
        counts = _counts(session)
        if state not in LISTS:  # the first list in which there is one
            state = next((code for code, _, count in counts if count), "to_place")
        where: Where = (col(InboundMail.state) == state, col(Message.case_id).is_(None))
        by_sender = state == "to_place" and of is None
        if of is not None:
            named = select(_SENDER).where(col(Message.id) == of)
            where = (*where, named.scalar_subquery() == _SENDER)
        counted = func.count(func.distinct(_SENDER))
        query = select(counted if by_sender else func.count()).select_from(InboundMail)
        total = session.scalar(query.join(Message, _joined()).where(*where)) or 0
        pages = max(1, -(-total // PER_PAGE))
        page = min(max(page, 1), pages)
        start = (page - 1) * PER_PAGE
        audit.note(
            session, actor_ref=actor_ref, action="letters.viewed", at=world.clock.now(),
            object_ref=state,
        )  # fmt: skip
        rows = [] if by_sender else _letters(session, where, start)
        senders = _senders(session, where, start) if by_sender else []
    return LetterList(state, counts, rows, senders, total, page, pages)


def _joined() -> ColumnElement[bool]:
    return col(Message.id) == col(InboundMail.message_row_id)


def _counts(session: Session) -> list[tuple[str, str, int]]:
    rows = session.execute(
        select(col(InboundMail.state), func.count())
        .where(col(InboundMail.state).in_(list(LISTS)))
        .group_by(col(InboundMail.state))
    )
    found = {row[0]: row[1] for row in rows}
    return [(code, words, found.get(code, 0)) for code, words in LISTS.items()]


def _letters(session: Session, where: Where, start: int) -> list[WaitingLetter]:
    found = session.execute(
        select(Message, InboundMail)
        .join(InboundMail, _joined())
        .where(*where)
        .order_by(col(Message.sent_at).desc(), col(Message.id).desc())
        .offset(start)
        .limit(PER_PAGE)
    )
    return [
        WaitingLetter(
            require_id(message.id),
            message.address,
            message.subject,
            message.sent_at or message.created_at,
            inbox.aside_reason,
            inbox.aside_by,
            inbox.aside_at,
        )
        for message, inbox in found
    ]


def _senders(session: Session, where: Where, start: int) -> list[Sender]:
    newest = func.max(col(Message.id))
    groups = session.execute(
        select(func.count(), func.min(col(Message.sent_at)), func.max(col(Message.sent_at)), newest)
        .join(InboundMail, _joined())
        .where(*where)
        .group_by(_SENDER)
        .order_by(func.count().desc(), newest.desc())
        .offset(start)
        .limit(PER_PAGE)
    ).all()
    said = session.execute(
        select(col(Message.id), col(Message.address), col(Message.subject)).where(
            col(Message.id).in_([row[3] for row in groups])
        )
    )
    newest_of = {number: (address.lower(), subject) for number, address, subject in said}
    return [
        Sender(
            number, newest_of[number][0], count, first, last, newest_of[number][1],
            [one.ref for one in cases_of(session, newest_of[number][0])],
        )
        for count, first, last, number in groups
    ]  # fmt: skip
