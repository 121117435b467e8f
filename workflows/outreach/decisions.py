"""Outreach: approve who is asked and each letter, settle what is uncertain, class what comes."""

from sqlalchemy import select
from sqlmodel import col

from correspondence import CLASSIFIER_VERSION, parse_inbound
from models import Message, OutreachThread
from models.base import require_id
from suitability.words import CATEGORY_WORDS
from workflows.cases.inquiry_decisions import hospitals_by_code
from workflows.declared import Raises
from workflows.engine.deciding import (
    COORDINATORS,
    DONE,
    Choice,
    Deciding,
    DecisionRefused,
    Question,
    Trouble,
    nothing,
)
from workflows.engine.lookup import get
from workflows.letters.delivery import ENQUIRIES, LetterNotFit, freeze
from workflows.letters.inbound import record_reply
from workflows.screening.assessments import stopping_category

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


def _message(deciding: Deciding) -> Message:
    return get(deciding.session, Message, deciding.object_id("message_id"))


def _objects(message: Message) -> dict[str, int]:
    objects = {"message_id": require_id(message.id)}
    if message.thread_id is not None:
        objects["thread_id"] = message.thread_id
    return objects


def _may_be_asked(deciding: Deciding) -> None:
    """Refuse to ask a hospital while the newest pre-screen is urgent or stops the pathway."""
    category = stopping_category(deciding.session, deciding.case_id)
    if category is not None:
        raise DecisionRefused(
            f"No hospital is asked while the result stands: {CATEGORY_WORDS[category]}. "
            "A clinician signs it on the case's page, or the value that stopped it is corrected."
        )


def _approve_shortlist(deciding: Deciding) -> None:
    codes = deciding.listed("hospitals")
    hospitals_by_code(deciding, codes)
    _may_be_asked(deciding)
    payload = {
        "hospital_ids": codes,
        "mode": deciding.optional("mode"),
        "attested": ["deidentified_summary_only"],
    }
    deciding.record_moving("shortlist.approved", payload)


def _approve_message(deciding: Deciding) -> None:
    message = _message(deciding)
    if message.state != "draft":
        raise DecisionRefused(f"The letter is {message.state} already.")
    if message.template in ENQUIRIES:
        _may_be_asked(deciding)
    edited = deciding.optional("body") is not None
    if edited:
        message.body = deciding.value("body")
    message.approved_by = deciding.actor.ref
    message.approved_at = deciding.recorder.now
    try:
        freeze(deciding.session, deciding.world, message, deciding.recorder.now)
    except LetterNotFit as error:
        raise DecisionRefused(f"{error} Edit it with --set body=TEXT.") from None
    payload = {
        "message_id": require_id(message.id),
        "to_role": message.to_role,
        "body_sha256": message.raw_sha256,
        "edited": edited,
    }
    deciding.record("message.approved", payload, _objects(message))


def _discard_message(deciding: Deciding) -> None:
    message = _message(deciding)
    message.state = "cancelled"
    payload = {"message_id": require_id(message.id)}
    deciding.record("message.discarded", payload, _objects(message))


def _settle(deciding: Deciding, outcome: str) -> Message:
    message = _message(deciding)
    if message.state not in ("uncertain", "refused"):
        raise DecisionRefused(f"The letter is {message.state}; there is nothing to settle.")
    payload = {"message_id": require_id(message.id), "outcome": outcome}
    deciding.record("message.settled", payload, _objects(message))
    return message


def _not_arrived(deciding: Deciding) -> None:
    _settle(deciding, "not_delivered").state = "cancelled"


def _arrived(deciding: Deciding) -> None:
    message = _settle(deciding, "delivered")
    message.state = "sent"
    message.sent_at = deciding.recorder.now
    if message.thread_id is None or message.template != "M10":
        return
    thread = get(deciding.session, OutreachThread, message.thread_id)
    thread.attempts += 1
    thread.state = "sent"
    payload = {
        "thread_id": message.thread_id,
        "hospital_id": thread.hospital_id,
        "template": "M10",
        "attempt": thread.attempts,
        "language": message.language,
        "message_id": require_id(message.id),
    }
    deciding.record("outreach.sent", payload, _objects(message))


def _send_again(deciding: Deciding) -> None:
    """Hand the very same bytes over once more: a person vouches that the first did not arrive."""
    message = _message(deciding)
    if message.state not in ("uncertain", "refused") or message.raw_object_key is None:
        raise DecisionRefused(f"The letter is {message.state}; there is nothing to send again.")
    payload = {"message_id": require_id(message.id), "outcome": "send_again"}
    deciding.record("message.settled", payload, _objects(message))
    message.state = "queued"
    again = "send_enquiry" if message.to_role == "hospital" else "send_approved"
    deciding.request(again, _objects(message))


def _classify(reply_class: str, label: str) -> Choice:
    def apply(deciding: Deciding) -> None:
        message = _message(deciding)
        thread = get(deciding.session, OutreachThread, deciding.object_id("thread_id"))
        proposed = message.reply_class
        message.reply_class = reply_class
        thread.state = THREAD_STATE.get(reply_class, thread.state)
        objects = {**_objects(message), "hospital_id": thread.hospital_id}
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


