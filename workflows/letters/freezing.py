"""A letter out is written down, and frozen to the exact bytes that may leave."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlmodel import Session, col

from correspondence import Letter, compose_mime, lint, name_parts, names_anywhere
from models import Case, Hospital, HumanTask, Message, OutreachThread, Review
from models.base import require_id
from workflows.directory.store import record_of
from workflows.engine import outside
from workflows.engine.dedupe_keys import MessageKey
from workflows.engine.lookup import get, patient_of
from workflows.engine.permissions import NAMED
from workflows.engine.world import World
from workflows.letters.enclosures import enclosed
from workflows.letters.leaving import is_stopped
from workflows.letters.reminders import asks_again, way_out
from workflows.letters.return_path import answers_to, own_message_id

ANSWERS = "answers"
"""Under which a letter keeps the number of the letter that it answers, in `told`."""
_NEXT = select(text("nextval(pg_get_serial_sequence('message', 'id'))"))


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
    attachments: Sequence[int] = ()
    edited_by: str | None = None
    """Who wrote its words, where a person did."""


def write_draft(session: Session, draft: Draft) -> Message | None:
    """Write the message row in state `draft`; None when the same letter was written before."""
    known = session.scalars(
        select(Message).where(col(Message.dedupe_key) == draft.dedupe_key)
    ).first()
    if known is not None:
        return None
    letter = draft.letter
    message = Message(
        id=outside.steady(f"id of {draft.dedupe_key}", lambda: session.scalars(_NEXT).one()),
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
        attachments=list(draft.attachments) or None,
        edited_by=draft.edited_by,
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
        recipient_stopped=is_stopped(session, case, message.template),
        call_logged=_call_logged(session, require_id(case.id)),
        private_words=names,
        reader=theirs,
    )
    rules = [f"{problem.rule} ({problem.detail})" for problem in problems]
    if letter.audience == "hospital" and message.template not in NAMED:
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

    They are stored before the case is held: see `workflows/engine/outside.py`.
    A reminder names the way to end such letters.
    """
    settings = world.settings
    message_id = own_message_id(world, f"message-{message.id}")
    references: list[str] = []
    if message.thread_id is not None:
        reply_to = answers_to(world, "thread", message.thread_id)
        known = _thread_message_ids(session, message.thread_id)
        references = _ending_with(known, _answered(session, message))
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
        way_out=way_out(world) if asks_again(message) else None,
        attachments=enclosed(session, world, message),
    )
    sha256 = hashlib.sha256(raw).hexdigest()
    key = f"letters/{sha256}"
    outside.first(key, lambda: world.storage.put(key, raw, "message/rfc822"))
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


def _answered(session: Session, message: Message) -> str | None:
    """Return the Message-ID of the letter that a person answers with this one, if it is one."""
    answers = (message.told or {}).get(ANSWERS)
    letter = session.get(Message, answers) if answers else None
    same = letter is not None and letter.thread_id == message.thread_id
    return letter.message_id if letter is not None and same else None


def _ending_with(references: list[str], last: str | None) -> list[str]:
    """Return references whose last is the letter that is answered (RFC 5322, 3.6.4)."""
    return [*(one for one in references if one != last), last] if last else references
