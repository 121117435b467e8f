"""What letters of families and strangers start: a part of THE table."""

from collections.abc import Mapping

from workflows.verbs import Action, ask, do, stop, working_hours

WRITERS = ("patient", "sender", "family", "home_doctor")
QUIET = ("none", "red_flag")
"""Letters that are read in their turn: what is a red flag in one has a question of its own."""
OF_A_LETTER = (
    "read_letter", "confirm_reply", "record_offer", "answer_more_info", "confirm_contact",
    "confirm_redirect", "use_named_date",
)  # fmt: skip
"""Questions about what a letter says: nobody answers them any more where it did not belong."""
READING = (
    "ingestion.store_document", "extraction.read_document", "extraction.propose_findings"
)  # fmt: skip
OF_A_DOCUMENT = ("review_findings", "settle_wrong_patient", "repair_document")

LETTER_EVENTS: Mapping[str, tuple[Action, ...]] = {
    "message.received": (
        ask("read_letter", "coordinator", working_hours(4), from_role=WRITERS, danger=QUIET),
        ask("read_letter", "coordinator", working_hours(1), from_role=WRITERS, danger="mentioned"),
        do("reminders.wake_silent", from_role="patient"),
    ),
    "message.moved_away": (
        stop(tasks=OF_A_LETTER, same="message_id"),
        ask("mend_moved", "coordinator", working_hours(4)),
    ),
    "document.moved_away": (
        stop(*READING, tasks=OF_A_DOCUMENT, same="document_id"),
        do("extraction.drop_values"),
    ),
}
