"""What a patient has allowed, and what they are asked to allow, on their own page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, CaseEvent, Consent, Hospital
from workflows.cases.consented import Recipient, recipient_of
from workflows.processing_register import Register


@dataclass(frozen=True, slots=True)
class Permission:
    """One scope, for one hospital where it is a share. `state`: open, given or withdrawn."""

    scope: str
    state: str
    hospital: str = ""
    hospital_code: str = ""
    place: str = ""
    since: datetime | None = None
    text_version: str = ""
    signer: str = ""
    """Who gave it: patient, or the ground of who signed for the patient; "" where nobody did."""
    abroad: bool = False
    """Whether the hospital is in another country than the patient, or that is not known."""
    law: str = ""
    """By which law it is asked (a code of the register of processing); "" where none is known."""


def permissions_of(session: Session, case_id: int) -> list[Permission]:
    """Return the newest answer for every scope and hospital that was ever given one."""
    rows = session.execute(
        select(Consent, Hospital)
        .join(Hospital, col(Hospital.id) == col(Consent.hospital_id), isouter=True)
        .where(col(Consent.case_id) == case_id)
        .order_by(col(Consent.id))
    ).all()
    newest: dict[tuple[str, str], Permission] = {}
    for consent, hospital in rows:
        code = hospital.code if hospital else ""
        known = newest.get((consent.scope, code))
        if known is not None and known.state == "given" and consent.withdrawn_at is not None:
            continue
        newest[consent.scope, code] = Permission(
            consent.scope,
            "withdrawn" if consent.withdrawn_at else "given",
            hospital.name if hospital else "",
            code,
            place_of(hospital) if hospital else "",
            consent.withdrawn_at or consent.granted_at,
            consent.text_version,
            consent.ground or ("patient" if consent.signed_by == "patient" else ""),
            law=consent.law or "",
        )
    return list(newest.values())


def suggested(
    session: Session, register: Register, case: Case, permissions: Sequence[Permission]
) -> list[Permission]:
    """Return the hospitals of the newest proposal that have no permission yet."""
    payload = session.scalars(
        select(col(CaseEvent.payload))
        .where(col(CaseEvent.case_id) == case.id, col(CaseEvent.type) == "shortlist.proposed")
        .order_by(col(CaseEvent.seq).desc())
        .limit(1)
    ).first()
    given = {p.hospital_code for p in permissions if p.scope == "share_deid" and p.state == "given"}
    codes = [code for code in (payload or {}).get("hospital_ids", []) if code not in given]
    hospitals = session.scalars(
        select(Hospital)
        .where(col(Hospital.code).in_(codes), col(Hospital.active))
        .order_by(col(Hospital.name))
    )
    return [_open(recipient_of(register, case, hospital), hospital) for hospital in hospitals]


def _open(to: Recipient, hospital: Hospital) -> Permission:
    return Permission(
        "share_deid", "open", hospital.name, hospital.code, place_of(hospital),
        abroad=to.abroad is not False, law=to.law or "",
    )  # fmt: skip


def place_of(hospital: Hospital) -> str:
    """Return where a hospital is, for people."""
    return f"{hospital.city}, {hospital.country}"
