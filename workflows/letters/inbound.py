"""Letters in: kept as they came, given to whom they belong; nothing is decided here."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from correspondence import Danger, InboundLetter
from correspondence.same_letter import letter_hash
from models import HumanTask, InboundMail, Message, OutreachThread
from models.base import require_id
from models.database import transaction
from models.findable import address_is, message_marks
from workflows.cases.red_flags import REPORTERS, Reported, report_red_flag
from workflows.engine.lookup import get
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor, Event
from workflows.letters.came_back import is_final, letters_in, note_came_back
from workflows.letters.hearing import PERSONS as PERSONS
from workflows.letters.hearing import danger_of as danger_of
from workflows.letters.mail_room import Files, files_of, give_files
from workflows.letters.origin import AGAIN, kept, read_mail
from workflows.letters.owners import Owner, Unsure, family_of, owner_of
from workflows.letters.robots import is_robots

OUR_LETTERS = 12
"""So many of our last letters an answer may quote."""
_DELIVERY = {
    "delayed": "delayed",
    "delivered": "delivered",
    "read": "read",
    "complaint": "complaint",
}
NOT_HERE = ("bounce", "delayed")
"""Reports of a letter that did not arrive, or not yet."""
_TOLD = ("delivered", "read", "delayed")
"""Reports that ask nobody anything: the letter arrived, or the server still tries."""


def take_mail(
    world: World, raw: bytes, *, uid: str, now: datetime, cut: bool = False, again: bool = False
) -> int | None:
    """Take one raw mail in; return its message id, or None when it was taken before.

    The same bytes are taken once, however often the mailbox offers them, and a letter that came to
    two of our addresses is one letter; the bytes of each delivery are kept. `cut` says that the
    mail is longer than what is here: a file at its end is no whole file. `again`: a system before
    this one may have taken it, and answered, after the backup that was put back.
    """
    sha256 = hashlib.sha256(raw).hexdigest()
    key, mark = f"mail/{sha256}", letter_hash(raw)
    world.storage.put(key, raw, "message/rfc822")
    letter = read_mail(world, raw, now, cut=cut)
    files = files_of(world, letter)
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, now, again=again)
        inbox_id = session.scalar(
            insert(InboundMail)
            .values(
                sha256=sha256,
                object_key=key,
                mailbox_uid=uid,
                state="received",
                received_at=now,
                letter_hash=mark,
            )
            .on_conflict_do_nothing()
            .returning(col(InboundMail.id))
        )
        inbox_id = inbox_id or _out_of_archive(session, sha256)
        if inbox_id is None:
            return None
        came_back = letters_in(session, world, letter)
        found = family_of(came_back) if came_back else owner_of(session, world, letter)
        owner = found if isinstance(found, Owner) else None
        inbox = get(session, InboundMail, inbox_id)
        earlier = _came_before(session, letter, mark)
        if earlier is not None and (earlier.case_id is not None or owner is None):
            inbox.message_row_id, inbox.state = earlier.id, "copy"
            return None
        ours = our_letters(session, owner.case_id, owner.thread) if owner else []
        letter = letter.without(ours)
        message = write_letter(session, letter, owner, key, sha256, now)
        danger = danger_of(world, letter, ours)
        inbox.message_row_id = message.id
        inbox.origin = kept(letter.trust)
        inbox.state = "matched" if owner else "unmatched"
        if came_back and letter.machine in NOT_HERE:
            note_came_back(recorder, letter, came_back)
            _flag(recorder, owner.case_id if owner else None, message, danger)
        else:
            _record(recorder, letter, found, message, danger)
        if owner is not None and letter.machine in PERSONS:
            give_files(recorder, letter, message, files)
        if owner is None and letter.trust.unread:
            look_again(recorder, require_id(message.id), 0)
        due = recorder.flush()
        message_id = require_id(message.id)
    world.doorbell.ring(due)
    return message_id


def look_again(recorder: Recorder, message_id: int, tries: int) -> None:
    """Have the origin of a letter looked at again; a few times at most."""
    if tries < len(AGAIN):
        objects = {"message_id": message_id, "tries": tries + 1}
        recorder.request("check_origin", objects=objects, due_at=recorder.now + AGAIN[tries])


def _out_of_archive(session: Session, sha256: str) -> int | None:
    """Return the row of a letter that was imported before the mailbox gave it; None: it was taken.

    From now on it counts as what it is: a letter that comes now.
    """
    return session.scalar(
        update(InboundMail)
        .where(col(InboundMail.sha256) == sha256, col(InboundMail.imported_at).is_not(None))
        .values(imported_at=None)
        .returning(col(InboundMail.id))
    )


def _came_before(session: Session, letter: InboundLetter, mark: str) -> Message | None:
    """Return the letter that this is another delivery of: one to "To" and one to "Cc".

    `mark` is its `letter_hash`. Without a Message-ID two letters with the same words are two.
    """
    if not letter.message_id:
        return None
    earlier = (
        select(Message)
        .join(InboundMail, col(InboundMail.message_row_id) == col(Message.id))
        .where(col(InboundMail.letter_hash) == mark, col(Message.state) == "received")
        .order_by(col(Message.id))
    )
    return session.scalars(earlier.limit(1)).first()


def take_after_all(
    recorder: Recorder,
    world: World,
    letter: InboundLetter,
    message: Message,
    found: Owner,
    files: Files,
) -> None:
    """Give a letter whose origin is proven now to whom it belongs, with its files."""
    recorder.lock([found.case_id])
    ours = our_letters(recorder.session, found.case_id, found.thread)
    letter = letter.without(ours)
    message.case_id = found.case_id
    message.thread_id = found.thread.id if found.thread else None
    message.body = letter.new_text
    _record(recorder, letter, found, message, danger_of(world, letter, ours))
    if letter.machine in PERSONS:
        give_files(recorder, letter, message, files)


def our_letters(session: Session, case_id: int, thread: OutreachThread | None) -> list[str]:
    """Return the texts of our last letters that an answer may quote, newest first."""
    sent = select(col(Message.body)).where(
        col(Message.case_id) == case_id, col(Message.direction) == "out"
    )
    if thread is not None:
        sent = sent.where(col(Message.thread_id) == thread.id)
    return list(session.scalars(sent.order_by(col(Message.id).desc()).limit(OUR_LETTERS)))


def write_letter(
    session: Session,
    letter: InboundLetter,
    owner: Owner | None,
    key: str,
    sha256: str,
    now: datetime,
) -> Message:
    """Write the row of a letter that came; its text is what is new in it."""
    known = (
        letter.message_id
        and session.scalars(
            select(col(Message.id)).where(
                col(Message.message_id_mark).in_(message_marks(session, [letter.message_id]))
            )
        ).first()
    )
    message = Message(
        case_id=owner.case_id if owner else None,
        thread_id=owner.thread.id if owner and owner.thread else None,
        direction="in",
        state="received",
        to_role="coordinator",
        automated=letter.machine is not None,
        address=letter.from_address[:254],
        subject=letter.subject[:400],
        body=letter.new_text,
        # A Message-ID is the sender's claim and may be used twice; the bytes' hash may not.
        message_id=None if known or not letter.message_id else letter.message_id[:250],
        in_reply_to=(letter.in_reply_to or "")[:250] or None,
        raw_object_key=key,
        raw_sha256=sha256,
        sent_at=now,
    )
    session.add(message)
    session.flush()
    return message


def _record(
    recorder: Recorder,
    letter: InboundLetter,
    found: Owner | Unsure,
    message: Message,
    danger: Danger,
) -> None:
    about = {"message_id": require_id(message.id)}
    if isinstance(found, Unsure):
        if danger.signs and found.case_id is None:
            ask_who_it_is(recorder, about, message.address)
            return
        _flag(recorder, found.case_id, message, danger)
        if found.reason not in _TOLD:
            recorder.request("match_mail", objects=about, detail=found.reason)
        return
    if found.thread is None:
        if letter.report is None:
            # Its own row is written already: what came before it is asked.
            robot = is_robots(recorder.session, found.case_id, letter, message)
            by_role = "sender" if robot else found.role
            record_letter(recorder, found.case_id, message, danger, by_role)
            return
        if letter.machine not in _TOLD:
            recorder.request("match_mail", objects=about, detail=letter.machine)
        _flag(recorder, found.case_id, message, danger)
        return
    record_reply(recorder, found.thread, message, letter, found.matched_by)
    # A relative who answers from another address passes for a hospital until somebody looks.
    by = None if found.unverified or letter.machine is not None else "hospital"
    _flag(recorder, found.case_id, message, danger, by)


def _flag(
    recorder: Recorder, case_id: int | None, message: Message, danger: Danger, by: str | None = None
) -> None:
    """Start the alarm for a letter that is recorded otherwise; `by` None: nobody knows who."""
    if danger.signs and case_id is not None:
        about = {"message_id": require_id(message.id)}
        flag = Reported(danger.signs, "letter", "email", Actor(by or "sender"), by, about)
        report_red_flag(recorder, case_id, flag)


def record_letter(
    recorder: Recorder, case_id: int, message: Message, danger: Danger, from_role: str
) -> None:
    """Record a letter of the family ("patient", "family"), of a doctor at home, or of whoever a
    person gave to the case ("sender"); words of danger in it start the alarm.
    """
    about = {"message_id": require_id(message.id)}
    who = {"from_role": from_role, "channel": "email", "danger": danger.level}
    actor = Actor(from_role)
    recorder.record(case_id, Event("message.received", {**about, **who}, about, actor))
    if danger.signs:
        told_by = from_role if from_role in REPORTERS else None
        flag = Reported(danger.signs, "letter", "email", actor, told_by, about)
        report_red_flag(recorder, case_id, flag)


def ask_who_it_is(recorder: Recorder, about: Mapping[str, int], address: str) -> None:
    """Ask the team at once about a letter that speaks of danger and belongs to no known person.

    A second letter of the same address joins the open question, which shows it; one without an
    address may be anybody's.
    """
    open_question = (
        select(col(HumanTask.id))
        .join(Message, col(Message.id) == col(HumanTask.objects)["message_id"].as_integer())
        .where(
            col(HumanTask.kind) == "find_sender",
            col(HumanTask.state) == "open",
            address_is(recorder.session, col(Message.address_mark), address),
        )
    )
    if address and recorder.session.scalars(open_question.limit(1)).first() is not None:
        recorder.request("match_mail", objects=about)
        return
    task_id = recorder.request("find_sender", objects=about)
    if task_id is not None:
        task = get(recorder.session, HumanTask, task_id)
        recorder.request("alert_staff", objects={"task_id": task_id})
        recorder.request("climb_alarm", objects={"task_id": task_id}, due_at=task.due_at)


def record_reply(
    recorder: Recorder,
    thread: OutreachThread,
    message: Message,
    letter: InboundLetter,
    matched_by: str,
) -> None:
    """Record a letter of a hospital: a server's report as such, anything else as its reply."""
    thread_id, message_id = require_id(thread.id), require_id(message.id)
    objects = {"thread_id": thread_id, "message_id": message_id, "hospital_id": thread.hospital_id}
    if letter.report is not None:
        status: str = letter.report.kind
        if status == "bounce":
            hard = is_final(letter)
            status = "hard_bounce" if hard else "soft_bounce"
            thread.state = "bounced" if hard else thread.state
        payload = {"thread_id": thread_id, "message_id": message_id, "status": status}
        event = Event("outreach.delivery_updated", payload, objects, Actor("system"))
    else:
        event = Event(
            "hospital.reply_received",
            {
                "thread_id": thread_id,
                "hospital_id": thread.hospital_id,
                "matched_by": matched_by,
                "has_attachments": bool(letter.papers()),
            },
            objects,
            Actor("hospital", f"hospital:{thread.hospital_id}"),
        )
    recorder.record(thread.case_id, event)
