"""A hospital that withdraws while its patient is there, or after the operation.

Before the operation the offer falls with the days that were agreed; a person calls the family, and
says how it goes on: treated after all, another hospital, or the way home. After the operation no
offer is left to withdraw: what ends is the care, and it is seen to who takes it over.
"""

from sqlalchemy import select
from sqlmodel import col

from models import HumanTask, Offer, OutreachThread
from models.base import require_id
from workflows.cases.chosen_hospital import accepted_offer
from workflows.declared import Raises
from workflows.engine.deciding import (
    COORDINATORS,
    Apply,
    Choice,
    Deciding,
    DecisionRefused,
    Question,
)
from workflows.engine.lookup import get
from workflows.journey.reporting import iso_day
from workflows.letters.offer_rows import take_back
from workflows.letters.to_hospitals import about
from workflows.letters.withdrawn_offers import GONE, care_ends, goes_on_without

UNSETTLED = "settle_abroad"
TELLS_OF_WITHDRAWAL = "M47"


def must_be_known(deciding: Deciding) -> None:
    """Refuse to go on with a hospital that has withdrawn, until somebody says how it goes on."""
    asked = select(col(HumanTask.id)).where(
        col(HumanTask.case_id) == deciding.case_id,
        col(HumanTask.kind) == UNSETTLED,
        col(HumanTask.state) == "open",
    )
    if deciding.session.scalars(asked.limit(1)).first() is not None:
        raise DecisionRefused(
            "The hospital has withdrawn. Answer first how it goes on; when the hospital treats "
            "the patient after all, say so there."
        )


def _offer(deciding: Deciding) -> Offer:
    return get(deciding.session, Offer, deciding.object_id("offer_id"))


def _settled(way: str, offer: Offer) -> dict[str, object]:
    return {"offer_id": require_id(offer.id), "way": way}


def _as_before(deciding: Deciding) -> None:
    """The hospital treats the patient after all: its offer stands again, with the days it says."""
    offer, case = _offer(deciding), deciding.case
    standing = accepted_offer(deciding.session, deciding.case_id)
    if offer.state != GONE or standing is not None:
        raise DecisionRefused("An offer stands in this case already: there is none to bring back.")
    admission, surgery = deciding.day("admission_date"), deciding.optional_day("surgery_date")
    if surgery is not None and surgery < admission:
        raise DecisionRefused("The operation cannot be before the admission.")
    offer.state = "accepted"
    get(deciding.session, OutreachThread, offer.thread_id).state = "offered"
    case.admission_date, case.surgery_date = admission, surgery
    take_back(deciding, deciding.case_id, (TELLS_OF_WITHDRAWAL,))
    payload = {
        **_settled("as_before", offer),
        "admission_date": admission.isoformat(),
        "surgery_date": iso_day(surgery),
    }
    deciding.record("abroad.settled", payload, deciding.task.objects)


def _other_hospital(deciding: Deciding) -> None:
    """Other offers are looked at again, or more hospitals asked, while the patient is there."""
    offer = _offer(deciding)
    payload = _settled("other_hospital", offer)
    deciding.record_moving("abroad.settled", payload, deciding.task.objects)
    goes_on_without(deciding, offer)


def _goes_home(deciding: Deciding) -> None:
    payload = _settled("goes_home", _offer(deciding))
    deciding.record_moving("abroad.settled", payload, deciding.task.objects)


def _again(request: str) -> Apply:
    def apply(deciding: Deciding) -> None:
        deciding.request(request, deciding.task.objects)

    return apply


def _ended(deciding: Deciding) -> None:
    """The hospital of an operated patient does nothing more for them."""
    offer = accepted_offer(deciding.session, deciding.case_id)
    if offer is None:
        raise DecisionRefused("No hospital is chosen in this case.")
    care_ends(deciding, get(deciding.session, OutreachThread, offer.thread_id))
    deciding.stays_open = True


def _care(how: str) -> Apply:
    def apply(deciding: Deciding) -> None:
        thread = get(deciding.session, OutreachThread, deciding.object_id("thread_id"))
        deciding.record("care.settled", {**about(thread), "how": how}, about(thread))

    return apply


CARE_ENDED = Choice(
    "The hospital does nothing more for the patient",
    _ended,
    may=("reason_code",),
    raises=Raises(events=("hospital.ended_care",)),
    will="A coordinator is asked within four hours to call the family and see who takes it over.",
)
SETTLED = "abroad.settled"

QUESTIONS = {
    UNSETTLED: Question.of(
        "The hospital of a patient who has left home has withdrawn: how does it go on?",
        COORDINATORS,
        {
            "as_before": Choice(
                "The hospital treats the patient after all, with this day of admission",
                _as_before,
                needs=("admission_date",),
                may=("surgery_date",),
                reason=True,
                raises=Raises(events=(SETTLED, "message.discarded")),
                will="The offer stands again and the list of the journey is made anew.",
            ),
            "other_hospital": Choice(
                "The family wants another hospital while the patient is there",
                _other_hospital,
                reason=True,
                raises=Raises(
                    (SETTLED, "offer.fell_away", "message.discarded"),
                    ("check_exhausted", "present_offer", "renew_offer"),
                ),
                will="Offers that were set aside come back; without any, more hospitals are asked.",
            ),
            "goes_home": Choice(
                "The patient travels home without the operation",
                _goes_home,
                reason=True,
                raises=Raises(events=(SETTLED,)),
                will="The return is awaited; then the family is called about other ways.",
            ),
            "not_settled": Choice(
                "Nothing is decided yet: ask me again in four hours",
                _again(UNSETTLED),
                reason=True,
                raises=Raises(requests=(UNSETTLED,)),
            ),
        },
    ),
    "settle_care": Question.of(
        "The hospital does nothing more for an operated patient: who takes it over?",
        COORDINATORS,
        {
            "goes_on": Choice(
                "Cleared up: the hospital goes on",
                _care("goes_on"),
                reason=True,
                raises=Raises(events=("care.settled",)),
            ),
            "taken_over": Choice(
                "Another doctor takes it over, and the family knows whom to turn to",
                _care("taken_over"),
                reason=True,
                raises=Raises(events=("care.settled",)),
            ),
            "not_settled": Choice(
                "Nobody yet: ask me again in four hours",
                _again("settle_care"),
                reason=True,
                raises=Raises(requests=("settle_care",)),
            ),
        },
    ),
}
