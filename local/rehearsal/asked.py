"""A question of the rehearsal in its surroundings, and what can be said to it now or later."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from sqlmodel import Session

from local.rehearsal.parts import Part
from models import Case, HumanTask
from planning.travel import Gate
from workflows.engine.world import World


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer with its values."""

    code: str
    values: Mapping[str, str] = field(default_factory=dict)
    reason: str | None = None
    gate: Gate | None = None
    """Before it, what is open before this gate of the journey is ticked on the case's page."""


@dataclass(frozen=True, slots=True)
class Later:
    """Nobody can answer before this moment (business time)."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in its surroundings."""

    world: World
    session: Session
    task: HumanTask
    case: Case
    part: Part
    now: datetime


Reaction = Answer | Later | None


def morning(day: date | None, days: int = 0) -> datetime:
    """Return the morning of a day, `days` later."""
    assert day is not None
    return datetime.combine(day + timedelta(days=days), time(8), tzinfo=UTC)
