"""Offers: written down from the hospital's letter, presented, asked about, taken back."""

from collections.abc import Sequence

from models import Message, Offer, OutreachThread
from models.base import require_id
from workflows.cases.fallen_offers import fell_away
from workflows.declared import Raises
from workflows.engine.deciding import COORDINATORS, Choice, Deciding, DecisionRefused, Question
from workflows.engine.lookup import get
from workflows.letters.leaving import may_be_shared
from workflows.letters.offer_rows import (
    EXPIRED,
    UNSEEN,
    about_offer,
    offers_in,
    others_open,
    take_back_offers,
)
from workflows.letters.withdrawn_offers import WITHDRAWING, withdraw_offer
from workflows.outreach.offer_letter import stated_terms
from workflows.outreach.offer_terms import TERMS, Terms, confirm_amounts, read_terms
from workflows.outreach.writing import DRAFTING, draft

ASKING = Raises(events=("offer.clarification_needed", *DRAFTING), letters=("M46",))
"""What asking a hospital about its offer may raise."""
NO_PERMISSION = (
    "The family's permission for this hospital was taken back: nothing may be written to it. "
    "Ask the family, and record the permission first."
)


def _record_offer(deciding: Deciding) -> None:
    thread = get(deciding.session, OutreachThread, deciding.object_id("thread_id"))
    terms = read_terms(deciding)
    letter = _letter(deciding)
    confirm_amounts(deciding, terms, stated_terms(letter))
    write_offer_down(deciding, thread, terms, letter)


def write_offer_down(
    deciding: Deciding, thread: OutreachThread, terms: Terms, letter: Message | None
) -> None:
    """Keep an offer as it was typed and confirmed; an older one of the thread is replaced by it."""
    offer = _offer(deciding, thread, terms, letter)
    for older in offers_in(deciding.session, deciding.case_id, (*UNSEEN, EXPIRED)):
        if older.thread_id == offer.thread_id:
            older.state = "replaced"
    deciding.session.add(offer)
    deciding.session.flush()
    deciding.record("offer.recorded", _recorded(deciding, offer), about_offer(offer))


def _letter(deciding: Deciding) -> Message | None:
    message_id = deciding.task.objects.get("message_id")
    return get(deciding.session, Message, int(message_id)) if message_id is not None else None


def _offer(
    deciding: Deciding, thread: OutreachThread, terms: Terms, letter: Message | None
) -> Offer:
    return Offer(
        case_id=deciding.case_id,
        thread_id=require_id(thread.id),
        hospital_id=thread.hospital_id,
        technique=deciding.optional("technique"),
        currency=terms.cost.currency,
        amount_low=terms.cost.low,
        amount_high=terms.cost.high,
        supplementary_ebrt_cost=terms.ebrt.low if terms.ebrt else None,
        supplementary_ebrt_high=terms.ebrt.high if terms.ebrt else None,
        deposit_amount=terms.deposit.high if terms.deposit else None,
        deposit_pct=terms.deposit_pct,
        deposit_terms=deciding.optional("deposit_terms"),
        conditions=deciding.optional("conditions"),
        inclusions=deciding.listed("inclusions") if deciding.optional("inclusions") else [],
        exclusions=deciding.listed("exclusions") if deciding.optional("exclusions") else [],
        stay_days=terms.stay_days,
        earliest_admission=terms.earliest_admission,
        valid_until=terms.valid_until,
        message_id=require_id(letter.id) if letter else None,
        recorded_by=deciding.actor.ref,
        recorded_at=deciding.recorder.now,
    )


def _recorded(deciding: Deciding, offer: Offer) -> dict[str, object]:
    ebrt, percent = offer.supplementary_ebrt_cost, offer.deposit_pct
    return {
        "offer_id": require_id(offer.id),
        "hospital_id": offer.hospital_id,
        "technique": offer.technique,
        "currency": offer.currency,
        "amount_low": float(offer.amount_low),
        "amount_high": float(offer.amount_high),
        "inclusions": _coded(deciding, "inclusions", offer.inclusions),
        "exclusions": _coded(deciding, "exclusions", offer.exclusions),
        "supplementary_ebrt_cost": float(ebrt) if ebrt is not None else None,
        "deposit_pct": float(percent) if percent is not None else None,
        "stay_days": offer.stay_days,
        "earliest_admission": _iso(offer.earliest_admission),
        "valid_until": _iso(offer.valid_until),
    }