def _match_mail(deciding: Deciding) -> None:
    """Give a letter that no rule could match to the thread that a person names."""
    message = _message(deciding)
    thread = deciding.session.scalars(
        select(OutreachThread).where(col(OutreachThread.id) == deciding.whole("thread", 1))
    ).first()
    if thread is None:
        raise DecisionRefused("There is no thread with that number.")
    message.case_id, message.thread_id = thread.case_id, thread.id
    letter = parse_inbound(deciding.world.storage.get(message.raw_object_key or ""))
    deciding.recorder.lock([thread.case_id])
    record_reply(deciding.recorder, thread, message, letter, "sender_manual")


def _more_info(deciding: Deciding) -> None:
    deciding.record_moving("more_info.answered", {"items": deciding.listed("items")})


def _more_info_unavailable(deciding: Deciding) -> None:
    payload = {"items": deciding.listed("items"), "reason": "not_available"}
    deciding.record_moving("more_info.unavailable", payload)


def _next_hospital(deciding: Deciding) -> None:
    deciding.request("check_exhausted")


QUESTIONS = {
    "approve_shortlist": Question.of(
        "Approve the hospitals to ask",
        COORDINATORS,
        {
            "approve": Choice(
                "Ask these hospitals with the de-identified summary",
                _approve_shortlist,
                needs=("hospitals",),
                may=("mode",),
                attests=("deidentified_summary_only",),
                raises=Raises(events=("shortlist.approved",)),
            )
        },
    ),
    "approve_message": Question.of(
        "Read the letter and approve it",
        COORDINATORS,
        {
            "approve": Choice(
                "Send exactly this",
                _approve_message,
                may=("body",),
                raises=Raises(events=("message.approved",)),
            ),
            "discard": Choice(
                "Do not send it",
                _discard_message,
                reason=True,
                raises=Raises(events=("message.discarded",)),
            ),
        },
    ),
    "settle_message": Question.of(
        "It is not known whether a letter arrived",
        COORDINATORS,
        {
            "delivered": Choice(
                "It arrived (found in the recipient's mailbox or confirmed)",
                _arrived,
                raises=Raises(events=("message.settled", "outreach.sent")),
                will=(
                    "The letters count as sent. Deadlines for the answer start now. If one "
                    "did not arrive, nobody will send it again and the recipient waits for "
                    "nothing."
                ),
            ),
            "send_again": Choice(
                "It surely did not arrive: send the same letter once more",
                _send_again,
                reason=True,
                raises=Raises(("message.settled",), ("send_enquiry", "send_approved")),
                will=(
                    "The same letters leave once more, now. DANGER: a recipient who has "
                    "the first copy gets it twice, and a hospital may open the case twice. "
                    "Choose this only when you know that the first did not arrive."
                ),
            ),
            "not_delivered": Choice(
                "It did not arrive: the letter is withdrawn, write a new one",
                _not_arrived,
                raises=Raises(events=("message.settled",)),
                will=(
                    "The letters are withdrawn and not sent. The recipients do not hear of "
                    "it unless you write a new letter."
                ),
            ),
        },
        trouble=Trouble(
            stopped="It is not known whether a letter arrived",
            patient=(
                "Hospital or family may be waiting for it, or may have it already. It is never "
                "sent again by itself."
            ),
            do=(
                "Ask the recipient, or look for it there. Say 'it arrived' only when somebody "
                "has seen it."
            ),
            codes={
                "*": Trouble(
                    stopped="The mail server refused a letter for good ({code})",
                    patient="The recipient does not have the letter.",
                    do="Correct the address first. Then withdraw this letter, or send it again.",
                )
            },
        ),
    ),
    "confirm_reply": Question.of(
        "A hospital has answered: what kind of answer is it?",
        COORDINATORS,
        {code: _classify(code, label) for code, label in REPLY_CLASSES.items()},
    ),
    "match_mail": Question.of(
        "A letter belongs to no known thread",
        COORDINATORS,
        {
            "attach": Choice(
                "It belongs to this thread",
                _match_mail,
                needs=("thread",),
                raises=Raises(events=("hospital.reply_received", "outreach.delivery_updated")),
            ),
            "ignore": Choice(
                "It is not about a case",
                nothing,
                will=(
                    "The letters are put aside as not about a case. Nobody will be asked "
                    "about them again."
                ),
            ),
        },
        trouble=Trouble(
            stopped="A letter fits no case",
            patient="It may be a hospital's answer or a patient's question that nobody reads.",
            do=(
                "Open each, read it and give it to its thread. Put aside only what is surely "
                "not about a case."
            ),
            codes={
                "bounce": Trouble(
                    stopped="A letter came back and fits no case",
                    do="Open it and see which letter did not arrive, then mend that address.",
                ),
                "auto_reply": Trouble(
                    stopped="An automatic answer fits no case",
                    patient="Seldom anything; an absence note may name a deputy.",
                ),
            },
        ),
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
    "mend_address": Question.of(
        "A letter bounced: mend the address",
        COORDINATORS,
        {
            "done": Choice(
                "Done",
                nothing,
                will=(
                    "The questions are closed. The letters that came back are not sent "
                    "again by this."
                ),
            )
        },
        trouble=Trouble(
            stopped="A letter came back: the address does not work",
            patient="The hospital does not have the letter and will not answer.",
            do="Find the right address, correct it in the directory, and say so here.",
        ),
    ),
    "read_letter": Question.of("A letter of the patient has come", COORDINATORS, DONE),
    "close_shared_thread": Question.of(
        "A consent was withdrawn: close what was shared", COORDINATORS, DONE
    ),
}
