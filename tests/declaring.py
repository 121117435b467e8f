"""While tests run: a step or an answer raises only what it declares; anything else fails its test.

`check` is told of every fact, request and letter with who raised it. What the engine writes by
itself while it records (`ENGINE`) is nobody's effect; facts of the doors (the web, a partner, the
command line) come from no step and no answer.
"""

import sys
from collections.abc import Callable, Iterator
from functools import cache, wraps
from typing import Any

from workflows import decisions
from workflows.declared import Raises
from workflows.engine.record import Recorder
from workflows.journey.decisions import PROGRESS
from workflows.journey.supplementary_decisions import BY_PATHOLOGY
from workflows.steps import STEPS

ENGINE = frozenset(
    {
        "case.state_changed",
        "case.closed",
        "human_task.created",
        "human_task.cancelled",
        "human_task.completed",
    }
)
UNDECLARED: list[str] = []
"""What was found since `must_be_declared` was last asked; worker threads of servers add to it."""


class Undeclared(BaseException):
    """Not an Exception: the runner would take it for a step that failed and try again."""


def declared() -> Iterator[tuple[str, Callable[..., Any], Raises]]:
    """Return every step and answer with its function and what it declares."""
    for name, step in STEPS.items():
        function = step.cheap or step.slow
        assert function is not None
        yield f"step {name}", function, step.raises
    for kind, question in decisions.QUESTIONS.items():
        for code, choice in question.choices(None).items():
            yield f"answer {kind}.{code}", choice.apply, choice.raises
    for choices in (*PROGRESS.values(), *BY_PATHOLOGY.values()):
        for code, choice in choices.items():
            yield f"answer report_progress.{code}", choice.apply, choice.raises


@cache
def _declared() -> dict[str, tuple[str, Raises]]:
    """Return place and declaration by name; one answer of two states is taken together."""
    known: dict[str, tuple[str, Raises]] = {}
    for name, function, raises in declared():
        place = f"{function.__code__.co_filename}:{function.__code__.co_firstlineno}"
        _, other = known.get(name, ("", Raises()))
        events = (*other.events, *raises.events)
        requests = (*other.requests, *raises.requests)
        known[name] = (place, Raises(events, requests, (*other.letters, *raises.letters)))
    return known


def check(kind: str, name: str, by: str) -> None:
    """Raise `Undeclared` unless `by` ("step NAME", "answer KIND.CHOICE") declares what it raised.

    `kind` is event, request or letter. Steps that only a test knows declare nothing.
    """
    if by not in _declared() or (kind == "event" and name in ENGINE):
        return
    place, raises = _declared()[by]
    allowed = {"event": raises.events, "request": raises.requests, "letter": raises.letters}[kind]
    if name in allowed or (kind == "letter" and by == "step notices.send_notice"):
        return  # which letter a notice is says the row: the table's, or a request's
    UNDECLARED.append(
        f"{by} raised {kind} {name} that it does not declare: add it to raises= in {place}"
    )
    raise Undeclared(UNDECLARED[-1])


def must_be_declared() -> None:
    """Fail for what a server's thread raised without declaring it, and forget it."""
    found = "\n".join(UNDECLARED)
    UNDECLARED.clear()
    assert not found, found


@cache
def install() -> None:
    """Watch the engine of this process from now on."""
    Recorder.watch = staticmethod(check)
    Recorder.__setattr__ = _remember  # type: ignore[method-assign, assignment]
    for module in [m for m in sys.modules.values() if hasattr(m, "write_draft")]:
        _wrap_drafts(module)


def _remember(recorder: Recorder, name: str, value: object) -> None:
    """Let the session of a unit or a decision know for whom it works: drafts know no recorder."""
    object.__setattr__(recorder, name, value)
    if name == "by":
        recorder.session.info["by"] = value


def _wrap_drafts(module: Any) -> None:
    """Let a letter that is drafted be a letter that is raised by whom the session works for."""
    original = module.write_draft

    @wraps(original)
    def watched(session: Any, draft: Any, *given: Any, **named: Any) -> Any:
        if by := session.info.get("by"):
            check("letter", draft.letter.template, by)
        return original(session, draft, *given, **named)

    module.write_draft = watched
