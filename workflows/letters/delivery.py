"""Letters out: drafted, frozen, handed over at most once by the system.

`queued -> sending -> sent`. The claim `sending` is committed before the mail server is spoken to; a
crash after the server accepted the letter and before our commit leaves `uncertain`, and a person
settles it. It is never sent again by itself.
"""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col

from adapters.mail_out import MailRefused, MailUncertain
from correspondence import Letter, compose_mime, lint, name_parts, names_anywhere
from models import Case, Hospital, HumanTask, Message, OutreachThread, Review
from models.base import require_id
from workflows.directory.store import record_of
from workflows.engine import claims
from workflows.engine.dedupe_keys import MessageKey
from workflows.engine.lookup import get, patient_of
from workflows.engine.on_its_way import on_its_way
from workflows.engine.work import FenceLost, RetryLater, Unit, Work
from workflows.engine.world import World
from workflows.letters.leaving import NO_SIGNATURE, is_stopped, why_not
from workflows.letters.reminders import asks_again, way_out
from workflows.letters.return_path import answers_to, own_message_id, return_path

KEEP_TRYING_TO_COMMIT = 20.0
"""Seconds to wait for the database after the mail server answered, so that the answer is kept."""

HANDED_OVER = ("message.sent", "message.refused", "message.uncertain")
"""What `hand_over` may record of a letter."""

Sent = Callable[[Unit, Message], None]
Ended = Callable[[Unit, Message], None]
Look = Callable[[Unit, Message], Letter | None]
"""What a letter says as it leaves, after it was looked at again; None when it must not leave."""
Leaving = tuple[Message, Letter]


