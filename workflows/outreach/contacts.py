"""What a letter says of a hospital's people: numbers are proposed, and a person decides."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from correspondence.contact_points import contact_points
from models import Hospital, Message, OutreachThread, ThreadContact
from models.base import require_id
from models.findable import address_is
from workflows.directory.store import record_of
from workflows.letters.to_hospitals import Recording

CONFIRMS = "confirm_contact"


def contact_of(
    session: Session, thread: OutreachThread, way: str, value: str
) -> ThreadContact | None:
    """Return what is kept of an address or number in a thread."""
    return session.scalars(
        select(ThreadContact).where(
            col(ThreadContact.thread_id) == thread.id,
            col(ThreadContact.way) == way,
            address_is(session, col(ThreadContact.value_mark), value),
        )
    ).first()


def propose_contacts(by: Recording, thread: OutreachThread, message: Message) -> None:
    """Propose the numbers of a person's letter, once each; ask a coordinator about them."""
    session = by.session
    known = _numbers_of(session.get_one(Hospital, thread.hospital_id))
    for point in contact_points(message.body):
        if point.value in known or contact_of(session, thread, point.way, point.value):
            continue
        contact = ThreadContact(
            case_id=thread.case_id, thread_id=require_id(thread.id), message_id=message.id,
            way=point.way, value=point.value,
        )  # fmt: skip
        session.add(contact)
        session.flush()
        # Not about the thread: a number to look at is nothing that the thread waits for.
        objects = {"contact_id": require_id(contact.id), "message_id": require_id(message.id)}
        by.recorder.request(CONFIRMS, case_id=thread.case_id, objects=objects, detail=point.way)


def _numbers_of(hospital: Hospital) -> Sequence[str]:
    found: list[str] = []
    for one in record_of(hospital).departments:
        digits = "".join(sign for sign in one.phone or "" if sign.isdigit())
        found += [digits, f"+{digits}"] if digits else []
        found += [one.wechat] if one.wechat else []
    return found


def keep_contact(
    session: Session,
    thread: OutreachThread,
    way: str,
    value: str,
    *,
    by: str,
    at: datetime,
    message_id: int | None,
    name: str | None = None,
) -> ThreadContact:
    """Write down that a coordinator vouches for an address or number of the hospital's person."""
    contact = contact_of(session, thread, way, value) or ThreadContact(
        case_id=thread.case_id, thread_id=require_id(thread.id), message_id=message_id,
        way=way, value=value,
    )  # fmt: skip
    contact.state, contact.decided_by, contact.decided_at = "confirmed", by[:40], at
    contact.name = name or contact.name
    session.add(contact)
    session.flush()
    return contact
