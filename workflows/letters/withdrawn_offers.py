"""An offer that its hospital takes back: whatever told of it stops, and the case goes on."""

from sqlalchemy import select
from sqlmodel import col

from models import Message, Offer, OutreachThread
from models.base import require_id
from workflows.cases.fallen_offers import fell_away
from workflows.declared import Raises
from workflows.engine.deciding import Deciding
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

WITHDRAWING = Raises(
    ("hospital.withdrew_offer", "offer.fell_away", "message.discarded"),
    ("check_exhausted", "present_offer", "renew_offer", TELLS_OF_OFFERS),
    (TELLS_OF_OFFERS,),
)
"""What `withdraw_offer` may raise."""
BEFORE_DEPARTURE = ("ADMISSION_SCHEDULING", "INVITATION_LETTER", "VISA", "TRAVEL_PREP")
"""States in which the hospital of an accepted offer may still take it back."""
TELLS_OF_ADMISSION = ("M18",)


def withdraw_offer(deciding: Deciding, offer: Offer) -> None:
    """The hospital takes an offer back: it is seen whether another stands or anybody is left.

    Letters that have not left and tell of it are taken back; the family is told what holds now.
    """
    was, agreed = offer.state, False
    thread = get(deciding.session, OutreachThread, offer.thread_id)
    offer.state = "withdrawn_by_hospital"
    if thread.state == "offered":
        thread.state = "declined"
    taken_back = take_back_offers(deciding, deciding.case_id)
    if was == "accepted":
        take_back(deciding, deciding.case_id, TELLS_OF_CHOICE)
        agreed = _ends_journey(deciding)
        _others_again(deciding)
    left = others_open(deciding.session, offer, BEFORE_FAMILY)
    payload = {
        "offer_id": require_id(offer.id),
        "reason_code": deciding.optional("reason_code"),
        "was": was,
        "agreed": agreed,
        "others_open": left,
    }
    deciding.record("hospital.withdrew_offer", payload, about_offer(offer))
    if taken_back and was == "presented" and left:
        deciding.request(TELLS_OF_OFFERS)
    fell_away(deciding, thread, "withdrew")


def withdraw_offers_of(deciding: Deciding, thread: OutreachThread) -> None:
    """A hospital takes the case no more: none of its offers stands, also one that was set aside.

    One that is accepted falls only before the patient leaves; later a person speaks with both.
    """
    falls: tuple[str, ...] = ("not_chosen", EXPIRED, *UNSEEN, *BEFORE_FAMILY)
    if deciding.case.state in BEFORE_DEPARTURE:
        falls = (*falls, "accepted")
    for offer in offers_in(deciding.session, deciding.case_id, falls):
        if offer.thread_id == thread.id:
            withdraw_offer(deciding, offer)


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
