"""Threads kept true: held while no signature stands, corrected after a new one, closed when a
permission is taken back, and asked again until the hospital has deleted what it was sent.
"""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import Message, Offer, OutreachThread
from models.base import require_id
from workflows.declared import Raises
from workflows.engine.lookup import get
from workflows.engine.work import Unit, cheap
from workflows.letters.leaving import (
    ASKS_TO_DELETE,
    FREE,
    NO_SIGNATURE,
    WITH_FINDINGS,
    may_be_shared,
)
from workflows.letters.offer_rows import ALIVE, EXPIRED
from workflows.letters.to_hospitals import OF_OFFERS, about
from workflows.outreach.corrections import CORRECTION, differs, told_to
from workflows.outreach.free_letters import ask_approval
from workflows.outreach.open_threads import CLOSING, close_thread, hold, see_on
from workflows.outreach.writing import DRAFTING, draft
from workflows.screening.signatures import lets_out

OF_RECORDS = ("M59", "M61")
"""Say that records are open, or bring them: their own room writes them again."""
ASKED_TO_DELETE_AT_MOST = 2
"""Letters that ask to delete, before a person takes the telephone."""


def threads_of(session: Session, case_id: int) -> Sequence[OutreachThread]:
    """Return the threads of a case that are not closed, oldest first."""
    return session.scalars(
        select(OutreachThread)
        .where(col(OutreachThread.case_id) == case_id, col(OutreachThread.state) != "closed")
        .order_by(col(OutreachThread.id))
    ).all()


@cheap(
    "outreach.hold_letters",
    words="letters to hospitals are held until a clinician signs anew",
    stopped="Letters with old findings were not marked as held",
    patient="None of them can leave without a signature, but nobody sees why they wait.",
    raises=Raises(events=("outreach.letter_held",)),
)
def hold_letters(unit: Unit) -> None:
    """Hold the letters with findings that have not left; nobody is asked to approve them."""
    if lets_out(unit.session, unit.case_id) is not None:
        return
    for thread in threads_of(unit.session, unit.case_id):
        for message in _unsent(unit.session, thread):
            if message.held_for is None and message.template in WITH_FINDINGS:
                message.state = "draft"
                hold(unit, thread, message, NO_SIGNATURE)


@cheap(
    "outreach.renew_letters",
    words="letters to hospitals are written anew on the newly signed findings",
    stopped="Letters to hospitals were not written anew after a signature",
    patient="A hospital may judge the case on findings that are not right any more.",
    raises=Raises(
        events=(*DRAFTING, "message.discarded"),
        requests=("follow_thread", "confirm_deletion", "tell_package"),
        letters=("M10", "M11", "M14", "M44"),
    ),
)
def renew_letters(unit: Unit) -> None:
    """After a signature: what was held is made anew; who holds other findings is told (M44).

    One correction for a signature and a hospital; a hospital that may not be shown the case gets
    none.
    """
    review = lets_out(unit.session, unit.case_id)
    if review is None:
        return
    for thread in threads_of(unit.session, unit.case_id):
        held = _let_go(unit, thread)
        if not may_be_shared(unit.session, thread):
            continue
        if differs(unit.session, unit.case, thread):
            draft(unit, thread, CORRECTION, number=require_id(review.id))
            # A reminder of what is corrected now would say nothing more.
            held = [template for template in held if template == "M14"]
        elif CORRECTION in held:
            held.remove(CORRECTION)
        for template in dict.fromkeys(held):
            if template in OF_RECORDS:
                unit.request("tell_package", about(thread))
            elif template != CORRECTION:
                draft(unit, thread, template)
        see_on(unit.recorder, thread, unit.cause, unit.row.id)


def _let_go(unit: Unit, thread: OutreachThread) -> list[str]:
    """Give up the letters held for a signature, and say which kinds they were."""
    held = [one for one in _unsent(unit.session, thread) if one.held_for == NO_SIGNATURE]
    written = [one for one in held if one.template in FREE]
    for message in written:  # its words are a person's: nothing writes them anew
        message.held_for = None
        ask_approval(unit, thread, message)
    held = [one for one in held if one not in written]
    for message in held:
        message.state = "cancelled"
        objects = {"message_id": require_id(message.id), "thread_id": require_id(thread.id)}
        unit.record("message.discarded", {"message_id": objects["message_id"]}, objects)
    return [message.template or "" for message in held]


