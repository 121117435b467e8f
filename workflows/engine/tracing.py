"""Spans of steps: one for each row that is worked, whether alone or in a batch.

A span names the step, its room, the outcome as a code, which try it is and how long the row waited
for it. It says nothing of the row or its case. A step that was due at once is a part of what
started it, by random ids in its row; a deadline begins a trace of its own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime

from adapters.traces import NOTHING, Seen, Traces
from workflows.engine.claims import Claimed
from workflows.engine.outside import NotYet
from workflows.engine.passing import is_lost, passing
from workflows.engine.work import FenceLost, NotNow, RetryLater

Of = Callable[[Claimed], AbstractContextManager[None]]


@contextmanager
def working(traces: Traces, rows: Sequence[Claimed], now: datetime) -> Iterator[Of]:
    """Make a span of each row that is worked meanwhile; what it gives says which one is at work.

    That may be one that the rows made due: its span begins with its work.
    """
    spans = {row.id: _begun(traces, row, now, len(rows)) for row in rows}
    outcome, failed = "done", False

    def of(row: Claimed) -> AbstractContextManager[None]:
        if row.id not in spans:
            spans[row.id] = _begun(traces, row, now, len(rows))
        return spans[row.id].current()

    try:
        yield of
    except BaseException as error:
        outcome, failed = _outcome(error)
        raise
    finally:
        _end(spans, outcome, failed)


def _begun(traces: Traces, row: Claimed, now: datetime, together: int) -> Seen:
    room = row.name.split(".", 1)[0]
    waited = max((now - row.due_at).total_seconds(), 0.0) if row.due_at else 0.0
    return traces.begin(
        f"step {row.name}",
        "consumer",
        of=row.trace,
        step=row.name,
        room=room,
        tries=row.attempt if row.started else row.attempt + 1,
        waited_seconds=round(waited, 3),
        together=together,
    )


def _end(spans: Mapping[int, Seen], outcome: str, failed: bool) -> None:
    for seen in spans.values():
        if seen is not NOTHING:
            seen.note(outcome=outcome)
            if failed:
                seen.fails()
            seen.end()


def _outcome(error: BaseException) -> tuple[str, bool]:
    """Return what became of a row as a code, and whether that is a fault."""
    if isinstance(error, FenceLost):
        return "stopped", False
    if isinstance(error, NotYet):
        return "looks outside first", False
    if isinstance(error, NotNow):
        return f"waits: {error.code}", False
    if isinstance(error, RetryLater):
        return f"tried again: {error.code}", True
    name = type(error).__name__
    if isinstance(error, Exception) and not is_lost(error) and (fault := passing(error)):
        return f"held: {fault.code}", True
    return f"failed: {name}", True
