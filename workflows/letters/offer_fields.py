"""What letters to the family are told of offers: what each hospital stated, and what was chosen."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from correspondence.exchange import Conversion
from models import Hospital, Message, Offer
from workflows.cases.chosen_hospital import accepted_offer
from workflows.engine.lookup import get
from workflows.letters.exchange import conversions, for_family, span_about
from workflows.letters.offer_rows import BEFORE_FAMILY, UNSEEN
from workflows.letters.source import Compute, Source

STANDING = (*BEFORE_FAMILY, *UNSEEN, "accepted")
"""Offers that stand beside one that was withdrawn; the family may have taken one of them since."""


def still_holds(session: Session, case_id: int, template: str) -> bool:
    """Return whether a letter about offers still says what is so: nobody reads of what is gone."""
    if template == "M16":
        return _acceptance_left(session, case_id) is not None
    if template not in ("M15", "M51"):
        return True
    found = select(col(Offer.id)).where(
        col(Offer.case_id) == case_id, col(Offer.state).in_(BEFORE_FAMILY)
    )
    return session.scalars(found.limit(1)).first() is not None


def _offers(source: Source) -> list[dict[str, Any]]:
    """Return the offers that are before the family, each with what its hospital stated."""
    rows = source.session.execute(
        select(Offer, col(Hospital.name))
        .join(Hospital, col(Hospital.id) == col(Offer.hospital_id))
        .where(col(Offer.case_id) == source.case_id, col(Offer.state) == "presented")
        .order_by(col(Offer.id))
    ).all()
    told = _told_in(source, {offer.currency for offer, _ in rows})
    return [
        {
            **about_fields(offer, told.get(offer.currency)),
            "hospital": name,
            "technique": offer.technique,
            "conditions": offer.conditions,
            "first_date": offer.earliest_admission,
            "stay_days": offer.stay_days,
            "currency": offer.currency,
            "low": offer.amount_low,
            "high": offer.amount_high,
            "inclusions": list(offer.inclusions),
            "exclusions": list(offer.exclusions),
            "ebrt_low": offer.supplementary_ebrt_cost,
            "ebrt_high": offer.supplementary_ebrt_high or offer.supplementary_ebrt_cost,
            "deposit_pct": offer.deposit_pct,
            "deposit_amount": offer.deposit_amount,
            "deposit_terms": offer.deposit_terms,
            "valid_until": offer.valid_until,
        }
        for offer, name in rows
    ]


def _told_in(source: Source, currencies: Collection[str]) -> Mapping[str, Conversion]:
    """Return by currency how offers are told in the family's; none at a rate that is too old."""
    found = conversions(source.session, source.case, currencies, source.today)
    return {code: how for code, how in found.items() if for_family(how, source.today)}


def about_fields(offer: Offer, how: Conversion | None) -> dict[str, Any]:
    """Return what an offer is about in the family's currency; null where it is not converted."""
    cost = span_about(how, offer.amount_low, offer.amount_high)
    ebrt = span_about(how, offer.supplementary_ebrt_cost, offer.supplementary_ebrt_high)
    deposit = span_about(how, offer.deposit_amount, None)
    return {
        "about_currency": how.into if how else None,
        "about_low": cost[0] if cost else None,
        "about_high": cost[1] if cost else None,
        "about_ebrt_low": ebrt[0] if ebrt else None,
        "about_ebrt_high": ebrt[1] if ebrt else None,
        "about_deposit": deposit[0] if deposit else None,
        "rate": f"{how.shown_rate:f}" if how else None,
        "rate_on": how.on if how else None,
        "rate_sources": list(how.sources) if how else [],
    }


def _told_on(source: Source) -> date | None:
    """Return the day on which the letter that accepts the offer has left for its hospital."""
    sent_at = _acceptance_left(source.session, source.case_id)
    return source.day(sent_at) if sent_at else None


def _acceptance_left(session: Session, case_id: int) -> datetime | None:
    """Return when the hospital was told of this acceptance; of an earlier offer's it is not."""
    offer = accepted_offer(session, case_id)
    if offer is None:
        return None
    letters = session.scalars(
        select(Message)
        .where(
            col(Message.thread_id) == offer.thread_id,
            col(Message.template) == "M45",
            col(Message.state) == "sent",
        )
        .order_by(col(Message.id).desc())
    )
    left = (one.sent_at for one in letters if (one.told or {}).get("offer_id") == offer.id)
    return next(left, None)


def _deposit(source: Source) -> bool:
    offer = accepted_offer(source.session, source.case_id)
    return offer is not None and not (offer.deposit_pct is None and offer.deposit_amount is None)


def _withdrawn(source: Source) -> Offer:
    return get(source.session, Offer, int(source.objects["offer_id"]))


def _was_accepted(source: Source) -> bool:
    """Return whether the family had accepted the offer that was withdrawn."""
    offer = _withdrawn(source)
    return source.last("patient.accepted_offer", offer_id=str(offer.id)) is not None


def _others(source: Source, states: tuple[str, ...]) -> list[str]:
    names = source.session.scalars(
        select(col(Hospital.name))
        .join(Offer, col(Offer.hospital_id) == col(Hospital.id))
        .where(col(Offer.case_id) == source.case_id, col(Offer.state).in_(states))
        .distinct()
        .order_by(col(Hospital.name))
    )
    return list(names)


OFFER_FIELDS: Mapping[str, Compute] = {
    "offers": _offers,
    "told_on": _told_on,
    "deposit": _deposit,
    "was_accepted": _was_accepted,
    "others": lambda source: _others(source, STANDING),
    "M52.others": lambda source: _others(source, BEFORE_FAMILY),
    "M47.asked": lambda source: _others(source, UNSEEN) == _others(source, STANDING),
}
