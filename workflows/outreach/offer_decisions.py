"""Offers: written down from the hospital's letter, presented, and what the patient decides."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import col

from models import Offer, OutreachThread
from models.base import require_id
from workflows.cases.fallen_offers import fell_away
from workflows.declared import Raises
from workflows.engine.deciding import (
    COORDINATORS,
    PATIENT,
    Choice,
    Deciding,
    DecisionRefused,
    Question,
)
from workflows.engine.lookup import get
from workflows.outreach.offer_clock import expired_offer

EXPIRED = (
    "That offer has expired. A coordinator can ask the hospital to renew it; once it is renewed it "
    "can be accepted."
)
LONGEST_STAY = 1000
"""Days; above, the number was mistyped."""


def _record_offer(deciding: Deciding) -> None:
    thread = get(deciding.session, OutreachThread, deciding.object_id("thread_id"))
    currency = deciding.value("currency").upper()
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha()):
        raise DecisionRefused("currency must be a code of three letters such as USD")
    low, high = deciding.amount("amount_low"), deciding.amount("amount_high")
    if low > high:
        raise DecisionRefused("amount_low must not be above amount_high")
    offer = Offer(
        case_id=deciding.case_id,
        thread_id=require_id(thread.id),
        hospital_id=thread.hospital_id,
        technique=deciding.optional("technique"),
        currency=currency,
        amount_low=low,
        amount_high=high,
        exclusions=deciding.listed("exclusions") if deciding.optional("exclusions") else [],
        stay_days=deciding.optional_whole("stay_days", 1, LONGEST_STAY),
        earliest_admission=deciding.optional_day("earliest_admission"),
        valid_until=deciding.optional_day("valid_until"),
        recorded_by=deciding.actor.ref,
        recorded_at=deciding.recorder.now,
    )
    deciding.session.add(offer)
    deciding.session.flush()
    offer_id = require_id(offer.id)
    payload = {
        "offer_id": offer_id,
        "hospital_id": offer.hospital_id,
        "technique": offer.technique,
        "currency": currency,
        "amount_low": float(low),
        "amount_high": float(high),
        "exclusions": _coded(deciding, "exclusions", offer.exclusions),
        "stay_days": offer.stay_days,
        "earliest_admission": _iso(offer.earliest_admission),
        "valid_until": _iso(offer.valid_until),
    }
    objects = {"offer_id": offer_id, "thread_id": offer.thread_id, "hospital_id": offer.hospital_id}
    deciding.record("offer.recorded", payload, objects)


def _no_offer(deciding: Deciding) -> None:
    """The letter brings advice and no offer: the hospital is asked on, or let go."""
    thread = get(deciding.session, OutreachThread, deciding.object_id("thread_id"))
    if thread.state == "offered":
        thread.state = "in_review"
    fell_away(deciding, thread, "no_offer")


def _coded(deciding: Deciding, name: str, said: Sequence[str]) -> list[str]:
    """Return the codes for what a hospital lists; its own words stay with the offer: other."""
    codes = deciding.world.process.vocabulary.fields("offer.recorded")[name].words
    return list(dict.fromkeys(one if one in codes else "other" for one in said))


def _iso(day: object) -> str | None:
    return str(day) if day is not None else None


def _present(deciding: Deciding) -> None:
    offer = get(deciding.session, Offer, deciding.object_id("offer_id"))
    offer.state = "presented"
    payload = {
        "offer_ids": [require_id(offer.id)],
        "language": deciding.case.language,
        "attested": ["amounts_checked", "disclaimer_included"],
    }
    deciding.record_moving("offer.presented", payload, {"offer_id": require_id(offer.id)})


def _clarify(deciding: Deciding) -> None:
    payload = {"offer_id": deciding.object_id("offer_id")}
    deciding.record_moving("offer.clarification_needed", payload)


def _accept(deciding: Deciding) -> None:
    offers = deciding.session.scalars(
        select(Offer).where(col(Offer.case_id) == deciding.case_id, col(Offer.state) == "presented")
    ).all()
    wanted = deciding.optional("offer")
    chosen = [offer for offer in offers if wanted is None or str(offer.id) == wanted]
    if not chosen and expired_offer(deciding.session, deciding.case_id, wanted):
        raise DecisionRefused(EXPIRED)
    if len(chosen) != 1:
        ids = ", ".join(str(offer.id) for offer in offers) or "none"
        raise DecisionRefused(f"Say which offer: --set offer=ID. Presented: {ids}.")
    offer = chosen[0]
    if offer.valid_until and offer.valid_until < deciding.recorder.now.date():
        raise DecisionRefused(EXPIRED)
    payload = {
        "offer_id": require_id(offer.id),
        "hospital_id": offer.hospital_id,
        "technique": offer.technique,
    }
    objects = {"offer_id": require_id(offer.id), "hospital_id": offer.hospital_id}
    deciding.record_moving("patient.accepted_offer", payload, objects)
    offer.state = "accepted"
    for other in offers:
        if other is not offer:
            other.state = "declined"


QUESTIONS = {
    "record_offer": Question.of(
        "Write down the hospital's offer",
        COORDINATORS,
        {
            "record": Choice(
                "The amounts are as in the letter",
                _record_offer,
                needs=("currency", "amount_low", "amount_high"),
                may=("technique", "exclusions", "stay_days", "earliest_admission", "valid_until"),
                raises=Raises(events=("offer.recorded",)),
            ),
            "no_offer": Choice(
                "The letter holds no offer",
                _no_offer,
                reason=True,
                raises=Raises(("offer.fell_away",), ("check_exhausted",)),
            ),
        },
    ),
    "present_offer": Question.of(
        "Present the offer to the family",
        COORDINATORS,
        {
            "present": Choice(
                "Amounts checked against the letter, disclaimer included",
                _present,
                attests=("amounts_checked", "disclaimer_included"),
                raises=Raises(events=("offer.presented",)),
            ),
            "clarify": Choice(
                "Ask the hospital first",
                _clarify,
                raises=Raises(events=("offer.clarification_needed",)),
            ),
        },
    ),
    "record_patient_decision": Question.of(
        "What has the family decided?",
        (*COORDINATORS, PATIENT),
        {
            "accepted": Choice(
                "They accept an offer",
                _accept,
                may=("offer",),
                raises=Raises(events=("patient.accepted_offer",)),
            ),
            "wants_more": Choice(
                "They want more hospitals asked",
                lambda d: d.record_moving(
                    "patient.wants_more_options", {"constraint": d.optional("constraint")}
                ),
                may=("constraint",),
                raises=Raises(events=("patient.wants_more_options",)),
            ),
            "declined_all": Choice(
                "They decline all",
                lambda d: d.record_moving(
                    "patient.declined_all", {"reason_code": d.optional("reason_code")}
                ),
                may=("reason_code",),
                raises=Raises(events=("patient.declined_all",)),
            ),
        },
    ),
}
