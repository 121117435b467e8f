"""What hospitals answer: of which kind it is, and what they ask for before they can decide."""

from collections.abc import Callable, Sequence
from typing import Any

from correspondence import CLASSIFIER_VERSION
from models import Message, OutreachThread
from models.base import require_id
from workflows.declared import Raises
from workflows.engine.deciding import COORDINATORS, Choice, Deciding, DecisionRefused, Question
from workflows.engine.lookup import get
from workflows.letters.decisions import message_of
from workflows.letters.to_hospitals import Recording, about
from workflows.letters.withdrawn_offers import WITHDRAWING, withdraw_offers_of
from workflows.outreach.absences import AWAY, DEPUTY, note_absence
from workflows.outreach.item_answers import note_items
from workflows.outreach.reply_steps import (
    CAME_BACK,
    INVITED,
    NAMED_DATE,
    OF_SEVERAL,
    REDIRECTS,
    WROTE_TO_PATIENT,
    came_back,
    invitation_came,
    named_date,
    of_several,
    redirected,
    wrote_to_patient,
)
from workflows.outreach.senders import CHECKED, CONFIRMED, must_be_sure

REPLY_CLASSES = {
    "offer": "An offer with dates or costs",
    "opinion": "A doctors' opinion",
    "more_info": "They need more information",
    "ack": "Received; an answer will follow",
    "accept_for_review": "Doctors will review the case",
    "decline": "They do not take the case",
    "admission_date": "They name the day of the admission",
    "invitation_letter": "The invitation letter has come",
    "redirect": "Another address is named",
    "out_of_office": "An absence note",
    "contacted_patient_directly": "They wrote to the patient",
    "data_deletion_confirmed": "They have deleted what they were sent",
    "bounce": "A letter of ours did not arrive",
    "other": "Something else",
}
Start = Callable[[Deciding, OutreachThread, Message], None]
CLASSED = ("hospital.reply_classified", CONFIRMED)
"""What every answer may record."""
THREAD_STATE = {
    "ack": "acked",
    "accept_for_review": "in_review",
    "more_info": "more_info",
    "offer": "offered",
    "opinion": "offered",
    "decline": "declined",
}


def _classify(reply_class: str, label: str) -> Choice:
    """Return the answer that a letter is of this class."""

    def apply(deciding: Deciding) -> None:
        _note_class(deciding, reply_class)

    return Choice(label, apply, may=(CHECKED,), raises=Raises(events=CLASSED))


def _starting(reply_class: str, label: str, start: Start, raises: Raises, **given: Any) -> Choice:
    """Return the answer that a letter is of this class, with the step that it starts."""

    def apply(deciding: Deciding) -> None:
        thread, message = _note_class(deciding, reply_class)
        start(deciding, thread, message)

    may = (*given.pop("may", ()), CHECKED)
    every = Raises((*CLASSED, *raises.events), raises.requests, raises.letters)
    return Choice(label, apply, may=may, raises=every, **given)


def _declines(deciding: Deciding) -> None:
    thread, _ = _note_class(deciding, "decline")
    withdraw_offers_of(deciding, thread)


def _away(deciding: Deciding) -> None:
    thread, message = _note_class(deciding, "out_of_office")
    note_absence(deciding.recorder, thread, message)


def _more_info(deciding: Deciding) -> None:
    thread, message = _note_class(deciding, "more_info")
    if thread.state != "closed":
        _note_items(deciding, thread, message)


def _deleted(deciding: Deciding) -> None:
    thread, _ = _note_class(deciding, "data_deletion_confirmed")
    thread.deletion = "confirmed"
    deciding.record("hospital.deletion_confirmed", about(thread), about(thread))


