"""A letter and its place: a thread, a case, several of them, or none; and out of a wrong one.

A person decides. What a letter moved where it did not belong is not taken back by itself: its
documents leave with it, questions about it end, and a person there is told what rests on it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlmodel import Session, col

from adapters.storage import StorageError
from correspondence import InboundLetter, parse_inbound
from models import Case, Document, HumanTask, InboundMail, Message, OutreachThread
from models.base import require_id
from models.database import transaction
from workflows.cases.contacts import cases_of
from workflows.documents.notes import MOVED_WITH, OF_LETTER
from workflows.documents.photos import photos_of
from workflows.documents.scanning import lock_away
from workflows.engine import outside
from workflows.engine.deciding import Deciding, DecisionRefused
from workflows.engine.lookup import RowNotFound, get
from workflows.engine.not_there import check_not_erased
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor, Event
from workflows.letters.archived import keep_files, record_archived
from workflows.letters.inbound import our_letters
from workflows.letters.letter_files import add_files, store_files, take_again

KIND = "match_mail"
WRONG_PLACE, TAKEN_UP = "wrong_place", "taken_up"
"""Why it is asked again where a letter belongs: it lies in a wrong place, or was set aside."""
OF_LETTERS = ("email", "hospital")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a letter may belong: a thread with a hospital, or a patient's case."""

    case_id: int
    thread: OutreachThread | None = None

    def holds(self, message: Message) -> bool:
        """Return whether the letter lies here."""
        here = self.thread.id if self.thread else None
        return (message.case_id, message.thread_id) == (self.case_id, here)


def place_of(session: Session, given: str) -> Place:
    """Return the thread of a number, or the case of a reference; DecisionRefused for neither."""
    word = given.strip()
    if word.isascii() and word.isdigit() and len(word) <= 18:
        thread = session.get(OutreachThread, int(word))
        if thread is None:
            raise DecisionRefused("There is no thread with that number.")
        return Place(thread.case_id, thread)
    case_id = session.scalars(select(col(Case.id)).where(col(Case.ref) == word.upper())).first()
    if case_id is None:
        raise DecisionRefused("There is no case with that reference.")
    return Place(case_id)


def letter_of(deciding: Deciding, places: Sequence[Place]) -> tuple[Message, InboundLetter]:
    """Return the letter of the question, locked with its cases and taken out of where it lay.

    It stays where it is if that is one of several places. It is read as it came; what of it is ours
    depends on its new place. Raises `DecisionRefused` where it lies there already, where a copy of
    it does, or where a colleague moved it at the same time.
    """
    session = deciding.session
    message = get(session, Message, deciding.object_id("message_id"))
    before = message.case_id, message.thread_id
    ids = {place.case_id for place in places} | ({before[0]} if before[0] else set())
    cases = deciding.recorder.lock(sorted(ids))
    for case_id in ids:
        check_not_erased(cases[case_id])
    session.refresh(message, with_for_update=True)
    if (message.case_id, message.thread_id) != before:
        raise DecisionRefused("A colleague has moved this letter meanwhile. Open it anew.")
    letter = _read(deciding.world, message)
    here = [place for place in places if place.holds(message)]
    if here and len(places) == 1:
        raise DecisionRefused("The letter lies there already.")
    for place in places:
        if place not in here and _copy_in(session, message, place):
            raise DecisionRefused("A copy of this letter lies there already.")
    if message.case_id is not None and not here:
        _leave(deciding, message, letter, places)
    return message, letter


def _read(world: World, message: Message) -> InboundLetter:
    """Read a letter from its bytes, else from what its row says; refuse while they are away."""
    if message.raw_object_key is None:
        head = f"From: {message.address}\r\nSubject: {message.subject}\r\n"
        return parse_inbound(f"{head}\r\n{message.body}".encode())
    key = message.raw_object_key
    raw = outside.first(f"read {key}", lambda: _bytes(world, key))
    if raw is None:
        raise DecisionRefused(
            "The letter cannot be read from the store at the moment. Try again in a minute."
        )
    return parse_inbound(raw)


