"""What letters of the journey are told: what was reported of papers, arrival, discharge, flight."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from models import JourneyEntry
from workflows.engine.stays import Stay, stay_of
from workflows.letters.happened import day_of
from workflows.letters.source import Compute, Source

A_WEEK = timedelta(days=7)
MOST_STEPS = 3


def own_steps(
    source: Source, within: timedelta | None = None, most: int | None = None
) -> list[Any]:
    """Return the family's own open items of the journey that are not late, the next ones first."""
    query = select(JourneyEntry).where(
        col(JourneyEntry.case_id) == source.case_id,
        col(JourneyEntry.owner) == "patient",
        col(JourneyEntry.state) == "pending",
        col(JourneyEntry.due) >= source.today,
    )
    if within is not None:
        query = query.where(col(JourneyEntry.due) <= source.today + within)
    titles = {item.id: item.title for item in source.world.playbooks.travel.items}
    steps = []
    for entry in source.session.scalars(query.order_by(col(JourneyEntry.due)).limit(most)):
        if entry.due is not None:
            own = titles.get(entry.code) != entry.title
            step = {"step": None if own else entry.code, "title": entry.title if own else None}
            steps.append({**step, "due": entry.due})
    return steps


def _ahead(day: date | None, source: Source) -> date | None:
    """Return a day that is not over where the reader lives."""
    return day if day is not None and day >= source.today else None


def _said_day(source: Source, event: str, name: str) -> date | None:
    said = source.last_payload(event).get(name)
    return date.fromisoformat(said) if isinstance(said, str) else None


def _stay(source: Source) -> Stay | None:
    return stay_of(source.session, source.case, source.world.playbooks.travel)


def _stay_end(source: Source) -> date | None:
    stay = _stay(source)
    return stay.stay_end if stay else None


def _plan_end(source: Source) -> date | None:
    stay = _stay(source)
    return stay.plan.plan_end if stay else None


def _days_short(source: Source) -> int | None:
    """Return how many days would be missing with further treatment there; none when none are."""
    stay = _stay(source)
    return stay.check.days_short or None if stay else None


def _flight(source: Source) -> date | None:
    return _ahead(source.case.return_date, source)


JOURNEY_FIELDS: Mapping[str, Compute] = {
    "first_steps": lambda source: own_steps(source, most=MOST_STEPS),
    "M23.items": lambda source: own_steps(source, within=A_WEEK),
    "M20.invitation_on": day_of("invitation.verified"),
    "M21.valid_until": lambda source: _said_day(source, "visa.granted", "valid_until"),
    "M21.admission_date": lambda source: _ahead(source.case.admission_date, source),
    "M25.admission_date": lambda source: _ahead(source.case.admission_date, source),
    "stay_end": _stay_end,
    "plan_end": _plan_end,
    "days_short": _days_short,
    "arrived_on": day_of("travel.arrived"),
    "refused_on": day_of("visa.refused"),
    "discharged_on": lambda source: source.case.discharge_date,
    "cleared_on": day_of("flight_clearance.granted"),
    "flight": _flight,
    "medif": lambda source: source.last_payload("flight_clearance.granted").get("medif"),
    "waived": lambda source: source.last_payload("flight_clearance.granted").get("waiver_signed"),
}