def _note_class(deciding: Deciding, reply_class: str) -> tuple[OutreachThread, Message]:
    """Record the class of the letter; return its thread and the letter."""
    message = message_of(deciding)
    thread = get(deciding.session, OutreachThread, deciding.object_id("thread_id"))
    must_be_sure(deciding, thread, message, reply_class)
    proposed = message.reply_class
    message.reply_class = reply_class
    if thread.state != "closed":  # what comes after the end opens nothing again
        thread.state = THREAD_STATE.get(reply_class, thread.state)
    payload = {
        **about(thread),
        "reply_class": reply_class,
        "confidence": message.reply_confidence,
        "model_version": CLASSIFIER_VERSION,
        "confirmed": True,
        "corrected_from": proposed if proposed != reply_class else None,
    }
    deciding.record("hospital.reply_classified", payload, about(thread, message))
    return thread, message


def _note_items(deciding: Deciding, thread: OutreachThread, message: Message) -> None:
    """Write down what they ask for: what the person names, and what the letter itself does."""
    named = deciding.listed("items") if deciding.optional("items") else []
    known = deciding.world.process.vocabulary.fields("more_info.requested")["items"].words
    unknown = [code[:40] for code in named if code not in known]
    if unknown:
        raise DecisionRefused(f"Not an item: {', '.join(unknown)}. Use other for anything else.")
    ask_for_items(deciding, thread, message, named)


def ask_for_items(
    by: Recording, thread: OutreachThread, message: Message, named: Sequence[str]
) -> None:
    """Write down what a hospital needs before it can answer, and record that it asks for it."""
    rows = note_items(by.session, thread, message, named)
    payload = {
        "thread_id": require_id(thread.id),
        "items": [row.code for row in rows],
        "round": rows[0].round,
    }
    by.record("more_info.requested", payload, about(thread, message))


QUESTIONS = {
    "confirm_reply": Question.of(
        "A hospital has answered: what kind of answer is it?",
        COORDINATORS,
        {
            **{code: _classify(code, label) for code, label in REPLY_CLASSES.items()},
            "admission_date": _starting(
                "admission_date",
                REPLY_CLASSES["admission_date"],
                named_date,
                NAMED_DATE,
                needs=("admission_date",),
                may=("surgery_date",),
            ),
            "invitation_letter": _starting(
                "invitation_letter",
                REPLY_CLASSES["invitation_letter"],
                invitation_came,
                INVITED,
                will="A person compares it with the file: names, numbers, dates.",
            ),
            "redirect": _starting(
                "redirect",
                REPLY_CLASSES["redirect"],
                redirected,
                REDIRECTS,
                will="A person says whether the directory changes; nothing goes there before.",
            ),
            "contacted_patient_directly": _starting(
                "contacted_patient_directly",
                REPLY_CLASSES["contacted_patient_directly"],
                wrote_to_patient,
                WROTE_TO_PATIENT,
                will="A letter that asks them to copy us is drafted, for you to read.",
            ),
            "bounce": _starting("bounce", REPLY_CLASSES["bounce"], came_back, CAME_BACK),
            "several": _starting(
                "other",
                "It speaks of several patients: give it to each case",
                of_several,
                OF_SEVERAL,
                will="A person gives it to each case; no case moves by itself.",
            ),
            "out_of_office": Choice(
                REPLY_CLASSES["out_of_office"],
                _away,
                may=(CHECKED,),
                raises=Raises(events=(*CLASSED, AWAY), requests=(DEPUTY,)),
                will="They are asked again behind the day on which the note says they are back.",
            ),
            "more_info": Choice(
                REPLY_CLASSES["more_info"],
                _more_info,
                may=("items", CHECKED),
                raises=Raises(events=(*CLASSED, "more_info.requested")),
            ),
            "decline": Choice(
                REPLY_CLASSES["decline"],
                _declines,
                may=(CHECKED,),
                raises=Raises(
                    (*CLASSED, "hospital.ended_care", *WITHDRAWING.events),
                    WITHDRAWING.requests,
                    WITHDRAWING.letters,
                ),
                will="What it has offered falls, and the family is told of what it had seen.",
            ),
            "data_deletion_confirmed": Choice(
                REPLY_CLASSES["data_deletion_confirmed"],
                _deleted,
                may=(CHECKED,),
                raises=Raises(events=(*CLASSED, "hospital.deletion_confirmed")),
            ),
        },
    )
}
