"""The look at all open cases: what does not hold is asked of a person, what was mended is not."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from adapters.storage import StorageError
from models import Document, HumanTask, Message, OutreachThread
from models.base import require_id
from workflows.declared import Raises
from workflows.engine.limits import move_up
from workflows.engine.lookup import get
from workflows.engine.work import Unit, Work, slow
from workflows.events import Event
from workflows.letters.decisions import objects_of
from workflows.outreach.open_threads import see_on
from workflows.watch import invariants

EVERY = timedelta(minutes=5)
"""As `ALWAYS` of THE table says; the turn of the documents is counted by it."""
CASE, NEWS, OBJECT, LATE = "look_at_case", "give_news", "find_object", "late_step"
"""The questions that only this step asks, and takes back."""
TAKEN_BACK_AT_ONCE = 200


@slow(
    "reminders.watch_cases",
    words="it is looked whether every open case and thread is waited for",
    stopped="Nobody looks whether cases stand still",
    patient="A case that waits for nothing would not be found.",
    raises=Raises(
        events=("message.uncertain",),
        requests=(
            "look_at_case",
            "follow_thread",
            "confirm_deletion",
            "give_news",
            "settle_message",
            "find_object",
            "late_step",
        ),
    ),
)
def watch_cases(work: Work) -> None:
    """Ask about each thing that does not hold, once; take back what holds again.

    What waits for a limit moves up where there is room by now.
    """
    _take_back(work)
    _each(work, invariants.cases_without, _case)
    _each(work, invariants.threads_without, _thread)
    _each(work, lambda session: invariants.patients_without_news(session, work.now), _news)
    _each(work, invariants.stranded_letters, _stranded)
    _each(work, invariants.uncertain_letters, _letter)
    _documents(work)
    _late(work)
    with work.finishing() as unit:
        move_up(unit.session, unit.world.settings, unit.now)


Find = Callable[[Session], Sequence[int]]


def _each(work: Work, find: Find, ask: Callable[[Unit, int], None]) -> None:
    """Ask about each object found, each in a transaction that looks at it again."""
    with work.reading() as session:
        found = find(session)
    for one in found:
        with work.claiming() as unit:
            ask(unit, one)


def _case(unit: Unit, case_id: int) -> None:
    unit.recorder.lock([case_id])
    if invariants.cases_without(unit.session, case_id):
        unit.recorder.request("look_at_case", case_id=case_id)


def _thread(unit: Unit, thread_id: int) -> None:
    thread = get(unit.session, OutreachThread, thread_id)
    unit.recorder.lock([thread.case_id])
    see_on(unit.recorder, thread)


def _news(unit: Unit, case_id: int) -> None:
    unit.recorder.lock([case_id])
    if invariants.patients_without_news(unit.session, unit.now, case_id):
        unit.recorder.request("give_news", case_id=case_id)


def _stranded(unit: Unit, message_id: int) -> None:
    """Say of a letter whose hand-over ended without a word that nobody knows of it."""
    message = get(unit.session, Message, message_id)
    unit.recorder.lock([require_id(message.case_id)])
    if invariants.stranded_letters(unit.session, message_id):
        message.state = "uncertain"
        unit.session.flush()
        fact = Event("message.uncertain", {"message_id": message_id}, objects_of(message))
        unit.recorder.record(require_id(message.case_id), fact, unit.cause)


def _letter(unit: Unit, message_id: int) -> None:
    message = get(unit.session, Message, message_id)
    unit.recorder.lock([require_id(message.case_id)])
    if not invariants.uncertain_letters(unit.session, message_id):
        return
    objects = objects_of(message)
    unit.recorder.request("settle_message", case_id=message.case_id, objects=objects)


def _documents(work: Work) -> None:
    with work.reading() as session:
        some = invariants.documents_to_look_at(session, work.now, EVERY)
    for document_id, key in some:
        try:
            there = work.world.storage.exists(key)
        except StorageError:  # that it is away is found by whoever needs it
            return
        if there:
            continue
        with work.claiming() as unit:
            case_id = get(unit.session, Document, document_id).case_id
            objects = {"document_id": document_id}
            unit.recorder.request("find_object", case_id=case_id, objects=objects)


def _late(work: Work) -> None:
    with work.reading() as session:
        names = invariants.late_steps(session, work.now)
        asked = {task.detail for task in _open(session, LATE)}
    for name in names:
        if name not in asked:
            with work.claiming() as unit:
                unit.recorder.request("late_step", objects={"step": name}, detail=name)


def _open(session: Session, *kinds: str) -> Sequence[HumanTask]:
    return session.scalars(
        select(HumanTask)
        .where(col(HumanTask.state) == "open", col(HumanTask.kind).in_(kinds))
        .order_by(col(HumanTask.id))
        .limit(TAKEN_BACK_AT_ONCE)
    ).all()


def _take_back(work: Work) -> None:
    """Take back the questions whose reason is gone, each looked at again under its lock."""
    kinds = (CASE, NEWS, OBJECT, LATE, "follow_thread", "confirm_deletion")
    with work.reading() as session:
        tasks = [require_id(task.id) for task in _open(session, *kinds)]
    for task_id in tasks:
        there = _there_again(work, task_id)  # asked before any case is held
        with work.claiming() as unit:
            task = get(unit.session, HumanTask, task_id)
            if task.case_id is not None:
                unit.recorder.lock([task.case_id])
            unit.session.refresh(task)
            if task.state == "open" and _mended(unit, task, there):
                unit.recorder.withdraw(task)


def _there_again(work: Work, task_id: int) -> bool:
    """Say whether the file that a question is about lies in the store again."""
    with work.reading() as session:
        task = get(session, HumanTask, task_id)
        if task.kind != OBJECT:
            return False
        key = get(session, Document, int(task.objects["document_id"])).object_key
    return work.world.storage.exists(key)


def _mended(unit: Unit, task: HumanTask, there: bool) -> bool:
    session, case_id = unit.session, task.case_id
    if task.kind == CASE:
        return not invariants.cases_without(session, case_id)
    if task.kind == NEWS:
        return not invariants.patients_without_news(session, unit.now, case_id)
    if task.kind == OBJECT:
        return there
    if task.kind == LATE:
        return task.detail not in invariants.late_steps(session, unit.now)
    return not invariants.threads_without(session, int(task.objects["thread_id"]))
