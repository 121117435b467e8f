"""The clock of offers: each ends with the last day it is valid for; a hospital may renew it."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import col

from models import Offer, OutreachThread
from models.base import require_id
from models.outreach import ENDED
from workflows.declared import Raises
from workflows.engine.lookup import get, patient_of
from workflows.engine.work import Unit, cheap
from workflows.letters.offer_rows import (
    BEFORE_FAMILY,
    EXPIRED,
    TELLS_OF_OFFERS,
    UNSEEN,
    about_offer,
    others_open,
    take_back_offers,
)
from workflows.outreach.writing import DRAFTING, draft

OPEN = (*UNSEEN, *BEFORE_FAMILY)
"""States of an offer that can run out."""
RENEWAL = "M53"
REMIND_BEFORE = timedelta(days=3)
"""A family is reminded no later than so long before an offer runs out (stages, state 13)."""
MORNING = time(9, 30)


def ends_at(offer: Offer) -> datetime | None:
    """Return the moment at which the offer is over (UTC): the end of its last day."""
    if offer.valid_until is None:
        return None
    return datetime.combine(offer.valid_until + timedelta(days=1), time(0), UTC)


@cheap(
    "outreach.watch_offers",
    words="it is noted until when each offer is valid",
    stopped="It was not noted until when an offer is valid",
    patient="The family may believe in an offer that has run out.",
    raises=Raises(requests=("expire_offer", "nudge_decision")),
)
def watch_offers(unit: Unit) -> None:
    """Set the clock of every offer that can run out; a family that has it is reminded before."""
    query = select(Offer).where(col(Offer.case_id) == unit.case_id, col(Offer.state).in_(OPEN))
    if "offer_id" in unit.row.objects:
        query = query.where(col(Offer.id) == unit.object_id("offer_id"))
    offers = unit.session.scalars(query.order_by(col(Offer.id))).all()
    zone = ZoneInfo(patient_of(unit.session, unit.case_id).time_zone)
    for offer in offers:
        end = ends_at(offer)
        if end is None or offer.valid_until is None:
            continue
        unit.request("expire_offer", {"offer_id": require_id(offer.id)}, due_at=end)
        day = offer.valid_until - REMIND_BEFORE
        remind = datetime.combine(day, MORNING, zone).astimezone(UTC)
        if remind > unit.now and offer.state in BEFORE_FAMILY:
            unit.request("nudge_decision", {"nudge": 0}, due_at=remind)


@cheap(
    "outreach.expire_offer",
    words="an offer whose last day is over has expired",
    stopped="An offer that ran out is still shown as one",
    patient="The family may accept an offer that the hospital does not keep any more.",
    raises=Raises(
        events=("offer.expired", "message.discarded"),
        requests=("expire_offer", TELLS_OF_OFFERS),
        letters=(TELLS_OF_OFFERS,),
    ),
)
def expire_offer(unit: Unit) -> None:
    """Record that an offer has expired; one that was renewed meanwhile is looked at later."""
    offer = get(unit.session, Offer, unit.object_id("offer_id"))
    end = ends_at(offer)
    if offer.state not in OPEN or end is None:
        return
    offer_id = require_id(offer.id)
    if end > unit.now:
        unit.request("expire_offer", {"offer_id": offer_id}, due_at=end)
        return
    seen = offer.state in BEFORE_FAMILY
    offer.state = EXPIRED
    others = others_open(unit.session, offer, BEFORE_FAMILY)
    if seen and take_back_offers(unit, offer.case_id) and others:
        unit.request(TELLS_OF_OFFERS)
    payload = {"offer_id": offer_id, "others_open": others, "seen": seen}
    unit.record("offer.expired", payload, about_offer(offer))


@cheap(
    "outreach.ask_renewal",
    words="a letter asks the hospital to renew its offer",
    stopped="A hospital was not asked to renew its offer",
    patient="The family cannot accept the offer any more, and nobody asks for a new one.",
    raises=Raises(events=DRAFTING, letters=(RENEWAL,)),
)
def ask_renewal(unit: Unit) -> None:
    """Draft the letter that asks the hospital for a renewal; a coordinator approves it."""
    offer = get(unit.session, Offer, unit.object_id("offer_id"))
    if offer.state != EXPIRED:
        return
    thread = get(unit.session, OutreachThread, offer.thread_id)
    if thread.state in ENDED:
        thread.state, thread.closed_at, thread.deletion = "offered", None, None
    draft(unit, thread, RENEWAL, told={"offer_id": offer.id})
