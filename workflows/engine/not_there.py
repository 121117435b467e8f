"""Cases that nothing can be done with: no such case, or one whose data were erased."""

from models import Case


class CaseNotFound(LookupError):
    """No case has that id or reference."""


class CaseErased(CaseNotFound):
    """The case's data were erased: nothing is written on its timeline but what ends that."""


ERASED = "The data of this case were erased: nothing can be done with it any more."
STILL_RECORDED = frozenset(
    {
        "data.erasure_begun",
        "data.erased",
        "data.erasure_held",
        "data.erasure_released",
        "data.hold_due",
        "message.sent",
        "message.refused",
        "message.uncertain",
        "message.settled",
        "job.retried",
        "job.dead_lettered",
        "job.requeued",
        "job.given_up",
        "human_task.created",
        "human_task.completed",
        "human_task.cancelled",
    }
)
"""What an erasure itself, a hold on it, its last letter and the repair of its step write down."""


def check_not_erased(case: Case, event: str = "") -> None:
    """Raise `CaseErased` when the case's data were erased and `event` is not a part of that."""
    if case.erased_at is not None and event not in STILL_RECORDED:
        raise CaseErased(ERASED)
