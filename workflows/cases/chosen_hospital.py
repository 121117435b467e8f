"""What the travel plan is computed from: facts of the case, its patient and the chosen hospital."""

from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, Hospital, Offer, Patient
from models.base import require_id
from planning.travel import JourneyFacts
from workflows.engine.lookup import patient_of


def journey_facts(session: Session, case: Case) -> JourneyFacts | None:
    """Return the facts for the travel plan; None while no admission date is confirmed."""
    if case.admission_date is None:
        return None
    patient = patient_of(session, require_id(case.id))
    hospital = chosen_hospital(session, require_id(case.id))
    destination = hospital.country if hospital else ""
    return JourneyFacts(
        admission_date=case.admission_date,
        surgery_date=case.surgery_date,
        discharge_date=case.discharge_date,
        return_date=case.return_date,
        destination=destination,
        site=case.site,
        nationality=patient.nationality,
        residence=case.residence_country,
        flags=frozenset({"has_companion"}),
        needs_visa=needs_visa(patient, destination),
    )


def needs_visa(patient: Patient, destination: str) -> bool:
    """Return whether a visa question must be asked: everyone but the destination's nationals.

    The route itself is decided by a person with the consulate's answer, never here.
    """
    return patient.nationality != destination


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
    return session.scalars(
        select(Hospital)
        .join(Offer, col(Offer.hospital_id) == col(Hospital.id))
        .where(col(Offer.case_id) == case_id, col(Offer.state) == "accepted")
        .order_by(col(Offer.id).desc())
        .limit(1)
    ).first()
