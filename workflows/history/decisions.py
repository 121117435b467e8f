"""What a lead says about history that is not as it was written."""

from workflows.engine.deciding import Choice, Question, Trouble, nothing
from workflows.history.steps import LOOK

QUESTIONS = {
    LOOK: Question.of(
        "History is not as it was written: what happened?",
        ("lead",),
        {
            "explained": Choice(
                "It is explained, by a restore or a repair; how stands in the reason",
                nothing,
                reason=True,
            ),
            "reported": Choice(
                "Somebody rewrote it: it was reported; to whom stands in the reason",
                nothing,
                reason=True,
            ),
        },
        trouble=Trouble(
            stopped="History is not as it was written",
            patient="What is shown may not be what happened.",
            do="./iort audit verify says what and where; compare it with a backup.",
        ),
    )
}
