"""What a person does when somebody has sent as much as one may in a day."""

from sqlalchemy import text

from accounts.sessions import real_now
from models import SpentBudget
from workflows.engine.budgets import ASK, HELD_FILES, OTHERS
from workflows.engine.deciding import (
    COORDINATORS,
    Choice,
    Deciding,
    DecisionRefused,
    Question,
    nothing,
)

_AT_ONCE = text(
    """
    UPDATE step_run SET due_at = least(due_at, :now), rung_at = NULL
     WHERE name = :name AND state = 'queued' AND CAST(objects ->> 'budget_id' AS bigint) = :budget
    """
)
"""Files that wait in letters are taken now."""


def _lift(deciding: Deciding) -> None:
    spent = deciding.session.get(SpentBudget, deciding.object_id("budget_id"), with_for_update=True)
    if spent is None:
        raise DecisionRefused("That was too long ago. Say how they are helped, or leave it.")
    if spent.source == OTHERS:
        raise DecisionRefused(
            "These came from many addresses: nobody of them can be given more alone. Who writes or "
            "calls can send the files by e-mail, or give them to you."
        )
    spent.lifts += 1
    spent.lifted_at = real_now()
    deciding.session.execute(
        _AT_ONCE, {"name": HELD_FILES, "budget": spent.id, "now": deciding.recorder.now}
    )


QUESTIONS = {
    ASK: Question.of(
        "Files were held back: as much has come as may in one day",
        COORDINATORS,
        {
            "lift": Choice(
                "Let as much again come within the next 24 hours",
                _lift,
                will=(
                    "What waits in letters is taken now; the page says that it takes more. Who "
                    "sent what was refused has to send it once more."
                ),
            ),
            "helped": Choice(
                "They were told how the files reach us otherwise; how stands in the reason",
                nothing,
                reason=True,
            ),
            "stays": Choice(
                "It stays as it is: no more is taken today; why stands in the reason",
                nothing,
                reason=True,
            ),
        },
    )
}