def _unsent(session: Session, thread: OutreachThread) -> Sequence[Message]:
    return session.scalars(
        select(Message)
        .where(
            col(Message.thread_id) == thread.id,
            col(Message.direction) == "out",
            col(Message.state).in_(("draft", "queued")),
        )
        .order_by(col(Message.id))
    ).all()


@cheap(
    "outreach.write_again",
    words="a letter to a hospital is written again",
    stopped="A letter to a hospital was not written again",
    patient="The hospital waits for nothing and answers nothing.",
    raises=Raises(
        events=DRAFTING,
        requests=("follow_thread", "confirm_deletion", "tell_package"),
        letters=("M10", "M11", "M14", "M17", "M44", *OF_OFFERS),
    ),
)
def write_again(unit: Unit) -> None:
    """Write the letter that the row names once more, as the case stands now, for approval."""
    thread = get(unit.session, OutreachThread, unit.object_id("thread_id"))
    template = str(unit.row.objects["template"])
    if template in OF_RECORDS:
        numbers = {"message_id": unit.object_id("message_id")}
        unit.request("tell_package", {**about(thread), **numbers})
    elif template in OF_OFFERS:
        _about_offer_again(unit, thread, template)
    elif may_be_shared(unit.session, thread) or template == ASKS_TO_DELETE:
        draft(unit, thread, template)
    see_on(unit.recorder, thread, unit.cause, unit.row.id)


def _about_offer_again(unit: Unit, thread: OutreachThread, template: str) -> None:
    """Write a letter about an offer again, while that offer stands as the letter says."""
    last = unit.session.scalars(
        select(Message)
        .where(col(Message.thread_id) == thread.id, col(Message.template) == template)
        .order_by(col(Message.id).desc())
        .limit(1)
    ).first()
    if last is None or last.told is None or not may_be_shared(unit.session, thread):
        return
    offer = get(unit.session, Offer, int(last.told["offer_id"]))
    stands = {"M45": ("accepted",), "M46": ALIVE, "M53": (EXPIRED,)}
    if offer.state in stands[template]:
        draft(unit, thread, template, told=last.told)


@cheap(
    "outreach.close_withdrawn",
    words="threads are closed whose permission was taken back",
    stopped="A thread was not closed after its permission was taken back",
    patient="A hospital goes on working with a file that it may not use any more.",
    raises=Raises((*DRAFTING, *CLOSING), ("follow_thread", "confirm_deletion"), ("M17",)),
)
def close_withdrawn(unit: Unit) -> None:
    """Close what the family allows no more; who was sent something is asked to delete it (M17).

    Who was asked before is not forgotten: what waited for the answer was stopped with all else.
    """
    for thread in threads_of(unit.session, unit.case_id):
        if may_be_shared(unit.session, thread):
            continue
        close_thread(unit, thread, "withdrawn")
        if told_to(unit.session, thread) is not None:
            draft(unit, thread, ASKS_TO_DELETE)
    for thread in _asked_to_delete(unit.session, unit.case_id):
        see_on(unit.recorder, thread, unit.cause, unit.row.id)


def _asked_to_delete(session: Session, case_id: int) -> Sequence[OutreachThread]:
    return session.scalars(
        select(OutreachThread)
        .where(col(OutreachThread.case_id) == case_id, col(OutreachThread.deletion) == "asked")
        .order_by(col(OutreachThread.id))
    ).all()


@cheap(
    "outreach.chase_deletion",
    words="a hospital is asked again to delete what it was sent",
    stopped="A hospital was not asked again to delete what it was sent",
    patient="Nobody knows whether the hospital still keeps the patient's data.",
    raises=Raises(events=DRAFTING, requests=("confirm_deletion",), letters=("M17",)),
)
def chase_deletion(unit: Unit) -> None:
    """Ask once more by letter; then a person telephones."""
    thread = get(unit.session, OutreachThread, unit.object_id("thread_id"))
    if thread.deletion != "asked":
        return
    asked = unit.session.scalar(
        select(func.count())
        .select_from(Message)
        .where(
            col(Message.thread_id) == thread.id,
            col(Message.template) == ASKS_TO_DELETE,
            col(Message.state) == "sent",
        )
    )
    if (asked or 0) < ASKED_TO_DELETE_AT_MOST:
        draft(unit, thread, ASKS_TO_DELETE)
    else:
        objects = {"thread_id": require_id(thread.id), "hospital_id": thread.hospital_id}
        unit.request("confirm_deletion", objects)
