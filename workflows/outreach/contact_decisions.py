"""Numbers and addresses that a hospital named: a coordinator says whether they are its people's."""

import re
from datetime import datetime

from correspondence.directory import HospitalRecord
from models import Hospital, Message, OutreachThread, ThreadContact
from workflows.declared import Raises
from workflows.directory.changes import write_history
from workflows.directory.store import put_hospitals, record_of
from workflows.engine.deciding import COORDINATORS, Choice, Deciding, DecisionRefused, Question
from workflows.engine.lookup import get
from workflows.letters.to_hospitals import about
from workflows.outreach.contacts import keep_contact
from workflows.outreach.corrections import told_to

_ADDRESS = re.compile(r"[^\s@,;<>\"]{1,64}@[^\s@,;<>\"]{1,63}(\.[^\s@,;<>\"]{1,63})+")
ASKED_ANEW = ("sent", "acked", "silent", "bounced", "in_review")
"""States of a thread in which the new address has to get the question itself."""


def _contact(deciding: Deciding) -> ThreadContact:
    return get(deciding.session, ThreadContact, deciding.object_id("contact_id"))


def _is_theirs(deciding: Deciding) -> None:
    contact = _contact(deciding)
    contact.state, contact.decided_by = "confirmed", deciding.actor.ref[:40]
    contact.decided_at = deciding.recorder.now
    contact.name = deciding.optional("writer_name") or contact.name


def _is_not(deciding: Deciding) -> None:
    contact = _contact(deciding)
    contact.state, contact.decided_by = "refused", deciding.actor.ref[:40]
    contact.decided_at = deciding.recorder.now


def _address(deciding: Deciding) -> str:
    given = deciding.value("address").lower()
    if not _ADDRESS.fullmatch(given):
        raise DecisionRefused("That is no e-mail address: type it as the letter has it.")
    return given


def _thread(deciding: Deciding) -> OutreachThread:
    return get(deciding.session, OutreachThread, deciding.object_id("thread_id"))


def _keep(deciding: Deciding, address: str) -> None:
    message = get(deciding.session, Message, deciding.object_id("message_id"))
    keep_contact(
        deciding.session,
        _thread(deciding),
        "email",
        address,
        by=deciding.actor.ref,
        at=deciding.recorder.now,
        message_id=message.id,
        name=deciding.optional("writer_name"),
    )


def _change_directory(deciding: Deciding) -> None:
    """The department has a new address: the directory gets it, and the thread goes there."""
    address, thread = _address(deciding), _thread(deciding)
    hospital = deciding.session.get_one(Hospital, thread.hospital_id, with_for_update=True)
    before = record_of(hospital)
    if before.departments[0].email.lower() == address:
        raise DecisionRefused("The directory has that address already.")
    after = _with_address(before, address)
    put_hospitals(deciding.session, [after])
    deciding.session.flush()
    now: datetime = deciding.recorder.now
    write_history(deciding.session, before, after, actor=deciding.actor, at=now)
    _keep(deciding, address)
    _ask_there(deciding, thread)


def _with_address(record: HospitalRecord, address: str) -> HospitalRecord:
    first, *others = record.departments
    changed = first.model_copy(update={"email": address})
    return record.model_copy(update={"departments": (changed, *others)})


def _only_here(deciding: Deciding) -> None:
    _keep(deciding, _address(deciding))


def _ask_there(deciding: Deciding, thread: OutreachThread) -> None:
    """Have the last question written anew, to the new address; a person approves it."""
    last = told_to(deciding.session, thread)
    if thread.state in ASKED_ANEW and last is not None and last.template == "M10":
        deciding.request("write_again", {**about(thread), "template": "M10"})


def _nothing(_: Deciding) -> None:
    pass


QUESTIONS = {
    "confirm_contact": Question.of(
        "A letter names a number: is it a person of the hospital?",
        COORDINATORS,
        {
            "theirs": Choice("Yes: keep it among their people", _is_theirs, may=("writer_name",)),
            "not_theirs": Choice("No, or it is of no use", _is_not),
        },
    ),
    "confirm_redirect": Question.of(
        "A hospital named another address: where do letters go?",
        COORDINATORS,
        {
            "change_directory": Choice(
                "It is the department's address now: change the directory and write there",
                _change_directory,
                needs=("address",),
                may=("writer_name",),
                raises=Raises(requests=("write_again",)),
            ),
            "only_here": Choice(
                "It is a person for this thread: keep it among their people",
                _only_here,
                needs=("address",),
                may=("writer_name",),
            ),
            "no": Choice("No: letters go where they went", _nothing, reason=True),
        },
    ),
    "use_named_date": Question.of(
        "A hospital named a day of admission: see to it",
        COORDINATORS,
        {
            "seen_to": Choice("It is written down where it belongs", _nothing, reason=True),
            "not_now": Choice("It changes nothing", _nothing, reason=True),
        },
    ),
}
"""Of a letter that names somebody, somewhere or some day."""
