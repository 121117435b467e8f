"""What is late, and who was told of it by letter: counts and moments, for a page of the console."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session

from models.database import snapshot
from workflows.engine.world import World
from workflows.watch.late import on_duty, reachable
from workflows.watch.telling import WHERE

ROUNDS = 10
"""So many of the newest rounds of letters are shown."""
WORDS: Mapping[str, str] = {
    "alarms": "Red flags that nobody has answered",
    "letters": "Letters that did not arrive, or of which nobody knows it",
    "steps": "Steps that were given up",
    "questions": "Questions past their time",
    "unworked": "Steps that are due and that nobody works",
    "queues": "Queues that are held for more than an hour",
    "limits": "Hospitals and partners for whose limit something waits that was ready long ago",
}
_THINGS = text(
    "SELECT kind, count(*) AS found, min(since) AS since FROM late_thing GROUP BY kind ORDER BY 1"
)
_LETTERS = text(
    """
    SELECT date_trunc('minute', told_at) AS at, count(*) FILTER (WHERE state = 'sent') AS people,
           count(*) FILTER (WHERE state = 'uncertain') AS unknown,
           count(*) FILTER (WHERE state = 'refused') AS refused
      FROM late_letter WHERE state IN ('sent', 'uncertain', 'refused')
     GROUP BY 1 ORDER BY 1 DESC LIMIT :most
    """
)
_WAITING = text("SELECT count(*) FROM late_letter WHERE state IN ('queued', 'sending')")


@dataclass(frozen=True, slots=True)
class LateKind:
    """How many things of a kind are late, since when the oldest is, and where they are seen to."""

    words: str
    count: int
    since: datetime
    link: str


@dataclass(frozen=True, slots=True)
class Told:
    """The letters of one minute: whom they reached."""

    at: datetime
    people: int
    unknown: int
    refused: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What is late now; `without` are user names of people on duty whom no letter reaches."""

    kinds: Sequence[LateKind]
    letters: Sequence[Told]
    waiting: int
    reached: int
    without: Sequence[str]
    gather: str
    again: str
    escalate: str


def standing(world: World) -> Standing:
    """Return what is late, as the last look found it, and who was told."""
    settings = world.settings
    with snapshot(world.engine) as session:
        things = session.execute(_THINGS).all()
        letters = session.execute(_LETTERS, {"most": ROUNDS}).all()
        waiting = session.execute(_WAITING).scalar_one()
        reached, without = _people(world, session)
    return Standing(
        [LateKind(WORDS[one.kind], one.found, one.since, WHERE[one.kind]) for one in things],
        [Told(one.at, one.people, one.unknown, one.refused) for one in letters],
        waiting,
        reached,
        without,
        in_words(settings.late_gather),
        in_words(settings.late_again),
        in_words(settings.late_escalate),
    )


def _people(world: World, session: Session) -> tuple[int, list[str]]:
    people = on_duty(session, world.settings)
    without = [one.user_name for one in people if not reachable(one)]
    return len(people) - len(without), without


def in_words(span: timedelta) -> str:
    """Return a span of time as pages say it: 30 minutes, hour, 24 hours."""
    hours = span / timedelta(hours=1)
    if hours < 1:
        return f"{span // timedelta(minutes=1)} minutes"
    return "hour" if hours == 1 else f"{hours:g} hours"
