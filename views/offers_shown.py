"""What a task about offers shows: the offers before the family, what the hospital's letter states.

Holds what a hospital wrote of a patient's case: whoever asks is audited.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from correspondence.money_words import figures
from models import Hospital, HumanTask, Message, Offer
from workflows.engine.lookup import get
from workflows.outreach.offer_letter import Stated, stated_terms

DECIDES = "record_patient_decision"
WRITES_DOWN = "record_offer"


def offers_before_family(session: Session, task: HumanTask) -> Sequence[tuple[str, str]]:
    """Return number and name of each offer that the family can decide about."""
    if task.kind != DECIDES:
        return ()
    rows = session.execute(
        select(Offer, Hospital)
        .join(Hospital, col(Hospital.id) == col(Offer.hospital_id))
        .where(col(Offer.case_id) == task.case_id, col(Offer.state) == "presented")
        .order_by(col(Offer.id))
    ).all()
    return [
        (
            str(offer.id),
            f"{hospital.code} {hospital.name}, "
            f"{figures(offer.currency, offer.amount_low, offer.amount_high)}",
        )
        for offer, hospital in rows
    ]


def stated_in_letter(session: Session, task: HumanTask) -> Mapping[str, Stated]:
    """Return what was read in the letter whose offer is written down, each with its quote."""
    message_id = task.objects.get("message_id")
    if task.kind != WRITES_DOWN or message_id is None:
        return {}
    return stated_terms(get(session, Message, int(message_id)))
