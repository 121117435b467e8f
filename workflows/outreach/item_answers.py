"""What a hospital asks for before it can answer: read from its letter, and how it was settled."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from correspondence.replies.items import items_quoted
from models import Case, Document, FindingRecord, Hospital, Message, MoreInfoItem, OutreachThread
from models.base import require_id
from models.outreach import SETTLED
from workflows.engine.lookup import get
from workflows.engine.world import World
from workflows.letters.days import day_in, zone_of
from workflows.outreach.enquiries import chase_fields, summary_fields

OTHER = "other"
WORDS_AT_MOST = 300


def note_items(
    session: Session, thread: OutreachThread, message: Message, named: Sequence[str]
) -> list[MoreInfoItem]:
    """Write down what a letter asks for, each with the hospital's words; return the new round.

    `named` are codes that a person named; those that the letter names itself are added. A letter
    that names nothing known asks for one thing: what it says.
    """
    quoted = dict(items_quoted(message.body))
    codes = list(dict.fromkeys([*named, *quoted])) or [OTHER]
    last = session.scalar(
        select(func.max(col(MoreInfoItem.round))).where(col(MoreInfoItem.thread_id) == thread.id)
    )
    rows = [
        MoreInfoItem(
            case_id=thread.case_id,
            thread_id=require_id(thread.id),
            message_id=message.id,
            round=(last or 0) + 1,
            code=code,
            words=quoted.get(code, _whole(message.body) if code == OTHER else "")[:WORDS_AT_MOST],
        )
        for code in codes
    ]
    session.add_all(rows)
    session.flush()
    return rows


def _whole(text: str) -> str:
    return " ".join(text.split())


def untold(session: Session, thread_id: int) -> Sequence[MoreInfoItem]:
    """Return what the hospital asked for and was not told about for good, oldest first."""
    return session.scalars(
        select(MoreInfoItem)
        .where(col(MoreInfoItem.thread_id) == thread_id, col(MoreInfoItem.answered_in).is_(None))
        .order_by(col(MoreInfoItem.id))
    ).all()


def told_items(session: Session, thread: OutreachThread) -> list[int]:
    """Return the ids of the items that a letter written now answers."""
    return [require_id(item.id) for item in untold(session, require_id(thread.id))]


def all_settled(items: Sequence[MoreInfoItem]) -> bool:
    """Return whether each is there, or cannot be had."""
    return all(item.state in SETTLED for item in items)


def answer_fields(
    session: Session, world: World, case: Case, hospital: Hospital, thread: OutreachThread
) -> dict[str, Any]:
    """Return the fields of the letter that answers a hospital's questions (M14)."""
    items = untold(session, require_id(thread.id))
    asked = next((item.message_id for item in items if item.message_id is not None), None)
    letter = get(session, Message, asked) if asked is not None else None
    zone = zone_of(hospital)
    return {
        **chase_fields(session, world, case, hospital, thread),
        **summary_fields(session, case),
        "asked_by_them": day_in(zone, letter.sent_at) if letter and letter.sent_at else None,
        "answers": [
            {
                "item": item.code,
                "words": item.words,
                "outcome": item.state,
                "papers": _papers(session, item),
                "asked_on": day_in(zone, item.asked_at) if item.asked_at else None,
            }
            for item in items
        ],
    }


def _papers(session: Session, item: MoreInfoItem) -> list[dict[str, Any]]:
    """Return the documents that answer an item: what kind each is, and its day if it states one."""
    rows = session.scalars(
        select(Document).where(col(Document.id).in_(item.document_ids)).order_by(col(Document.id))
    ).all()
    return [{"label": row.label or OTHER, "day": _day(session, row)} for row in rows]


def _day(session: Session, document: Document) -> date | None:
    stated = session.scalars(
        select(col(FindingRecord.report_date)).where(
            col(FindingRecord.document_id) == document.id,
            col(FindingRecord.report_date).is_not(None),
        )
    ).first()
    return date.fromisoformat(stated) if stated and len(stated) == len("2027-03-01") else None
