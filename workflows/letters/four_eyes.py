"""Letters that take care: findings, or an address that had no letter before.

Who gave such an address, or wrote the words, does not send them there alone: a letter to a false
address carries a patient's findings out of the house, and nobody else would have looked.
"""

from collections.abc import Collection

from sqlalchemy import select
from sqlmodel import Session, col

from accounts.people import same_person
from models import CaseEvent, DirectoryChange, Message, OutreachThread, User
from models.findable import letter_marks_of, marks_in
from workflows.letters.leaving import ON_A_RESULT, WITH_FINDINGS

WITH_HEALTH = WITH_FINDINGS | ON_A_RESULT | {"M19", "M19a", "M28a", "M28b", "M35"}
"""Letters with findings, results or papers."""
ADDRESSES = ("email", "backup_email")
"""Cells of a hospital's row to which letters go."""
APPROVERS = ("coordinator", "lead")


def takes_care(session: Session, message: Message) -> bool:
    """Say whether who approves a letter shows anew who they are."""
    return message.template in WITH_HEALTH or is_new_address(session, message)


def is_new_address(session: Session, message: Message) -> bool:
    """Say whether no letter has left to this address before, in the case or to the hospital."""
    query = select(col(Message.id)).where(
        col(Message.address_mark) == letter_marks_of(marks_in(session), message.address, None)[0],
        col(Message.direction) == "out",
        col(Message.state) == "sent",
        col(Message.id) != message.id,
    )
    if message.to_role == "patient":
        query = query.where(col(Message.case_id) == message.case_id)
    return session.scalars(query.limit(1)).first() is None


def is_own(session: Session, message: Message, ref: str) -> bool:
    """Say whether a letter to a new address is this person's own: its words, or the address."""
    return any(same_person(one, ref) for one in authors(session, message))


def authors(session: Session, message: Message) -> Collection[str]:
    """Return who wrote words of a letter, or gave the address that it goes to."""
    return {*_who_gave_address(session, message), *filter(None, [message.edited_by])}


def colleagues(session: Session, ref: str) -> bool:
    """Say whether anybody else could read and approve it."""
    found = session.scalars(
        select(col(User.ref)).where(col(User.active), col(User.role).in_(APPROVERS))
    )
    return any(not same_person(one, ref) for one in found)


def _who_gave_address(session: Session, message: Message) -> Collection[str]:
    if message.thread_id is not None:
        return _of_hospital(session, message.thread_id)
    if message.to_role != "patient":
        return ()
    events = session.scalars(
        select(CaseEvent).where(
            col(CaseEvent.case_id) == message.case_id,
            col(CaseEvent.type).in_(("case.opened", "patient.informed")),
            col(CaseEvent.actor_type) != "patient",
        )
    )
    return {one.actor_ref for one in events if one.actor_ref}


def _of_hospital(session: Session, thread_id: int) -> Collection[str]:
    """Return who last gave the hospital its addresses: by adding it, or by changing one."""
    rows = session.scalars(
        select(DirectoryChange)
        .join(OutreachThread, col(OutreachThread.hospital_id) == col(DirectoryChange.hospital_id))
        .where(col(OutreachThread.id) == thread_id, col(DirectoryChange.act) != "confirmed")
        .order_by(col(DirectoryChange.id).desc())
    )
    for row in rows:
        if (row.act == "added" and row.unit is None) or set(row.fields) & set(ADDRESSES):
            return (row.actor_ref,)
    return ()
