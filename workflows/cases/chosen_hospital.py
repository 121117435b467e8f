"""What the travel plan is computed from: facts of the case, its patient and the chosen hospital."""

from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, CaseEvent, Hospital, Offer, Patient
from models.base import require_id
from planning.travel import JourneyFacts, effective_flags
from planning.travel_template import TravelTemplate
from workflows.engine.lookup import patient_of
from workflows.engine.stays import arrival_of, last_said, stay_of


def journey_facts(session: Session, case: Case, template: TravelTemplate) -> JourneyFacts | None:
    """Return the facts for the travel plan; None while no admission date is confirmed."""
    if case.admission_date is None:
        return None
    return facts_for(session, case, template, case.admission_date, case.surgery_date)


def facts_for(
    session: Session,
    case: Case,
    template: TravelTemplate,
    admission: date,
    surgery: date | None,
    visa: bool | None = None,
) -> JourneyFacts:
    """Return the facts for a plan with that admission and operation.

    `visa` is what somebody just said of it; None takes what was said before, else the tables.
    """
    case_id = require_id(case.id)
    patient = patient_of(session, case_id)
    hospital = chosen_hospital(session, case_id)
    destination = hospital.country if hospital else ""
    if visa is None:
        visa = _visa_as_said(session, case_id, hospital.id if hospital else None)
    if visa is None:
        visa = needs_visa(template, patient, case.residence_country, destination)
    stay = stay_of(session, case, template)
    flags = {"has_companion"}
    if stay is not None and not stay.check.stay_covers_plan:
        flags.add("plan_exceeds_visa")
    if case.pathology_state.startswith("SUPPL_"):
        flags.add("supplementary_recommended")
    return JourneyFacts(
        admission_date=admission,
        arrival_date=_arrived(session, case_id, admission, template),
        surgery_date=surgery,
        discharge_date=case.discharge_date,
        return_date=case.return_date,
        visa_stay_end=stay.stay_end if stay else None,
        destination=destination,
        site=case.site,
        nationality=patient.nationality,
        residence=case.residence_country,
        flags=frozenset(flags),
        needs_visa=visa,
    )


def _arrived(
    session: Session, case_id: int, admission: date, template: TravelTemplate
) -> date | None:
    """Return the day of the arrival once the departure was reported; None before."""
    said = {name: one.payload for name, one in last_said(session, case_id).items()}
    return arrival_of(admission, said, template) if "travel.departed" in said else None


def needs_visa(
    template: TravelTemplate, patient: Patient, residence: str | None, destination: str
) -> bool:
    """Return whether a visa question must be asked: by the tables, and never at home.

    The route itself is decided by a person with the consulate's answer, never here.
    """
    if patient.nationality and patient.nationality.upper() == destination.upper():
        return False
    facts = JourneyFacts(
        date.min, destination, nationality=patient.nationality, residence=residence
    )
    return "needs_visa" in effective_flags(template, facts)


def _visa_as_said(session: Session, case_id: int, hospital_id: int | None) -> bool | None:
    """Return what the admission at the same hospital was agreed with, None before that."""
    said = session.scalars(
        select(CaseEvent)
        .where(col(CaseEvent.case_id) == case_id, col(CaseEvent.type) == "admission.date_confirmed")
        .order_by(col(CaseEvent.seq).desc())
        .limit(1)
    ).first()
    if said is None or said.payload.get("hospital_id") != hospital_id:
        return None
    needed = said.payload.get("needs_visa")
    return needed if isinstance(needed, bool) else None


def accepted_offer(session: Session, case_id: int) -> Offer | None:
    """Return the offer that the patient has accepted, while it stands."""
    return session.scalars(
        select(Offer)
        .where(col(Offer.case_id) == case_id, col(Offer.state) == "accepted")
        .order_by(col(Offer.id).desc())
        .limit(1)
    ).first()


def chosen_hospital(session: Session, case_id: int) -> Hospital | None:
    """Return the hospital whose offer the patient accepted."""
    offer = accepted_offer(session, case_id)
    return session.get(Hospital, offer.hospital_id) if offer else None
