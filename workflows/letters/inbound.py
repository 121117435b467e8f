"""Letters in: fetched, kept as they came, matched to their thread; nothing is decided here."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from correspondence import Danger, InboundLetter, ThreadCandidate, match_thread, parse_inbound
from models import Case, Hospital, HumanTask, InboundMail, Message, OutreachThread, Patient
from models.base import require_id
from models.database import transaction
from workflows.cases.intake import add_document, store_original
from workflows.cases.red_flags import Reported, danger_in, report_red_flag
from workflows.engine.lookup import get
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor, Event
from workflows.letters.came_back import is_final, letters_in, note_came_back
from workflows.stages import StateMachine

OPEN_THREADS = (
    "sent", "acked", "in_review", "more_info", "informed", "offered", "silent", "bounced"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose letter it is: a thread with a hospital, or a patient's case."""

    case_id: int
    thread: OutreachThread | None
    matched_by: str
    unverified: bool = False
    """Given to a hospital's thread, from an address that is not known of that hospital."""


def take_mail(
    world: World, raw: bytes, *, uid: str, now: datetime, cut: bool = False
) -> int | None:
    """Take one raw mail in; return its message id, or None when it was taken before.

    The same bytes are taken once, however often the mailbox offers them. `cut` says that the mail
    is longer than what is here: a file at its end is no whole file.
    """
    sha256 = hashlib.sha256(raw).hexdigest()
    key = f"mail/{sha256}"
    world.storage.put(key, raw, "message/rfc822")
    letter = parse_inbound(raw, cut=cut)
    danger = danger_of(world, letter)
    stored = [
        (name, *store_original(world, content), len(content))
        for name, _media_type, content in letter.attachments
    ]
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, now)
        inbox_id = session.scalar(
            insert(InboundMail)
            .values(
                sha256=sha256, object_key=key, mailbox_uid=uid, state="received", received_at=now
            )
            .on_conflict_do_nothing()
            .returning(col(InboundMail.id))
        )
        if inbox_id is None:
            return None
        came_back = letters_in(session, letter)
        owner = _owner(session, world, letter) if not came_back else _family(letter, came_back)
        message = _write(session, letter, owner, key, sha256, now)
        if came_back and is_final(letter):
            note_came_back(recorder, letter, came_back)
        else:
            _record(recorder, letter, owner, message, danger)
        if owner is not None and letter.machine is None:
            for number, (name, digest, object_key, size) in enumerate(stored):
                document = add_document(
                    session,
                    recorder,
                    owner.case_id,
                    sha256=digest,
                    key=object_key,
                    size=size,
                    file_name=name,
                    channel="hospital" if owner.thread else "email",
                )
                if number in letter.shown:
                    document.notes = {**document.notes, "shown_in_text": True}
        inbox = get(session, InboundMail, inbox_id)
        inbox.message_row_id = message.id
        inbox.state = "matched" if owner else "unmatched"
        due = recorder.flush()
        message_id = require_id(message.id)
    world.doorbell.ring(due)
    return message_id


def _owner(session: Session, world: World, letter: InboundLetter) -> Owner | None:
    """Return whose letter it is. A patient's address writes as the patient, whatever it answers:
    our letters to the family carry the case's reference, which names a hospital's thread too.
    """
    match = match_thread(letter, thread_candidates(session), world.secret)
    own = None
    if match is None or not match.sender_known:
        own = _case_of_sender(session, world.process.machine, letter)
    if own is not None:
        return Owner(own, None, "sender")
    if match is None:
        return None
    thread = get(session, OutreachThread, match.thread_id)
    return Owner(thread.case_id, thread, match.matched_by, not match.sender_known)


def _family(letter: InboundLetter, came_back: Sequence[Message]) -> Owner | None:
    """Return whose mail has come back; nobody where it is on its way still: a person looks."""
    case_id = came_back[0].case_id
    return Owner(case_id, None, "references") if case_id and is_final(letter) else None


def thread_candidates(session: Session) -> list[ThreadCandidate]:
    """Return every thread a letter may belong to, with its message ids and known addresses.

    What comes about an erased case belongs to no known thread: a person looks at it.
    """
    rows = session.execute(
        select(OutreachThread, col(Case.ref), col(Hospital.email))
        .join(Case, col(Case.id) == col(OutreachThread.case_id))
        .join(Hospital, col(Hospital.id) == col(OutreachThread.hospital_id))
        .where(col(Case.erased_at).is_(None))
    ).all()
    ids: dict[int, set[str]] = {}
    for thread_id, message_id in session.execute(
        select(col(Message.thread_id), col(Message.message_id)).where(
            col(Message.thread_id).is_not(None), col(Message.message_id).is_not(None)
        )
    ):
        ids.setdefault(thread_id, set()).add(message_id)
    return [
        ThreadCandidate(
            thread_id=require_id(thread.id),
            case_ref=ref,
            message_ids=frozenset(ids.get(require_id(thread.id), ())),
            addresses=frozenset({email.lower()}),
            open=thread.state in OPEN_THREADS,
        )
        for thread, ref, email in rows
    ]


