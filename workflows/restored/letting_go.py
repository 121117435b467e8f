"""A person has looked: the system acts again, what is due a few rows at a time.

When the old system ended nobody wrote down; that it has is said only now. So what became due while
this one was held may have been done there, like what was due at the restore, and it may be weeks
old: no letter that it brings leaves before a person has looked at it (`step_run.again`).
"""

from sqlalchemy import text
from sqlmodel import Session, col, select

from accounts import audit
from models import Restoration
from models.database import transaction
from workflows.engine.deciding import DecisionRefused
from workflows.engine.world import World
from workflows.events import Actor

MAY_RELEASE = ("lead", "administrator")
PER_SECOND = 5
"""So many of the rows that are due come to their turn each second after a release."""

_ONE_BY_ONE = text(
    """
    UPDATE step_run r
       SET due_at = :now + make_interval(secs => (turn.number - 1) / CAST(:rate AS float)),
           rung_at = NULL, again = true
      FROM (SELECT id, row_number() OVER (ORDER BY safety DESC, due_at, id) AS number
              FROM step_run WHERE state = 'queued' AND due_at <= :now AND case_id IS NOT NULL
           ) turn
     WHERE r.id = turn.id
    """
)


def let_go(world: World, actor: Actor, *, sure: bool) -> int:
    """Let the system act again; return how many rows were due. Raises `DecisionRefused`."""
    if actor.type not in MAY_RELEASE:
        raise DecisionRefused("Only a lead or an administrator lets a restored system go.")
    if not sure:
        raise DecisionRefused(
            "Say that you have looked: from then on letters leave and the mailbox is read."
        )
    now = world.clock.now()
    with transaction(world.engine) as session:
        rows = session.scalars(
            select(Restoration).where(col(Restoration.released_at).is_(None)).with_for_update()
        ).all()
        if not rows:
            raise DecisionRefused("Nothing is held: the system was not restored, or is released.")
        for row in rows:
            row.released_at, row.released_by = now, actor.ref
            audit.note(
                session,
                actor_ref=actor.ref or actor.type,
                action="restored.released",
                at=now,
                object_ref=row.backup,
            )
        return _spread(session, now)


def _spread(session: Session, now: object) -> int:
    done = session.execute(_ONE_BY_ONE, {"now": now, "rate": PER_SECOND})
    return int(done.rowcount)  # type: ignore[attr-defined]
