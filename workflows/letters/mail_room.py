"""How many files one sender's letters may bring in a day: what is over stays in the letter.

The letter itself is taken, read and heard as any other, and kept as it came. Its files become
documents a day later, behind what others sent, or when a coordinator lets more come. Only letters
that are surely somebody's count: who merely claims an address uses up nothing of its owner's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from accounts import throttle
from accounts.sessions import real_now
from correspondence import InboundLetter, parse_inbound
from models import Case, Document, Message
from models.base import require_id
from models.database import transaction
from models.findable import address_mark, marks_in
from workflows.declared import Raises
from workflows.documents.notes import OF_LETTER
from workflows.engine.budgets import ASK, DAY, HELD_FILES, Source, lifts, note_spent
from workflows.engine.record import Recorder
from workflows.engine.work import Work, slow
from workflows.engine.world import World
from workflows.letters.letter_files import StoredFile, add_files, store_files

MAX_FILES = 300
MAX_KILOBYTES = 1024 * 1024
"""Of one sender in a day; the letter that reaches it is still taken whole."""
LATER = "take_held_files"
HOLDING = (ASK, LATER)
"""What a letter may ask for whose files are held back."""


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a letter, stored; or held back, because its sender has sent so many today."""

    stored: Sequence[StoredFile] = ()
    held: bool = False


def files_of(world: World, letter: InboundLetter) -> Files:
    """Store the files of a letter, unless its sender has sent as much as one may in a day."""
    if letter.papers():
        with transaction(world.engine) as session:
            full = _is_full(session, letter.from_address)
        if full:
            return Files(held=True)
    return Files(store_files(world, letter))


def give_files(recorder: Recorder, letter: InboundLetter, message: Message, files: Files) -> None:
    """Write down the files of a letter as documents of its case, or when they are taken."""
    papers = letter.papers()
    size = sum(len(content) for _, _, content, _ in papers)
    source = _source(recorder.session, letter.from_address)
    if files.held:
        spent = note_spent(recorder, source, "too_much", len(papers), size, real_now())
        objects = {"message_id": require_id(message.id), "budget_id": require_id(spent.id)}
        recorder.request(LATER, case_id=message.case_id, objects=objects, due_at=recorder.now + DAY)
        return
    if papers:
        throttle.add(recorder.session, f"{source.key}|files", len(papers), DAY)
        throttle.add(recorder.session, f"{source.key}|kB", -(-size // 1024), DAY)
    add_files(recorder, message, files.stored)


@slow(
    HELD_FILES,
    words="files of a letter that had to wait are taken",
    stopped="Files of a letter that had to wait were not taken",
    patient="They lie in the letter as it came; nobody has read them.",
    needs=("store",),
    raises=Raises(events=("document.received",), requests=HOLDING),
)
def take_held_files(work: Work) -> None:
    """Take the files of a letter that were held back; again later where there is no room yet.

    Nothing where the letter lies elsewhere now: whoever moved it moved its files.
    """
    with work.reading() as session:
        message = _waiting(session, work)
        key = message.raw_object_key if message is not None else None
    if key is None:
        with work.finishing():
            return
    letter = parse_inbound(work.world.storage.get(key))
    files = files_of(work.world, letter)
    with work.finishing() as unit:
        message = _waiting(unit.session, work)
        if message is not None:
            give_files(unit.recorder, letter, message, files)


def _waiting(session: Session, work: Work) -> Message | None:
    """Return the letter, if its files are still to become documents of the row's case."""
    message = session.get(Message, work.object_id("message_id"))
    case = session.get(Case, work.row.case_id)
    if message is None or case is None or case.erased_at is not None:
        return None
    of_case = select(Document).where(col(Document.case_id) == case.id)
    came = any(one.notes.get(OF_LETTER) == message.id for one in session.exec(of_case))
    return message if message.case_id == case.id and not came else None


def _is_full(session: Session, address: str) -> bool:
    source = _source(session, address)
    times = 1 + lifts(session, source, real_now())
    files = throttle.used(session, f"{source.key}|files", DAY)
    kilobytes = throttle.used(session, f"{source.key}|kB", DAY)
    return files >= MAX_FILES * times or kilobytes >= MAX_KILOBYTES * times


def _source(session: Session, address: str) -> Source:
    return Source(f"mail:{address_mark(marks_in(session), address) or ''}", "mail")
