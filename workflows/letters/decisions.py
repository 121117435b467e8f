"""Letters: approve each, settle what is uncertain, give what came to its thread."""

from sqlalchemy import select
from sqlmodel import col

from models import Erasure, Message, OutreachThread
from models.base import require_id
from suitability.words import CATEGORY_WORDS
from workflows.declared import Raises
from workflows.engine.deciding import (
    COORDINATORS,
    DONE,
    Choice,
    Deciding,
    DecisionRefused,
    Question,
    Trouble,
)
from workflows.engine.lookup import get
from workflows.engine.permissions import names_patient
from workflows.letters.enclosures import NotEnclosed, check_enclosed
from workflows.letters.four_eyes import colleagues, is_new_address, is_own
from workflows.letters.freezing import LetterNotFit, checked_letter, freeze
from workflows.letters.leaving import (
    ASKS_TO_DELETE,
    NO_CONSENT,
    NO_SIGNATURE,
    STOPPED,
    is_stopped,
    why_not,
)
from workflows.letters.to_hospitals import SENT_EVENTS, note_sent
from workflows.screening.assessments import stopping_category
from workflows.screening.signatures import lets_out

SIGNED_NO_MORE = (
    "The result that this letter tells of is not signed any more: a value behind it has changed. "
    "Discard the letter; the next signature brings another."
)


def message_of(deciding: Deciding) -> Message:
    """Return the letter that the task is about."""
    return get(deciding.session, Message, deciding.object_id("message_id"))


def objects_of(message: Message) -> dict[str, int]:
    """Return what an event about this letter names."""
    objects = {"message_id": require_id(message.id)}
    if message.thread_id is not None:
        objects["thread_id"] = message.thread_id
    return objects


NO_SIGNATURE_STANDS = (
    "No clinician's signature stands on the findings as they are now. A clinician reads the result "
    "and signs it on the case's page; then this is made anew with the signed findings."
)


def may_be_asked(deciding: Deciding) -> None:
    """Refuse to ask a hospital without a signature on the newest result that allows it."""
    category = stopping_category(deciding.session, deciding.case_id)
    if category is not None:
        raise DecisionRefused(
            f"No hospital is asked while the result stands: {CATEGORY_WORDS[category]}. "
            "A clinician signs it on the case's page, or the value that stopped it is corrected."
        )
    if lets_out(deciding.session, deciding.case_id) is None:
        raise DecisionRefused(NO_SIGNATURE_STANDS)


def _may_leave(deciding: Deciding, message: Message) -> None:
    """Refuse to approve what could not leave, with the reason."""
    reason = why_not(deciding.session, deciding.case, message)
    if reason == NO_SIGNATURE and message.to_role == "patient":
        raise DecisionRefused(SIGNED_NO_MORE)
    if reason == NO_SIGNATURE:
        may_be_asked(deciding)
    if reason == NO_CONSENT and message.to_role == "hospital" and names_patient(message):
        raise DecisionRefused(
            "The letter names the patient, and the family does not allow this hospital records "
            "with the name: discard the letter, or write the permission down first."
        )
    if reason == NO_CONSENT and message.to_role == "hospital":
        raise DecisionRefused("The family does not allow this hospital: discard the letter.")
    if reason == STOPPED:
        raise DecisionRefused("The case has ended: no such letter leaves any more.")
    if message.attachments and message.thread_id is not None:
        hospital_id = get(deciding.session, OutreachThread, message.thread_id).hospital_id
        try:
            check_enclosed(deciding.session, deciding.case_id, hospital_id, message.attachments)
        except NotEnclosed as error:
            raise DecisionRefused(f"{error} Discard the letter and write it anew.") from None
    if message.template == "M10" and message.thread_id is not None:
        by = get(deciding.session, OutreachThread, message.thread_id).reply_by
        if by is not None and by < deciding.recorder.now.date():
            raise DecisionRefused(
                f"The letter asks for an answer by {by.isoformat()}, which is over. Discard it; "
                "the question what happens next in the thread has it written anew."
            )


NOT_ALONE = (
    "No letter has gone to this address before, and the address or the words are yours: a "
    "colleague reads the letter and approves it."
)


def _is_alone(deciding: Deciding, message: Message) -> bool | None:
    """Say whether an author approves a letter to a new address; None where a colleague could."""
    session, ref = deciding.session, deciding.actor.ref
    if not (is_new_address(session, message) and is_own(session, message, ref)):
        return False
    return None if colleagues(session, ref) else True


