"""What happens next in a thread: whom a coordinator telephones, waits for, writes to, gives up."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import col

from models import Hospital, Message, Offer, OutreachThread
from models.base import require_id
from workflows.declared import Raises
from workflows.engine.calendars import morning_after
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
from workflows.letters.desk_link import BRINGS_CODE
from workflows.letters.offer_rows import UNSEEN, about_offer, offers_in
from workflows.letters.to_hospitals import about
from workflows.outreach.corrections import told_to
from workflows.outreach.item_answers import all_settled, untold
from workflows.outreach.open_threads import CLOSING, close_thread


def thread_of(deciding: Deciding) -> OutreachThread:
    """Return the thread that the task is about."""
    return get(deciding.session, OutreachThread, deciding.object_id("thread_id"))


def _promised(deciding: Deciding) -> None:
    """Wait until the day that the hospital named; then it is reminded."""
    thread = thread_of(deciding)
    day, today = deciding.day("promised_on"), deciding.recorder.now.date()
    if day < today:
        raise DecisionRefused("That day is over: say the day by which they will answer.")
    if thread.state in ("silent", "declined", "sent", "bounced", "draft"):
        if told_to(deciding.session, thread) is None:
            raise DecisionRefused("They were not written to yet: write to them, or close it.")
        thread.state = "acked"
    due = morning_after(deciding.session.get(Hospital, thread.hospital_id), day)
    payload = {**about(thread), "due_at": due.isoformat()}
    deciding.record("outreach.answer_promised", payload, about(thread))


def _write(deciding: Deciding) -> None:
    """Have the first letter written anew, or the answers they wait for, or a reminder."""
    thread = thread_of(deciding)
    asked = untold(deciding.session, require_id(thread.id))
    template = "M10" if told_to(deciding.session, thread) is None else "M11"
    if asked and all_settled(asked):
        template = "M14"
    if any(one.thread_id == thread.id for one in _accepted(deciding)):
        template = "M45"
    if template == "M11" and thread.state in ("silent", "declined"):
        thread.state = "sent"
    deciding.request("write_again", {**about(thread), "template": template})


def _accepted(deciding: Deciding) -> Sequence[Offer]:
    return offers_in(deciding.session, deciding.case_id, ("accepted",))


def _offer_holds(deciding: Deciding) -> None:
    """The hospital said that an offer written down before is still good."""
    thread = thread_of(deciding)
    known = [
        one
        for one in offers_in(deciding.session, deciding.case_id, UNSEEN)
        if one.thread_id == thread.id
    ]
    if not known:
        raise DecisionRefused("No offer of this hospital is written down that could be presented.")
    thread.state = "offered"
    deciding.request("present_offer", about_offer(known[-1]))


def _close(deciding: Deciding) -> None:
    thread, reason = thread_of(deciding), deciding.value("why_closed")
    was_told = told_to(deciding.session, thread) is not None
    if (reason == "not_asked") is was_told:
        raise DecisionRefused(
            "They were written to: say why nothing more is expected of them."
            if was_told
            else "They were never written to: say that they were not asked."
        )
    close_thread(deciding, thread, reason)


def _silent(deciding: Deciding) -> None:
    thread = thread_of(deciding)
    thread.state = "silent"
    deciding.record("hospital.silent", about(thread), about(thread))


def _not_reached(deciding: Deciding) -> None:
    """The reminders go on: the second is on its way, then the lead calls."""


def _deleted(deciding: Deciding) -> None:
    thread = thread_of(deciding)
    thread.deletion = "confirmed"
    deciding.record("hospital.deletion_confirmed", about(thread), about(thread))


def _not_deleted(deciding: Deciding) -> None:
    thread = thread_of(deciding)
    thread.deletion = "not_confirmed"
    deciding.record("outreach.deletion_unconfirmed", about(thread), about(thread))


def _address_corrected(deciding: Deciding) -> None:
    """Have the letter that came back written anew, to the address that the directory has now."""
    thread, letter = thread_of(deciding), _came_back(deciding)
    hospital = deciding.session.get_one(Hospital, thread.hospital_id)
    if hospital.email.strip().lower() == letter.address.strip().lower():
        raise DecisionRefused(
            "The directory still has the address that does not work. Correct it there first."
        )
    deciding.request("write_again", {**about(thread, letter), "template": letter.template})


def _came_back(deciding: Deciding) -> Message:
    letter = deciding.session.scalars(
        select(Message)
        .where(
            col(Message.thread_id) == deciding.object_id("thread_id"),
            col(Message.direction) == "out",
            col(Message.state) == "sent",
            col(Message.template).is_distinct_from(BRINGS_CODE),  # who waits asks for another
        )
        .order_by(col(Message.id).desc())
        .limit(1)
    ).first()
    if letter is None:
        raise DecisionRefused("No letter of this thread has left: there is none to write anew.")
    return letter


def _arrived_after_all(deciding: Deciding) -> None:
    thread = thread_of(deciding)
    if thread.state == "bounced":
        thread.state = "sent"
    _promised(deciding)


def _no_address(deciding: Deciding) -> None:
    close_thread(deciding, thread_of(deciding), "bounced")


WAIT = Choice(
    "They answer by this day; then they are reminded",
    _promised,
    needs=("promised_on",),
    raises=Raises(events=("outreach.answer_promised",)),
)
REACHED = Choice(
    "Reached; they will answer by this day",
    _promised,
    needs=("promised_on",),
    raises=Raises(events=("outreach.answer_promised",)),
)
SILENT = Choice("Not reached: treat as silent", _silent, raises=Raises(events=("hospital.silent",)))
CLOSE = Raises(events=CLOSING)

QUESTIONS = {
    "follow_thread": Question.of(
        "Nothing waits for this hospital: what happens next?",
        COORDINATORS,
        {
            "wait": WAIT,
            "write": Choice(
                "Write to them again: the letter comes to be approved",
                _write,
                raises=Raises(requests=("write_again",)),
            ),
            "offer_holds": Choice(
                "Their offer holds as it was written down: present it",
                _offer_holds,
                raises=Raises(requests=("present_offer",)),
            ),
            "close": Choice(
                "Nothing more is expected of them: close the thread",
                _close,
                needs=("why_closed",),
                reason=True,
                raises=CLOSE,
            ),
        },
    ),
    "chase_by_phone": Question.of(
        "A hospital does not answer: telephone the department",
        COORDINATORS,
        {
            "reached": REACHED,
            "not_reached": Choice(
                "Not reached: the reminders go on, then the lead calls",
                _not_reached,
                will="The hospital has its time after the second reminder; then the lead is asked.",
            ),
            "silent": SILENT,
        },
    ),
    "call_head": Question.of(
        "A hospital answers neither letters nor calls: call the head of the department",
        COORDINATORS,
        {"reached": REACHED, "silent": SILENT},
    ),
    "confirm_deletion": Question.of(
        "A hospital was asked to delete what it was sent, and is silent: telephone",
        COORDINATORS,
        {
            "confirmed": Choice(
                "They say that all of it is deleted",
                _deleted,
                reason=True,
                raises=Raises(events=("hospital.deletion_confirmed",)),
            ),
            "not_confirmed": Choice(
                "It cannot be found out, or they keep it",
                _not_deleted,
                reason=True,
                raises=Raises(events=("outreach.deletion_unconfirmed",)),
            ),
        },
    ),
    "mend_address": Question.of(
        "A letter bounced: mend the address",
        COORDINATORS,
        {
            "corrected": Choice(
                "The address is corrected in the directory: write the letter anew",
                _address_corrected,
                raises=Raises(requests=("write_again",)),
                will=(
                    "Each letter that came back is written anew, to the address that the "
                    "directory has now, and comes to be approved."
                ),
            ),
            "arrived": Choice(
                "It arrived after all; they answer by this day",
                _arrived_after_all,
                needs=("promised_on",),
                raises=Raises(events=("outreach.answer_promised",)),
            ),
            "no_address": Choice(
                "No address works: close the thread",
                _no_address,
                reason=True,
                raises=CLOSE,
                will="The threads are closed; other hospitals are asked where there are any.",
            ),
        },
        trouble=Trouble(
            stopped="A letter came back: the address does not work",
            patient="The hospital does not have the letter and will not answer.",
            do="Find the right address, correct it in the directory, and say so here.",
        ),
    ),
    "close_shared_thread": Question.of(
        "A consent was withdrawn: see that nothing else is shared", COORDINATORS, DONE
    ),
}
