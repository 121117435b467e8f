"""Letters to hospitals about their offers: accepted by the family (M45), or a question (M46)."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from models import Case, Hospital, Message, Offer, OutreachThread
from workflows.engine.lookup import get
from workflows.engine.world import World
from workflows.letters.days import day_in, zone_of
from workflows.outreach.enquiries import chase_fields


def letter_fields(
    session: Session,
    world: World,
    case: Case,
    hospital: Hospital,
    thread: OutreachThread,
    told: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the fields of a letter about the offer `told["offer_id"]`, as it was written down."""
    offer = get(session, Offer, int(told["offer_id"]))
    letter = get(session, Message, offer.message_id) if offer.message_id is not None else None
    sent = letter.sent_at if letter else None
    common = chase_fields(session, world, case, hospital, thread)
    kept = ("case", "department", "coordinator", "phone", "hours", "thread_subject")
    return {
        **{name: common[name] for name in kept},
        "offer_day": day_in(zone_of(hospital), sent) if sent else None,
        "technique": offer.technique,
        "currency": offer.currency,
        "low": offer.amount_low,
        "high": offer.amount_high,
        "valid_until": offer.valid_until,
        "earliest": offer.earliest_admission,
        "deposit_stated": offer.deposit_amount is not None or offer.deposit_pct is not None,
        "points": list(told.get("questions", ())),
    }
