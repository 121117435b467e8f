"""The flight home: who is fit to fly, and what must be settled before."""

from datetime import date
from typing import Any

from models import JourneyEntry
from workflows.engine.case_facts import settled_for_flight
from workflows.engine.deciding import Deciding, DecisionRefused
from workflows.engine.stays import stay_of
from workflows.journey.checklist import (
    FINAL_PATHOLOGY,
    FIT_TO_FLY,
    NOT_RECHECKED,
    PLACED,
    STAY_END,
    item_of,
    open_before,
    settle_item,
    what_blocks,
)
from workflows.journey.evidence import ask_second, shown_by
from workflows.journey.reporting import reports
from workflows.journey.stay_decisions import EXTENDED, STAY


def _clearance(deciding: Deciding) -> dict[str, Any]:
    """Certificate and waiver are papers of the case; the reason stays with the answer."""
    case = deciding.case
    flight = _day_of_flight(deciding)
    waived = deciding.flag("waiver_signed")
    if waived:
        deciding.needs_reason()
        shown_by(deciding, "pathology_waiver")
    settled = settled_for_flight(deciding.session, case, deciding.world.process)
    if not settled and not waived and case.pathology_state in WAITING:
        raise DecisionRefused(WAITING[case.pathology_state])
    certificate = shown_by(deciding, "fit_to_fly")
    _settle_what_it_says(deciding, certificate, waived=bool(waived))
    blockers = open_before(deciding.session, deciding.world, deciding.case_id, "fly_home")
    if blockers:
        raise DecisionRefused(what_blocks(blockers, "the flight home"))
    case.return_date = flight
    return {
        "days_post_op": (flight - case.surgery_date).days if case.surgery_date else None,
        "medif": deciding.flag("medif"),
        "pathology_settled": settled,
        "waiver_signed": waived,
    }


def _day_of_flight(deciding: Deciding) -> date:
    case, flight = deciding.case, deciding.day("flight_date")
    if case.discharge_date is not None and flight < case.discharge_date:
        raise DecisionRefused(
            f"The flight cannot be before the discharge on {case.discharge_date.isoformat()}."
        )
    template = deciding.world.playbooks.travel
    stay = stay_of(deciding.session, case, template)
    if stay is not None and stay.stay_end is not None and flight > stay.stay_end:
        raise DecisionRefused(
            f"The stay is allowed until {stay.stay_end.isoformat()}; a flight on "
            f"{flight.isoformat()} is after it. Report the extension first."
        )
    return flight


WAITING = {
    "PENDING": "The final pathology is not there: wait for it, or give the waiver that is signed.",
    "RECEIVED": "The final pathology is not signed by a clinician: wait, or give the waiver.",
    "SUPPL_RECOMMENDED": (
        "Further treatment is recommended: report it as scheduled or declined, or give the waiver."
    ),
    "SUPPL_SCHEDULED": (
        "Further treatment is scheduled here and not completed: wait, or give the waiver."
    ),
}
"""Why the flight waits, by the state of the pathology."""


def _settle_what_it_says(deciding: Deciding, document_id: int | None, *, waived: bool) -> None:
    """Settle the items that this answer itself is about: certificate, final pathology, stay."""
    certificate = _open(deciding, FIT_TO_FLY)
    if certificate is not None:
        _settle(deciding, certificate, "done", document_id)
    stay_end = _open(deciding, STAY_END)
    if stay_end is not None and stay_end.due is not None:
        _settle(deciding, stay_end, "done")  # compared with the day of the flight just now
    placed = _open(deciding, PLACED)
    if placed is not None and waived:
        _settle(deciding, placed, "waived")
    pathology = _open(deciding, FINAL_PATHOLOGY)
    if pathology is None:
        return
    if deciding.case.pathology_state not in NOT_RECHECKED:
        _settle(deciding, pathology, "done")
    elif waived:
        _settle(deciding, pathology, "waived")


def _open(deciding: Deciding, code: str) -> JourneyEntry | None:
    entry = item_of(deciding.session, deciding.case_id, code)
    return entry if entry is not None and entry.state == "pending" else None


def _settle(
    deciding: Deciding, entry: JourneyEntry, state: str, document_id: int | None = None
) -> None:
    settle_item(
        deciding.recorder, deciding.world.playbooks.travel, entry, state,
        actor=deciding.actor, reason=deciding.reason, cause=deciding.cause,
        document_id=document_id, by_its_answer=True,
    )  # fmt: skip


CLEARANCE = {
    "cleared": reports(
        "flight_clearance.granted",
        "The surgeon's certificate is valid on the day of the flight",
        _clearance,
        needs=("flight_date",),
        may=("medif", "waiver_signed", "certificate_document", "waiver_document"),
        attests=("certificate_valid",),
        also=("evidence.stated", "checklist.item_done", "checklist.item_waived"),
    ),
    "ask_second": ask_second("fit_to_fly"),
    "stay": STAY,
    "extended": EXTENDED,
    "refused": reports("flight_clearance.refused", "Not fit to fly yet"),
    "readmitted": reports("hospital.readmitted", "Back in hospital"),
}
