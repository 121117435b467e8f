"""Where a letter belongs that no rule could place, or that lies in a wrong place."""

import re

from correspondence import InboundLetter
from models import Message
from models.base import require_id
from workflows.cases.contacts import ROLES, ContactRefused, confirm_contact, open_cases_of, plain
from workflows.cases.intake import NewCase, NewPatient, open_case
from workflows.cases.red_flags import RED_FLAG
from workflows.cases.time_zones import ASK_ZONE
from workflows.declared import Raises
from workflows.engine.deciding import (
    COORDINATORS,
    Choice,
    Deciding,
    DecisionRefused,
    Question,
    ToConfirm,
    nothing,
)
from workflows.letters.archived import ARCHIVED, must_be_empty
from workflows.letters.inbound import danger_of, our_letters, record_letter, record_reply
from workflows.letters.placing import (
    KIND,
    Place,
    copy_for,
    letter_of,
    note_state,
    place_of,
    put,
    put_archived,
    set_aside,
)
from workflows.letters.placing_words import TROUBLE

MOST_PLACES = 10
"""Cases and threads that one letter is given to at once; more is a list, not a letter."""
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,8})?", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_MOVED = (
    "message.moved_away",
    "document.moved_away",
    "document.received",
    "message.archived",
    "document.kept",
)
OF_THREAD = Raises(events=("hospital.reply_received", "outreach.delivery_updated", *_MOVED))
OF_CASE = Raises(events=("message.received", *_MOVED, RED_FLAG))


def attach(deciding: Deciding) -> None:
    """Give a letter that no rule could match to the thread that a person names, with its files."""
    place = place_of(deciding.session, str(deciding.whole("thread", 1)))
    message, letter = letter_of(deciding, [place])
    _to_thread(deciding, message, letter, place)


def attach_case(deciding: Deciding) -> Message:
    """Give a letter of the patient, or of somebody near, to the case that a person names."""
    place = _case_of(deciding)
    message, letter = letter_of(deciding, [place])
    _to_case(deciding, message, letter, place.case_id)
    return message


def _to_thread(
    deciding: Deciding, message: Message, letter: InboundLetter, place: Place, *, files: bool = True
) -> None:
    """Give a letter to a thread, where it counts as the hospital's reply."""
    assert place.thread is not None
    if _is_old(deciding, message, place, files):
        return
    read = put(deciding, message, letter, place, files=files)
    record_reply(deciding.recorder, place.thread, message, read, "sender_manual")


def _to_case(
    deciding: Deciding,
    message: Message,
    letter: InboundLetter,
    case_id: int,
    role: str = "sender",
    *,
    files: bool = True,
) -> None:
    """Give a letter to a case, as a letter of `role`; words of danger in it start the alarm."""
    if _is_old(deciding, message, Place(case_id), files):
        return
    read = put(deciding, message, letter, Place(case_id), files=files)
    danger = danger_of(deciding.world, read, our_letters(deciding.session, case_id, None))
    record_letter(deciding.recorder, case_id, message, danger, role)


def _is_old(deciding: Deciding, message: Message, place: Place, files: bool) -> bool:
    """Put an imported letter to its place, where it moves nothing; False for any other."""
    if message.state != ARCHIVED:
        return False
    note_state(deciding.session, message, "matched")
    put_archived(deciding.world, deciding.recorder, message, place, deciding.actor, files=files)
    return True


def _case_of(deciding: Deciding) -> Place:
    place = place_of(deciding.session, deciding.value("case"))
    if place.thread is not None:
        raise DecisionRefused("case must be a reference such as CFX-27-00001.")
    return place


def _case(deciding: Deciding) -> None:
    attach_case(deciding)


def _several(deciding: Deciding) -> None:
    """Give one letter to each case or thread it is about; its files only where a person says."""
    named = list(dict.fromkeys(one.upper() for one in deciding.listed("places")))
    if not 2 <= len(named) <= MOST_PLACES:
        raise DecisionRefused(f"Name from 2 to {MOST_PLACES} cases or threads, with commas.")
    said = deciding.optional("files_to") is not None
    to = [one.upper() for one in deciding.listed("files_to")] if said else []
    if set(to) - set(named):
        raise DecisionRefused("The files can only go to one of the cases or threads you named.")
    places = [place_of(deciding.session, one) for one in named]
    if len({(p.case_id, p.thread.id if p.thread else None) for p in places}) < len(places):
        raise DecisionRefused("One of them is named twice.")
    message, letter = letter_of(deciding, places)
    free = not any(place.holds(message) for place in places)
    for name, place in zip(named, places, strict=True):
        if place.holds(message):  # it lies there, with its files
            continue
        row = message if free else copy_for(deciding.session, message)
        free = False
        if place.thread is not None:
            _to_thread(deciding, row, letter, place, files=name in to)
        else:
            _to_case(deciding, row, letter, place.case_id, files=name in to)


def _join(deciding: Deciding) -> None:
    """Give the letter to the case, and all that comes from its address later."""
    whose = deciding.value("writer")
    place = _case_of(deciding)
    if whose == "not_said":
        raise DecisionRefused("Say who writes, or give the case this one letter only.")
    deciding.value("identified_by")
    message = deciding.session.get_one(Message, deciding.object_id("message_id"))
    if not place.holds(message):  # else it alone was given there before
        message, letter = letter_of(deciding, [place])
        _to_case(deciding, message, letter, place.case_id, ROLES[whose])
    _confirm(deciding, message, place.case_id, whose)


