"""A delivery is worked once more, because somebody wants it: console, command line, or a task."""

from accounts import audit
from models import InboundWebhook
from models.base import require_id
from models.database import transaction
from workflows.engine.lookup import RowNotFound
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor


class ReplayRefused(ValueError):
    """It cannot be worked again; the message says why."""


def may_replay(state: str, *, kept: bool) -> bool:
    """Say whether a delivery can be worked again: it was not taken, and its bytes are kept."""
    return state in ("refused", "conflict", "put_aside") and kept


def take_again(recorder: Recorder, row: InboundWebhook) -> None:
    """Have a delivery worked anew, in the caller's transaction."""
    row.state, row.problem, row.settled_at = "received", None, None
    row.replayed += 1
    recorder.request("take_hook", objects={"hook_id": require_id(row.id)})


def replay(world: World, hook_id: int, actor: Actor) -> None:
    """Work a delivery again; raise `ReplayRefused`, or `RowNotFound` where there is none."""
    now = world.clock.now()
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, now)
        row = session.get(InboundWebhook, hook_id, with_for_update=True)
        if row is None:
            raise RowNotFound(f"there is no delivery {hook_id}")
        if row.state in ("received", "done"):
            raise ReplayRefused("It was taken already; taking it twice would do everything twice.")
        if not may_replay(row.state, kept=bool(row.object_key)):
            raise ReplayRefused("Its bytes are not kept any more.")
        take_again(recorder, row)
        audit.note(
            session, actor_ref=actor.ref, action="hook.replayed", at=now,
            object_ref=f"hook:{hook_id}",
        )  # fmt: skip
        due = recorder.flush()
    world.doorbell.ring(due)
