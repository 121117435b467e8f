"""The offers on a patient's own page: as each hospital stated them, and about how much for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlmodel import Session, col

from correspondence.exchange import Conversion
from models import Case, Hospital, Offer
from models.base import require_id
from views.portal_permissions import place_of
from workflows.letters.exchange import conversions, for_family, span_about


@dataclass(frozen=True, slots=True)
class About:
    """An offer in the family's currency: rounded, at 1 `of` = `rate` of the day `on`.

    `ebrt` and `deposit` are None where the hospital states none.
    """

    currency: str
    of: str
    cost: tuple[Decimal, Decimal]
    ebrt: tuple[Decimal, Decimal] | None
    deposit: tuple[Decimal, Decimal] | None
    rate: str
    on: date
    sources: Sequence[str]


@dataclass(frozen=True, slots=True)
class OwnOffer:
    """A hospital's offer as it was presented; amounts in `currency`."""

    offer_id: int
    hospital: str
    place: str
    technique: str
    low: float
    high: float
    currency: str
    exclusions: Sequence[str]
    stay_days: int | None
    earliest: object
    valid_until: object
    inclusions: Sequence[str] = ()
    conditions: str = ""
    ebrt: tuple[float, float] | None = None
    """What radiotherapy costs besides that is needed later: from, to."""
    deposit: float | None = None
    deposit_pct: float | None = None
    deposit_terms: str = ""
    about: About | None = None
    """The same in the family's own currency, where it chose one and the rate is fresh."""


def own_offers(session: Session, case: Case, today: date) -> list[OwnOffer]:
    """Return the offers that are before the family, oldest first."""
    rows = session.execute(
        select(Offer, Hospital)
        .join(Hospital, col(Hospital.id) == col(Offer.hospital_id))
        .where(col(Offer.case_id) == case.id, col(Offer.state) == "presented")
        .order_by(col(Offer.id))
    ).all()
    told = conversions(session, case, {offer.currency for offer, _ in rows}, today)
    return [
        OwnOffer(
            require_id(offer.id),
            hospital.name,
            place_of(hospital),
            offer.technique or "",
            float(offer.amount_low),
            float(offer.amount_high),
            offer.currency,
            offer.exclusions,
            offer.stay_days,
            offer.earliest_admission,
            offer.valid_until,
            offer.inclusions,
            offer.conditions or "",
            _ebrt(offer),
            float(offer.deposit_amount) if offer.deposit_amount is not None else None,
            float(offer.deposit_pct) if offer.deposit_pct is not None else None,
            offer.deposit_terms or "",
            _about(offer, for_family(told.get(offer.currency), today)),
        )
        for offer, hospital in rows
    ]


def _about(offer: Offer, how: Conversion | None) -> About | None:
    cost = span_about(how, offer.amount_low, offer.amount_high)
    if how is None or cost is None:
        return None
    return About(
        how.into,
        how.currency,
        cost,
        span_about(how, offer.supplementary_ebrt_cost, offer.supplementary_ebrt_high),
        span_about(how, offer.deposit_amount, None),
        f"{how.shown_rate:f}",
        how.on,
        how.sources,
    )


def _ebrt(offer: Offer) -> tuple[float, float] | None:
    low = offer.supplementary_ebrt_cost
    if low is None:
        return None
    high = offer.supplementary_ebrt_high
    return float(low), float(low if high is None else high)
