"""Red flags: who calls, whom they reached, what was said. One that nobody answered stays open."""

from dataclasses import replace
from datetime import timedelta

from accounts.people import same_person
from models import RedFlagCall
from models.base import require_id
from workflows.cases.red_flags import Reported, danger_in, is_open, report_red_flag
from workflows.declared import Raises
from workflows.engine.deciding import CLINICIANS, COORDINATORS, Choice, Deciding, Question
from workflows.engine.deciding import DecisionRefused as Refused
from workflows.events import Actor
from workflows.letters.alarms import TAKEN_FOR
from workflows.letters.decisions import message_of, objects_of
from workflows.letters.placing_decisions import OF_CASE, OF_THREAD, attach, attach_case
from workflows.table import TEAM

ANYBODY = (TEAM, *COORDINATORS, *CLINICIANS)


def _about(deciding: Deciding) -> dict[str, int]:
    return {"task_id": require_id(deciding.task.id)}


def _take(deciding: Deciding) -> None:
    """Say that one calls now: others see it, and the ladder rests for a quarter of an hour."""
    task, now = deciding.task, deciding.recorder.now
    other = task.taken_by is not None and not same_person(task.taken_by, deciding.actor.ref)
    if other and task.taken_at is not None and now < task.taken_at + TAKEN_FOR:
        raise Refused(
            f"A colleague calls since {task.taken_at:%H:%M} UTC. If you have reached somebody "
            "yourself, say whom and what was said."
        )
    task.taken_by, task.taken_at = deciding.actor.ref, now
    task.climbs_at = now + TAKEN_FOR
    deciding.request("climb_alarm", _about(deciding), due_at=task.climbs_at)
    if task.case_id is not None:
        payload = {**_about(deciding), "due_at": task.climbs_at.isoformat()}
        deciding.record("red_flag.taken", payload, _about(deciding))
    deciding.stays_open = True


def _note(deciding: Deciding, reached: str, said: str, again: timedelta | None = None) -> None:
    """Keep what came of it where personal data may stand."""
    now = deciding.recorder.now
    deciding.session.add(
        RedFlagCall(
            case_id=deciding.task.case_id,
            task_id=require_id(deciding.task.id),
            by_ref=deciding.actor.ref[:40],
            reached=reached,
            said=said,
            next_try_at=now + again if again is not None else None,
            called_at=now,
        )
    )


def _reached(deciding: Deciding) -> None:
    reached = deciding.value("reached")
    _note(deciding, reached, deciding.value("said"))
    if deciding.task.case_id is not None:
        payload = {**_about(deciding), "reached": reached}
        deciding.record("red_flag.closed", payload, _about(deciding))


def _nobody(deciding: Deciding) -> None:
    """Nobody was reached: it stays open, and rises when the next try is due."""
    again = timedelta(minutes=deciding.whole("next_try", 1))
    _note(deciding, "nobody", deciding.optional("said") or "", again)
    task = deciding.task
    task.taken_by, task.taken_at = None, None
    task.due_at = task.climbs_at = deciding.recorder.now + again
    deciding.request("climb_alarm", _about(deciding), due_at=task.climbs_at)
    if task.case_id is not None:
        payload = {**_about(deciding), "reached": "nobody", "due_at": task.due_at.isoformat()}
        deciding.record("red_flag.not_reached", payload, _about(deciding))
    deciding.stays_open = True


def _from_patient(deciding: Deciding) -> None:
    """Give the letter to the case that a person names: the red flag is open there from now on."""
    message = attach_case(deciding)
    case_id = require_id(message.case_id)
    if not is_open(deciding.session, case_id):  # a person says so, whatever the words are
        about = {"message_id": require_id(message.id)}
        signs = danger_in(deciding.world, f"{message.subject}\n{message.body}").signs
        flag = Reported(signs, "letter", "email", Actor("sender"), None, about)
        report_red_flag(deciding.recorder, case_id, flag, deciding.cause)


def _sender_reached(deciding: Deciding) -> None:
    """Somebody was reached; the letter itself still belongs nowhere, and is given to its place."""
    _reached(deciding)
    _no_danger(deciding)


def _no_danger(deciding: Deciding) -> None:
    """Nobody is in danger: the letter is given to its place like any other."""
    deciding.request("match_mail", objects_of(message_of(deciding)))


TAKE = Choice(
    "I am calling now", _take, raises=Raises(events=("red_flag.taken",), requests=("climb_alarm",))
)
REACHED = Choice(
    "Somebody was reached",
    _reached,
    needs=("reached", "said"),
    raises=Raises(events=("red_flag.closed",)),
)
NOBODY = Choice(
    "Nobody was reached: it stays open",
    _nobody,
    needs=("next_try",),
    may=("said",),
    raises=Raises(events=("red_flag.not_reached",), requests=("climb_alarm",)),
)

QUESTIONS = {
    "call_patient_now": Question.of(
        "Red flag: call the patient now",
        ANYBODY,
        {"take": TAKE, "reached": REACHED, "nobody": NOBODY},
    ),
    "find_sender": Question.of(
        "Red flag in a letter of an unknown sender: find out who it is",
        ANYBODY,
        {
            "take": TAKE,
            "patient": Choice(
                "It is about the patient of this case",
                _from_patient,
                needs=("case",),
                raises=OF_CASE,
            ),
            "reached": replace(
                REACHED, apply=_sender_reached, raises=Raises(("red_flag.closed",), ("match_mail",))
            ),
            "nobody": NOBODY,
            "attach": Choice(
                "It is a hospital's letter of this thread",
                attach,
                needs=("thread",),
                raises=OF_THREAD,
            ),
            "no_danger": Choice(
                "Nobody is in danger: give it to its place later",
                _no_danger,
                reason=True,
                raises=Raises(requests=("match_mail",)),
            ),
        },
    ),
}
