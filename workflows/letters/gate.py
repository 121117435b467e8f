"""The mailbox is read: what came since the last message, and once a day all that nobody took.

What was taken is known by its number (`mailbox_message`), so that a letter somebody opened or
flagged elsewhere is taken like any other. A message that cannot be read is set aside with its
number and a question to a person; the letters behind it go on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import Session, col

from adapters.mail_in import FetchedMail, MailIn, MailInError, MailNotRead
from adapters.storage import StorageError
from models import HumanTask, MailboxMessage
from models.base import require_id
from models.database import transaction
from workflows.cases.red_flags import RED_FLAG
from workflows.declared import Raises
from workflows.engine import marks
from workflows.engine.record import Recorder
from workflows.engine.recurring import FETCH_MAIL, hurry
from workflows.engine.work import Work, slow
from workflows.engine.world import World
from workflows.letters.inbound import take_mail
from workflows.letters.mail_room import HOLDING

MAIL_BATCH_SIZE = 50
TRIES = 10
"""How often a message that was set aside is tried again by itself, once a poll."""
AGAIN_AT_ONCE = 10
"""So many of those that were set aside are tried again in one poll, behind the new ones."""
_NO_UID = 2**32 - 2
"""Above every number of a message (RFC 9051, 2.3.1.1)."""
SET_ASIDE = "set_aside_mail"

TAKING = Raises(
    events=(
        "hospital.reply_received",
        "outreach.delivery_updated",
        "message.received",
        "message.refused",
        "message.delayed",
        "document.received",
        RED_FLAG,
    ),
    requests=("match_mail", "find_sender", "alert_staff", "climb_alarm", "check_origin", *HOLDING),
)
"""What a letter that is taken may raise, by whatever door it comes."""
_FETCHING = Raises(TAKING.events, (*TAKING.requests, SET_ASIDE))


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a numbering: its highest number, and what was set aside and may be tried."""

    uid_validity: int = 0
    highest: int = 0
    again: Sequence[int] = ()


@slow(
    FETCH_MAIL,
    words="the mailbox is read",
    stopped="The mailbox is not being read",
    patient="Letters of hospitals and patients lie unread in the mailbox, in every case.",
    needs=("imap", "store"),
    raises=_FETCHING,
)
def fetch_mail(work: Work) -> None:
    """Take what came since the last poll; each is stored and written down before it is marked."""
    mailbox = work.world.open_mailbox()
    try:
        with work.reading() as session:
            known = _known(session)
        uid_validity, uids = mailbox.list_uids(known.highest)
        if uid_validity != known.uid_validity:  # the first time, or the mailbox was renumbered
            known = _Known(uid_validity)
            uid_validity, uids = mailbox.list_uids()
        for uid in [*uids[:MAIL_BATCH_SIZE], *known.again]:
            _take(work.world, mailbox, uid_validity, uid, work.row.again)
    finally:
        mailbox.close()
    with work.finishing() as unit:
        marks.note(unit.session, marks.MAIL)
    if len(uids) > MAIL_BATCH_SIZE:  # the rest does not wait for the next poll
        hurry(work.world, FETCH_MAIL)


@slow(
    "ingestion.reconcile_mail",
    words="the mailbox is compared with what was taken from it",
    stopped="The mailbox is not compared with what was taken from it",
    patient="A letter that was overlooked would stay so.",
    needs=("imap", "store"),
    raises=_FETCHING,
)
def reconcile_mail(work: Work) -> None:
    """Take every message of the mailbox that was never taken, whatever became of it there."""
    mailbox = work.world.open_mailbox()
    try:
        uid_validity, uids = mailbox.list_uids()
        with work.reading() as session:
            numbers = select(col(MailboxMessage.uid)).where(
                col(MailboxMessage.uid_validity) == uid_validity
            )
            known = set(session.scalars(numbers))
        for uid in [uid for uid in uids if uid not in known][:MAIL_BATCH_SIZE]:
            _take(work.world, mailbox, uid_validity, uid, work.row.again)
    finally:
        mailbox.close()
    with work.finishing():
        pass


