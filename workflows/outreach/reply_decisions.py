"""What hospitals answer: its kind, the information they ask for, their silence."""

from correspondence import CLASSIFIER_VERSION
from models import OutreachThread
from models.base import require_id
from workflows.declared import Raises
from workflows.engine.deciding import COORDINATORS, DONE, Choice, Deciding, Question, nothing
from workflows.engine.lookup import get
from workflows.letters.decisions import message_of, objects_of

REPLY_CLASSES = {
    "offer": "An offer with dates or costs",
    "opinion": "A doctors' opinion",
    "more_info": "They need more information",
    "ack": "Received; an answer will follow",
    "accept_for_review": "Doctors will review the case",
    "decline": "They do not take the case",
    "redirect": "Another address is named",
    "out_of_office": "An absence note",
    "contacted_patient_directly": "They wrote to the patient",
    "other": "Something else",
}
THREAD_STATE = {
    "ack": "acked",
    "accept_for_review": "in_review",
    "more_info": "more_info",
    "offer": "offered",
    "opinion": "offered",
    "decline": "declined",
}


def _classify(reply_class: str, label: str) -> Choice:
    def apply(deciding: Deciding) -> None:
        message = message_of(deciding)
        thread = get(deciding.session, OutreachThread, deciding.object_id("thread_id"))
        proposed = message.reply_class
        message.reply_class = reply_class
        thread.state = THREAD_STATE.get(reply_class, thread.state)
        objects = {**objects_of(message), "hospital_id": thread.hospital_id}
        payload = {
            "thread_id": require_id(thread.id),
            "hospital_id": thread.hospital_id,
            "reply_class": reply_class,
            "confidence": message.reply_confidence,
            "model_version": CLASSIFIER_VERSION,
            "confirmed": True,
            "corrected_from": proposed if proposed != reply_class else None,
        }
        deciding.record("hospital.reply_classified", payload, objects)

    return Choice(label, apply, raises=Raises(events=("hospital.reply_classified",)))


def _more_info(deciding: Deciding) -> None:
    deciding.record_moving("more_info.answered", {"items": deciding.listed("items")})


def _more_info_unavailable(deciding: Deciding) -> None:
    payload = {"items": deciding.listed("items"), "reason": "not_available"}
    deciding.record_moving("more_info.unavailable", payload)


def _next_hospital(deciding: Deciding) -> None:
    deciding.request("check_exhausted")


QUESTIONS = {
    "confirm_reply": Question.of(
        "A hospital has answered: what kind of answer is it?",
        COORDINATORS,
        {code: _classify(code, label) for code, label in REPLY_CLASSES.items()},
    ),
    "answer_more_info": Question.of(
        "A hospital needs more information",
        COORDINATORS,
        {
            "answered": Choice(
                "It was sent",
                _more_info,
                needs=("items",),
                raises=Raises(events=("more_info.answered",)),
            ),
            "unavailable": Choice(
                "It cannot be had",
                _more_info_unavailable,
                needs=("items",),
                raises=Raises(events=("more_info.unavailable",)),
            ),
        },
    ),
    "chase_by_phone": Question.of(
        "A hospital is silent: telephone the department",
        COORDINATORS,
        {
            "reached": Choice("Reached; they will answer", nothing),
            "silent": Choice(
                "Not reached: treat as silent",
                _next_hospital,
                raises=Raises(requests=("check_exhausted",)),
            ),
        },
    ),
    "close_shared_thread": Question.of(
        "A consent was withdrawn: close what was shared", COORDINATORS, DONE
    ),
}
