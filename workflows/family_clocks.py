"""The clocks of a family that is waited for: reminded, called, held, and closed only by a person.

A part of THE table (`workflows/table.py`), which says where each begins. A rung that finds that the
family has spoken meanwhile asks for itself again, later (`CLOCK_REQUESTS`).
"""

from collections.abc import Mapping

from workflows.receipt_events import RECEIPT
from workflows.verbs import (
    GIVEN,
    Action,
    Requested,
    ask,
    days,
    do,
    hours,
    stop,
    tell,
    wait,
    working_days,
    working_hours,
)

COORDINATOR = "coordinator"
SILENT = ("AWAITING_CONSENT", "COLLECTING_RECORDS", "PATIENT_DECISION")
"""States in which the family is waited for: it is reminded, called, and in the end held."""
CALL_SILENT, HOLD_CONSENT, HOLD_SILENT = days(7), days(10), days(21)
"""From the last word of the family: a person calls; the case is put on hold (stages 2 and 3)."""
CLOSE_AFTER = days(11)
"""From such a hold on: a person is asked whether to close, for a consent on day 21 (stage 2)."""
NUDGE_RECORDS = hours(72)
"""From one reminder of the papers to the next, at most `NUDGES` of them; the first after 48 h."""
NUDGES = 3

CONSENT_CLOCK: tuple[Action, ...] = (
    wait("notices.nudge_consent", until=(), within=hours(24)),
    wait("reminders.call_silent", until=(), within=CALL_SILENT),
    wait("reminders.hold_silent", until=(), within=HOLD_CONSENT),
)
RECORDS_CLOCK: tuple[Action, ...] = (
    wait("notices.nudge_records", until=("document.received",), within=hours(48)),
    wait("reminders.call_silent", until=(), within=CALL_SILENT),
    wait("reminders.hold_silent", until=(), within=HOLD_SILENT),
)
DECISION_CLOCK: tuple[Action, ...] = (
    wait("notices.nudge_decision", until=(), within=days(3)),
    wait("reminders.call_silent", until=(), within=CALL_SILENT),
    wait("reminders.hold_silent", until=(), within=HOLD_SILENT),
)
ASK_CLOSING = wait(
    "reminders.ask_closing", until=(), within=CLOSE_AFTER, safety=True, reason="no_answer"
)

LOOKED_AWAY = (
    do("ingestion.check_batch"),
    do("ingestion.check_completeness"),
    do("extraction.check_verified"),
    do("suitability.screen_case"),
    do("outreach.check_exhausted"),
)
"""Steps that do nothing while the case is on hold: who was rung for then found nothing to do."""

FAMILY_EVENTS: Mapping[str, tuple[Action, ...]] = {
    "records.requested": (
        tell("M05", by="letter"),
        ask("call_silent", COORDINATOR, working_hours(8), by="call"),
        ask("record_records_answer", COORDINATOR, days(5)),
    ),
    "records.batch_ready": (stop(tasks=("record_records_answer", "name_items", "call_silent")),),
    "completeness.passed": (stop(tasks=("settle_completeness", "countersign_waiver")),),
    "completeness.failed": (stop(tasks=("settle_completeness", "countersign_waiver")),),
    "consent.granted": (stop(tasks=("call_silent",)), do("reminders.wake_silent"), RECEIPT),
    "case.put_on_hold": (ASK_CLOSING,),
    "case.resumed": (
        stop(tasks=("close_silent", "resume_case"), after="no_answer"),
        do("reminders.wait_again", after="no_answer"),
        *LOOKED_AWAY,
    ),
}
"""What a request to the family, its word and a hold start."""

CLOCK_REQUESTS: Mapping[str, Requested] = {
    "nudge_consent": wait("notices.nudge_consent", until=(), due_from="due_at"),
    "nudge_records": wait("notices.nudge_records", until=(), due_from="due_at"),
    "nudge_decision": wait("notices.nudge_decision", until=(), due_from="due_at"),
    "call_silent_later": wait("reminders.call_silent", until=(), due_from="due_at"),
    "hold_silent_later": wait("reminders.hold_silent", until=(), due_from="due_at"),
    # letters that wait for the reader's morning, also while the case is on hold
    "letter_later": wait("notices.send_notice", until=(), due_from="due_at", safety=True),
    "send_approved_later": wait("notices.send_approved", until=(), due_from="due_at", safety=True),
    "call_silent": ask("call_silent", COORDINATOR, working_days(1)),
    "close_silent": ask("close_silent", COORDINATOR, GIVEN),
}
