"""What a person does when somebody has sent as much as one may in a day."""

from accounts.sessions import real_now
from models import SpentBudget
from workflows.engine.budgets import ASK, OTHERS
from workflows.engine.deciding import (
    COORDINATORS,
    Choice,
    Deciding,
    DecisionRefused,
    Question,
    nothing,
)


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


QUESTIONS = {
    ASK: Question.of(
        "Files were held back: as much has come as may in one day",
        COORDINATORS,
        {
            "lift": Choice(
                "Let as much again come within the next 24 hours",
                _lift,
                will="The page says to who sent the files that it takes more now.",
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
