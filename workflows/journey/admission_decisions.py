"""The day of the admission: agreed with the hospital, and moved."""

from datetime import date

from sqlalchemy import select
from sqlmodel import col

from models import Offer, OutreachThread
from models.base import require_id
from workflows.cases.chosen_hospital import chosen_hospital, needs_visa
from workflows.cases.fallen_offers import fell_away
from workflows.declared import Raises
from workflows.engine.deciding import COORDINATORS, Choice, Deciding, DecisionRefused, Question
from workflows.engine.lookup import get, patient_of
from workflows.journey.evidence import ask_second, shown_by
from workflows.journey.feasible import check_admission, papers_in_hand
from workflows.journey.reporting import iso_day
from workflows.journey.stay_decisions import RECORDS, SAYS, stay_said


def _confirm_admission(deciding: Deciding) -> None:
    case = deciding.case
    admission = deciding.day("admission_date")
    surgery = _planned_surgery(deciding, admission)
    hospital = chosen_hospital(deciding.session, deciding.case_id)
    in_hand = papers_in_hand(deciding)
    said = deciding.flag("needs_visa")
    facts = check_admission(deciding, admission, surgery, visa=said, in_hand=in_hand)
    if said is False and _by_the_tables(deciding, facts.destination):
        # The tables are samples and grow old, so a person may know better, and says how.
        deciding.needs_reason()
    shown_by(deciding, "passports")
    case.admission_date, case.surgery_date = admission, surgery
    stay_said(deciding)
    payload = {
        "hospital_id": hospital.id if hospital else None,
        "admission_date": admission.isoformat(),
        "surgery_date": iso_day(surgery),
        "needs_visa": facts.needs_visa,
        "in_hand": sorted(in_hand),
        "attested": ["passports_checked"],
    }
    deciding.record_moving("admission.date_confirmed", payload)


def _by_the_tables(deciding: Deciding, destination: str) -> bool:
    patient = patient_of(deciding.session, deciding.case_id)
    template = deciding.world.playbooks.travel
    return needs_visa(template, patient, deciding.case.residence_country, destination)


def _date_changed(deciding: Deciding) -> None:
    case = deciding.case
    old, new = case.admission_date, deciding.day("admission_date")
    surgery = _planned_surgery(deciding, new)
    check_admission(deciding, new, surgery)
    payload = {
        "old": iso_day(old),
        "new": new.isoformat(),
        "by": deciding.optional("by"),
        "reason_code": deciding.optional("reason_code"),
    }
    case.admission_date, case.surgery_date = new, surgery
    deciding.record_moving("admission.date_changed", payload)


def _planned_surgery(deciding: Deciding, admission: date) -> date | None:
    """Return the day of the operation: as given now, else as stated before, else not known.

    The travel plan counts from its own default while nobody has stated a day.
    """
    surgery = deciding.optional_day("surgery_date")
    if surgery is not None and surgery < admission:
        raise DecisionRefused("The operation cannot be before the admission.")
    stated = deciding.case.surgery_date
    if surgery is None and stated is not None and stated < admission:
        raise DecisionRefused(
            f"The operation is agreed for {stated.isoformat()}, which is before that admission. "
            "Say its new day, too."
        )
    return surgery or stated


def _withdrew(deciding: Deciding) -> None:
    """The offer is gone: its thread is open again, and the other hospitals are asked on."""
    offer = deciding.session.scalars(
        select(Offer)
        .where(col(Offer.case_id) == deciding.case_id, col(Offer.state) == "accepted")
        .order_by(col(Offer.id).desc())
        .limit(1)
    ).first()
    objects = {} if offer is None else {"offer_id": require_id(offer.id)}
    payload = {**objects, "reason_code": deciding.optional("reason_code")}
    deciding.record_moving("hospital.withdrew_offer", payload, objects)
    if offer is None:
        return
    offer.state = "withdrawn_by_hospital"
    thread = get(deciding.session, OutreachThread, offer.thread_id)
    if thread.state == "offered":
        thread.state = "declined"
    fell_away(deciding, thread, "withdrew")


MOVED = Choice(
    "The admission date has moved",
    _date_changed,
    needs=("admission_date",),
    may=("surgery_date", "by", "reason_code", "offer_holds"),
    raises=Raises(events=("admission.date_changed",)),
)


QUESTIONS = {
    "confirm_admission": Question.of(
        "Agree the admission date with the hospital",
        COORDINATORS,
        {
            "confirmed": Choice(
                "The hospital confirmed it in writing; passports are checked",
                _confirm_admission,
                needs=("admission_date",),
                may=(
                    "surgery_date",
                    "needs_visa",
                    "in_hand",
                    "offer_holds",
                    "passport_document",
                    *SAYS,
                ),
                attests=("passports_checked",),
                raises=Raises(events=("admission.date_confirmed", "evidence.stated", *RECORDS)),
            ),
            "hospital_withdrew": Choice(
                "The hospital withdrew its offer",
                _withdrew,
                may=("reason_code",),
                raises=Raises(("hospital.withdrew_offer", "offer.fell_away"), ("check_exhausted",)),
            ),
            "ask_second": ask_second("passports"),
        },
    )
}
