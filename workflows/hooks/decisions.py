"""What a person does about a delivery that was kept and not taken."""

from models import InboundWebhook, WebhookEndpoint
from workflows.declared import Raises
from workflows.engine.deciding import (
    COORDINATORS,
    Choice,
    Deciding,
    DecisionRefused,
    Question,
    Trouble,
    nothing,
)
from workflows.engine.lookup import get
from workflows.hooks.endpoints import OFF, send_failed
from workflows.hooks.inbox import LOOK
from workflows.hooks.replaying import may_replay, take_again


def _row(deciding: Deciding) -> InboundWebhook:
    return get(deciding.session, InboundWebhook, deciding.object_id("hook_id"))


def _take(deciding: Deciding) -> None:
    row = _row(deciding)
    if not may_replay(row.state, kept=bool(row.object_key)):
        raise DecisionRefused("It was taken meanwhile, or its bytes are gone.")
    take_again(deciding.recorder, row)


def _put_aside(deciding: Deciding) -> None:
    row = _row(deciding)
    if row.state not in ("refused", "conflict"):
        raise DecisionRefused("It was taken meanwhile.")
    row.state, row.settled_at = "put_aside", deciding.recorder.now


def _endpoint(deciding: Deciding) -> WebhookEndpoint:
    endpoint = deciding.session.get(
        WebhookEndpoint, deciding.object_id("endpoint_id"), with_for_update=True
    )
    if endpoint is None or endpoint.removed_at is not None:
        raise DecisionRefused("The partner was removed meanwhile.")
    return endpoint


def _send(deciding: Deciding) -> None:
    send_failed(deciding.session, _endpoint(deciding), deciding.recorder.now)


QUESTIONS = {
    OFF: Question.of(
        "A partner's computer took nothing for days: it is told nothing any more",
        COORDINATORS,
        {
            "send_again": Choice(
                "It is back: send what waited, and go on",
                _send,
                will="Everything that was not taken is sent, under the same numbers.",
            ),
            "leave_off": Choice(
                "It stays switched off",
                nothing,
                reason=True,
                will="What waited stays on the repair desk and on the page Partners.",
            ),
        },
        trouble=Trouble(
            stopped="A partner is switched off",
            patient="Nothing here; the partner's own system does not know how its cases stand.",
            do="Ask the partner what is wrong, by telephone or mail.",
        ),
    ),
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
    ),
}
