"""A thread with a hospital always has what waits for it: a clock, or a person.

Whoever ends what a thread waited for asks `see_on`; where nothing else waits, a coordinator is
asked what happens next. What slips through is found by `workflows/watch`.
"""

from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, CaseEvent, HumanTask, Message, MoreInfoItem, Offer, OutreachThread, StepRun
from models.base import require_id
from models.outreach import ENDED
from workflows.engine.record import Cause, Recorder
from workflows.engine.stopping import OPEN
from workflows.letters.to_hospitals import Recording, about, open_items
from workflows.screening.signatures import SIGNING_ANEW

FOLLOW = "follow_thread"
DELETION = "confirm_deletion"
ON_ITS_WAY = ("queued", "sending", "sent", "uncertain")
"""States of a letter that has left or is about to."""


def is_open(case: Case, thread: OutreachThread) -> bool:
    """Return whether anything is still expected of the hospital in this case."""
    if case.closed_at is not None or case.state == "BEREAVEMENT_WRAPUP":
        return False
    return thread.state not in ENDED or thread.deletion == "asked"


def waits(
    session: Session,
    case: Case,
    thread: OutreachThread,
    but_run: int | None = None,
    *,
    but_asked: bool = False,
) -> bool:
    """Return whether a clock or a person waits for this thread, the run `but_run` aside.

    `but_asked` leaves aside the questions that are asked because nothing waits.
    """
    thread_id = require_id(thread.id)
    runs = select(col(StepRun.id)).where(
        col(StepRun.case_id) == case.id,
        col(StepRun.state).in_(OPEN),
        # News to the patient may begin with a thread's fact and say nothing of the thread.
        col(StepRun.name).startswith("outreach."),
        col(StepRun.objects)["thread_id"].as_integer() == thread_id,
    )
    if but_run is not None:
        runs = runs.where(col(StepRun.id) != but_run)
    if session.scalars(runs.limit(1)).first() is not None:
        return True
    tasks = select(col(HumanTask.id)).where(
        col(HumanTask.case_id) == case.id,
        col(HumanTask.state) == "open",
        col(HumanTask.objects)["thread_id"].as_integer() == thread_id,
    )
    if but_asked:
        tasks = tasks.where(col(HumanTask.kind).not_in((FOLLOW, DELETION)))
    if session.scalars(tasks.limit(1)).first() is not None:
        return True
    return with_family(session, thread) or with_clinician(session, case, thread)


def with_family(session: Session, thread: OutreachThread) -> bool:
    """Return whether the family thinks about an offer, or has taken it and the hospital knows."""
    if thread.state != "offered":
        return False
    offers = select(col(Offer.state)).where(col(Offer.thread_id) == thread.id)
    states = set(session.scalars(offers))
    return "presented" in states or ("accepted" in states and _accepted_told(session, thread))


def _accepted_told(session: Session, thread: OutreachThread) -> bool:
    """Return whether the hospital is told that its offer is accepted: then the journey waits."""
    told = select(col(Message.id)).where(
        col(Message.thread_id) == thread.id,
        col(Message.template) == "M45",
        col(Message.state).in_(ON_ITS_WAY),
    )
    return session.scalars(told.limit(1)).first() is not None


def with_clinician(session: Session, case: Case, thread: OutreachThread) -> bool:
    """Return whether a letter of the thread is held until a clinician signs anew."""
    held = select(col(Message.id)).where(
        col(Message.thread_id) == thread.id, col(Message.state) == "draft",
        col(Message.held_for) == "signature",
    )  # fmt: skip
    asked = select(col(HumanTask.id)).where(
        col(HumanTask.case_id) == case.id,
        col(HumanTask.state) == "open",
        col(HumanTask.kind).in_((*SIGNING_ANEW, "resume_case")),
    )
    return (
        session.scalars(held.limit(1)).first() is not None
        and session.scalars(asked.limit(1)).first() is not None
    )


def see_on(
    recorder: Recorder,
    thread: OutreachThread,
    cause: Cause | None = None,
    but_run: int | None = None,
) -> None:
    """Ask a person what happens next where a thread that is open waits for nothing."""
    recorder.flush()
    recorder.session.flush()
    case = recorder.case(thread.case_id)
    if not is_open(case, thread) or waits(recorder.session, case, thread, but_run):
        return
    kind = FOLLOW if thread.state not in ENDED else DELETION
    case_id, objects = thread.case_id, about(thread)
    if kind == FOLLOW:
        recorder.request("follow_thread", case_id=case_id, objects=objects, cause=cause)
    else:
        recorder.request("confirm_deletion", case_id=case_id, objects=objects, cause=cause)


CLOSING = ("outreach.thread_closed", "outreach.letter_held", "more_info.lapsed")
"""What `close_thread` may record."""


def close_thread(by: Recording, thread: OutreachThread, reason: str) -> None:
    """Close a thread: its unsent letters go nowhere, what it asked for is not needed any more."""
    session = by.session
    unsent = session.scalars(
        select(Message).where(
            col(Message.thread_id) == thread.id,
            col(Message.direction) == "out",
            col(Message.state).in_(("draft", "queued")),
        )
    ).all()
    for message in unsent:
        message.state = "cancelled"
        if reason == "withdrawn":
            hold(by, thread, message, "consent")
        else:
            hold(by, thread, message, "stopped")
    asked = session.scalars(
        select(col(MoreInfoItem.id)).where(
            col(MoreInfoItem.thread_id) == thread.id, col(MoreInfoItem.answered_in).is_(None)
        )
    ).first()
    thread.state = "closed"
    thread.closed_at = by.recorder.now
    session.flush()
    by.record("outreach.thread_closed", {**about(thread), "reason": reason}, about(thread))
    if asked is not None:
        left = open_items(session, thread.case_id)
        payload = {"thread_id": require_id(thread.id), "open_items": left}
        by.record("more_info.lapsed", payload, about(thread))


def hold(by: Recording, thread: OutreachThread, message: Message, reason: str) -> None:
    """Note once why a letter does not leave; whoever was asked to approve it is asked no more."""
    message.held_for = reason
    by.recorder.flush()
    noted = select(col(CaseEvent.seq)).where(
        col(CaseEvent.case_id) == thread.case_id,
        col(CaseEvent.type) == "outreach.letter_held",
        col(CaseEvent.payload)["message_id"].as_integer() == message.id,
        col(CaseEvent.payload)["reason"].as_string() == reason,
    )
    if by.session.scalars(noted.limit(1)).first() is not None:
        return
    payload = {**about(thread, message), "template": message.template, "reason": reason}
    by.record("outreach.letter_held", payload, about(thread, message))
