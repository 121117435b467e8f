"""A question put to somebody of the rehearsal, and what they can say to it."""

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


def in_days(asked: Asked, name: str, days: int) -> Mapping[str, str]:
    """Return the value that a thing is expected some days from now."""
    return {name: (asked.now.date() + timedelta(days=days)).isoformat()}


def today(asked: Asked, name: str) -> Mapping[str, str]:
    """Return the value that a thing happened today."""
    return {name: asked.now.date().isoformat()}


def operation(case: Case) -> datetime:
    """Return the morning of the operation: as agreed, else the day after the admission."""
    return morning(case.surgery_date) if case.surgery_date else morning(case.admission_date, 1)


def at_moment(asked: Asked, moment: datetime, answer: Answer) -> Reaction:
    """Return the answer once its moment has come."""
    return answer if asked.now >= moment else Later(moment)
