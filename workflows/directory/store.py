"""The hospital directory in the database: filled from records, read back as records."""

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlmodel import Session, col

from correspondence.directory import HospitalRecord, confirm_units, load_hospitals
from models import Hospital
from models.database import transaction
from workflows.engine.world import World


def record_of(hospital: Hospital) -> HospitalRecord:
    """Return the directory record that a row was filled from."""
    return HospitalRecord.model_validate(hospital.details)


def put_hospitals(session: Session, records: Iterable[HospitalRecord]) -> int:
    """Write or update hospitals by their code; return how many."""
    count = 0
    for record in records:
        hospital = session.scalars(
            select(Hospital).where(col(Hospital.code) == record.hospital_id)
        ).first() or Hospital(
            code=record.hospital_id, name="", city="", country=record.country, email=""
        )
        hospital.name = record.name
        hospital.city = record.city
        hospital.country = record.country
        hospital.email = record.departments[0].email
        hospital.languages = list(record.languages)
        hospital.units = [unit.model_dump(mode="json") for unit in record.units]
        hospital.fictitious = record.fictitious
        confirmed = [unit.last_confirmed_on for unit in record.units if unit.last_confirmed_on]
        hospital.last_confirmed_on = max(confirmed, default=None)
        hospital.details = record.model_dump(mode="json")
        session.add(hospital)
        count += 1
    return count


def confirm_fictitious(world: World) -> None:
    """Confirm the units of the fictitious hospitals today, as a coordinator's call would.

    For rehearsal and embedded instances only: a moved clock must not make an invented hospital
    unconfirmed. One that never was confirmed stays so. Real hospitals are confirmed by people.
    """
    today = world.clock.now().date()
    with transaction(world.engine) as session:
        rows = session.scalars(
            select(Hospital).where(
                col(Hospital.fictitious), col(Hospital.last_confirmed_on).is_not(None)
            )
        ).all()
        records = [confirm_units(record_of(row), today, "invented") for row in rows]
        put_hospitals(session, records)


def ensure_directory(world: World) -> None:
    """Fill an empty directory of an embedded instance with the fictitious hospitals we ship."""
    if not world.settings.embedded:
        return
    with transaction(world.engine) as session:
        if session.scalar(select(func.count()).select_from(Hospital)):
            return
        records = load_hospitals(world.settings.playbooks_dir / "hospitals.yaml")
        put_hospitals(session, records)
    confirm_fictitious(world)
