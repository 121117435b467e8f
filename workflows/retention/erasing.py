"""Erasing a case: part by part, each written down as done, so that a killed worker's work goes on.

What has to be removed outside the database is written down first, in the transaction that closes
the case; then the store and the mailbox are cleared, then the rows, then the patient is told, then
the address goes, and after an hour the store is swept once more. So at every moment either a row
or the list names what is left, and nothing is left that neither names.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from models import Document, ErasedObject, Erasure, HumanTask, Message
from models.base import require_id
from workflows.declared import Raises
from workflows.engine import stopping
from workflows.engine.dedupe_keys import of_erasure
from workflows.engine.lookup import get, patient_of
from workflows.engine.work import Unit, Work, slow
from workflows.engine.world import World
from workflows.letters import fields as letters
from workflows.letters.delivery import HANDED_OVER, as_written, hand_over
from workflows.letters.freezing import Draft, freeze, write_draft
from workflows.letters.leaving import is_stopped
from workflows.retention import blanking
from workflows.retention.found import Found, found_of, named_in_rows, others_need
from workflows.retention.state import ERASE, alarm_is_open, at_work, erasure_of, holders, may_begin
from workflows.verbs import EVERYTHING

LETTER = "M38"
CLOSED, CLEARED, BLANK, TOLD, FORGOTTEN = "closed", "cleared", "blank", "told", "forgotten"
PARTS = (CLOSED, CLEARED, BLANK, TOLD, FORGOTTEN)
"""The parts in their order; what follows them ends the erasure itself."""


@slow(
    ERASE,
    words="the personal data of a case are erased",
    stopped="The personal data of a case are erased in part only",
    patient="What was decided to be erased is still there in part; nobody can look at it.",
    needs=("store",),
    raises=Raises(events=("data.erasure_begun", "data.erased", *HANDED_OVER), letters=(LETTER,)),
)
def erase_case(work: Work) -> None:
    """Do what is left of a case's erasure; what is done already is not done again."""
    case_id = work.row.case_id or 0
    try:
        _go_through(work, case_id)
    except Held:
        with work.finishing():
            return  # released it goes on: the clock looks for what is left


class Held(Exception):
    """Somebody holds the erasure: nothing more is removed until a person lets it go on."""


def _go_through(work: Work, case_id: int) -> None:
    with work.reading() as session:
        erasure = erasure_of(session, case_id)
        waits = erasure is None or erasure.done_at is not None or alarm_is_open(session, case_id)
    if waits or not _close(work, case_id):
        with work.finishing():
            return
    _clear(work, case_id)
    _blank(work, case_id)
    if _tell(work, case_id):
        return  # the letter's end finished the row; what is left is done at the next look
    _forget(work, case_id)
    _sweep(work, case_id)


def _part(unit: Unit, case_id: int, name: str) -> Erasure | None:
    """Return the erasure, or None when this part of it is done; raise `Held`."""
    _check_not_held(unit.session, case_id)
    return _left(unit, case_id, name)


def _left(unit: Unit, case_id: int, name: str) -> Erasure | None:
    erasure = erasure_of(unit.session, case_id)
    return None if erasure is None or name in erasure.parts else erasure


def _check_not_held(session: Session, case_id: int) -> None:
    erasure = erasure_of(session, case_id)
    if erasure is not None and erasure.hold_reason is not None:
        raise Held


def _done(unit: Unit, erasure: Erasure, name: str) -> None:
    erasure.parts = {**erasure.parts, name: blanking.moment(unit.now)}
    unit.session.flush()


def _close(work: Work, case_id: int) -> bool:
    """Stop everything, let nothing more in, and write down what has to be removed."""
    with work.reading() as session:
        named = named_in_rows(session, case_id)
        found = found_of(work.world, session, case_id)
    with work.claiming() as unit:
        erasure = _part(unit, case_id, CLOSED)
        if erasure is None:
            return True
        case = unit.case
        if not may_begin(unit.session, case, erasure, unit.now.date()):
            return False
        if at_work(unit.session, case_id, but=unit.row.id):
            return False  # what it puts into the store now would be named by nothing
        if named_in_rows(unit.session, case_id) != named:
            return False  # something came while letters were read: the next look lists it too
        _stop(unit, case_id)
        case.erased_at = unit.now
        case.link_generation += 1
        erasure.documents = blanking.counted(unit.session, Document, case_id)
        erasure.letters = blanking.counted(unit.session, Message, case_id)
        _write_down(unit.session, case_id, found)
        unit.record("data.erasure_begun", {"reason": erasure.why})
        _done(unit, erasure, CLOSED)
    return True


