"""The patient's own stop to the questions of the follow-up plan.

The stop is a no to letters, not to care (domain handbook, 4.3 and 4.4): what is not critical is
asked no more; a critical question is asked by a person, by telephone, on its day; and a
coordinator is told at once. Only a person who has talked with the patient ends the calls too.
"""

from sqlalchemy import select
from sqlmodel import Session, col

from models import CaseEvent, FollowUpEntry
from models.base import require_id
from workflows import stopping
from workflows.engine import Recorder
from workflows.events import Actor, Event


def wants_no_questions(session: Session, case_id: int) -> bool:
    """Return whether the patient has stopped the questions that come by letter."""
    stopped = select(col(CaseEvent.seq)).where(
        col(CaseEvent.case_id) == case_id,
        col(CaseEvent.type) == "reminder.answered",
        col(CaseEvent.payload)["answer_code"].as_string() == "stop",
    )
    return session.scalars(stopped.limit(1)).first() is not None


def stop_questions(
    session: Session, recorder: Recorder, case_id: int, actor: Actor, *, calls_too: bool = False
) -> None:
    """Suppress what the plan would still ask the patient; what others are asked goes on.

    Critical questions, and calls about letters without an answer, end only with `calls_too`.
    """
    query = select(FollowUpEntry).where(
        col(FollowUpEntry.case_id) == case_id,
        col(FollowUpEntry.state).in_(("scheduled", "sent") if calls_too else ("scheduled",)),
        col(FollowUpEntry.recipients).contains(["patient"]),
    )
    if not calls_too:
        query = query.where(col(FollowUpEntry.critical).is_(False))
    recorder.flush()
    for entry in session.scalars(query):
        entry.state = "suppressed"
        objects = {"reminder_id": require_id(entry.id)}
        stopped = stopping.cancel(
            session, case_id, ["reminders.send_reminder", "reminders.escalate_reminder"], (),
            ("reminder_id", objects["reminder_id"]), recorder.now,
        )  # fmt: skip
        payload = {**objects, "reason": "channel_optout"}
        recorder.record(case_id, Event("reminder.suppressed", payload, objects, actor))
        for message_id in stopped.uncertain_messages:
            about = {"message_id": message_id}
            recorder.record(case_id, Event("message.uncertain", about, about))
