"""What letters say of earlier ones: who asked for papers, when; which offer has run out."""

from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from models import CaseEvent, Hospital, Message, Offer
from workflows.documents.completeness import asked_now
from workflows.engine.lookup import get
from workflows.letters.source import Source


def asked_by(source: Source) -> str | None:
    """Return what a request for papers follows from; None in a letter about unread files."""
    request = asked_now(source.session, source.case_id)
    return request.reason if request and "document_id" not in source.objects else None


REMINDS = {"M02": ("M02",), "M04": ("M04", "M05"), "M05": ("M04", "M05"), "M51": ("M15",)}
"""Letters that remind: which letters were the earlier ones."""


def asked_on(source: Source) -> date | None:
    """Return the day of the first letter that a reminder reminds of; None in the first itself."""
    if "nudge" not in source.objects:
        return None
    entered = source.session.scalars(
        select(col(CaseEvent.occurred_at))
        .where(
            col(CaseEvent.case_id) == source.case_id,
            col(CaseEvent.type) == "case.state_changed",
            col(CaseEvent.payload)["to_state"].as_string() == source.case.state,
            col(CaseEvent.payload)["trigger"].as_string() != "case.resumed",
        )
        .order_by(col(CaseEvent.seq).desc())
        .limit(1)
    ).first()
    first = source.session.scalar(
        select(func.min(col(Message.sent_at))).where(
            col(Message.case_id) == source.case_id,
            col(Message.template).in_(REMINDS[source.template]),
            col(Message.state) == "sent",
            col(Message.sent_at) >= (entered or source.case.opened_at),
        )
    )
    return source.day(first) if first else None


def expired(source: Source) -> dict[str, Any]:
    """Return the offer that ran out: its hospital and its last day."""
    offer = get(source.session, Offer, int(source.objects["offer_id"]))
    hospital = get(source.session, Hospital, offer.hospital_id)
    return {"hospital": hospital.name, "valid_until": offer.valid_until}
