"""Letters out: drafted, frozen, handed over at most once by the system.

`queued -> sending -> sent`. The claim `sending` is committed before the mail server is spoken to; a
crash after the server accepted the letter and before our commit leaves `uncertain`, and a person
settles it. It is never sent again by itself.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col

from adapters.mail_out import MailRefused, MailUncertain
from correspondence import (
    Letter,
    compose_mime,
    lint,
    message_id_for,
    name_parts,
    names_anywhere,
    reply_address,
    reply_token,
)
from models import Case, Consent, Hospital, HumanTask, Message, OutreachThread, Review
from models.base import require_id
from workflows.directory.store import record_of
from workflows.engine import claims
from workflows.engine.dedupe_keys import MessageKey
from workflows.engine.lookup import get, patient_of
from workflows.engine.work import FenceLost, RetryLater, Unit, Work
from workflows.engine.world import World
from workflows.screening.assessments import stopping_category

STOPPED_STATES = frozenset(
    {"BEREAVEMENT_WRAPUP", "WITHDRAWAL_WRAPUP", "CLOSED_DECEASED", "CLOSED_WITHDRAWN"}
)
AFTER_STOP = frozenset({"M38"})
"""What a withdrawal ended with is told all the same; after a death nothing is."""
ASKED_FOR = frozenset({"M38", "M41"})
"""Letters that also reach a patient who wants none: what they asked for, and what their no did."""
KEEP_TRYING_TO_COMMIT = 20.0
"""Seconds to wait for the database after the mail server answered, so that the answer is kept."""

HANDED_OVER = ("message.sent", "message.refused", "message.uncertain")
"""What `hand_over` may record of a letter."""

Sent = Callable[[Unit, Message], None]
Ended = Callable[[Unit, Message], None]


ENQUIRIES = frozenset({"M10", "M11"})
"""Letters that ask a hospital: none leaves while the result is urgent or stops the pathway."""


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
    problems = lint(
        letter,
        now=now,
        recipient_stopped=is_stopped(case, message.template),
        call_logged=_call_logged(session, require_id(case.id)),
        private_words=names,
    )
    rules = [f"{problem.rule} ({problem.detail})" for problem in problems]
    if letter.audience == "hospital":
        known = [world.settings.contact_name, *_names_of_hospital(session, message)]
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
    """Compose the exact bytes, store them, and queue the message: only these bytes are sent."""
    settings = world.settings
    domain = settings.mail_from.rpartition("@")[2]
    message_id = message_id_for(f"message-{message.id}", domain)
    reply_to = settings.mail_from
    references: list[str] = []
    if message.thread_id is not None:
        reply_to = reply_address(settings.mail_from, reply_token(message.thread_id, world.secret))
        references = _thread_message_ids(session, message.thread_id)
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


def is_stopped(case: Case, template: str | None) -> bool:
    """Return whether no letter of this kind may be written to the patient any more."""
    if case.state in ("BEREAVEMENT_WRAPUP", "CLOSED_DECEASED"):
        return True
    return case.state in STOPPED_STATES and template not in AFTER_STOP


def wants_no_letters(session: Session, case_id: int) -> bool:
    """Return whether the patient has taken back the permission to be written to."""
    answers = session.scalars(
        select(col(Consent.withdrawn_at)).where(
            col(Consent.case_id) == case_id, col(Consent.scope) == "messaging"
        )
    ).all()
    return bool(answers) and all(withdrawn is not None for withdrawn in answers)


def may_leave(session: Session, case: Case, message: Message) -> bool:
    """Return whether the letter may leave now: read again inside the sending transaction."""
    if is_stopped(case, message.template):
        return False
    if message.to_role == "patient" and message.template not in ASKED_FOR:
        return not wants_no_letters(session, require_id(case.id))
    if message.to_role != "hospital" or message.thread_id is None:
        return True
    if message.template in ENQUIRIES and stopping_category(session, require_id(case.id)):
        return False
    thread = get(session, OutreachThread, message.thread_id)
    granted = session.scalars(
        select(col(Consent.id)).where(
            col(Consent.case_id) == case.id,
            col(Consent.hospital_id) == thread.hospital_id,
            col(Consent.scope).in_(("share_deid", "share_identified")),
            col(Consent.withdrawn_at).is_(None),
        )
    ).first()
    return granted is not None


def _nothing_more(_: Unit, __: Message) -> None:
    pass


def hand_over(work: Work, message_id: int, on_sent: Sent, on_end: Ended = _nothing_more) -> None:
    """Send the frozen letter once; `on_sent` records what its sending means.

    `on_end` is called whatever became of the letter (its `state` says what), once, in the
    transaction that finishes the row; not when a fact stopped the row.
    Raises `RetryLater` when the server refused for now: certain that it was not taken.
    """
    with work.reading() as session:
        message = get(session, Message, message_id)
        state, key, address = message.state, message.raw_object_key, message.address
    if state == "sending":
        _leave_uncertain(work, message_id, on_end)
        return
    if state != "queued" or key is None:
        _end(work, message_id, on_end)
        return
    raw = work.world.storage.get(key)
    if not _claim(work, message_id):
        _end(work, message_id, on_end)
        return
    try:
        work.world.mail_out.deliver(
            raw, work.world.settings.mail_from, [address], before_data=lambda: _still_ours(work)
        )
    except MailRefused as refused:
        _refused(work, message_id, refused, on_end)
    except MailUncertain:
        _leave_uncertain(work, message_id, on_end)
    else:
        _keep_trying(lambda: _sent(work, message_id, on_sent, on_end))


def _end(work: Work, message_id: int, on_end: Ended) -> None:
    with work.finishing() as unit:
        on_end(unit, get(unit.session, Message, message_id))


def _claim(work: Work, message_id: int) -> bool:
    """Commit `sending` before the server hears of the letter; False when it must not leave."""
    with work.claiming() as unit:
        message = get(unit.session, Message, message_id)
        if message.state != "queued":
            allowed = False
        elif not may_leave(unit.session, unit.case, message):
            message.state = "cancelled"
            allowed = False
        else:
            message.state = "sending"
            message.sending_fence = work.row.fence
            allowed = True
    return allowed


def _still_ours(work: Work) -> None:
    """Raise `FenceLost` when a fact stopped the row meanwhile: the last moment to hold a letter."""
    with work.world.engine.begin() as connection:
        if not claims.renew(connection, work.row, work.world.settings.step_lease):
            raise FenceLost(work.row.name)


def _sent(work: Work, message_id: int, on_sent: Sent, on_end: Ended) -> None:
    with work.finishing() as unit:
        message = get(unit.session, Message, message_id)
        message.state = "sent"
        message.sent_at = unit.now
        objects = _objects(message)
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
            },
            objects,
        )
        on_sent(unit, message)
        on_end(unit, message)


def _refused(work: Work, message_id: int, refused: MailRefused, on_end: Ended) -> None:
    if not refused.permanent:
        with work.claiming() as unit:
            get(unit.session, Message, message_id).state = "queued"
        raise RetryLater("MailRefused", timedelta(minutes=1))
    with work.finishing() as unit:
        message = get(unit.session, Message, message_id)
        message.state = "refused"
        payload = {"message_id": message_id, "code": str(refused.code), "permanent": True}
        unit.record("message.refused", payload, _objects(message))
        on_end(unit, message)


def _leave_uncertain(work: Work, message_id: int, on_end: Ended) -> None:
    def commit() -> None:
        with work.finishing() as unit:
            message = get(unit.session, Message, message_id)
            if message.state == "sending":
                message.state = "uncertain"
                unit.record("message.uncertain", {"message_id": message_id}, _objects(message))
            on_end(unit, message)

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
