"""What THE table starts with each fact about offers: written down, presented, decided, run out.

A part of THE table (`workflows/table.py`). Any number of offers may be before a family; each fact
is about one of them, and takes back only what was asked about that one.
"""

from collections.abc import Mapping

from workflows.hospital_terms import ANSWER_AWAITED
from workflows.receipt_events import RECEIPT
from workflows.verbs import Action, ask, do, hours, stop, tell, working_hours

COORDINATOR = "coordinator"
SEEN_BY_FAMILY = ("presented", "accepted")
"""States of an offer that the family was told of."""

OFFER_EVENTS: Mapping[str, tuple[Action, ...]] = {
    "offer.recorded": (
        stop(tasks=("present_offer", "renew_offer"), same="thread_id"),
        ask("present_offer", COORDINATOR, working_hours(8)),
        do("outreach.watch_offers"),
    ),
    "offer.presented": (
        stop(tasks=("approve_shortlist", "record_hospital_consent")),
        stop(tasks=("renew_offer",), same="thread_id"),
        tell("M15"),
        do("outreach.watch_offers"),
    ),
    "offer.clarification_sent": (ANSWER_AWAITED,),
    "hospital.withdrew_offer": (
        stop(tasks=("present_offer", "renew_offer"), same="offer_id"),
        # Once days were agreed a person says it first; the letter follows the call.
        tell("M47", was=SEEN_BY_FAMILY, agreed=False),
        ask("tell_withdrawal", COORDINATOR, hours(4), agreed=True, abroad=False),
        ask("tell_withdrawal", COORDINATOR, hours(1), agreed=True, abroad=True),
        ask("settle_abroad", COORDINATOR, hours(4), abroad=True),
        do("travel.plan_journey", agreed=True),
    ),
    "abroad.settled": (
        stop(tasks=("tell_withdrawal",), way="as_before"),
        do("travel.plan_journey", way="as_before"),
    ),
    "hospital.ended_care": (ask("settle_care", COORDINATOR, hours(4)),),
    "hospital.named_date": (
        stop(tasks=("use_named_date",), same="thread_id"),
        ask("use_named_date", COORDINATOR, working_hours(8), scheduling=False),
    ),
    "patient.declined_offer": (do("outreach.close_declined"), RECEIPT),
    "patient.accepted_offer": (
        stop(tasks=("present_offer", "record_offer", "call_silent", "renew_offer")),
        do("outreach.close_other_threads"),
        RECEIPT,
    ),
    "offer.acceptance_sent": (tell("M16"),),
    "patient.declined_all": (stop(tasks=("call_silent", "renew_offer")), RECEIPT),
    "patient.wants_more_options": (stop(tasks=("call_silent",)), RECEIPT),
    "offer.expired": (
        tell("M52", seen=True),
        ask("renew_offer", COORDINATOR, working_hours(8)),
        stop(tasks=("present_offer",), same="offer_id"),
    ),
    "offer.renewed": (
        ask("present_offer", COORDINATOR, working_hours(8), present=True),
        tell("M15", present=False),
        do("outreach.watch_offers"),
    ),
}
"""By fact; what stands in no row starts nothing."""
