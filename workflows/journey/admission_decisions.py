"""The day of the admission: agreed with the hospital, and moved."""

from datetime import date

from workflows.cases.chosen_hospital import accepted_offer, chosen_hospital, needs_visa
from workflows.declared import Raises
from workflows.engine.deciding import (
    COORDINATORS,
    Apply,
    Choice,
    Deciding,
    DecisionRefused,
    Question,
)
from workflows.engine.lookup import patient_of
from workflows.journey.evidence import ask_second, shown_by
from workflows.journey.feasible import check_admission, papers_in_hand
from workflows.journey.reporting import iso_day
from workflows.journey.stay_decisions import RECORDS, SAYS, stay_said
from workflows.letters.withdrawn_offers import ABROAD, WITHDRAWING, withdraw_offer


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
    """The accepted offer is gone: other offers are looked at again, or more hospitals asked."""
    offer = accepted_offer(deciding.session, deciding.case_id)
    if offer is None:
        raise DecisionRefused("No offer is accepted in this case: there is none to withdraw.")
    deciding.stays_open = deciding.case.state in ABROAD  # what else happens there is still reported
    withdraw_offer(deciding, offer)


def _asking(request: str) -> Apply:
    def apply(deciding: Deciding) -> None:
        deciding.request(request, deciding.task.objects)

    return apply


WITHDREW = Choice(
    "The hospital withdrew its offer", _withdrew, may=("reason_code",), raises=WITHDRAWING
)
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
            "hospital_withdrew": WITHDREW,
            "ask_second": ask_second("passports"),
        },
    ),
    "tell_withdrawal": Question.of(
        "The hospital withdrew after the admission was agreed: call the family",
        COORDINATORS,
        {
            "told": Choice(
                "They were told, also about tickets, visa and money; a letter follows",
                _asking("M47"),
                reason=True,
                raises=Raises(requests=("M47",), letters=("M47",)),
            ),
            "not_reached": Choice(
                "Not reached: ask me again in four hours",
                _asking("tell_withdrawal"),
                reason=True,
                raises=Raises(requests=("tell_withdrawal",)),
            ),
        },
    ),
}
