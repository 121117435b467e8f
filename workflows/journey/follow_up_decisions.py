"""Follow-up: what a coordinator hears when they call a patient whose answers did not come."""

from models import FollowUpEntry
from planning.followup_template import ALL_IS_WELL
from workflows.declared import Raises
from workflows.engine.deciding import COORDINATORS, Choice, Deciding, Question, nothing
from workflows.engine.lookup import get
from workflows.journey.opt_out import give_to_coordinator, stop_questions, take_answer

ANSWERED = Raises(events=("reminder.answered", "reminder.escalated", "clinical.red_flag_reported"))
"""What an answer to a follow-up question may raise: a sign that is there reaches a person."""


def _answer(code: str, label: str) -> Choice:
    def apply(deciding: Deciding) -> None:
        if "reminder_id" not in deciding.task.objects:
            return
        entry = get(deciding.session, FollowUpEntry, deciding.object_id("reminder_id"))
        template = deciding.world.playbooks.follow_up
        symptom = template.kind(entry.code, entry.ask) == "symptom"
        if symptom and code in ALL_IS_WELL:
            # Asked before questions about signs had answers of their own: the call was made, and
            # what "done" says about the signs is nothing. They are asked for in so many words.
            if entry.state != "answered":
                give_to_coordinator(deciding.recorder, template, entry, deciding.cause)
            return
        take_answer(
            deciding.recorder, template, entry, code, deciding.actor, "phone", deciding.cause
        )

    return Choice(label, apply, raises=ANSWERED)


def _no_calls(deciding: Deciding) -> None:
    """The patient wants no calls either: what the plan would still ask them is not asked."""
    stop_questions(
        deciding.session, deciding.recorder, deciding.case_id, deciding.actor, calls_too=True
    )


NO_CALLS = Choice(
    "They want no more questions, by telephone either",
    _no_calls,
    reason=True,
    raises=Raises(events=("reminder.suppressed", "message.uncertain")),
)

QUESTIONS = {
    "call_patient": Question.of(
        "Call the patient",
        COORDINATORS,
        {
            "done": _answer("done", "It is done"),
            "booked": _answer("booked", "It is booked"),
            "not_yet": _answer("not_yet", "Not yet"),
            "no_calls": NO_CALLS,
        },
    ),
    "ask_symptoms": Question.of(
        "Call the patient: is one of these signs there?",
        COORDINATORS,
        {
            "problem": _answer("problem", "Yes, one of these signs is there"),
            "none_of_these": _answer("none_of_these", "No, none of these signs"),
            "talked": Choice("They were called; the answer stays as it is", nothing, reason=True),
            "no_calls": NO_CALLS,
        },
    ),
}