def _stop(unit: Unit, case_id: int) -> None:
    tasks = unit.session.scalars(
        select(HumanTask).where(
            col(HumanTask.case_id) == case_id, col(HumanTask.state) == "open", ~stopping.outlives()
        )
    ).all()
    for task in tasks:
        unit.recorder.withdraw(task, unit.cause)
    unit.recorder.flush()
    stopping.cancel(
        unit.session, case_id, (EVERYTHING,), (), None, unit.now, keep_step_run=unit.row.id
    )


def _write_down(session: Session, case_id: int, found: Sequence[Found]) -> None:
    known = {
        (row.kind, row.key)
        for row in session.scalars(select(ErasedObject).where(col(ErasedObject.case_id) == case_id))
    }
    for one in found:
        if (one.kind, one.key) not in known:
            session.add(ErasedObject(case_id=case_id, kind=one.kind, key=one.key))
    session.flush()


def _clear(work: Work, case_id: int) -> None:
    """Remove what is written down and not removed yet, each marked as it goes."""
    with work.reading() as session:
        rows = session.scalars(
            select(ErasedObject)
            .where(col(ErasedObject.case_id) == case_id, col(ErasedObject.erased_at).is_(None))
            .order_by(col(ErasedObject.id))
        ).all()
        ids = [(require_id(row.id), Found(row.kind, row.key)) for row in rows]
    for row_id, thing in ids:
        removed = _remove(work, case_id, thing)
        with work.claiming() as unit:
            get(unit.session, ErasedObject, row_id).erased_at = unit.now
            erasure = erasure_of(unit.session, case_id)
            if erasure is not None:
                erasure.objects += removed
    with work.claiming() as unit:
        erasure = _part(unit, case_id, CLEARED)
        if erasure is not None:
            _done(unit, erasure, CLEARED)


def _remove(work: Work, case_id: int, thing: Found) -> int:
    """Remove one thing for good; return how many objects that were.

    A content that another case has too stays for that one.
    """
    with work.reading() as session:
        _check_not_held(session, case_id)
    if thing.kind == "mail":
        validity, _, uid = thing.key.partition(":")
        if not (validity.isdigit() and uid.isdigit()):
            return 0
        mailbox = work.world.open_mailbox()
        try:
            mailbox.erase(int(validity), int(uid))
        finally:
            mailbox.close()
        return 0
    with work.reading() as session:
        if others_need(session, case_id, thing):
            return 0
    work.keep_what_was_read()
    return work.world.storage.erase(thing.key, whole=thing.kind == "object")


def _blank(work: Work, case_id: int) -> None:
    with work.claiming() as unit:
        erasure = _part(unit, case_id, BLANK)
        if erasure is not None:
            blanking.blank_rows(unit.session, work.world.process.policy, case_id, last=False)
            _done(unit, erasure, BLANK)


def _tell(work: Work, case_id: int) -> bool:
    """Write to the patient what was done (M38); True when that finished the row."""
    with work.claiming() as unit:
        erasure = _part(unit, case_id, TOLD)
        if erasure is None:
            return False
        message = _draft(unit, case_id)
        if message is None:
            _done(unit, erasure, TOLD)
            return False
        message_id = require_id(message.id)
    _freeze(work, case_id, message_id)
    # What it tells is done and can change no more; what it was written from is gone.
    hand_over(work, message_id, _nothing_more, _told, look=as_written)
    return True


