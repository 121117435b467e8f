"""What a decision is: a question's answers, the values each needs, and what each records."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from accounts.people import says_something
from models import Case, HumanTask
from models.base import require_id
from workflows.declared import NOTHING, Raises
from workflows.engine.record import Cause, Recorder
from workflows.engine.values import TEXT_AT_MOST, VALUES, Value
from workflows.engine.world import World
from workflows.events import Actor, Event
from workflows.guard_words import not_here, not_yet
from workflows.guards import holds


class DecisionRefused(ValueError):
    """The answer cannot be taken; the message says why and what to do, without personal data."""


class NotStated(DecisionRefused):
    """A value or a reason was left blank; `option` is how the command line states it."""

    def __init__(self, words: str, option: str) -> None:
        super().__init__(words)
        self.option = option


class ToConfirm(NotStated):
    """What was typed counts when it is said once more: `name` is given with exactly `value`."""

    def __init__(self, words: str, name: str, value: str) -> None:
        super().__init__(words, f'--set "{name}={value}"')
        self.name, self.value = name, value


AHEAD = timedelta(days=1)
"""Where the patient is it may be a day later than in UTC."""
REACH = (timedelta(days=-365 * 120), timedelta(days=365 * 20))
"""How far from today a day may lie; beyond, the year was mistyped."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WHOLE = re.compile(r"\d{1,18}", re.ASCII)
"""As columns hold them: 18 digits of a number."""
_BLANK = frozenset("\u2800\u3164\uffa0\u115f\u1160")
"""Signs with a shape of nothing: the empty Braille pattern, the fillers of Hangul."""
_NOT_STORED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass
class Deciding:
    """One decision being made: the task, its case, and what the person gave."""

    session: Session
    recorder: Recorder
    world: World
    task: HumanTask
    actor: Actor
    values: Mapping[str, str]
    reason: str | None
    stays_open: bool = False
    """Set by an answer that is only a part of what the task asks."""

    @property
    def case_id(self) -> int:
        """The id of the task's case; DecisionRefused for a task without one."""
        if self.task.case_id is None:
            raise DecisionRefused("This task belongs to no case.")
        return self.task.case_id

    @property
    def case(self) -> Case:
        """The locked case."""
        return self.recorder.case(self.case_id)

    @property
    def cause(self) -> Cause:
        """What the recorded events name as their cause."""
        return Cause(None, self.task.root_id, self.task.cause_event_id)

    def object_id(self, name: str) -> int:
        """Return the id of the object the task is about."""
        return int(self.task.objects[name])

    def record(
        self,
        type: str,
        payload: Mapping[str, Any] | None = None,
        objects: Mapping[str, int] | None = None,
        *,
        actor: Actor | None = None,
    ) -> None:
        """Record a fact on the case, as done by the person deciding."""
        event = Event(type, payload or {}, objects or {}, actor or self.actor)
        self.recorder.record(self.case_id, event, self.cause)

    def request(
        self,
        name: str,
        objects: Mapping[str, Any] | None = None,
        *,
        detail: str | None = None,
        due_at: datetime | None = None,
    ) -> int | None:
        """Request what `ON_REQUEST` names, for the task's case if it has one; see `Recorder`."""
        return self.recorder.request(
            name,
            case_id=self.task.case_id,
            objects=objects,
            cause=self.cause,
            detail=detail,
            due_at=due_at,
        )

    def record_moving(
        self, type: str, payload: Mapping[str, Any], objects: Mapping[str, int] | None = None
    ) -> None:
        """Record a fact that must move the case; refuse it, with the reason, when it would not."""
        self.world.process.vocabulary.check(Event(type, payload, objects or {}))
        self.session.flush()
        facts = self.recorder.facts(self.case, payload)
        candidates = self.world.process.machine.main.candidates(self.case.state, type)
        if not candidates:
            raise DecisionRefused(not_here(self.case.state))
        blocked = [c.blocked_by(lambda guard: holds(guard, facts)) for c in candidates]
        if all(blocked):
            nearest = min(blocked, key=len)
            raise DecisionRefused(not_yet(nearest))
        self.record(type, payload, objects)

    def value(self, name: str) -> str:
        """Return a value the answer needs; DecisionRefused when it was not given."""
        given = self.values.get(name, "").strip()
        if not given:
            raise _not_stated(name)
        return given

    def optional(self, name: str) -> str | None:
        """Return a value, or None."""
        return self.values.get(name, "").strip() or None

    def day(self, name: str) -> date:
        """Return a value as a date (YYYY-MM-DD)."""
        return self._as_day(name, self.value(name))

    def optional_day(self, name: str) -> date | None:
        """Return a value as a date, or None."""
        given = self.optional(name)
        return self._as_day(name, given) if given else None

    def _as_day(self, name: str, given: str) -> date:
        day, today = parse_date(name, given), self.recorder.now.date()
        if not REACH[0] <= day - today <= REACH[1]:
            raise DecisionRefused(f"{name} lies too far from today: check the year.")
        return day

    def past_day(self, name: str) -> date:
        """Return the day of what has happened; DecisionRefused for a blank or a day to come."""
        day = self.day(name)
        if day > self.recorder.now.date() + AHEAD:
            raise DecisionRefused(f"{day.isoformat()} is still to come: report it when it is done.")
        return day

    def whole(self, name: str, least: int = 0, most: int | None = None) -> int:
        """Return a value as a whole number from `least` to `most` (any when it is None)."""
        given = self.value(name)
        span = "" if most is None else f" from {least} to {most}"
        number = int(given) if _WHOLE.fullmatch(given) else None
        if number is None or number < least or (most is not None and number > most):
            raise DecisionRefused(f"{name} must be a whole number{span}, such as {max(least, 12)}")
        return number

    def optional_whole(self, name: str, least: int = 0, most: int | None = None) -> int | None:
        """Return a value as a whole number, or None."""
        return self.whole(name, least, most) if self.optional(name) else None

    def listed(self, name: str) -> list[str]:
        """Return a value as a list, separated by commas; a list of nothing is a blank value."""
        parts = [part.strip() for part in self.value(name).split(",") if part.strip()]
        if not parts:
            raise _not_stated(name)
        return parts

    def flag(self, name: str) -> bool | None:
        """Return a value as yes or no; None when nobody stated it."""
        given = (self.optional(name) or "").lower()
        if not given:
            return None
        if given not in ("yes", "no", "true", "false"):
            raise DecisionRefused(f"{name} must be yes or no")
        return given in ("yes", "true")

    def needs_reason(self) -> str:
        """Return the reason; DecisionRefused when none was given."""
        if not says_something(self.reason or ""):
            raise NotStated("This answer needs a reason, in words.", "--reason TEXT")
        return (self.reason or "").strip()


