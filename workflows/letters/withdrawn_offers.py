"""An offer that its hospital takes back: whatever told of it stops, and the case goes on."""

from sqlalchemy import select
from sqlmodel import col

from models import Message, Offer, OutreachThread
from models.base import require_id
from workflows.cases.fallen_offers import fell_away
from workflows.declared import Raises
from workflows.engine.deciding import Deciding, DecisionRefused
from workflows.engine.lookup import get
from workflows.letters.leaving import ASKS_TO_DELETE
from workflows.letters.offer_rows import (
    BEFORE_FAMILY,
    EXPIRED,
    TELLS_OF_CHOICE,
    TELLS_OF_OFFERS,
    UNSEEN,
    about_offer,
    cancel,
    offers_in,
    others_open,
    take_back,
    take_back_offers,
)
from workflows.letters.to_hospitals import about

WITHDRAWING = Raises(
    ("hospital.withdrew_offer", "offer.fell_away", "message.discarded"),
    ("check_exhausted", "present_offer", "renew_offer", TELLS_OF_OFFERS),
    (TELLS_OF_OFFERS,),
)
"""What `withdraw_offer` may raise."""
BEFORE_DEPARTURE = ("ADMISSION_SCHEDULING", "INVITATION_LETTER", "VISA", "TRAVEL_PREP")
"""States in which the hospital of an accepted offer may still take it back."""
ABROAD = ("IN_TRANSIT", "LOCAL_PREOP", "ADMITTED")
"""The patient has left home and is not operated: a person sees how it goes on from there."""
OPERATED = ("POST_OP", "FLY_HOME_CLEARANCE", "RETURNING", "FOLLOW_UP")
"""What was offered is done: a hospital that does nothing more withdraws no offer."""
GONE = "withdrawn_by_hospital"
TELLS_OF_ADMISSION = ("M18",)


def withdraw_offer(deciding: Deciding, offer: Offer) -> None:
    """The hospital takes an offer back: it is seen whether another stands or anybody is left.

    Letters that have not left and tell of it are taken back; the family is told what holds now.
    """
    was, agreed = offer.state, False
    abroad = was == "accepted" and deciding.case.state in ABROAD
    thread = get(deciding.session, OutreachThread, offer.thread_id)
    offer.state = GONE
    if thread.state == "offered":
        thread.state = "declined"
    taken_back = take_back_offers(deciding, deciding.case_id)
    if was == "accepted":
        take_back(deciding, deciding.case_id, TELLS_OF_CHOICE)
        agreed = _ends_journey(deciding) or abroad
        if not abroad:
            _others_again(deciding)
    left = others_open(deciding.session, offer, BEFORE_FAMILY)
    payload = {
        "offer_id": require_id(offer.id),
        "reason_code": deciding.optional("reason_code"),
        "was": was,
        "agreed": agreed,
        "abroad": abroad,
        "others_open": left,
    }
    deciding.record("hospital.withdrew_offer", payload, about_offer(offer))
    if taken_back and was == "presented" and left:
        deciding.request(TELLS_OF_OFFERS)
    if not abroad:
        fell_away(deciding, thread, "withdrew")


def goes_on_without(deciding: Deciding, offer: Offer) -> None:
    """Look for another hospital for a patient who is there and whose hospital has withdrawn."""
    _others_again(deciding)
    fell_away(deciding, get(deciding.session, OutreachThread, offer.thread_id), "withdrew")


def withdraw_offers_of(deciding: Deciding, thread: OutreachThread) -> None:
    """A hospital takes the case no more: none of its offers stands, also one that was set aside.

    One that is accepted falls only before the operation; afterwards it is the care that ends.
    """
    falls: tuple[str, ...] = ("not_chosen", EXPIRED, *UNSEEN, *BEFORE_FAMILY)
    if _is_chosen(deciding, thread):
        if deciding.case.on_hold:
            raise DecisionRefused(
                "The family has accepted this hospital's offer and the case is on hold: resume the "
                "case first, then answer here."
            )
        if deciding.case.state in OPERATED:
            care_ends(deciding, thread)
        if deciding.case.state in (*BEFORE_DEPARTURE, *ABROAD):
            falls = (*falls, "accepted")
    for offer in offers_in(deciding.session, deciding.case_id, falls):
        if offer.thread_id == thread.id:
            withdraw_offer(deciding, offer)


def _is_chosen(deciding: Deciding, thread: OutreachThread) -> bool:
    accepted = offers_in(deciding.session, deciding.case_id, ("accepted",))
    return any(offer.thread_id == thread.id for offer in accepted)


def care_ends(deciding: Deciding, thread: OutreachThread) -> None:
    """Record that the hospital of an operated patient does nothing more for them.

    Its offer was taken and done, so the thread stays what it is: papers may still come in it.
    """
    if thread.state == "declined":
        thread.state = "offered"
    payload = {**about(thread), "reason_code": deciding.optional("reason_code")}
    deciding.record("hospital.ended_care", payload, about(thread))


def _ends_journey(deciding: Deciding) -> bool:
    """Take back the days that were agreed with that hospital; return whether there were any.

    The checklist ends with them, its reminders, and the letter that told the family of the days.
    """
    case = deciding.case
    if case.admission_date is None:
        return False
    case.admission_date = case.surgery_date = None
    take_back(deciding, deciding.case_id, TELLS_OF_ADMISSION)
    return True


def _others_again(deciding: Deciding) -> None:
    """Bring back the offers that were set aside for the accepted one.

    A coordinator presents each again, or first asks its hospital whether it still holds; one that
    ran out meanwhile must be renewed by its hospital.
    """
    today = deciding.recorder.now.date()
    for other in offers_in(deciding.session, deciding.case_id, ("not_chosen", EXPIRED, *UNSEEN)):
        over = other.valid_until is not None and other.valid_until < today
        thread = get(deciding.session, OutreachThread, other.thread_id)
        other.state = EXPIRED if over else "recorded"
        if thread.state == "closed":
            thread.state, thread.closed_at = "offered", None
        _take_back_closing(deciding, thread)
        deciding.session.flush()
        deciding.request("renew_offer" if over else "present_offer", about_offer(other))


def _take_back_closing(deciding: Deciding, thread: OutreachThread) -> None:
    unsent = deciding.session.scalars(
        select(Message).where(
            col(Message.thread_id) == thread.id,
            col(Message.template) == ASKS_TO_DELETE,
            col(Message.state).in_(("draft", "queued")),
        )
    ).all()
    cancel(deciding, unsent)
