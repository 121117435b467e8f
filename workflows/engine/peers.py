"""Servers of others that are away, and queues that are paused: what is not worked meanwhile.

While a peer is away one claim after another is let through to try it, at moments that grow apart;
every other row that needs it stays as it is, due, and goes on when the peer is back.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, text
from sqlmodel import Session, col

from models import HumanTask, Peer, QueuePause
from workflows.engine.claims import FAR_OFF
from workflows.engine.record import Recorder
from workflows.engine.work import Step

PEER_AWAY = "peer_away"
ASKED_AFTER = timedelta(minutes=5)
"""So long a peer may be away before a person is told."""
FLAPS = timedelta(minutes=10)
"""A peer that is away again so soon was never back."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(minutes=5)
FLAP_PAUSE = timedelta(seconds=30)
"""A peer that answers now and then is tried at least so often: it takes some each time."""

_AWAY = text(
    """
    INSERT INTO peer AS p (name, away_since, next_try_at, code, steps)
    VALUES (:name, :now, :now + :first, :code, CAST(:steps AS jsonb))
    ON CONFLICT (name) DO UPDATE SET
        away_since = least(:now, coalesce(p.away_since,
            CASE WHEN p.back_at > :now - :flaps THEN p.was_away_since END, :now)),
        code = :code, steps = EXCLUDED.steps
    RETURNING away_since, greatest(away_since, back_at) AS gone_since
    """
)
_NEXT = text("UPDATE peer SET next_try_at = :next WHERE name = :name")
_BACK = text(
    "UPDATE peer SET was_away_since = away_since, away_since = NULL, next_try_at = NULL,"
    " back_at = :now WHERE name = ANY(:names) AND away_since IS NOT NULL RETURNING name"
)


@dataclass(frozen=True, slots=True)
class Gates:
    """Which queues are paused, and which peers are away and not to be tried yet."""

    paused: Collection[str]
    shut: Collection[str]

    def keep(self, step: Step) -> bool:
        """Return whether nothing of this step is worked now."""
        held = step.queue in self.paused and not step.to_team
        return held or bool(set(step.needs) & set(self.shut))


def gates(connection: Connection | Session, now: datetime) -> Gates:
    """Return what is shut at this moment."""
    paused = connection.execute(select(col(QueuePause.queue))).scalars().all()
    away = select(col(Peer.name)).where(col(Peer.away_since).is_not(None))
    later = col(Peer.next_try_at).between(now + timedelta(microseconds=1), now + FAR_OFF)
    shut = connection.execute(away.where(later)).scalars().all()
    return Gates(frozenset(paused), frozenset(shut))


def waiting_steps(session: Session) -> Sequence[str]:
    """Return the names of the steps that wait for a peer that is away."""
    away = session.scalars(select(Peer).where(col(Peer.away_since).is_not(None))).all()
    return [name for peer in away for name in peer.steps]


def note_away(
    recorder: Recorder, name: str, code: str, steps: Mapping[str, Step]
) -> tuple[datetime, bool]:
    """Write down that a peer is away; return when it is tried next, and whether that was news.

    Once it was away for five minutes, a person is asked, once.
    """
    session, now = recorder.session, recorder.now
    waiting = [f'"{one.name}"' for one in steps.values() if name in one.needs]
    values = {
        "name": name,
        "now": now,
        "first": FIRST_PAUSE,
        "code": code[:80],
        "flaps": FLAPS,
        "steps": f"[{', '.join(waiting)}]",
    }
    since, gone_since = session.execute(_AWAY, values).one()
    gone = now - since
    following = now + _pause(gone, now - gone_since)
    session.execute(_NEXT, {"name": name, "next": following})
    if gone >= ASKED_AFTER:
        recorder.request(PEER_AWAY, objects={"peer": name}, detail=name)
    return following, gone == timedelta(0)


def _pause(gone: timedelta, at_a_stretch: timedelta) -> timedelta:
    """Return how long to leave a peer alone that has not answered for so long, now and before."""
    flapping = min(gone / 6, FLAP_PAUSE)
    return max(FIRST_PAUSE, flapping, min(at_a_stretch / 6, LONGEST_PAUSE))


def note_back(recorder: Recorder, names: Sequence[str]) -> list[str]:
    """Write down that peers answer; return those that were away. Their question is taken back."""
    session = recorder.session
    back = list(session.scalars(_BACK, {"names": list(names), "now": recorder.now}))
    for name in back:
        tasks = session.scalars(
            select(HumanTask).where(
                col(HumanTask.kind) == PEER_AWAY,
                col(HumanTask.state) == "open",
                col(HumanTask.detail) == name,
            )
        ).all()
        for task in tasks:
            recorder.withdraw(task)
    return back