def _draft(unit: Unit, case_id: int) -> Message | None:
    """Return the letter, written once; None for who has no address, or has died."""
    session, world = unit.session, unit.world
    key = of_erasure(case_id)
    known = session.scalars(select(Message).where(col(Message.dedupe_key) == key)).first()
    if known is not None:
        return known
    patient = patient_of(session, case_id)
    if not patient.email or is_stopped(session, unit.case, LETTER):
        return None
    fields = letters.patient_fields(session, world, unit.case, LETTER, {})
    letter = world.playbooks.letters.write(LETTER, fields, unit.case.language)
    return write_draft(session, Draft(case_id, letter, "patient", patient.email, key))


def _freeze(work: Work, case_id: int, message_id: int) -> None:
    """Freeze the draft and write down where its bytes lie.

    A worker that is killed here has put bytes into the store that no row names. The next one puts
    the very same there: the row is committed already, and its date is that of the last part.
    """
    with work.claiming() as unit:
        message, erasure = get(unit.session, Message, message_id), erasure_of(unit.session, case_id)
        if message.state != "draft" or erasure is None:
            return
        _check_not_held(unit.session, case_id)
        freeze(unit.session, work.world, message, datetime.fromisoformat(erasure.parts[BLANK]))
        _write_down(unit.session, case_id, [Found("object", message.raw_object_key or "")])


def _nothing_more(_: Unit, __: Message) -> None:
    """The sending of this letter means nothing further."""


def _told(unit: Unit, message: Message) -> None:
    erasure = _left(unit, unit.case_id, TOLD)  # what has left is written down, held or not
    if erasure is not None:
        erasure.patient_told = message.state == "sent"
        _done(unit, erasure, TOLD)


def _forget(work: Work, case_id: int) -> None:
    """Take away the address, and the letter that told of the erasure."""
    _clear(work, case_id)
    with work.claiming() as unit:
        erasure = _part(unit, case_id, FORGOTTEN)
        if erasure is not None:
            _stop(unit, case_id)
            blanking.forget_address(work.world, unit.session, case_id)
            blanking.blank_rows(unit.session, work.world.process.policy, case_id, last=True)
            _done(unit, erasure, FORGOTTEN)


def _sweep(work: Work, case_id: int) -> None:
    """Clear the store once more, an hour later, and end: a worker may have been reading a file."""
    settle = timedelta(hours=work.world.process.policy.settle_hours)
    with work.reading() as session:
        erasure = erasure_of(session, case_id)
        assert erasure is not None
        begun = datetime.fromisoformat(erasure.parts[FORGOTTEN])
        rows = session.scalars(
            select(ErasedObject).where(col(ErasedObject.case_id) == case_id)
        ).all()
        things = [Found(row.kind, row.key) for row in rows if row.kind != "mail"]
    if work.now < begun + settle:
        with work.finishing():
            return
    _clear(work, case_id)
    for thing in things:
        _remove(work, case_id, thing)
    with work.finishing() as unit:
        erasure = erasure_of(unit.session, case_id)
        if erasure is None or erasure.done_at is not None or erasure.hold_reason is not None:
            return
        _stop(unit, case_id)
        unit.record("data.erased", _what_was_done(unit, erasure))
        unit.recorder.flush()
        blanking.blank_rows(unit.session, work.world.process.policy, case_id, last=True)
        blanking.forget_found(unit.session, case_id)
        destroy_keys(work.world, unit.session, case_id)
        blanking.analyse(unit.session)
        erasure.done_at = unit.now


def destroy_keys(world: World, session: Session, case_id: int) -> None:
    """Destroy the keys of a case: older versions and copies of its data mean nothing any more.

    An object that another case has too is opened by that one's key from now on.
    """
    keys = world.object_keys
    shared = [
        name
        for name in keys.names_of_case(session, case_id)
        if others_need(session, case_id, Found("object", name))
    ]
    keys.destroy_of_case(session, case_id, shared)


def _what_was_done(unit: Unit, erasure: Erasure) -> dict[str, object]:
    had = holders(unit.session, unit.case)
    return {
        "reason": erasure.why,
        "documents": erasure.documents,
        "letters": erasure.letters,
        "objects": erasure.objects,
        "hospitals_had": len(had),
        "hospitals_asked": sum(one.deletion is not None for one in had),
        "hospitals_confirmed": sum(one.deletion == "confirmed" for one in had),
        "patient_told": erasure.patient_told,
    }