def _not_stated(name: str) -> NotStated:
    known = VALUES.get(name) or Value(f"the {name.replace('_', ' ')}")
    return NotStated(known.sentence, known.option(name))


def stated_only(name: str, given: str) -> str:
    """Return a text, or "" where nothing was typed.

    Raises `NotStated` for signs that nobody can see: they were put there, and may stand for a value
    that somebody meant. They are neither that value nor a blank.
    """
    if given.strip() and not seen_only(given):
        said = name.replace("_", " ")
        known = VALUES.get(name) or Value("why" if name == "reason" else f"the {said}")
        raise NotStated(
            f"{said.capitalize()} has only signs that cannot be seen: type it anew, or leave it "
            f"empty. {known.sentence}",
            "--reason TEXT" if name == "reason" else known.option(name),
        )
    return given


def seen_only(given: str) -> str:
    """Return a text, or "" where it holds nothing that can be seen: spaces, zero-width signs.

    A mark that only changes the letter before it is nothing by itself, and some letters are blank.
    """
    visible = any(unicodedata.category(sign)[0] in "LNPS" and sign not in _BLANK for sign in given)
    return given if visible else ""


def check_text(name: str, given: str) -> None:
    """Raise DecisionRefused for a text that cannot be stored as it is, or that has no end."""
    known = VALUES.get(name)
    at_most = known.at_most if known else TEXT_AT_MOST
    if len(given) > at_most:
        raise DecisionRefused(f"{name} is too long: write at most {at_most} characters.")
    if _NOT_STORED.search(given):
        raise DecisionRefused(
            f"{name} has a character that is no text. Type it anew instead of pasting it."
        )


def parse_date(name: str, given: str) -> date:
    """Return an ISO date; DecisionRefused when `given` is none."""
    try:
        if _DAY.fullmatch(given):
            return date.fromisoformat(given)
    except ValueError:
        pass
    raise DecisionRefused(f"{name} must be a date such as 2027-03-12")


Apply = Callable[[Deciding], None]


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: what it means in plain words, which values it needs, what it does.

    `attests` are the guards that the person vouches for by choosing it; `raises` is all it may
    record and ask for. `will` says what it does, before many rows are given it at once.
    """

    label: str
    apply: Apply
    needs: Sequence[str] = ()
    may: Sequence[str] = ()
    reason: bool = False
    attests: Sequence[str] = ()
    raises: Raises = NOTHING
    will: str = ""


def _same_choices(choices: Mapping[str, Choice]) -> Callable[[Case | None], Mapping[str, Choice]]:
    return lambda _case: choices


@dataclass(frozen=True, slots=True)
class Trouble:
    """What the repair desk says of a task: what stopped, what that means, what to do.

    `codes` say more where the reason is known, "*" for any; what they leave empty stays. `{code}`
    is replaced.
    """

    stopped: str = ""
    patient: str = ""
    do: str = ""
    codes: Mapping[str, "Trouble"] = field(default_factory=dict)

    def of_code(self, code: str) -> "Trouble":
        """Return the words for a task with this reason."""
        special = self.codes.get(code) or (self.codes.get("*") if code else None) or Trouble()
        return Trouble(
            stopped=(special.stopped or self.stopped).format(code=code),
            patient=special.patient or self.patient,
            do=special.do or self.do,
        )


@dataclass(frozen=True, slots=True)
class Question:
    """A kind of human task: its title, who may answer, and the answers (by the case's state).

    `trouble` are the repair desk's words, for a kind that it shows.
    """

    title: str
    roles: frozenset[str]
    choices: Callable[[Case | None], Mapping[str, Choice]] = field(repr=False)
    trouble: Trouble | None = None

    @classmethod
    def of(
        cls,
        title: str,
        roles: Sequence[str],
        choices: Mapping[str, Choice],
        trouble: Trouble | None = None,
    ) -> "Question":
        """Return a question whose answers are the same in every state."""
        return cls(title, frozenset(roles), _same_choices(choices), trouble)


COORDINATORS = ("coordinator", "lead")
CLINICIANS = ("clinician",)
PATIENT = "patient"
"""May answer what is the patient's own to say, on their own page."""


def nothing(_: Deciding) -> None:
    """Record nothing beyond the answer itself."""


DONE = {"done": Choice("Done", nothing)}
"""The one answer of a task that is only to be seen to."""


def row_id(row: Any) -> int:
    """Return the id of a flushed row."""
    return require_id(row.id)