def _coded(deciding: Deciding, name: str, said: Sequence[str]) -> list[str]:
    """Return the codes for what a hospital lists; its own words stay with the offer: other."""
    codes = deciding.world.process.vocabulary.fields("offer.recorded")[name].words
    return list(dict.fromkeys(one if one in codes else "other" for one in said))


def _iso(day: object) -> str | None:
    return str(day) if day is not None else None


def _no_offer(deciding: Deciding) -> None:
    """The letter brings advice and no offer: the hospital is asked on, or let go."""
    thread = get(deciding.session, OutreachThread, deciding.object_id("thread_id"))
    stands = any(
        one.thread_id == thread.id
        for one in offers_in(deciding.session, deciding.case_id, (*UNSEEN, "presented"))
    )
    if thread.state == "offered" and not stands:
        thread.state = "in_review"
    fell_away(deciding, thread, "no_offer")


def _offer_of(deciding: Deciding) -> Offer:
    return get(deciding.session, Offer, deciding.object_id("offer_id"))


def _present(deciding: Deciding) -> None:
    """Present one more offer: the family's letter tells of all that it has before it."""
    offer = _offer_of(deciding)
    if offer.state not in UNSEEN:
        raise DecisionRefused(f"This offer is {offer.state.replace('_', ' ')} already.")
    if offer.valid_until and offer.valid_until < deciding.recorder.now.date():
        raise DecisionRefused(
            f"The offer ran out on {offer.valid_until.isoformat()}: ask the hospital to renew it."
        )
    thread = get(deciding.session, OutreachThread, offer.thread_id)
    if thread.deletion is not None:
        raise DecisionRefused(
            "This hospital was told that the request is closed: ask it whether the offer holds."
        )
    for older in offers_in(deciding.session, deciding.case_id, ("presented", EXPIRED)):
        if older.thread_id == offer.thread_id:
            older.state = "replaced"
    take_back_offers(deciding, deciding.case_id)
    offer.state, thread.state, thread.closed_at = "presented", "offered", None
    payload = {
        "offer_ids": [require_id(offer.id)],
        "language": deciding.case.language,
        "attested": ["amounts_checked", "disclaimer_included"],
    }
    deciding.record_moving("offer.presented", payload, about_offer(offer))


def _clarify(deciding: Deciding) -> None:
    """Write to the hospital what is unclear, for a person to approve; its thread waits."""
    ask_hospital(deciding, _offer_of(deciding), deciding.listed("questions"))


def ask_hospital(deciding: Deciding, offer: Offer, questions: Sequence[str]) -> None:
    """Have a letter about an offer drafted; raise `DecisionRefused` where none may leave."""
    thread = get(deciding.session, OutreachThread, offer.thread_id)
    if not may_be_shared(deciding.session, thread):
        raise DecisionRefused(NO_PERMISSION)
    known = deciding.world.process.vocabulary.fields("offer.clarification_needed")["questions"]
    if unknown := [one[:40] for one in questions if one not in known.words or one == "other"]:
        raise DecisionRefused(f"Not a point to ask about: {', '.join(unknown)}.")
    thread.state, thread.closed_at, thread.deletion = "in_review", None, None
    payload = {
        "offer_id": require_id(offer.id),
        "questions": list(questions),
        "others_open": others_open(deciding.session, offer, UNSEEN),
    }
    deciding.record("offer.clarification_needed", payload, about_offer(offer))
    draft(deciding, thread, "M46", told={"offer_id": offer.id, "questions": list(questions)})


def _withdrew(deciding: Deciding) -> None:
    withdraw_offer(deciding, _offer_of(deciding))


QUESTIONS = {
    "record_offer": Question.of(
        "Write down the hospital's offer",
        COORDINATORS,
        {
            "record": Choice(
                "The amounts are as in the letter",
                _record_offer,
                needs=("currency", "amount_low", "amount_high"),
                may=TERMS,
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
                raises=Raises(events=("offer.presented", "message.discarded")),
            ),
            "clarify": Choice(
                "Ask the hospital first, or to renew it: the letter comes to be approved",
                _clarify,
                needs=("questions",),
                raises=ASKING,
            ),
            "withdrew": Choice(
                "The hospital has taken it back, or it is none",
                _withdrew,
                may=("reason_code",),
                reason=True,
                raises=WITHDRAWING,
            ),
        },
    ),
}
