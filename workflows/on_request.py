"""What a step, an answer or a door may request when it sees the need: a part of THE table.

`workflows/table.py` says what happens by itself; here stands what somebody has to ask for.
"""

from collections.abc import Mapping

from workflows.family_clocks import CLOCK_REQUESTS
from workflows.verbs import (
    GIVEN,
    Requested,
    ask,
    days,
    do,
    hours,
    minutes,
    tell,
    wait,
    working_days,
    working_hours,
)

Requests = Mapping[str, Requested]

ON_REQUEST: Requests = {
    # documents and findings
    "take_upload": do("ingestion.take_upload"),
    "budget_spent": ask("budget_spent", "coordinator", working_hours(4)),
    "scan_again": do("ingestion.scan_again"),
    "settle_sending": wait("ingestion.settle_sending", until=(), within=minutes(10), safety=True),
    "join_photos": do("extraction.join_photos"),
    "check_batch": do("ingestion.check_batch"),
    "check_verified": do("extraction.check_verified"),
    "review_findings": ask("review_findings", "coordinator", working_hours(8)),
    "name_items": ask("name_items", "coordinator", working_hours(8)),
    **CLOCK_REQUESTS,
    # suitability
    "state_time_zone": ask("state_time_zone", "coordinator", working_days(1)),
    "call_family": ask("call_family", "coordinator", hours(4)),
    "call_after_error": ask("call_after_error", "lead", hours(4)),
    "resume_case": ask("resume_case", "coordinator", GIVEN),
    "tell_withdrawn": do("suitability.tell_withdrawn"),
    "mend_playbook": ask("mend_playbook", "administrator", working_hours(4)),
    # hospitals
    "propose_shortlist": do("outreach.propose_shortlist"),
    "approve_shortlist": ask("approve_shortlist", "coordinator", GIVEN),
    "send_enquiry": do("outreach.send_enquiry"),
    "expire_offer": wait("outreach.expire_offer", until=(), due_from="due_at", safety=True),
    "ask_renewal": do("outreach.ask_renewal"),
    "renew_offer": ask("renew_offer", "coordinator", working_days(3, "hospital")),
    "present_offer": ask("present_offer", "coordinator", working_hours(8)),
    "ask_next": do("outreach.draft_enquiries"),
    "check_exhausted": do("outreach.check_exhausted"),
    "write_again": do("outreach.write_again"),
    "tell_package": do("outreach.tell_package"),
    "send_desk_code": do("outreach.send_code"),
    "build_archive": do("extraction.build_archive"),
    "follow_thread": ask("follow_thread", "coordinator", working_hours(8)),
    "confirm_deletion": ask("confirm_deletion", "coordinator", working_hours(8)),
    "call_for_items": ask("call_for_items", "coordinator", working_hours(8)),
    "set_aside_mail": ask("set_aside_mail", "coordinator", working_hours(4)),
    "take_held_files": wait("ingestion.take_held_files", until=(), due_from="due_at", safety=True),
    "check_origin": wait("ingestion.check_origin", until=(), due_from="due_at", safety=True),
    "match_mail": ask("match_mail", "coordinator", working_hours(4)),
    "place_imported": ask("place_imported", "coordinator", working_days(5)),
    "find_sender": ask("find_sender", "team", minutes(5)),
    "confirm_contact": ask("confirm_contact", "coordinator", working_days(2)),
    "confirm_redirect": ask("confirm_redirect", "coordinator", working_hours(8)),
    "confirm_reply": ask("confirm_reply", "coordinator", working_hours(8)),
    # letters
    "send_approved": do("notices.send_approved"),
    "send_draft_link": do("notices.send_draft_link"),
    "tell_patient": ask("tell_patient", "coordinator", working_hours(8)),
    "read_letter": ask("read_letter", "coordinator", working_hours(4)),
    "M02": tell("M02"),
    "M07": tell("M07"),
    "M07a": tell("M07a"),
    "M08": tell("M08"),
    "M09": tell("M09"),
    "M13": tell("M13"),
    "M15": tell("M15"),
    "M41": tell("M41"),
    "M55": tell("M55"),
    "tell_account": do("notices.tell_account"),
    "tell_late": do("notices.tell_late"),
    "M56": tell("M56"),
    "look_at_page": ask("look_at_page", "coordinator", working_hours(4)),
    "M28b": tell("M28b"),
    "M47": tell("M47"),
    # journey
    "tell_withdrawal": ask("tell_withdrawal", "coordinator", hours(4)),
    "settle_abroad": ask("settle_abroad", "coordinator", hours(4)),
    "await_return": ask("await_return", "coordinator", days(3)),
    "settle_care": ask("settle_care", "coordinator", hours(4)),
    "confirm_word": ask("confirm_word", "lead", hours(4)),
    "confirm_refusal": ask("confirm_refusal", "clinician", working_hours(8)),
    # follow-up
    "chase_pathology": ask("chase_pathology", "coordinator", hours(8)),
    "chase_pathology_again": wait(
        "reminders.chase_pathology",
        until=("pathology.final_received",),
        within=days(1),
        safety=True,
    ),
    # what must hold of every open case
    "look_at_case": ask("look_at_case", "coordinator", working_hours(4)),
    "give_news": ask("give_news", "coordinator", working_hours(4)),
    "settle_message": ask("settle_message", "coordinator", working_hours(4)),
    "find_object": ask("find_object", "coordinator", working_hours(4)),
    "look_at_history": ask("look_at_history", "lead", hours(4)),
    "late_step": ask("late_step", "administrator", working_hours(2)),
    "peer_away": ask("peer_away", "administrator", working_hours(2)),
    "unknown_step": ask("unknown_step", "administrator", working_hours(2)),
    # alarms
    "alert_staff": do("notices.alert_staff"),
    "climb_alarm": wait("reminders.climb_alarm", until=(), due_from="due_at", safety=True),
    # what becomes of the data
    "erase_case": do("ingestion.erase_case"),
    # machinery
    "repair_step": ask("repair_step", "coordinator", working_hours(4)),
    "deliver_event": do("hooks.deliver_event"),
    "take_hook": do("ingestion.take_hook"),
    "partner_off": ask("partner_off", "coordinator", working_hours(8)),
    "look_at_hook": ask("look_at_hook", "coordinator", working_hours(8)),
}
