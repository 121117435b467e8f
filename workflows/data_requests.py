"""What a request about data starts: a part of THE table (`workflows/table.py`)."""

from collections.abc import Mapping

from workflows.receipt_events import RECEIPT
from workflows.verbs import Action, ask, days, do, tell, working_days

DATA_EVENTS: Mapping[str, tuple[Action, ...]] = {
    "withdrawal.completed": (tell("M38"),),
    "data.copy_asked": (ask("give_copy", "coordinator", working_days(5)), RECEIPT),
    "data.erasure_asked": (ask("confirm_erasure", "coordinator", working_days(5)), RECEIPT),
    "data.erasure_due": (ask("confirm_erasure", "lead", days(14)),),
    "data.erasure_approved": (do("outreach.ask_deletion"),),
    "data.kept": (tell("M38", asked=True),),
    "data.erasure_held": (tell("M38", asked=True),),
    "data.hold_due": (ask("review_hold", "lead", days(2), once=True),),
}
"""Nothing is erased by a clock: it asks a person, and goes on with what a person decided."""
