"""What a patient says and hears back: a part of THE table (`workflows/table.py`)."""

from workflows.verbs import minutes, wait

SAID = (
    "consent.granted",
    "consent.withdrawn",
    "patient.accepted_offer",
    "patient.declined_offer",
    "patient.declined_all",
    "patient.wants_more_options",
    "data.copy_asked",
    "data.erasure_asked",
)
"""Facts that a receipt tells of."""

RECEIPT = wait("notices.send_receipt", until=(), within=minutes(2), safety=True)