def _keep_for_colleague(deciding: Deciding, message: Message) -> None:
    """Keep the words, when they could leave; the question stays for somebody else."""
    try:
        checked_letter(deciding.session, deciding.world, message, deciding.recorder.now)
    except LetterNotFit as error:
        raise DecisionRefused(f"{error} Edit it with --set body=TEXT.") from None
    deciding.record("message.edited", {"message_id": require_id(message.id)}, objects_of(message))
    deciding.stays_open = True


def _approve_message(deciding: Deciding) -> None:
    message = message_of(deciding)
    if message.state != "draft":
        raise DecisionRefused(f"The letter is {message.state} already.")
    _may_leave(deciding, message)
    given = deciding.optional("body")
    edited = given is not None and given != message.body.strip()
    if given is not None:
        message.body = deciding.value("body")
    if edited:
        message.edited_by = deciding.actor.ref
    alone = _is_alone(deciding, message)
    if alone is None:
        if not edited:
            raise DecisionRefused(NOT_ALONE)
        _keep_for_colleague(deciding, message)
        return
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
        "alone": alone or None,
    }
    deciding.record("message.approved", payload, objects_of(message))


def _discard_message(deciding: Deciding) -> None:
    message = message_of(deciding)
    message.state = "cancelled"
    payload = {"message_id": require_id(message.id)}
    deciding.record("message.discarded", payload, objects_of(message))


def _settle(deciding: Deciding, outcome: str) -> Message:
    message = message_of(deciding)
    if message.state not in ("uncertain", "refused"):
        raise DecisionRefused(f"The letter is {message.state}; there is nothing to settle.")
    payload = {"message_id": require_id(message.id), "outcome": outcome}
    deciding.record("message.settled", payload, objects_of(message))
    return message


def _not_arrived(deciding: Deciding) -> None:
    _settle(deciding, "not_delivered").state = "cancelled"


def _arrived(deciding: Deciding) -> None:
    message = _settle(deciding, "delivered")
    message.state = "sent"
    message.sent_at = deciding.recorder.now
    if not _is_over(deciding, message):
        note_sent(deciding, message)


def _is_over(deciding: Deciding, message: Message) -> bool:
    """Return whether the letter's case has ended: nothing is awaited of the recipient any more."""
    case, closing = deciding.case, message.template == ASKS_TO_DELETE
    ended = case.erased_at is not None or (case.closed_at is not None and not closing)
    return ended or is_stopped(deciding.session, case, message.template)


def _send_again(deciding: Deciding) -> None:
    """Hand the very same bytes over once more: a person vouches that the first did not arrive."""
    message = message_of(deciding)
    if message.state not in ("uncertain", "refused") or message.raw_object_key is None:
        raise DecisionRefused(f"The letter is {message.state}; there is nothing to send again.")
    if _is_over(deciding, message):
        raise DecisionRefused("The case has ended: no such letter leaves any more.")
    payload = {"message_id": require_id(message.id), "outcome": "send_again"}
    deciding.record("message.settled", payload, objects_of(message))
    message.state = "queued"
    again = "send_enquiry" if message.to_role == "hospital" else "send_approved"
    deciding.request(again, objects_of(message))


def _asks_erasure(deciding: Deciding) -> None:
    """Note it once; whether it is the patient who asks is made certain by another answer."""
    decided = select(col(Erasure.id)).where(col(Erasure.case_id) == deciding.case_id)
    if deciding.session.scalars(decided.limit(1)).first() is not None:
        raise DecisionRefused("It is decided already that these data are erased.")
    deciding.record("data.erasure_asked", {"reason": "asked"})


def _asks_copy(deciding: Deciding) -> None:
    deciding.record("data.copy_asked")


QUESTIONS = {
    "approve_message": Question.of(
        "Read the letter and approve it",
        COORDINATORS,
        {
            "approve": Choice(
                "Send exactly this",
                _approve_message,
                may=("body",),
                raises=Raises(events=("message.approved", "message.edited")),
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
                raises=Raises(events=("message.settled", *SENT_EVENTS)),
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
    "read_letter": Question.of(
        "A letter of the patient has come",
        COORDINATORS,
        {
            **DONE,
            "asks_erasure": Choice(
                "It asks to have the data erased: have somebody make certain who asks",
                _asks_erasure,
                raises=Raises(events=("data.erasure_asked",)),
            ),
            "asks_copy": Choice(
                "It asks for a copy of the data: have somebody make certain who asks",
                _asks_copy,
                raises=Raises(events=("data.copy_asked",)),
            ),
        },
    ),
}
