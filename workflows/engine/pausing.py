"""A queue is held and let go by a lead: nothing of it is claimed or rung for meanwhile."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from accounts.audit import note
from models import QueuePause
from models.database import transaction
from workflows.engine.deciding import check_text, seen_only
from workflows.engine.queues import QUEUES
from workflows.engine.world import World
from workflows.events import Actor

REASON_AT_MOST = 300
MAY = ("lead", "administrator")


class PauseRefused(ValueError):
    """The queue cannot be paused or let go like this; the message says why."""


def paused(world: World) -> Sequence[QueuePause]:
    """Return the queues that are held, by name."""
    with transaction(world.engine) as session:
        return session.scalars(select(QueuePause).order_by(col(QueuePause.queue))).all()


def pause(world: World, queue: str, reason: str, actor: Actor) -> None:
    """Hold a queue. What is being worked is finished; everything else waits, and is not lost.

    Raises `PauseRefused`, and `DecisionRefused` for a text that cannot be kept.
    """
    _may(queue, actor)
    check_text("reason", reason)
    if not seen_only(reason).strip():
        raise PauseRefused("Say why it is paused: everybody who waits for it reads that.")
    if len(reason) > REASON_AT_MOST:
        raise PauseRefused(f"Say why in at most {REASON_AT_MOST} characters.")
    now = world.clock.now()
    with transaction(world.engine) as session:
        held = insert(QueuePause).values(
            queue=queue, reason=reason.strip(), by_ref=actor.ref, paused_at=now
        )
        made = held.on_conflict_do_nothing().returning(col(QueuePause.queue))
        if session.scalars(made).first() is None:
            known = session.get(QueuePause, queue)
            since = f" since {known.paused_at:%Y-%m-%d %H:%M} UTC" if known else ""
            raise PauseRefused(f"{queue} is paused{since}.")
        note(session, actor_ref=actor.ref, action="queue.paused", at=now, object_ref=queue)


def resume(world: World, queue: str, actor: Actor) -> None:
    """Let a queue go on; what is due is rung for within seconds. Raises `PauseRefused`."""
    _may(queue, actor)
    with transaction(world.engine) as session:
        known = session.get(QueuePause, queue, with_for_update=True)
        if known is None:
            raise PauseRefused(f"{queue} is not paused.")
        session.delete(known)
        now = world.clock.now()
        note(session, actor_ref=actor.ref, action="queue.resumed", at=now, object_ref=queue)


def _may(queue: str, actor: Actor) -> None:
    if actor.type not in MAY:
        raise PauseRefused("Only a lead or an administrator holds a queue or lets it go.")
    if queue not in QUEUES:
        raise PauseRefused(f"There is no queue {queue[:40]}. Choose one of: {', '.join(QUEUES)}.")
