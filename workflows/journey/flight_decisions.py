"""The flight home: who is fit to fly, and what must be settled before."""

from datetime import date
from typing import Any

from models import JourneyEntry
from workflows.engine.deciding import Deciding, DecisionRefused
from workflows.journey.checklist import (
    FINAL_PATHOLOGY,
    FIT_TO_FLY,
    NOT_RECHECKED,
    item_of,
    open_before,
    settle_item,
    what_blocks,
)
from workflows.journey.reporting import reports


def _clearance(deciding: Deciding) -> dict[str, Any]:
    """The waiver is a flag that somebody sets with a reason; the reason stays with the answer."""
    case = deciding.case
    flight = _day_of_flight(deciding)
    waived = deciding.flag("waiver_signed")
    if waived:
        deciding.needs_reason()
    settled = case.pathology_state in deciding.world.process.machine.settled_for_flight
    _settle_what_it_says(deciding, waived=bool(waived))
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
    return flight


def _settle_what_it_says(deciding: Deciding, *, waived: bool) -> None:
    """Settle the items that this answer itself is about: certificate and final pathology."""
    certificate = _open(deciding, FIT_TO_FLY)
    if certificate is not None:
        _settle(deciding, certificate, "done")
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


def _settle(deciding: Deciding, entry: JourneyEntry, state: str) -> None:
    settle_item(
        deciding.recorder, deciding.world.playbooks.travel, entry, state,
        actor=deciding.actor, reason=deciding.reason, cause=deciding.cause,
    )  # fmt: skip


CLEARANCE = {
    "cleared": reports(
        "flight_clearance.granted",
        "The surgeon's certificate is valid on the day of the flight",
        _clearance,
        needs=("flight_date",),
        may=("medif", "waiver_signed"),
        attests=("certificate_valid",),
        also=("checklist.item_done", "checklist.item_waived"),
    ),
    "refused": reports("flight_clearance.refused", "Not fit to fly yet"),
    "readmitted": reports("hospital.readmitted", "Back in hospital"),
}
