"""The flight home: who is fit to fly, and what must be settled before."""

from typing import Any

from workflows.engine.deciding import Deciding, DecisionRefused
from workflows.journey.reporting import reports


def _clearance(deciding: Deciding) -> dict[str, Any]:
    """The waiver is a flag that somebody sets with a reason; the reason stays with the answer."""
    case = deciding.case
    flight = deciding.day("flight_date")
    if case.discharge_date is not None and flight < case.discharge_date:
        raise DecisionRefused(
            f"The flight cannot be before the discharge on {case.discharge_date.isoformat()}."
        )
    waived = deciding.flag("waiver_signed")
    if waived:
        deciding.needs_reason()
    case.return_date = flight
    settled = case.pathology_state in deciding.world.process.machine.settled_for_flight
    return {
        "days_post_op": (flight - case.surgery_date).days if case.surgery_date else None,
        "medif": deciding.flag("medif"),
        "pathology_settled": settled,
        "waiver_signed": waived,
    }


CLEARANCE = {
    "cleared": reports(
        "flight_clearance.granted",
        "The surgeon's certificate is valid on the day of the flight",
        _clearance,
        needs=("flight_date",),
        may=("medif", "waiver_signed"),
        attests=("certificate_valid",),
    ),
    "refused": reports("flight_clearance.refused", "Not fit to fly yet"),
    "readmitted": reports("hospital.readmitted", "Back in hospital"),
}
