"""Answers to the questions of the follow-up plan, and the patient's own stop to them.

The stop is a no to letters, not to care (domain handbook, 4.3 and 4.4): what is not critical is
asked no more; a critical question is asked by a person, by telephone, on its day; and a
coordinator is told at once. Only a person who has talked with the patient ends the calls too.
"""

from sqlalchemy import select
from sqlmodel import Session, col

from models import CaseEvent, FollowUpEntry
from models.base import require_id
from planning.followup_template import FollowUpTemplate
from workflows.cases.red_flags import Reported, report_red_flag
from workflows.engine import stopping
from workflows.engine.record import Cause, Recorder
from workflows.events import Actor, Event


def wants_no_questions(session: Session, case_id: int) -> bool:
    """Return whether the patient has stopped the questions that come by letter."""
    stopped = select(col(CaseEvent.seq)).where(
        col(CaseEvent.case_id) == case_id,
        col(CaseEvent.type) == "reminder.answered",
        col(CaseEvent.payload)["answer_code"].as_string() == "stop",
    )
    return session.scalars(stopped.limit(1)).first() is not None


def take_answer(
    recorder: Recorder,
    template: FollowUpTemplate,
    entry: FollowUpEntry,
    code: str,
    actor: Actor,
    channel: str,
    cause: Cause | None = None,
) -> None:
    """Note an answer and record it; a yes to a question whose signs are a red flag is one.

    Which of the signs it was is not known then (`symptom_codes` is empty): the page asks for it
    next, and whoever calls does.
    """
    entry.state, entry.answer, entry.answered_at = "answered", code, recorder.now
    waited = (recorder.now - (entry.sent_at or recorder.now)).total_seconds() / 3600
    objects = {"reminder_id": require_id(entry.id)}
    payload = {
        **objects,
        "answer_code": code,
        "answers": template.kind(entry.code, entry.ask),
        "hours_to_answer": round(waited, 1),
    }
    recorder.record(entry.case_id, Event("reminder.answered", payload, objects, actor), cause)
    if code == "problem" and template.is_red_flag(entry.code, entry.ask):
        source = "call" if channel == "phone" else "follow_up"
        flag = Reported((), source, channel, actor, objects=objects)
        report_red_flag(recorder, entry.case_id, flag, cause)


def give_to_coordinator(
    recorder: Recorder, template: FollowUpTemplate, entry: FollowUpEntry, cause: Cause
) -> None:
    """A coordinator asks: of whom the plan names, or of a patient whom no letter reaches."""
    entry.state = "unanswered"
    objects = {"reminder_id": require_id(entry.id)}
    kind = template.kind(entry.code, entry.ask)
    payload = {**objects, "level": 1, "to": "coordinator", "answers": kind}
    recorder.record(entry.case_id, Event("reminder.escalated", payload, objects), cause)


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
            session,
            case_id,
            ["reminders.send_reminder", "reminders.escalate_reminder"],
            (),
            ("reminder_id", objects["reminder_id"]),
            recorder.now,
        )
        payload = {**objects, "reason": "channel_optout"}
        recorder.record(case_id, Event("reminder.suppressed", payload, objects, actor))
        for message_id in stopped.uncertain_messages:
            about = {"message_id": message_id}
            recorder.record(case_id, Event("message.uncertain", about, about))
