"""How long a patient stays abroad, and whether they may: computed from what was said and happened.

The family says where further radiotherapy would take place, should the final pathology ask for it
(domain handbook, 2.3); the visa says how long they may stay. The program compares.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, CaseEvent
from planning.stay import Place, StayCheck, StayPlan, check_stay, stay_plan, visa_stay_end
from planning.travel_template import TravelTemplate

SAID = (
    "admission.date_confirmed",
    "stay.answered",
    "stay.checked",
    "stay.extension_chosen",
    "stay.extended",
    "supplementary.scheduled",
    "travel.departed",
    "visa.granted",
)
NO_FURTHER = ("NO_CHANGE", "SUPPL_DECLINED", "SUPPL_DONE")
"""States of the pathology in which no further radiotherapy is to come."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay as it stands. `stay_end` None: no last day is known.

    `place` None: the family has not said where further radiotherapy would be, and it is `asked`.
    `accepted`: an extension of that many days or more was chosen.
    """

    plan: StayPlan
    stay_end: date | None
    place: Place | None
    fractions: int
    asked: bool
    check: StayCheck
    accepted: bool

    @property
    def settled(self) -> bool:
        """Whether nothing about the stay keeps the patient from leaving."""
        return not self.asked and (self.check.stay_covers_plan or self.accepted)

    @property
    def numbers(self) -> str:
        """The days that are compared, for a person."""
        until = self.stay_end.isoformat() if self.stay_end else "not limited as far as is known"
        later = ""
        if self.plan.contingency_end > self.plan.plan_end:
            later = (
                f"; with {self.fractions} fractions of radiotherapy there until "
                f"{self.plan.contingency_end.isoformat()} (day {self.plan.contingency_days})"
            )
        return (
            f"From the arrival on {self.plan.arrival.isoformat()} the plan lasts until "
            f"{self.plan.plan_end.isoformat()} (day {self.plan.plan_days}){later}. Allowed: {until}"
        )


ENDS = ("travel.returned_home", "hospital.withdrew_offer")


def last_said(session: Session, case_id: int | None) -> Mapping[str, CaseEvent]:
    """Return the newest event of each kind that a stay is computed from, of the present journey.

    What was said of an earlier journey ends where the patient came home, or the hospital withdrew.
    """
    rows = session.scalars(
        select(CaseEvent)
        .where(col(CaseEvent.case_id) == case_id, col(CaseEvent.type).in_((*SAID, *ENDS)))
        .order_by(col(CaseEvent.seq))
    )
    found: dict[str, CaseEvent] = {}
    for row in rows:
        if row.type in ENDS:
            # One that withdraws while the patient is there ends no visa and no arrival.
            ends = row.payload.get("agreed") and not row.payload.get("abroad")
            if row.type == "travel.returned_home" or ends:
                found.clear()
            continue
        found[row.type] = row
    agreed, departed = found.get("admission.date_confirmed"), found.get("travel.departed")
    if agreed is not None and departed is not None and departed.seq < agreed.seq:
        del found["travel.departed"]  # that journey was broken off
    return found


def stay_of(
    session: Session,
    case: Case,
    template: TravelTemplate,
    *,
    now_said: Mapping[str, Mapping[str, Any]] | None = None,
) -> Stay | None:
    """Return the stay as it stands; None without an admission or a table for the site.

    `now_said` are payloads, by event, that are being said and not recorded yet.
    """
    table = template.stays.get(case.site or "")
    if case.admission_date is None or table is None:
        return None
    events = last_said(session, case.id)
    said: dict[str, Mapping[str, Any]] = {name: one.payload for name, one in events.items()}
    said |= now_said or {}
    arrival = arrival_of(case.admission_date, said, template)
    scheduled = said.get("supplementary.scheduled", {})
    placed = case.pathology_state == "SUPPL_SCHEDULED" and bool(scheduled)
    answered = said.get("stay.answered", {})
    place = _place(case, scheduled if placed else answered)
    asked = table.ebrt and place is None and case.pathology_state not in NO_FURTHER
    fractions = 0
    if place == "here":
        fractions = int((scheduled if placed else answered).get("fractions") or 0)
    plan = stay_plan(
        template,
        site=case.site or "",
        arrival=arrival,
        surgery=case.surgery_date,
        fractions=fractions,
        ebrt_start=_day(scheduled.get("start")) if placed else None,
    )
    end = _stay_end(said, arrival)
    check = check_stay(plan, end, supplementary_at=place or "home")
    chosen = said.get("stay.extension_chosen", {})
    accepted = int(chosen.get("days_short") or 0) >= check.days_short > 0
    return Stay(plan, end, place, fractions, asked, check, accepted)


def arrival_of(
    admission: date, said: Mapping[str, Mapping[str, Any]], template: TravelTemplate
) -> date:
    """Return the day of the arrival: from the departure that was reported, else as planned."""
    left = _day(said.get("travel.departed", {}).get("departed_on"))
    if left is not None:
        return left + timedelta(days=template.journey_days)
    default = template.anchors["A"].default
    return admission + timedelta(days=default.d if default else 0)


def _place(case: Case, said: Mapping[str, Any]) -> Place | None:
    if case.pathology_state in NO_FURTHER:
        return "home"
    where = said.get("supplementary_at") or said.get("place")
    return {"here": "here", "abroad": "here", "home": "home"}.get(str(where))  # type: ignore[return-value]


def _stay_end(said: Mapping[str, Mapping[str, Any]], arrival: date) -> date | None:
    """Return the last day allowed: the extension, else the earlier of validity and days of stay."""
    extended = _day(said.get("stay.extended", {}).get("until"))
    if extended is not None:
        return extended
    visa, answered = said.get("visa.granted", {}), said.get("stay.answered", {})
    days = visa.get("max_stay_days") or answered.get("allowed_days")
    ends = [_day(visa.get("valid_until")), visa_stay_end(arrival, int(days)) if days else None]
    return min((day for day in ends if day is not None), default=None)


def _day(given: Any) -> date | None:
    return date.fromisoformat(given) if isinstance(given, str) else None


def checked_payload(stay: Stay) -> dict[str, Any]:
    """Return what `stay.checked` says of a stay."""
    plan, check = stay.plan, stay.check
    return {
        "plan_end": plan.plan_end.isoformat(),
        "plan_days": plan.plan_days,
        "contingency_end": plan.contingency_end.isoformat(),
        "contingency_days": plan.contingency_days,
        "stay_end": stay.stay_end.isoformat() if stay.stay_end else None,
        "stay_covers_plan": check.stay_covers_plan,
        "days_short": check.days_short,
        "proposals": list(check.proposals),
    }
