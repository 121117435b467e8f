"""The five verbs of THE table, and how long "within" is.

do      a Celery task runs once                            -> step_run
ask     only a person can: review, approve, decide, repair  -> human_task with a deadline
wait    a deadline that a fact may stop; a reminder is one  -> step_run with a due date
repeat  a step runs again and again while the state lasts   -> one step_run, the next after each
stop    cancels what a fact makes pointless                 -> in the same transaction
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

EVERYTHING = "*"
UNALLOWED = "unallowed_letters"
"""Stops the letters on their way that the family allows no more, and no step."""


@dataclass(frozen=True, slots=True)
class Within:
    """A span of time: working time of a calendar, or plain hours and days."""

    working_hours: float = 0
    working_days: int = 0
    hours: float = 0
    calendar: str = "ours"
    """`ours`, or `hospital` for the calendar of the hospital the row is about."""
    setting: str = ""
    """The field of `settings.py` that says how long, in place of all the above."""

    @property
    def takes_time(self) -> bool:
        """Whether it ends later than it begins."""
        return bool(self.setting) or (self.working_hours + self.working_days * 24 + self.hours) > 0

    def halved(self) -> "Within":
        """Return half the span; half of an odd working day is four hours."""
        return replace(
            self,
            working_hours=self.working_hours / 2 + 4 * (self.working_days % 2),
            working_days=self.working_days // 2,
            hours=self.hours / 2,
        )


GIVEN = Within()
"""Not a span: whoever requests it gives the moment."""


@dataclass(frozen=True, slots=True)
class Do:
    """Run `step` once, as soon as a worker is free. `template` names the letter of a notice."""

    step: str
    template: str | None = None
    when: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask `role` to decide `kind`; `urgent_within` holds for urgent cases.

    `once` asks it once a case, whatever it is about: a second reason joins the open question.
    """

    kind: str
    role: str
    within: Within
    urgent_within: Within | None = None
    once: bool = False
    when: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wait:
    """Run `step` when the time is over, unless a fact of `until` comes first.

    `due_from` names a payload field with the moment itself (ISO 8601) in place of `within`.
    `same` is the object id that a stopping fact must share; None means the same case.
    `urgent_halves`: an urgent case waits half as long.
    """

    step: str
    until: Sequence[str]
    within: Within | None = None
    due_from: str | None = None
    same: str | None = None
    safety: bool = False
    urgent_halves: bool = False
    when: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise ValueError for a wait of no time: it would be a `do` that no loop test sees."""
        if self.within is not None and not self.within.takes_time:
            raise ValueError(f"wait for {self.step} takes no time: write do(...), or how long")


@dataclass(frozen=True, slots=True)
class Repeat:
    """Run `step` after `first`, then after `every` from each run, while in a state of `while_in`.

    The engine queues the next run when one is finished. Leaving the last of the states ends it, and
    so does a fact of `until`; going from one of them to another changes nothing. A hold pauses it.
    """

    step: str
    every: Within
    while_in: Sequence[str] = ()
    first: Within | None = None
    until: Sequence[str] = ()
    when: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise ValueError for a repetition without a pause."""
        if not self.every.takes_time:
            raise ValueError(f"{self.step} is repeated without a pause: say how long `every` is")


@dataclass(frozen=True, slots=True)
class Stop:
    """Cancel queued steps by name (or `EVERYTHING`, `UNALLOWED`), and human tasks by kind.

    `detail`: only tasks that are about this.
    """

    steps: Sequence[str] = ()
    tasks: Sequence[str] = ()
    same: str | None = None
    detail: str | None = None
    when: Mapping[str, Any] = field(default_factory=dict)


Action = Do | Ask | Wait | Repeat | Stop
Requested = Do | Ask | Wait


def do(step: str, **when: Any) -> Do:
    """Run `step`, only when the payload has the values given."""
    return Do(step, when=when)


def tell(template: str, **when: Any) -> Do:
    """Write and send the patient's letter `template` (playbooks/letters)."""
    return Do("notices.send_notice", template=template, when=when)


def ask(
    kind: str,
    role: str,
    within: Within,
    urgent_within: Within | None = None,
    once: bool = False,
    **when: Any,
) -> Ask:
    """Ask a person; see `workflows/decisions.py` for what the kind's answers do."""
    return Ask(kind, role, within, urgent_within, once, when=when)


def wait(
    step: str,
    *,
    until: Sequence[str],
    within: Within | None = None,
    due_from: str | None = None,
    same: str | None = None,
    safety: bool = False,
    urgent_halves: bool = False,
    **when: Any,
) -> Wait:
    """Run `step` when nobody stopped it in time."""
    return Wait(step, tuple(until), within, due_from, same, safety, urgent_halves, when)


def repeat(
    step: str,
    *,
    every: Within,
    while_in: Sequence[str] = (),
    first: Within | None = None,
    until: Sequence[str] = (),
) -> Repeat:
    """Run `step` again and again while the case is in one of the states."""
    return Repeat(step, every, tuple(while_in), first, tuple(until))


def stop(
    *steps: str,
    tasks: Sequence[str] = (),
    same: str | None = None,
    detail: str | None = None,
    **when: Any,
) -> Stop:
    """Cancel what the fact makes pointless."""
    return Stop(steps, tuple(tasks), same, detail, when)


def working_hours(count: float) -> Within:
    """Working hours of the coordinators' calendar."""
    return Within(working_hours=count)


def working_days(count: int, calendar: str = "ours") -> Within:
    """Working days of `calendar`."""
    return Within(working_days=count, calendar=calendar)


def hours(count: float) -> Within:
    """Plain hours, nights and Sundays included."""
    return Within(hours=count)


def days(count: float) -> Within:
    """Plain days."""
    return Within(hours=24 * count)


def minutes(count: float) -> Within:
    """Plain minutes."""
    return Within(hours=count / 60)


def as_set(name: str) -> Within:
    """As long as the field `name` of `settings.py` says."""
    return Within(setting=name)


def applies(action: Action, payload: Mapping[str, Any]) -> bool:
    """Return whether the action's `when` matches; a tuple lists allowed values."""
    for name, wanted in action.when.items():
        value = payload.get(name)
        if value not in wanted if isinstance(wanted, tuple) else value != wanted:
            return False
    return True