@dataclass(frozen=True, slots=True)
class Together:
    """Which queued letters leave in the same mail as one that leaves now, and how it reads."""

    others: Callable[[Unit, Message], list[Leaving]]
    mail: Callable[[Unit, Sequence[Leaving]], bytes]


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter about to be written down. `dedupe_key` makes a repeated step write it once."""

    case_id: int
    letter: Letter
    to_role: str
    address: str
    dedupe_key: MessageKey
    thread_id: int | None = None
    automated: bool = True
    told: Mapping[str, Any] | None = None
    """The findings it states, for a letter to a hospital."""


def write_draft(session: Session, draft: Draft) -> Message | None:
    """Write the message row in state `draft`; None when the same letter was written before."""
    known = session.scalars(
        select(Message).where(col(Message.dedupe_key) == draft.dedupe_key)
    ).first()
    if known is not None:
        return None
    letter = draft.letter
    message = Message(
        case_id=draft.case_id,
        thread_id=draft.thread_id,
        direction="out",
        state="draft",
        template=letter.template,
        template_version=letter.template_version,
        language=letter.language,
        to_role=draft.to_role,
        automated=draft.automated,
        address=draft.address,
        subject=letter.subject,
        body=letter.body,
        dedupe_key=draft.dedupe_key,
        told=dict(draft.told) if draft.told is not None else None,
    )
    session.add(message)
    session.flush()
    return message


class LetterNotFit(ValueError):
    """The letter breaks rules for texts that leave; the message names the rules, not the text."""


def checked_letter(session: Session, world: World, message: Message, now: datetime) -> Letter:
    """Return the message's text as a letter that keeps every rule; raise `LetterNotFit`.

    Nobody may have brought a part of the patient's name into a letter to a hospital.
    """
    letter = world.playbooks.letters.of_text(
        message.template or "", message.subject, message.body, message.language
    )
    case = get(session, Case, message.case_id or 0)
    patient = patient_of(session, require_id(case.id))
    names = name_parts([patient.name or "", *patient.other_names])
    theirs = _names_of_hospital(session, message)
    problems = lint(
        letter,
        now=now,
        recipient_stopped=is_stopped(case, message.template),
        call_logged=_call_logged(session, require_id(case.id)),
        private_words=names,
        reader=theirs,
    )
    rules = [f"{problem.rule} ({problem.detail})" for problem in problems]
    if letter.audience == "hospital":
        known = [world.settings.contact_name, *theirs]
        rules += ["name_in_letter"] if names_anywhere(letter, names, known) else []
    if rules:
        raise LetterNotFit("The letter cannot leave: " + ", ".join(rules))
    return letter


def _names_of_hospital(session: Session, message: Message) -> list[str]:
    """Return how the hospital of a thread and its departments are called."""
    if message.thread_id is None:
        return []
    thread = get(session, OutreachThread, message.thread_id)
    record = record_of(get(session, Hospital, thread.hospital_id))
    return [record.name, record.city, *(department.name for department in record.departments)]


def _call_logged(session: Session, case_id: int) -> bool:
    """Return whether the family was called since the newest signature that stands.

    Some letters may only follow a call; a call about an earlier result is none about this one.
    """
    called = select(col(HumanTask.id)).where(
        col(HumanTask.case_id) == case_id,
        col(HumanTask.kind) == "call_family",
        col(HumanTask.answer) == "called",
    )
    signed = session.scalar(
        select(func.max(col(Review.signed_at))).where(
            col(Review.case_id) == case_id, col(Review.void_at).is_(None)
        )
    )
    if signed is not None:
        called = called.where(col(HumanTask.done_at) >= signed)
    return session.scalars(called.limit(1)).first() is not None


def freeze(session: Session, world: World, message: Message, now: datetime) -> None:
    """Compose the exact bytes, store them, and queue the message: only these bytes are sent.

    A reminder names the way to end such letters.
    """
    settings = world.settings
    message_id = own_message_id(world, f"message-{message.id}")
    references: list[str] = []
    if message.thread_id is not None:
        reply_to = answers_to(world, "thread", message.thread_id)
        references = _thread_message_ids(session, message.thread_id)
    else:
        reply_to = answers_to(world, "case", message.case_id or 0)
    raw = compose_mime(
        checked_letter(session, world, message, now),
        message_id=message_id,
        from_address=settings.mail_from,
        from_name=settings.mail_sender_name,
        to_address=message.address,
        reply_to=reply_to,
        in_reply_to=references[-1] if references else None,
        references=references,
        date=now,
        auto_submitted="auto-generated" if message.automated else None,
        way_out=way_out(world, message.case_id or 0) if asks_again(message) else None,
    )
    sha256 = hashlib.sha256(raw).hexdigest()
    key = f"letters/{sha256}"
    world.storage.put(key, raw, "message/rfc822")
    message.message_id = message_id
    message.in_reply_to = references[-1] if references else None
    message.raw_sha256 = sha256
    message.raw_object_key = key
    message.state = "queued"
    session.flush()


def _thread_message_ids(session: Session, thread_id: int) -> list[str]:
    rows = session.scalars(
        select(col(Message.message_id))
        .where(
            col(Message.thread_id) == thread_id,
            col(Message.message_id).is_not(None),
            col(Message.state).in_(("sent", "uncertain", "received")),
        )
        .order_by(col(Message.id))
    )
    return [message_id for message_id in rows if message_id]


def _nothing_more(_: Unit, __: Message) -> None:
    pass


def as_written(unit: Unit, message: Message) -> Letter:
    """Return a letter as it was written: for one that tells nothing which could change."""
    texts = unit.world.playbooks.letters
    return texts.of_text(message.template or "", message.subject, message.body, message.language)


def hand_over(
    work: Work,
    message_id: int,
    on_sent: Sent,
    on_end: Ended = _nothing_more,
    *,
    look: Look,
    together: Together | None = None,
) -> None:
    """Send the frozen letter once; `on_sent` records what its sending means.

    `look` sees it again in the transaction that claims it, before each attempt: it may freeze it
    anew with the facts of now. `on_end` is called whatever became of the letter (its `state` says
    what), once, in the transaction that finishes the row; not when a fact stopped the row.
    `together` names queued letters that leave in the same mail, and composes it.
    Raises `RetryLater` when the server refused for now: certain that it was not taken.
    """
    with work.reading() as session:
        message = get(session, Message, message_id)
        state, key, address = message.state, message.raw_object_key, message.address
    if state == "sending":
        _leave_uncertain(work, [message_id], on_end)
        return
    if state != "queued" or key is None:
        _end(work, message_id, on_end)
        return
    raw = work.world.storage.get(key)  # before the case is locked: the store may be slow
    leaving, raw = _claim(work, message_id, (key, raw), look, together)
    if not leaving:
        _end(work, message_id, on_end)
        return
    try:
        with on_its_way(work.world.engine, work.row) as still:
            work.world.mail_out.deliver(
                raw,
                return_path(work.world, "letter", message_id),
                [address],
                before_data=lambda: _still_ours(work, still),
            )
    except MailRefused as refused:
        _refused(work, leaving, refused, on_end)
    except MailUncertain:
        _leave_uncertain(work, leaving, on_end)
    else:
        _keep_trying(lambda: _sent(work, leaving, on_sent, on_end))


def _end(work: Work, message_id: int, on_end: Ended) -> None:
    with work.finishing() as unit:
        on_end(unit, get(unit.session, Message, message_id))


def _claim(
    work: Work, message_id: int, frozen: tuple[str, bytes], look: Look, together: Together | None
) -> tuple[list[int], bytes]:
    """Commit `sending` before the server hears of the letter, and of those that leave with it.

    `frozen` is the mail as it was stored, with its key. Return their ids, this letter first, and
    the bytes of the mail; none when it must not leave.
    """
    with work.claiming() as unit:
        message = get(unit.session, Message, message_id)
        if message.state != "queued":
            return [], b""
        if reason := why_not(unit.session, unit.case, message):
            # A new signature makes a hospital's anew, and brings a patient another.
            anew = reason == NO_SIGNATURE and message.to_role == "hospital"
            message.state = "draft" if anew else "cancelled"
            message.held_for = reason
            return [], b""
        letter = look(unit, message)
        if letter is None:
            return [], b""
        others = together.others(unit, message) if together else []
        for one in (message, *(other for other, _ in others)):
            one.state = "sending"
            one.sending_fence = work.row.fence
        if together and others:
            every = sorted([(message, letter), *others], key=lambda one: one[0].id or 0)
            raw = together.mail(unit, every)
        elif message.raw_object_key == frozen[0]:
            raw = frozen[1]
        else:  # written anew just now
            raw = work.world.storage.get(message.raw_object_key or "")
        return [message_id, *(require_id(one.id) for one, _ in others)], raw


def _still_ours(work: Work, look: Callable[[], bool]) -> None:
    """Raise `FenceLost` when a fact stopped the row meanwhile: the last moment to hold a letter."""
    with work.world.engine.begin() as connection:
        renewed = claims.renew(connection, work.row, work.world.settings.step_lease)
    if not renewed or not look():
        raise FenceLost(work.row.name)


def _sent(work: Work, leaving: Sequence[int], on_sent: Sent, on_end: Ended) -> None:
    with work.finishing() as unit:
        for message_id in leaving:
            message = get(unit.session, Message, message_id)
            message.state = "sent"
            message.sent_at = unit.now
            unit.record(
                "message.sent",
                {
                    "message_id": message_id,
                    "template": message.template,
                    "template_version": message.template_version,
                    "to_role": message.to_role,
                    "channel": "email",
                    "language": message.language,
                    "automated": message.automated,
                    "bundle": leaving[0] if len(leaving) > 1 else None,
                },
                _objects(message),
            )
        first = get(unit.session, Message, leaving[0])
        on_sent(unit, first)
        on_end(unit, first)


def _refused(work: Work, leaving: Sequence[int], refused: MailRefused, on_end: Ended) -> None:
    if not refused.permanent:
        with work.claiming() as unit:
            for message_id in leaving:
                get(unit.session, Message, message_id).state = "queued"
        raise RetryLater("MailRefused", timedelta(minutes=1))
    with work.finishing() as unit:
        for message_id in leaving:
            message = get(unit.session, Message, message_id)
            message.state = "refused"
            payload = {"message_id": message_id, "code": str(refused.code), "permanent": True}
            unit.record("message.refused", payload, _objects(message))
        on_end(unit, get(unit.session, Message, leaving[0]))


def _leave_uncertain(work: Work, leaving: Sequence[int], on_end: Ended) -> None:
    def commit() -> None:
        with work.finishing() as unit:
            for message_id in leaving:
                message = get(unit.session, Message, message_id)
                if message.state == "sending":
                    message.state = "uncertain"
                    unit.record("message.uncertain", {"message_id": message_id}, _objects(message))
            on_end(unit, get(unit.session, Message, leaving[0]))

    _keep_trying(commit)


def _objects(message: Message) -> dict[str, int]:
    objects = {"message_id": require_id(message.id)}
    if message.thread_id is not None:
        objects["thread_id"] = message.thread_id
    return objects


def _keep_trying(commit: Callable[[], None]) -> None:
    """Commit the server's answer although the database may be away for some seconds."""
    end = time.monotonic() + KEEP_TRYING_TO_COMMIT
    while True:
        try:
            commit()
            return
        except OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)