def _case_of_sender(session: Session, machine: StateMachine, letter: InboundLetter) -> int | None:
    """Return the only open case of who writes from this address, or the one the subject names."""
    _, plain = parseaddr(letter.from_address)
    if not plain:
        return None
    cases = session.execute(
        select(col(Patient.case_id), col(Case.ref))
        .join(Case, col(Case.id) == col(Patient.case_id))
        .where(
            func.lower(col(Patient.email)) == plain.lower(),
            col(Case.state).not_in(machine.terminal),
        )
    ).all()
    named = [row for row in cases if row[1] in letter.subject.upper()]
    one = cases if len(cases) == 1 else named
    return one[0][0] if len(one) == 1 else None


def _write(
    session: Session,
    letter: InboundLetter,
    owner: Owner | None,
    key: str,
    sha256: str,
    now: datetime,
) -> Message:
    known = (
        letter.message_id
        and session.scalars(
            select(col(Message.id)).where(col(Message.message_id) == letter.message_id[:250])
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
    recorder: Recorder, letter: InboundLetter, owner: Owner | None, message: Message, danger: Danger
) -> None:
    about = {"message_id": require_id(message.id)}
    if owner is None:
        if danger.signs:
            _ask_who_it_is(recorder, about, message.address)
        else:
            recorder.request("match_mail", objects=about, detail=letter.machine)
        return
    if owner.thread is None:
        who = {"from_role": "patient", "channel": "email", "danger": danger.level}
        event = Event("message.received", {**about, **who}, about, Actor("patient"))
        recorder.record(owner.case_id, event)
        if danger.signs:
            flag = Reported(danger.signs, "letter", "email", Actor("patient"), objects=about)
            report_red_flag(recorder, owner.case_id, flag)
        return
    record_reply(recorder, owner.thread, message, letter, owner.matched_by)
    if danger.signs and owner.unverified:
        # A relative who answers from another address passes for a hospital until somebody looks.
        flag = Reported(danger.signs, "letter", "email", Actor("sender"), None, about)
        report_red_flag(recorder, owner.case_id, flag)


def _ask_who_it_is(recorder: Recorder, about: Mapping[str, int], address: str) -> None:
    """Ask the team at once about a letter that speaks of danger and belongs to no known person.

    A second letter of the same address joins the open question, which shows it.
    """
    open_question = (
        select(col(HumanTask.id))
        .join(Message, col(Message.id) == col(HumanTask.objects)["message_id"].as_integer())
        .where(
            col(HumanTask.kind) == "find_sender",
            col(HumanTask.state) == "open",
            func.lower(col(Message.address)) == address.lower(),
        )
    )
    if recorder.session.scalars(open_question.limit(1)).first() is not None:
        recorder.request("match_mail", objects=about)
        return
    task_id = recorder.request("find_sender", objects=about)
    if task_id is not None:
        task = get(recorder.session, HumanTask, task_id)
        recorder.request("alert_staff", objects={"task_id": task_id})
        recorder.request("climb_alarm", objects={"task_id": task_id}, due_at=task.due_at)


def danger_of(world: World, letter: InboundLetter) -> Danger:
    """Return the signs of danger in what a person newly wrote; of a forwarded letter in all of it.

    A machine's answer quotes our own letters, and these name signs.
    """
    if letter.machine is not None:
        return Danger()
    forwarded = letter.subject.lower().startswith(("fwd:", "fw:", "tr:", "转发"))
    written = letter.text if forwarded or not letter.new_text.strip() else letter.new_text
    return danger_in(world, f"{letter.subject}\n{written}")


def record_reply(
    recorder: Recorder,
    thread: OutreachThread,
    message: Message,
    letter: InboundLetter,
    matched_by: str,
) -> None:
    """Record a letter of a hospital: a bounce as such, anything else as a reply received."""
    thread_id, message_id = require_id(thread.id), require_id(message.id)
    objects = {"thread_id": thread_id, "message_id": message_id, "hospital_id": thread.hospital_id}
    if letter.machine == "bounce":
        hard = letter.report is None or letter.report.permanent is not False
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
                "has_attachments": bool(letter.attachments),
            },
            objects,
            Actor("hospital", f"hospital:{thread.hospital_id}"),
        )
    recorder.record(thread.case_id, event)
