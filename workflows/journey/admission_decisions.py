"""The day of the admission: agreed with the hospital, and moved."""

from datetime import date

from workflows.cases.chosen_hospital import accepted_offer, chosen_hospital, needs_visa
from workflows.declared import Raises
from workflows.engine.deciding import COORDINATORS, Choice, Deciding, DecisionRefused, Question
from workflows.engine.lookup import patient_of
from workflows.journey.reporting import iso_day
from workflows.letters.withdrawn_offers import WITHDRAWING, withdraw_offer


def _confirm_admission(deciding: Deciding) -> None:
    case = deciding.case
    admission = _day_to_come(deciding)
    surgery = _planned_surgery(deciding, admission)
    hospital = chosen_hospital(deciding.session, deciding.case_id)
    visa = deciding.flag("needs_visa")
    if visa is None:
        patient = patient_of(deciding.session, deciding.case_id)
        visa = needs_visa(patient, hospital.country if hospital else "")
    case.admission_date, case.surgery_date = admission, surgery
    payload = {
        "hospital_id": hospital.id if hospital else None,
        "admission_date": admission.isoformat(),
        "surgery_date": iso_day(surgery),
        "needs_visa": visa,
        "attested": ["passports_checked"],
    }
    deciding.record_moving("admission.date_confirmed", payload)


def _date_changed(deciding: Deciding) -> None:
    case = deciding.case
    old, new = case.admission_date, _day_to_come(deciding)
    surgery = _planned_surgery(deciding, new)
    payload = {
        "old": iso_day(old),
        "new": new.isoformat(),
        "by": deciding.optional("by"),
        "reason_code": deciding.optional("reason_code"),
    }
    case.admission_date, case.surgery_date = new, surgery
    deciding.record_moving("admission.date_changed", payload)


def _day_to_come(deciding: Deciding) -> date:
    admission = deciding.day("admission_date")
    if admission < deciding.recorder.now.date():
        raise DecisionRefused("The admission date lies in the past.")
    return admission


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
    withdraw_offer(deciding, offer)


MOVED = Choice(
    "The admission date has moved",
    _date_changed,
    needs=("admission_date",),
    may=("surgery_date", "by", "reason_code"),
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
                may=("surgery_date", "needs_visa"),
                attests=("passports_checked",),
                raises=Raises(events=("admission.date_confirmed",)),
            ),
            "hospital_withdrew": Choice(
                "The hospital withdrew its offer",
                _withdrew,
                may=("reason_code",),
                raises=WITHDRAWING,
            ),
        },
    )
}
