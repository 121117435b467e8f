"""What a person does about a delivery that was kept and not taken."""

from models import InboundWebhook
from workflows.declared import Raises
from workflows.engine.deciding import (
    COORDINATORS,
    Choice,
    Deciding,
    DecisionRefused,
    Question,
    Trouble,
)
from workflows.engine.lookup import get
from workflows.hooks.inbox import LOOK
from workflows.hooks.replaying import may_replay, take_again


def _row(deciding: Deciding) -> InboundWebhook:
    return get(deciding.session, InboundWebhook, deciding.object_id("hook_id"))


def _take(deciding: Deciding) -> None:
    row = _row(deciding)
    if not may_replay(row):
        raise DecisionRefused("It was taken meanwhile, or its bytes are gone.")
    take_again(deciding.recorder, row)


def _put_aside(deciding: Deciding) -> None:
    row = _row(deciding)
    if row.state not in ("refused", "conflict"):
        raise DecisionRefused("It was taken meanwhile.")
    row.state, row.settled_at = "put_aside", deciding.recorder.now


QUESTIONS = {
    LOOK: Question.of(
        "A partner's system sent something that was not taken",
        COORDINATORS,
        {
            "take": Choice(
                "Take it: it is a message of its own, or what was wrong is mended",
                _take,
                raises=Raises(requests=("take_hook",)),
                will=(
                    "It is worked like any other delivery. If it still does not fit, you are asked "
                    "again."
                ),
            ),
            "put_aside": Choice(
                "It needs nothing",
                _put_aside,
                reason=True,
                will="It is put aside and stays to be read on the page Partners.",
            ),
        },
        trouble=Trouble(
            stopped="A partner's delivery was kept and not taken",
            patient="What it says is in no case: a document or a note may be missing there.",
            do="Open it on the page Partners, and ask the partner what was meant.",
        ),
    )
}
