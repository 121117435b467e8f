"""What placeholders of a letter to a hospital are filled with: what the file states, or None."""

from collections.abc import Mapping
from datetime import date

from sqlmodel import Session

from correspondence.placeholders import IN_THREADS
from models import Case, Hospital, OutreachThread
from workflows.directory.store import record_of
from workflows.engine.world import World
from workflows.letters.days import day_in, zone_of
from workflows.outreach.corrections import told_to
from workflows.outreach.enquiries import last_answer


def placeholder_values(
    session: Session, world: World, case: Case, hospital: Hospital, thread: OutreachThread
) -> Mapping[str, str | None]:
    """Return the value of each placeholder as text; None where nobody has stated it."""
    settings, zone = world.settings, zone_of(hospital)
    asked, answered = told_to(session, thread), last_answer(session, thread)
    values = {
        "case": case.ref,
        "department": record_of(hospital).departments[0].name,
        "hospital": hospital.name,
        "coordinator": settings.contact_name,
        "phone": settings.contact_phone,
        "hours": settings.contact_hours,
        "asked_on": _day(day_in(zone, asked.sent_at) if asked and asked.sent_at else None),
        "answered_on": _day(
            day_in(zone, answered.sent_at) if answered and answered.sent_at else None
        ),
        "reply_by": _day(thread.reply_by),
        "admission_date": _day(case.admission_date),
        "operation_date": _day(case.surgery_date),
    }
    return {name: values[name] for name in IN_THREADS}


def _day(day: date | None) -> str | None:
    return f"{day.day} {day:%B %Y}" if day else None
