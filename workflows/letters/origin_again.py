"""The origin of a letter is looked at again, where a name could not be looked up before."""

from sqlalchemy import select
from sqlmodel import Session, col

from models import HumanTask, InboundMail, Message
from workflows.cases.red_flags import RED_FLAG
from workflows.declared import Raises
from workflows.engine.work import Unit, Work, slow
from workflows.letters.inbound import look_again, take_after_all
from workflows.letters.mail_room import HOLDING, files_of
from workflows.letters.origin import kept, read_mail
from workflows.letters.owners import Owner, owner_of


@slow(
    "ingestion.check_origin",
    words="it is looked again where a letter is from",
    stopped="It was not looked again where a letter is from",
    patient="A letter that could be proven now waits for somebody who places it.",
    needs=("store",),
    raises=Raises(
        events=(
            "hospital.reply_received",
            "outreach.delivery_updated",
            "message.received",
            "document.received",
            RED_FLAG,
        ),
        requests=(
            "check_origin",
            "match_mail",
            "find_sender",
            "alert_staff",
            "climb_alarm",
            *HOLDING,
        ),
    ),
)
def check_origin(work: Work) -> None:
    """Take a letter whose origin is proven now; nothing, once a person has placed it."""
    with work.reading() as session:
        message = session.get(Message, work.object_id("message_id"))
        waits = message is not None and bool(_questions(session, message))
        key = message.raw_object_key if message is not None else None
    if not waits or key is None:
        with work.finishing():
            pass
        return
    letter = read_mail(work.world, work.world.storage.get(key), work.now)
    files = files_of(work.world, letter)
    with work.finishing() as unit:
        message = unit.session.get_one(Message, work.object_id("message_id"), with_for_update=True)
        questions = _questions(unit.session, message)
        if not questions:
            return
        found = owner_of(unit.session, unit.world, letter)
        _note(unit, message, kept(letter.trust), "matched" if isinstance(found, Owner) else None)
        if isinstance(found, Owner):
            for question in questions:
                unit.recorder.withdraw(question)
            take_after_all(unit.recorder, unit.world, letter, message, found, files)
        elif letter.trust.unread:
            look_again(unit.recorder, work.object_id("message_id"), int(work.row.objects["tries"]))


def _questions(session: Session, message: Message) -> list[HumanTask]:
    """Return the open questions whose letter it is; none once it belongs to a case."""
    if message.case_id is not None:
        return []
    tasks = select(HumanTask).where(
        col(HumanTask.kind) == "match_mail",
        col(HumanTask.state) == "open",
        col(HumanTask.objects)["message_id"].as_integer() == message.id,
    )
    return list(session.scalars(tasks.with_for_update()))


def _note(unit: Unit, message: Message, origin: dict[str, object], state: str | None) -> None:
    inbox = unit.session.scalars(
        select(InboundMail)
        .where(col(InboundMail.message_row_id) == message.id)
        .order_by(col(InboundMail.id))
    ).first()
    if inbox is not None:
        inbox.origin, inbox.state = origin, state or inbox.state
