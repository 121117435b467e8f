"""What the family decides about the offers: each accepted or declined, or none, or more asked."""

from collections.abc import Sequence

from models import Offer, OutreachThread
from models.base import require_id
from workflows.declared import Raises
from workflows.engine.deciding import (
    COORDINATORS,
    PATIENT,
    Choice,
    Deciding,
    DecisionRefused,
    NotStated,
    Question,
)
from workflows.engine.lookup import get
from workflows.letters.leaving import may_be_shared
from workflows.letters.offer_rows import (
    BEFORE_FAMILY,
    EXPIRED,
    TELLS_OF_OFFERS,
    about_offer,
    offers_in,
    take_back_offers,
)
from workflows.letters.withdrawn_offers import WITHDRAWING, withdraw_offer
from workflows.outreach.offer_decisions import ASKING, NO_PERMISSION, ask_hospital
from workflows.outreach.writing import DRAFTING, draft

HAS_EXPIRED = (
    "That offer has expired. A coordinator can ask the hospital to renew it; once it is renewed it "
    "can be accepted."
)

CAME_SINCE = "Another offer has come since: the family has not seen it yet, and declines it itself."


def _presented(deciding: Deciding) -> Sequence[Offer]:
    return offers_in(deciding.session, deciding.case_id, BEFORE_FAMILY)


def _chosen(deciding: Deciding) -> Offer:
    """Return the offer that is named: another may have come since whoever answers looked."""
    offers, wanted = _presented(deciding), deciding.optional("offer")
    for offer in offers:
        if str(offer.id) == wanted:
            return offer
    over = offers_in(deciding.session, deciding.case_id, (EXPIRED,))
    if any(str(one.id) == wanted for one in over) or (over and not offers and wanted is None):
        raise DecisionRefused(HAS_EXPIRED)
    if not offers:
        raise DecisionRefused("No offer is before the family now.")
    ids = ", ".join(str(offer.id) for offer in offers)
    raise NotStated(f"Say which of the offers is meant: {ids}.", "--set offer=...")


def _accept(deciding: Deciding) -> None:
    """Accept one offer; the letter that says so to its hospital is drafted at once."""
    offer = _chosen(deciding)
    thread = get(deciding.session, OutreachThread, offer.thread_id)
    if offer.valid_until and offer.valid_until < deciding.recorder.now.date():
        raise DecisionRefused(HAS_EXPIRED)
    if not may_be_shared(deciding.session, thread):
        raise DecisionRefused(NO_PERMISSION)
    payload = {
        "offer_id": require_id(offer.id),
        "hospital_id": offer.hospital_id,
        "technique": offer.technique,
    }
    take_back_offers(deciding, deciding.case_id)
    # Not about the thread: the admission's question does not stand for a letter that did not leave.
    objects = {"offer_id": require_id(offer.id), "hospital_id": offer.hospital_id}
    deciding.record_moving("patient.accepted_offer", payload, objects)
    for other in _presented(deciding):
        other.state = "not_chosen"
    offer.state = "accepted"
    deciding.session.flush()
    draft(deciding, thread, "M45", told={"offer_id": offer.id})


def _decline(deciding: Deciding) -> None:
    """Decline one offer; the others stay, and so does the question."""
    offer = _chosen(deciding)
    taken_back = take_back_offers(deciding, deciding.case_id)
    _declined(deciding, offer)
    deciding.stays_open = True
    if taken_back and _presented(deciding):
        deciding.request(TELLS_OF_OFFERS)


def _renew(deciding: Deciding) -> None:
    """Ask the hospital whether an offer is renewed; the family goes on thinking."""
    ask_hospital(deciding, _chosen(deciding), ("validity",))
    deciding.stays_open = True


def _withdrew(deciding: Deciding) -> None:
    """A hospital took its offer back by telephone; the family decides on what is left."""
    withdraw_offer(deciding, _chosen(deciding))
    deciding.stays_open = bool(_presented(deciding))


def _declined(deciding: Deciding, offer: Offer) -> None:
    offer.state = "declined"
    payload = {
        "offer_id": require_id(offer.id),
        "hospital_id": offer.hospital_id,
        "reason_code": deciding.optional("reason_code"),
    }
    deciding.record("patient.declined_offer", payload, about_offer(offer))


def _declined_all(deciding: Deciding) -> None:
    """Decline whatever is before the family, or what it was shown where that is said."""
    if deciding.optional("offers_seen"):
        seen = deciding.listed("offers_seen")
        if any(str(offer.id) not in seen for offer in _presented(deciding)):
            raise DecisionRefused(CAME_SINCE)
    take_back_offers(deciding, deciding.case_id)
    offers = offers_in(deciding.session, deciding.case_id, (*BEFORE_FAMILY, EXPIRED))
    payload = {"reason_code": deciding.optional("reason_code")}
    deciding.record_moving("patient.declined_all", payload)
    for offer in offers:
        _declined(deciding, offer)


def _wants_more(deciding: Deciding) -> None:
    """More hospitals are asked; the offers that the family has stay before it."""
    payload = {"constraint": deciding.optional("constraint")}
    deciding.record_moving("patient.wants_more_options", payload)


QUESTIONS = {
    "record_patient_decision": Question.of(
        "What has the family decided?",
        (*COORDINATORS, PATIENT),
        {
            "accepted": Choice(
                "They accept an offer",
                _accept,
                may=("offer",),
                raises=Raises(
                    events=("patient.accepted_offer", "message.discarded", *DRAFTING),
                    letters=("M45",),
                ),
            ),
            "declined": Choice(
                "They decline one offer; the others stay",
                _decline,
                may=("offer", "reason_code"),
                raises=Raises(
                    events=("patient.declined_offer", "message.discarded"),
                    requests=(TELLS_OF_OFFERS,),
                    letters=(TELLS_OF_OFFERS,),
                ),
            ),
            "renew": Choice(
                "Ask a hospital to renew its offer: the letter comes to be approved",
                _renew,
                may=("offer",),
                raises=ASKING,
            ),
            "withdrew": Choice(
                "A hospital has taken its offer back; the others stay",
                _withdrew,
                may=("offer", "reason_code"),
                reason=True,
                raises=WITHDRAWING,
            ),
            "wants_more": Choice(
                "They want more hospitals asked",
                _wants_more,
                may=("constraint",),
                raises=Raises(events=("patient.wants_more_options",)),
            ),
            "declined_all": Choice(
                "They decline all",
                _declined_all,
                may=("reason_code", "offers_seen"),
                raises=Raises(
                    events=(
                        "patient.declined_all", "patient.declined_offer", "message.discarded",
                    )
                ),
            ),
        },
    ),
}  # fmt: skip
