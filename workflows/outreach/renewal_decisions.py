"""What a coordinator says of an offer that has run out: asked for, renewed, or not renewed."""

from models import Offer, OutreachThread
from models.base import require_id
from workflows.cases.silence import waits_in
from workflows.declared import Raises
from workflows.engine.deciding import COORDINATORS, Choice, Deciding, DecisionRefused, Question
from workflows.engine.lookup import get
from workflows.letters.leaving import may_be_shared
from workflows.letters.offer_rows import ALIVE, EXPIRED, about_offer, offers_in, take_back_offers
from workflows.outreach.offer_decisions import NO_PERMISSION
from workflows.outreach.open_threads import CLOSING, close_thread


def _offer_of(deciding: Deciding) -> Offer:
    return get(deciding.session, Offer, deciding.object_id("offer_id"))


def _ask(deciding: Deciding) -> None:
    thread = get(deciding.session, OutreachThread, _offer_of(deciding).thread_id)
    if not may_be_shared(deciding.session, thread):
        raise DecisionRefused(NO_PERMISSION)
    deciding.request("ask_renewal", deciding.task.objects)
    deciding.request("renew_offer", deciding.task.objects)


def _renewed(deciding: Deciding) -> None:
    """Note until when the hospital keeps its offer now; it is presented anew."""
    offer, case = _offer_of(deciding), deciding.case
    if offer.state != EXPIRED:
        raise DecisionRefused("That offer is not expired: look how it stands.")
    until = deciding.day("valid_until")
    if until <= deciding.recorder.now.date():
        raise DecisionRefused("The new last day of the offer must lie ahead.")
    machine, state = deciding.world.process.machine.main, waits_in(case)
    if not machine.candidates(state, "offer.presented"):
        raise DecisionRefused(
            "The case has moved on since: an offer cannot be taken up from where it stands now."
        )
    thread = get(deciding.session, OutreachThread, offer.thread_id)
    thread.state, thread.closed_at, thread.deletion = "offered", None, None
    decides = state == "PATIENT_DECISION"
    offer.valid_until = until
    offer.state = "presented" if decides else "recorded"
    if decides:
        take_back_offers(deciding, deciding.case_id)
    payload = {
        "offer_id": require_id(offer.id),
        "valid_until": until.isoformat(),
        "present": not decides,
    }
    if state == "OUTREACH" and not case.on_hold:
        deciding.record_moving("offer.renewed", payload, about_offer(offer))
    else:
        deciding.record("offer.renewed", payload, about_offer(offer))


def _not_renewed(deciding: Deciding) -> None:
    """The hospital does not keep it: the thread is over, unless a newer offer of it stands."""
    offer = _offer_of(deciding)
    alive = offers_in(deciding.session, deciding.case_id, ALIVE)
    if any(one.thread_id == offer.thread_id for one in alive):
        return
    thread = get(deciding.session, OutreachThread, offer.thread_id)
    if thread.state != "closed":
        close_thread(deciding, thread, "declined")
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
                raises=Raises(events=("offer.renewed", "message.discarded")),
            ),
            "not_renewed": Choice(
                "The hospital does not renew it",
                _not_renewed,
                reason=True,
                raises=Raises(CLOSING, ("check_exhausted",)),
            ),
        },
    )
}
