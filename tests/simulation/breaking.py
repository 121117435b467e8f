"""The engine, broken on purpose: to see that the simulation finds what it is there to find.

A gap in a timeline is no break of it: the database itself refuses one.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from sqlmodel import Session

from workflows.engine import stopping
from workflows.engine.record import Recorder
from workflows.engine.stopping import Cancelled
from workflows.letters import delivery, freezing, notices
from workflows.verbs import EVERYTHING

Break = Callable[[ExitStack], None]


def _drops_an_ask(stack: ExitStack) -> None:
    """The question whether a letter leaves is not asked."""
    ask = Recorder._open_task

    def deaf(self: Recorder, case: Any, effect: Any, cause: Any) -> int | None:
        return None if effect.kind == "approve_message" else ask(self, case, effect, cause)

    stack.enter_context(patch.object(Recorder, "_open_task", deaf))


def _skips_a_cancel(stack: ExitStack) -> None:
    """A question that is answered still climbs to the lead."""
    cancel = stopping.cancel

    def lazy(session: Session, case_id: int, steps: Any, *more: Any, **named: Any) -> Cancelled:
        left = [one for one in steps if one != "reminders.escalate_task"]
        return cancel(session, case_id, left, *more, **named)

    stack.enter_context(patch.object(stopping, "cancel", lazy))


def _sends_after_a_stop(stack: ExitStack) -> None:
    """Nothing is stopped by what stops everything, and no letter is looked at when it leaves."""
    cancel = stopping.cancel

    def deaf(session: Session, case_id: int, steps: Any, *more: Any, **named: Any) -> Cancelled:
        if EVERYTHING in steps:
            return Cancelled((), ())
        return cancel(session, case_id, steps, *more, **named)

    stack.enter_context(patch.object(stopping, "cancel", deaf))
    for module in (delivery, notices, freezing):
        for name in ("why_not", "is_stopped"):
            if hasattr(module, name):
                stack.enter_context(patch.object(module, name, lambda *_: None))


def _loses_a_wait(stack: ExitStack) -> None:
    """The reminder of a permission, or of a hospital that is silent, is not written down."""
    schedule = Recorder._schedule
    lost = ("outreach.chase_hospital", "notices.nudge_consent")

    def forgetful(self: Recorder, case_id: int | None, effect: Any, cause: Any) -> None:
        if effect.step not in lost:
            schedule(self, case_id, effect, cause)

    stack.enter_context(patch.object(Recorder, "_schedule", forgetful))


BREAKS: Mapping[str, Break] = {
    "drops an ask": _drops_an_ask,
    "skips a cancel": _skips_a_cancel,
    "sends after a stop": _sends_after_a_stop,
    "loses a wait": _loses_a_wait,
}


@contextmanager
def broken(how: str) -> Iterator[None]:
    """Break the engine in one way; mend it afterwards."""
    with ExitStack() as stack:
        if how:
            BREAKS[how](stack)
        yield
