"""Everything that hospitals asked for in a case, as one list: what became of each, and who knows.

Holds words of hospitals about a patient's case: whoever asks is audited.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from models import Hospital, Message, MoreInfoItem, OutreachThread
from models.base import require_id
from models.database import transaction
from models.outreach import SETTLED
from views.asked_items import AskedItem
from workflows.engine.world import World
from workflows.outreach.in_file import in_file


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One thing that a hospital asked for.

    `documents` answer it, `proposed` are in the file and may answer it. `told_at` is when the
    letter left that told the hospital; None while it waits for us.
    """

    id: int
    hospital: str
    thread_id: int
    code: str
    words: str = field(repr=False)
    state: str
    asked_by_them: datetime
    asked_family: datetime | None
    documents: Sequence[int]
    proposed: Sequence[int]
    reason: str | None = field(repr=False)
    told_at: datetime | None
    over: bool
    """Whether the conversation has ended without it: nobody waits any more."""


def item_ledger(world: World, case_id: int) -> list[LedgerRow]:
    """Return what hospitals asked for, those that wait for us first, then oldest first."""
    with transaction(world.engine) as session:
        rows = session.execute(
            select(MoreInfoItem, OutreachThread, Hospital)
            .join(OutreachThread, col(OutreachThread.id) == col(MoreInfoItem.thread_id))
            .join(Hospital, col(Hospital.id) == col(OutreachThread.hospital_id))
            .where(col(MoreInfoItem.case_id) == case_id)
            .order_by(col(MoreInfoItem.id))
        ).all()
        codes = list(dict.fromkeys(item.code for item, _, _ in rows))
        there = in_file(session, world.playbooks.completeness, case_id, codes) if rows else {}
        found = [
            LedgerRow(
                id=require_id(item.id),
                hospital=f"{hospital.code} {hospital.name}",
                thread_id=item.thread_id,
                code=item.code,
                words=item.words,
                state=item.state,
                asked_by_them=item.created_at,
                asked_family=item.asked_at,
                documents=list(item.document_ids),
                proposed=[] if item.state in SETTLED else there.get(item.code, []),
                reason=item.reason,
                told_at=_told_at(session, item),
                over=item.answered_in is None and thread.state == "closed",
            )
            for item, thread, hospital in rows
        ]
    return sorted(found, key=lambda row: (row.told_at is not None or row.over, row.id))


def in_file_of(
    world: World, case_id: int | None, wanted: Sequence[AskedItem]
) -> Mapping[int, Sequence[int]]:
    """Return by number of an item the documents of the case that may answer it."""
    if case_id is None or not wanted:
        return {}
    with transaction(world.engine) as session:
        codes = [one.code for one in wanted]
        there = in_file(session, world.playbooks.completeness, case_id, codes)
    return {one.id: there.get(one.code, []) for one in wanted if one.state not in SETTLED}


def _told_at(session: Session, item: MoreInfoItem) -> datetime | None:
    if item.answered_in is None:
        return None
    letter = session.get(Message, item.answered_in)
    return letter.sent_at if letter else None
