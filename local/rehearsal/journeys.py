"""Plays those who travel with a patient: the admission, the way there, the flight home."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from local.rehearsal import papers
from local.rehearsal.asked import (
    Answer,
    Asked,
    Later,
    Reaction,
    at_moment,
    morning,
    operation,
    today,
)
from models.base import require_id

JOURNEY_AHEAD = timedelta(days=45)
"""How far ahead an admission is agreed."""


def confirm_admission(asked: Asked) -> Reaction:
    """Agree a day far enough ahead, once somebody else has seen the passports."""
    admission = (asked.now + JOURNEY_AHEAD).date()
    values = {
        "admission_date": admission.isoformat(), "needs_visa": "yes", "supplementary_at": "home",
    }  # fmt: skip
    return _confirmed(asked, "passports", Answer("confirmed", values))


def _confirmed(asked: Asked, about: str, answer: Answer) -> Reaction:
    """Let a second person confirm first what no paper of the rehearsal shows."""
    found = papers.confirmation(asked.session, require_id(asked.case.id), about)
    if found == "given":
        return answer
    if found == "asked":
        return None
    return Answer("ask_second", reason="seen on the screen of a call")


def progress(asked: Asked) -> Reaction:
    """Tell what has happened on the journey, when it has."""
    react = _JOURNEY.get(asked.case.state)
    return react(asked) if react else None


def _fly_home(asked: Asked) -> Reaction:
    case = asked.case
    settled = asked.world.process.machine.settled_for_flight
    earliest = morning(case.surgery_date, 10)
    flight = max(morning(case.surgery_date, 11), asked.now)
    values = {"flight_date": flight.date().isoformat()}
    if case.pathology_state in settled:
        cleared = Answer("cleared", values, gate="fly_home")
    elif asked.part.final_pathology:
        return Later(earliest) if asked.now < earliest else None
    elif asked.now >= earliest:
        case_id = require_id(case.id)
        paper = papers.waiver(asked.session, case_id)
        if paper is None:
            papers.bring_waiver(asked.world, case_id, asked.part.person)
            return None
        values |= {"waiver_signed": "yes", "waiver_document": str(paper)}
        why = "the waiver that the family has read and signed"
        cleared = Answer("cleared", values, why, "fly_home")
    else:
        return Later(earliest)
    if asked.now < earliest:
        return Later(earliest)
    return _confirmed(asked, "fit_to_fly", cleared)


def _departed(asked: Asked) -> Reaction:
    return at_moment(
        asked,
        morning(asked.case.admission_date, -3),
        Answer("departed", today(asked, "departure_date"), gate="go_no_go"),
    )


def _arrived(asked: Asked) -> Reaction:
    return at_moment(asked, asked.task.opened_at + timedelta(days=1), Answer("arrived"))


_JOURNEY: Mapping[str, Callable[[Asked], Reaction]] = {
    "INVITATION_LETTER": lambda a: at_moment(
        a, a.task.opened_at + timedelta(days=2), Answer("letter_verified")
    ),
    "VISA": lambda a: at_moment(a, a.task.opened_at + timedelta(days=12), Answer("granted", {
        "valid_until": morning(a.case.admission_date, 90).date().isoformat(),
    })),
    "TRAVEL_PREP": _departed,
    "IN_TRANSIT": _arrived,
    "LOCAL_PREOP": lambda a: at_moment(a, morning(a.case.admission_date), Answer("admitted")),
    "ADMITTED": lambda a: at_moment(a, operation(a.case), Answer("operated", {
        **today(a, "surgery_date"), "iort_delivered": "yes", "technique": a.part.technique,
    })),
    "POST_OP": lambda a: at_moment(
        a, morning(a.case.surgery_date, 4), Answer("discharged", today(a, "discharge_date"))
    ),
    "FLY_HOME_CLEARANCE": _fly_home,
    "RETURNING": lambda a: at_moment(
        a, morning(a.case.return_date, 1), Answer("home", today(a, "date"))
    ),
}  # fmt: skip
