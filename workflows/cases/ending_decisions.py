"""Endings and pauses: hold and resume, alternatives, withdrawal, bereavement."""

from workflows.declared import Raises
from workflows.engine.deciding import COORDINATORS, Choice, Deciding, Question, nothing
from workflows.table import MORE_TREATMENT

LETTERS_AFTER_CALL = ("M28b", "M08", "M09")
AFTER_CALL = Raises(requests=LETTERS_AFTER_CALL, letters=LETTERS_AFTER_CALL)


def _withdrawal_done(deciding: Deciding) -> None:
    payload = {
        "hospitals_notified": deciding.optional_whole("hospitals_notified", 0, 1000),
        "attested": ["withdrawal_steps_done"],
    }
    deciding.record_moving("withdrawal.completed", payload)


def _bereavement_done(deciding: Deciding) -> None:
    deciding.record_moving("bereavement.completed", {})


def _retracted(deciding: Deciding) -> None:
    payload = {"by": deciding.actor.type, "reason": "report_was_wrong"}
    payload["attested"] = ["supervisor_confirms"]  # type: ignore[assignment]
    deciding.record_moving("patient.death_report_retracted", payload)


def _called(deciding: Deciding) -> None:
    """Write what may only follow a call; a coordinator reads it before it leaves."""
    if deciding.task.detail in MORE_TREATMENT:
        letter = "M28b"
    elif deciding.case.state == "ALTERNATIVES":
        letter = "M08"
    else:
        letter = "M09"
    deciding.request(letter)


def _alternative(type: str, label: str) -> Choice:
    return Choice(
        label, lambda deciding: deciding.record_moving(type, {}), raises=Raises(events=(type,))
    )


QUESTIONS = {
    "resume_case": Question.of(
        "The case is on hold: resume it?",
        COORDINATORS,
        {
            "resume": Choice(
                "Go on where it stood",
                lambda d: d.record_moving("case.resumed", {}),
                raises=Raises(events=("case.resumed",)),
            ),
            "stay": Choice("Stay on hold", nothing, reason=True),
        },
    ),
    "call_family": Question.of(
        "Call the family before anything is written",
        COORDINATORS,
        {
            "called": Choice(
                "They were told; what was said follows in writing", _called, raises=AFTER_CALL
            ),
            "not_reached": Choice("Not reached; a second call is planned", nothing),
        },
    ),
    "tell_patient": Question.of(
        "The patient gets no e-mail: tell the news by telephone",
        COORDINATORS,
        {"told": Choice("They were told", nothing)},
    ),
    "record_alternative": Question.of(
        "Which way does the family go?",
        COORDINATORS,
        {
            "referred_out": _alternative("alternative.referred_out", "Referred to another service"),
            "none": _alternative("alternative.none", "No other way is wanted"),
        },
    ),
    "finish_withdrawal": Question.of(
        "The consent was withdrawn: finish",
        COORDINATORS,
        {
            "completed": Choice(
                "The hospitals are told, and nothing is open",
                _withdrawal_done,
                may=("hospitals_notified",),
                attests=("withdrawal_steps_done",),
                raises=Raises(events=("withdrawal.completed",)),
            )
        },
    ),
    "finish_bereavement": Question.of(
        "The patient has died: finish what is left",
        ("lead", "coordinator"),
        {
            "completed": Choice(
                "The family was called, bookings are closed",
                _bereavement_done,
                raises=Raises(events=("bereavement.completed",)),
            ),
            "retracted": Choice(
                "The report was wrong",
                _retracted,
                reason=True,
                attests=("supervisor_confirms",),
                raises=Raises(events=("patient.death_report_retracted",)),
            ),
        },
    ),
}
