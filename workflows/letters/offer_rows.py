"""Offers of a case by their state, and what ends with them: letters that tell of them, tasks."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from models import Message, Offer
from models.base import require_id
from workflows.letters.to_hospitals import Recording

ALIVE = ("recorded", "checked", "presented", "accepted")
UNSEEN = ("recorded", "checked")
"""Offers that nobody has told the family of yet."""
EXPIRED = "expired"
"""Its last day is over: it can be accepted again only when the hospital renews it."""
GONE = "withdrawn_by_hospital"
"""Its hospital has taken it back."""
BEFORE_FAMILY = ("presented",)
TELLS_OF_OFFERS = "M15"
REMINDS_OF_OFFERS = "M51"
TELLS_OF_CHOICE = ("M45", "M16")
"""Letters that say that an offer is accepted: to its hospital, then to the family."""


def offers_in(session: Session, case_id: int, states: Collection[str]) -> Sequence[Offer]:
    """Return the offers of a case in these states, oldest first."""
    session.flush()
    return session.scalars(
        select(Offer)
        .where(col(Offer.case_id) == case_id, col(Offer.state).in_(list(states)))
        .order_by(col(Offer.id))
    ).all()


def others_open(session: Session, offer: Offer, states: Collection[str]) -> int:
    """Count the other offers of the case that are in these states."""
    return sum(one is not offer for one in offers_in(session, offer.case_id, states))


def about_offer(offer: Offer) -> dict[str, int]:
    """Return what an event about an offer names."""
    return {
        "offer_id": require_id(offer.id),
        "thread_id": offer.thread_id,
        "hospital_id": offer.hospital_id,
    }


def take_back(by: Recording, case_id: int, templates: Collection[str]) -> int:
    """Take back letters that have not left, as what they say holds no more; return how many."""
    waiting = by.session.scalars(
        select(Message).where(
            col(Message.case_id) == case_id,
            col(Message.direction) == "out",
            col(Message.template).in_(list(templates)),
            col(Message.state).in_(("draft", "queued")),
        )
    ).all()
    cancel(by, waiting)
    return len(waiting)


def take_back_offers(by: Recording, case_id: int) -> int:
    """Take back what tells of the offers as they were; return how many were no mere reminder.

    Whoever is to hear of the offers all the same is told of them anew, and not reminded.
    """
    take_back(by, case_id, (REMINDS_OF_OFFERS,))
    return take_back(by, case_id, (TELLS_OF_OFFERS,))


def cancel(by: Recording, letters: Sequence[Message]) -> None:
    """Cancel letters that have not left; nobody is asked to approve them any more."""
    for message in letters:
        message.state = "cancelled"
        objects = {"message_id": require_id(message.id)}
        if message.thread_id is not None:
            objects["thread_id"] = message.thread_id
        by.record("message.discarded", {"message_id": objects["message_id"]}, objects)
