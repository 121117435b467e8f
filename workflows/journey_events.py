"""What THE table starts with each fact of the journey: planned, late, arrived, discharged, flown.

A part of THE table (`workflows/table.py`).
"""

from collections.abc import Mapping

from workflows.verbs import Action, ask, do, stop, tell, wait, working_hours

COORDINATOR = "coordinator"

JOURNEY_EVENTS: Mapping[str, tuple[Action, ...]] = {
    "admission.date_confirmed": (do("travel.plan_journey"),),
    "admission.date_changed": (do("travel.plan_journey"),),
    "checklist.generated": (tell("M18"),),
    # The days in hospital move what is left; the family's letter is about the journey there.
    "checklist.recalculated": (tell("M18", reason="admission_date"),),
    "checklist.item_due": (
        wait(
            "travel.check_item",
            until=(
                "checklist.item_done",
                "checklist.item_waived",
                "checklist.item_moved",
                "checklist.item_dropped",
            ),
            due_from="due_at",
            same="item_id",
        ),
    ),
    "checklist.item_moved": (stop(tasks=("chase_item",), same="item_id"),),
    "checklist.item_dropped": (stop(tasks=("chase_item",), same="item_id"),),
    "checklist.item_late": (ask("chase_item", COORDINATOR, working_hours(8)),),
    "checklist.item_done": (stop(tasks=("chase_item",), same="item_id"),),
    "checklist.item_waived": (stop(tasks=("chase_item",), same="item_id"),),
    "stay.answered": (do("travel.plan_journey"),),
    "stay.extended": (do("travel.plan_journey"),),
    "invitation.received": (
        stop(tasks=("request_invitation",)),
        ask("check_invitation", COORDINATOR, working_hours(4)),
    ),
    "invitation.verified": (stop(tasks=("request_invitation", "check_invitation")), tell("M20")),
    "visa.granted": (do("travel.plan_journey"), tell("M21")),
    "travel.departed": (stop(tasks=("await_return",)), do("travel.plan_journey")),
    "travel.arrived": (tell("M25"),),
    "surgery.completed": (
        do("reminders.start_pathology_clock"),
        do("travel.plan_journey"),
        tell("M27"),
    ),
    "hospital.discharged": (do("travel.plan_journey"), tell("M30")),
    "flight_clearance.granted": (do("travel.plan_journey"), tell("M31")),
}
"""By fact; what stands in no row starts nothing."""
