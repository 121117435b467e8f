"""A report that a mail to a family did not arrive: each letter that was in it is known to be so.

The mail of several letters carries the Message-ID of one; which left in it stands on the timeline.
"""

from collections.abc import Sequence

from sqlalchemy import Select, or_, select
from sqlmodel import Session, col

from correspondence import InboundLetter
from models import CaseEvent, Message
from models.base import require_id
from models.findable import message_marks
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Event
from workflows.letters.owners import ids_named


def letters_in(session: Session, world: World, letter: InboundLetter) -> Sequence[Message]:
    """Return the letters to a family whose mail the report is about; none for any other letter.

    The mail that it names, and where it names none that we sent, the one whose return path it came
    to. One that names a mail and came to the return path of another is nobody's: a person looks.
    """
    if letter.report is None:
        return []
    original = letter.report.original_message_id
    paths = ids_named(world, letter, "letter")
    rows = session.scalars(
        select(Message).where(
            col(Message.direction) == "out",
            or_(
                col(Message.message_id_mark).in_(message_marks(session, [original])),
                col(Message.id).in_(paths),
            ),
        )
    ).all()
    mails = [_mail_of(session, one) for one in rows if one.to_role == "patient"]
    if not mails or len(mails) < len(rows) or any(mail != mails[0] for mail in mails):
        return []
    return mails[0]


def _mail_of(session: Session, named: Message) -> Sequence[Message]:
    """Return the letters that left in one mail with this one, it included, in order."""
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
