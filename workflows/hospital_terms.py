"""What THE table waits for in a thread with a hospital, how long, and what ends with it."""

from collections.abc import Mapping
from dataclasses import replace

from workflows.verbs import Action, ask, do, hours, stop, wait, working_days, working_hours

ANSWERED = (
    "hospital.reply_received",
    "outreach.thread_closed",
    "outreach.answer_promised",
    "hospital.away",
)
"""What ends a wait for a hospital's answer; the last two begin another."""
ANSWER_AWAITED = wait(
    "outreach.chase_hospital",
    until=ANSWERED,
    within=working_days(2, "hospital"),
    same="thread_id",
    urgent_halves=True,
)
"""After each letter that a hospital is to answer: the ladder begins, or goes on."""
ASKED_FREELY = (
    stop("outreach.chase_hospital", same="thread_id", awaited=True),
    wait(
        "outreach.chase_hospital",
        until=ANSWERED,
        within=working_days(2, "hospital"),
        same="thread_id",
        urgent_halves=True,
        awaited=True,
    ),
)
"""After a letter in a person's own words that asks something: what waited before waits no more."""
SILENT_ON_THE_TELEPHONE = ("chase_by_phone", "call_head")
"""Questions about a hospital that does not answer: a coordinator's, then the lead's."""
OF_AN_OPEN_THREAD = (
    "follow_thread", "confirm_redirect", "use_named_date", *SILENT_ON_THE_TELEPHONE, "mend_address",
    "answer_more_info", "call_for_items", "record_offer",
)  # fmt: skip
ENDS_A_REQUEST = ("declined", "no_response", "bounced", "withdrawn", "not_asked", "withdrew")
"""Reasons of a closed thread after which it is seen whether any hospital is left."""
FAMILY_ITEMS = hours(72)
ITEMS_OVER = ("more_info.settled", "outreach.thread_closed")
"""A family's time for what a hospital asks for, and what ends it."""
NOT_ARRIVED = ("hard_bounce", "soft_bounce", "complaint")
"""What a mail server reports of a letter to a hospital that somebody must mend."""

COORDINATOR, LEAD = "coordinator", "lead"
LADDER: Mapping[str, tuple[Action, ...]] = {
    "outreach.sent": (ANSWER_AWAITED,),
    "outreach.chased": (ANSWER_AWAITED,),
    "outreach.corrected": (ANSWER_AWAITED,),
    "outreach.answer_promised": (
        stop(tasks=SILENT_ON_THE_TELEPHONE, same="thread_id"),
        wait("outreach.chase_hospital", until=ANSWERED, due_from="due_at", same="thread_id"),
    ),
    "hospital.away": (
        wait("outreach.chase_hospital", until=ANSWERED, due_from="due_at", same="thread_id"),
    ),
    # With the second reminder a coordinator telephones, then the lead does, then it is silent.
    "outreach.escalated": (
        ask("chase_by_phone", COORDINATOR, working_hours(4), level=1),
        ask("call_head", LEAD, working_hours(8), level=2),
        replace(ANSWER_AWAITED, when={"level": 2}),
        do("outreach.check_exhausted", level=2),
    ),
    "hospital.silent": (
        stop(tasks=SILENT_ON_THE_TELEPHONE, same="thread_id"),
        do("outreach.check_exhausted"),
    ),
}
"""Of a hospital that is waited for: by fact what waits, who is asked, and what ends."""