def _known(session: Session) -> _Known:
    """Return what is known of the numbering that was used last."""
    newest = session.scalars(
        select(col(MailboxMessage.uid_validity)).order_by(col(MailboxMessage.id).desc()).limit(1)
    ).first()
    if newest is None:
        return _Known()
    of_it = col(MailboxMessage.uid_validity) == newest
    highest = session.scalar(select(func.max(col(MailboxMessage.uid))).where(of_it))
    again = session.scalars(
        select(col(MailboxMessage.uid))
        .where(of_it, col(MailboxMessage.state) == "set_aside")
        .where(col(MailboxMessage.attempts) < TRIES)
        .order_by(col(MailboxMessage.attempts), col(MailboxMessage.uid))
        .limit(AGAIN_AT_ONCE)
    )
    return _Known(newest, highest or 0, tuple(again))


def _take(world: World, mailbox: MailIn, uid_validity: int, uid: int, again: bool = False) -> None:
    """Take one message, or set it aside; only what stops every message is raised."""
    now = world.clock.now()  # of this letter: those before it in the poll may have taken long
    try:
        mail = _read(mailbox, uid_validity, uid)
        if mail is not None:
            name = f"{uid_validity}:{uid}"
            take_mail(world, mail.raw, uid=name, now=now, cut=mail.truncated, again=again)
    except (MailInError, StorageError, OperationalError, InterfaceError):
        raise
    except MailNotRead as error:
        _note(world, uid_validity, uid, "set_aside", now, error.code)
        return
    except Exception as error:  # one letter that no code expects must not stop the others
        _note(world, uid_validity, uid, "set_aside", now, type(error).__name__)
        return
    _note(world, uid_validity, uid, "taken" if mail else "gone", now)
    if mail is not None:
        _mark(mailbox, mail)


def _read(mailbox: MailIn, uid_validity: int, uid: int) -> FetchedMail | None:
    """Read one message; a server that hangs up whenever it is asked for does not hand it out.

    Dovecot does so where a message's file is damaged. MailInError says that the mailbox itself is
    away: then no message is to blame.
    """
    try:
        return mailbox.read(uid)
    except MailInError:
        _must_answer(mailbox, uid_validity)
    try:
        return mailbox.read(uid)
    except MailInError as error:
        _must_answer(mailbox, uid_validity)
        raise MailNotRead(uid, error.code) from None


def _must_answer(mailbox: MailIn, uid_validity: int) -> None:
    now, _ = mailbox.list_uids(_NO_UID)
    if now != uid_validity:
        raise MailInError("select", "renumbered")


def _mark(mailbox: MailIn, mail: FetchedMail) -> None:
    """Show it as read to whoever opens the mailbox; nothing depends on it."""
    try:
        mailbox.mark_seen(mail)
    except MailInError:
        return


def _note(
    world: World, uid_validity: int, uid: int, state: str, now: datetime, code: str | None = None
) -> None:
    """Write down what became of a message; ask a person where it is set aside for the first time,
    and take the question back where it was read after all.
    """
    values = {"state": state, "code": (code or "")[:40] or None, "noted_at": now}
    row = insert(MailboxMessage).values(uid_validity=uid_validity, uid=uid, **values)
    row = row.on_conflict_do_update(
        index_elements=["uid_validity", "uid"],
        set_={**values, "attempts": col(MailboxMessage.attempts) + 1},
    )
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, now)
        number = session.scalars(row.returning(col(MailboxMessage.id))).one()
        about = {"mailbox_message_id": number}
        if state == "set_aside":
            recorder.request(SET_ASIDE, objects=about, detail=str(uid))
        else:
            _withdraw(recorder, require_id(number))
        due = recorder.flush()
    world.doorbell.ring(due)


def _withdraw(recorder: Recorder, number: int) -> None:
    open_questions = select(HumanTask).where(
        col(HumanTask.kind) == SET_ASIDE,
        col(HumanTask.state) == "open",
        col(HumanTask.objects)["mailbox_message_id"].as_integer() == number,
    )
    for task in recorder.session.scalars(open_questions):
        recorder.withdraw(task)