def _bytes(world: World, key: str) -> bytes | None:
    try:
        return world.storage.get(key)
    except StorageError:
        return None


def _copy_in(session: Session, message: Message, place: Place) -> bool:
    query = select(Message).where(
        col(Message.case_id) == place.case_id,
        col(Message.direction) == "in",
        col(Message.raw_sha256) == message.raw_sha256,
        col(Message.id) != message.id,
    )
    return any(place.holds(one) for one in session.scalars(query))


def put(
    deciding: Deciding, message: Message, letter: InboundLetter, place: Place, *, files: bool = True
) -> InboundLetter:
    """Give the letter to a place, with its files; return it as it is read there."""
    letter = _set(deciding.session, message, letter, place)
    note_state(deciding.session, message, "matched")
    if files and letter.report is None:
        add_files(deciding.recorder, message, store_files(deciding.world, letter))
    return letter


def put_archived(
    world: World,
    recorder: Recorder,
    message: Message,
    place: Place,
    actor: Actor,
    *,
    files: bool = True,
) -> None:
    """Give an old letter to a place: it stands there with its files, and moves nothing."""
    letter = _read(world, message)
    letter = _set(recorder.session, message, letter, place)
    role = "hospital" if place.thread is not None else role_of(recorder.session, place, message)
    if files and letter.report is None:
        keep_files(recorder, message, store_files(world, letter))
    record_archived(recorder, message, role, actor=actor)


def role_of(session: Session, place: Place, message: Message) -> str:
    """Return as whom the sender of a letter is known in a case; "sender" of somebody unknown."""
    return next(
        (one.role for one in cases_of(session, message.address) if one.case_id == place.case_id),
        "sender",
    )


def _set(session: Session, message: Message, letter: InboundLetter, place: Place) -> InboundLetter:
    message.case_id = place.case_id
    message.thread_id = place.thread.id if place.thread else None
    letter = letter.without(our_letters(session, place.case_id, place.thread))
    message.body = letter.new_text
    return letter


def copy_for(session: Session, message: Message) -> Message:
    """Return a second row of the letter, for another case that it is about too."""
    same = message.model_dump(exclude={"id", "message_id", "dedupe_key", "created_at"})
    again = Message(**same)
    session.add(again)
    session.flush()
    return again


def set_aside(deciding: Deciding) -> None:
    """Put a letter aside; it leaves the case it lay in only where that is said to be wrong."""
    session = deciding.session
    message = get(session, Message, deciding.object_id("message_id"))
    if message.case_id is not None and deciding.task.detail != WRONG_PLACE:
        return
    message, _ = letter_of(deciding, ())
    message.case_id = message.thread_id = None
    lay_aside(session, message, deciding.reason, deciding.actor, deciding.recorder.now)


def lay_aside(
    session: Session, message: Message, reason: str | None, actor: Actor, now: datetime
) -> None:
    """Note that a letter was set aside: why, by whom and when."""
    of_letter = col(InboundMail.message_row_id) == require_id(message.id)
    for inbox in session.scalars(select(InboundMail).where(of_letter)):
        inbox.state, inbox.aside_reason = "aside", reason
        inbox.aside_by, inbox.aside_at = actor.ref[:40], now


def note_state(session: Session, message: Message, state: str) -> None:
    """Note what became of a letter where the inbox keeps it."""
    session.execute(
        update(InboundMail)
        .where(col(InboundMail.message_row_id) == require_id(message.id))
        .values(state=state)
    )


