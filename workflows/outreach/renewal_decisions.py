"""What a coordinator says of an offer that has run out: asked for, renewed, or not renewed."""

from models import Offer, OutreachThread
from models.base import require_id
from workflows.cases.silence import waits_in
from workflows.declared import Raises
from workflows.engine.deciding import COORDINATORS, Choice, Deciding, DecisionRefused, Question
from workflows.engine.lookup import get
from workflows.outreach.offer_clock import about_offer


def _ask(deciding: Deciding) -> None:
    deciding.request("ask_renewal", deciding.task.objects)
    deciding.request("renew_offer", deciding.task.objects)


def _renewed(deciding: Deciding) -> None:
    """Note until when the hospital keeps its offer now; it is presented anew."""
    offer = get(deciding.session, Offer, deciding.object_id("offer_id"))
    if offer.state != "expired":
        raise DecisionRefused("That offer is not expired: look how it stands.")
    until = deciding.day("valid_until")
    if until <= deciding.recorder.now.date():
        raise DecisionRefused("The new last day of the offer must lie ahead.")
    case = deciding.case
    decides = waits_in(case) == "PATIENT_DECISION"
    if not decides and waits_in(case) != "OUTREACH":
        raise DecisionRefused(
            "The case has moved on since: an offer cannot be taken up from where it stands now."
        )
    offer.valid_until = until
    offer.state = "presented" if decides else "recorded"
    payload = {
        "offer_id": require_id(offer.id),
        "valid_until": until.isoformat(),
        "present": not decides,
    }
    if case.on_hold or decides:
        deciding.record("offer.renewed", payload, about_offer(offer))
    else:
        deciding.record_moving("offer.renewed", payload, about_offer(offer))


def _not_renewed(deciding: Deciding) -> None:
    """The hospital does not keep it: the thread is over, and it is seen whether others are left."""
    offer = get(deciding.session, Offer, deciding.object_id("offer_id"))
    thread = get(deciding.session, OutreachThread, offer.thread_id)
    thread.state, thread.closed_at = "closed", deciding.recorder.now
    objects = {"thread_id": require_id(thread.id), "hospital_id": thread.hospital_id}
    payload = {**objects, "reason": "declined"}
    deciding.record("outreach.thread_closed", payload, objects)
    deciding.request("check_exhausted")


QUESTIONS = {
    "renew_offer": Question.of(
        "An offer has run out: does the hospital renew it?",
        COORDINATORS,
        {
            "ask": Choice(
                "Write to the hospital and ask for it",
                _ask,
                raises=Raises(requests=("ask_renewal", "renew_offer")),
                will="A letter is drafted for you to approve; then you are asked again.",
            ),
            "renewed": Choice(
                "The hospital keeps it until this day",
                _renewed,
                needs=("valid_until",),
                raises=Raises(events=("offer.renewed",)),
            ),
            "not_renewed": Choice(
                "The hospital does not renew it",
                _not_renewed,
                reason=True,
                raises=Raises(("outreach.thread_closed",), ("check_exhausted",)),
            ),
        },
    )
}
