"""The clock of offers: each ends with the last day it is valid for; a hospital may renew it."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import Hospital, Message, Offer, OutreachThread
from models.base import require_id
from workflows.declared import Raises
from workflows.engine.dedupe_keys import of_hospital_letter
from workflows.engine.lookup import get, patient_of
from workflows.engine.work import Unit, cheap
from workflows.letters.delivery import Draft, write_draft
from workflows.outreach import enquiries

OPEN = ("recorded", "checked", "presented")
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


def others_open(session: Session, offer: Offer) -> int:
    """Count the other offers of the case that the family may still accept."""
    session.flush()
    query = select(func.count()).where(
        col(Offer.case_id) == offer.case_id,
        col(Offer.id) != offer.id,
        col(Offer.state) == "presented",
    )
    return session.scalar(query) or 0


@cheap(
    "outreach.watch_offers",
    words="it is noted until when each offer is valid",
    stopped="It was not noted until when an offer is valid",
    patient="The family may believe in an offer that has run out.",
    raises=Raises(requests=("expire_offer", "nudge_decision")),
)
def watch_offers(unit: Unit) -> None:
    """Set the clock of every offer that is presented, and of the reminder before it runs out."""
    query = select(Offer).where(col(Offer.case_id) == unit.case_id, col(Offer.state) == "presented")
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
        if remind > unit.now:
            unit.request("nudge_decision", {"nudge": 0}, due_at=remind)


@cheap(
    "outreach.expire_offer",
    words="an offer whose last day is over has expired",
    stopped="An offer that ran out is still shown as one",
    patient="The family may accept an offer that the hospital does not keep any more.",
    raises=Raises(events=("offer.expired",), requests=("expire_offer",)),
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
    offer.state = "expired"
    payload = {"offer_id": offer_id, "others_open": others_open(unit.session, offer)}
    unit.record("offer.expired", payload, about_offer(offer))


def expired_offer(session: Session, case_id: int, wanted: str | None) -> Offer | None:
    """Return the expired offer that a person wants to accept: the one named, or the only one."""
    rows = session.scalars(
        select(Offer).where(col(Offer.case_id) == case_id, col(Offer.state) == "expired")
    ).all()
    named = [offer for offer in rows if wanted is None or str(offer.id) == wanted]
    return named[0] if len(named) == 1 else None


def about_offer(offer: Offer) -> dict[str, int]:
    """Return the ids that a fact about an offer is about."""
    return {
        "offer_id": require_id(offer.id),
        "hospital_id": offer.hospital_id,
        "thread_id": offer.thread_id,
    }


@cheap(
    "outreach.ask_renewal",
    words="a letter asks the hospital to renew its offer",
    stopped="A hospital was not asked to renew its offer",
    patient="The family cannot accept the offer any more, and nobody asks for a new one.",
    raises=Raises(events=("outreach.drafted",), letters=(RENEWAL,)),
)
def ask_renewal(unit: Unit) -> None:
    """Draft the letter that asks the hospital for a renewal; a coordinator approves it."""
    offer = get(unit.session, Offer, unit.object_id("offer_id"))
    thread = get(unit.session, OutreachThread, offer.thread_id)
    hospital = get(unit.session, Hospital, offer.hospital_id)
    fields = enquiries.chase_fields(unit.session, unit.world, unit.case, hospital, thread)
    known = unit.world.playbooks.letters.meta(RENEWAL).fields
    own = {"valid_until": offer.valid_until}
    letter = unit.world.playbooks.letters.render(
        RENEWAL, {name: {**fields, **own}[name] for name in known}
    )
    thread_id = require_id(thread.id)
    before = select(func.count()).where(
        col(Message.thread_id) == thread_id, col(Message.template) == RENEWAL
    )
    attempt = (unit.session.scalar(before) or 0) + 1
    key = of_hospital_letter(thread_id, RENEWAL, attempt)
    message = write_draft(
        unit.session,
        Draft(unit.case_id, letter, "hospital", hospital.email, key, thread_id, automated=False),
    )
    if message is None:
        return
    if thread.state in ("declined", "closed", "silent"):
        thread.state = "offered"
        thread.closed_at = None
    objects = {"thread_id": thread_id, "hospital_id": offer.hospital_id}
    objects["message_id"] = require_id(message.id)
    unit.record("outreach.drafted", {**objects, "template": RENEWAL, "attempt": attempt}, objects)