def _confirm(deciding: Deciding, message: Message, case_id: int, whose: str) -> None:
    try:
        confirm_contact(
            deciding.recorder,
            case_id,
            message.address,
            whose,
            deciding.actor,
            ours=deciding.world.settings.mail_from,
            name=deciding.optional("writer_name"),
            message_id=require_id(message.id),
            identified_by=deciding.optional("identified_by"),
        )
    except ContactRefused as refused:
        raise DecisionRefused(str(refused)) from None


def _open(deciding: Deciding) -> None:
    """Open a case with what the letter states; what nobody typed is not stated.

    Where the letter does not say who writes, its address is no patient's: nothing is sent there.
    Nor is to the address of an old letter, which nobody waits on for an answer.
    """
    new = _new_case(deciding)
    message, letter = letter_of(deciding, [])
    address = plain(message.address)
    known = open_cases_of(deciding.session, deciding.world.process.machine, address)
    if known and not deciding.flag("another"):
        refs = ", ".join(one.ref for one in known[:3])
        raise ToConfirm(
            f"{refs} has this address already. If the letter is about another patient, say once "
            "more that a case is to be opened.",
            "another",
            "yes",
        )
    case = open_case(deciding.session, deciding.recorder, deciding.world, new, deciding.actor)
    case_id, whose = require_id(case.id), deciding.value("writer")
    _to_case(deciding, message, letter, case_id, ROLES[whose])
    if new.patient.email is None and address:
        _confirm(deciding, message, case_id, whose)


def _new_case(deciding: Deciding) -> NewCase:
    language, whose = deciding.value("language"), deciding.value("writer")
    country = deciding.optional("residence_country")
    if not _LANGUAGE.fullmatch(language):
        raise DecisionRefused("language must be a code such as en, ru or zh-Hans.")
    if country is not None and not _COUNTRY.fullmatch(country):
        raise DecisionRefused("residence_country must be two capital letters, such as KE.")
    message = deciding.session.get_one(Message, deciding.object_id("message_id"))
    own = whose != "not_said" and message.state != ARCHIVED
    said = {
        "relation": {"patient": "self", "family": "family", "doctor": "doctor"}.get(whose),
        "asker_name": deciding.optional("writer_name") if whose != "patient" else None,
        "patient_knows": deciding.optional("patient_knows"),
    }
    patient = NewPatient(
        name=deciding.optional("patient_name"),
        email=plain(message.address)[:254] or None if own else None,
        phone=deciding.optional("phone"),
        time_zone=None,
        intake={name: value for name, value in said.items() if value is not None},
    )
    return NewCase(patient, source="email", language=language, residence_country=country)


def _needs_order(deciding: Deciding) -> None:
    """Ask what follows in the thread, where the letter had passed for the hospital's answer."""
    if "thread_id" not in deciding.task.objects:
        raise DecisionRefused("The letter lay in no conversation with a hospital.")
    deciding.request("follow_thread", {"thread_id": deciding.object_id("thread_id")})


def _all_placed(deciding: Deciding) -> None:
    must_be_empty(deciding.session)


QUESTIONS = {
    KIND: Question.of(
        "Where does this letter belong?",
        COORDINATORS,
        {
            "attach": Choice(
                "It belongs to this thread", attach, needs=("thread",), raises=OF_THREAD
            ),
            "attach_case": Choice(
                "It is from the patient of this case, or somebody near: this letter alone",
                _case,
                needs=("case",),
                raises=OF_CASE,
            ),
            "join": Choice(
                "Its address is another one of the patient of this case, or of somebody near",
                _join,
                needs=("case", "writer", "identified_by"),
                may=("writer_name",),
                raises=Raises(events=(*OF_CASE.events, "contact.confirmed")),
                will="Later letters from this address belong to the case by themselves.",
            ),
            "open_case": Choice(
                "It is somebody new: open a case",
                _open,
                needs=("language", "writer"),
                may=(
                    "patient_name",
                    "writer_name",
                    "phone",
                    "residence_country",
                    "patient_knows",
                    "another",
                ),
                raises=Raises(
                    events=("case.opened", "contact.confirmed", *OF_CASE.events),
                    requests=(ASK_ZONE,),
                ),
            ),
            "several": Choice(
                "It is about several patients: give it to each of their cases or threads",
                _several,
                needs=("places",),
                may=("files_to",),
                raises=Raises(events=(*OF_CASE.events, *OF_THREAD.events[:2])),
            ),
            "ignore": Choice(
                "Set it aside: it is not about a case",
                set_aside,
                reason=True,
                raises=Raises(events=_MOVED[:3]),
                will=(
                    "The letters are set aside with your reason. They stay on the page of letters "
                    "set aside, where each can be taken up again."
                ),
            ),
        },
        trouble=TROUBLE,
    ),
    "place_imported": Question.of(
        "Old letters that were imported wait for their places",
        COORDINATORS,
        {"done": Choice("Each of them has its place", _all_placed)},
    ),
    "mend_moved": Question.of(
        "A letter was taken out of this case: put right what it moved here",
        COORDINATORS,
        {
            "nothing": Choice("Nothing here rests on it", nothing),
            "mended": Choice("What rested on it is put right", nothing, reason=True),
            "follow": Choice(
                "The hospital has not answered: decide how the conversation goes on",
                _needs_order,
                raises=Raises(requests=("follow_thread",)),
            ),
        },
    ),
}