def ask_again(world: World, message_id: int) -> int:
    """Ask where a letter belongs that lies in a wrong place or was set aside; return the task.

    Asked twice, it is one question. Raises `RowNotFound` for no letter that came, `CaseErased`.
    """
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        message = get(session, Message, message_id)
        if message.direction != "in" or not message.raw_object_key:
            raise RowNotFound("There is no such letter.")
        if message.case_id is not None:
            check_not_erased(recorder.case(message.case_id))
        session.refresh(message, with_for_update=True)  # two who ask at once ask once
        why = TAKEN_UP if message.case_id is None else WRONG_PLACE
        task_id = open_question(session, message_id) or recorder.request(
            KIND, objects={"message_id": message_id}, detail=why
        )
        due = recorder.flush()
    world.doorbell.ring(due)
    assert task_id is not None
    return task_id


def open_question(session: Session, message_id: int) -> int | None:
    """Return the open question where a letter belongs, if there is one."""
    query = select(col(HumanTask.id)).where(
        col(HumanTask.kind).in_((KIND, "find_sender")),
        col(HumanTask.state) == "open",
        col(HumanTask.objects)["message_id"].as_integer() == message_id,
    )
    return session.scalars(query.limit(1)).first()


def _leave(
    deciding: Deciding, message: Message, letter: InboundLetter, places: Sequence[Place]
) -> None:
    """Take the letter out of its case; DecisionRefused without a reason."""
    first = places[0] if places else None
    deciding.needs_reason()
    case_id, thread_id = message.case_id or 0, message.thread_id
    stays = case_id in {place.case_id for place in places}
    gone = [] if stays else documents_of(deciding.session, case_id, message, letter)
    about = {"message_id": require_id(message.id)}
    if thread_id is not None:
        about["thread_id"] = thread_id
    payload = {**about, "documents": len(gone), "to": _where(first)}
    moved = Event("message.moved_away", payload, about, deciding.actor)
    deciding.recorder.record(case_id, moved, deciding.cause)
    for document in gone:
        _take_away(deciding, document, require_id(message.id))


def _where(place: Place | None) -> str:
    return "nowhere" if place is None else "case" if place.thread is None else "thread"


def _take_away(deciding: Deciding, document: Document, letter: int) -> None:
    """Lock a document away in the case it left: nothing of it counts there any more.

    What came there by another way and was only a copy of it stands for itself from now on.
    """
    lock_away(document, "wrong_patient")
    document.notes = {**document.notes, MOVED_WITH: letter}
    about = {"document_id": require_id(document.id), "message_id": letter}
    event = Event("document.moved_away", about, about, deciding.actor)
    deciding.recorder.record(document.case_id, event, deciding.cause)
    copies = deciding.session.scalars(
        select(Document).where(
            col(Document.case_id) == document.case_id,
            col(Document.duplicate_of) == document.id,
            col(Document.state) == "duplicate",
        )
    )
    for copy in [one for one in copies if one.notes.get(OF_LETTER) != letter]:
        copy.duplicate_of = None
        take_again(deciding.recorder, copy)


def documents_of(
    session: Session, case_id: int, message: Message, letter: InboundLetter
) -> list[Document]:
    """Return the documents of the case that came with this letter, with what was made of them.

    Also those that were only copies: the letter may hold one file twice.
    """
    hashes = {hashlib.sha256(content).hexdigest() for _, _, content, _ in letter.papers()}
    own = require_id(message.id)
    rows = session.scalars(
        select(Document).where(col(Document.case_id) == case_id).order_by(col(Document.id))
    ).all()
    known = [row for row in rows if MOVED_WITH not in row.notes]
    came = [row for row in known if _came_with(row, own, hashes)]
    ids = {row.id for row in came}
    made = [row for row in known if row not in came and ids & set(photos_of(row.notes))]
    return came + made


def _came_with(document: Document, letter: int, hashes: set[str]) -> bool:
    """Whether a document came with the letter; of old ones the bytes alone say so."""
    noted = document.notes.get(OF_LETTER)
    if noted is not None:
        return bool(noted == letter)
    copy = document.state == "duplicate"  # perhaps of another letter's file
    return not copy and document.channel in OF_LETTERS and document.sha256 in hashes
