"""A report that a mail to a family did not arrive: each letter that was in it is known to be so.

The mail of several letters carries the Message-ID of one; which left in it stands on the timeline.
"""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlmodel import Session, col

from correspondence import InboundLetter
from models import CaseEvent, Message
from models.base import require_id
from workflows.engine.record import Recorder
from workflows.events import Event


def letters_in(session: Session, letter: InboundLetter) -> Sequence[Message]:
    """Return the letters to a family whose mail the report is about; none for any other letter."""
    original = letter.report.original_message_id if letter.report else None
    if original is None:
        return []
    named = session.scalars(
        select(Message).where(
            col(Message.message_id) == original,
            col(Message.direction) == "out",
            col(Message.to_role) == "patient",
        )
    ).first()
    if named is None:
        return []
    bundle = session.scalars(
        _sent(named).where(col(CaseEvent.payload)["message_id"].as_integer() == named.id)
    ).first()
    first = bundle.payload.get("bundle") if bundle else None
    if first is None:
        return [named]
    rows = session.scalars(
        _sent(named).where(col(CaseEvent.payload)["bundle"].as_integer() == first)
    )
    ids = {int(row.payload["message_id"]) for row in rows}
    query = select(Message).where(col(Message.id).in_(ids))
    return session.scalars(query.order_by(col(Message.id))).all()


def _sent(message: Message) -> Select[CaseEvent]:
    """Return the query for what was sent in the message's case, newest first."""
    return (
        select(CaseEvent)
        .where(col(CaseEvent.case_id) == message.case_id, col(CaseEvent.type) == "message.sent")
        .order_by(col(CaseEvent.seq).desc())
    )


def is_final(letter: InboundLetter) -> bool:
    """Return whether the server has given up, and does not try again by itself."""
    report = letter.report
    return report is not None and report.kind == "bounce" and report.permanent is not False


def note_came_back(recorder: Recorder, letter: InboundLetter, came_back: Sequence[Message]) -> None:
    """Record that these letters did not arrive, or that a server still tries to deliver them.

    A report that comes twice is noted once. While a server tries, the letter stays sent, and nobody
    is asked: it arrives, or the server's last report says that it did not.
    """
    status = (letter.report.status if letter.report else None) or "unknown"
    for message in came_back:
        if message.state not in ("sent", "uncertain") or message.case_id is None:
            continue
        about = {"message_id": require_id(message.id)}
        if is_final(letter):
            message.state = "refused"
            payload = {**about, "code": status, "permanent": True}
            recorder.record(message.case_id, Event("message.refused", payload, about))
        else:
            payload = {**about, "code": status}
            recorder.record(message.case_id, Event("message.delayed", payload, about))
