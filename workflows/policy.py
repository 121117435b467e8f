"""How long a closed case's personal data are kept, and what of its timeline stays for ever.

Read from `playbooks/retention.yaml`. Pure: values in, values out.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import Field

from playbook_reader import Strict, read

EVERYWHERE = ("attested",)
"""What any event may carry and stays: the guards that a person vouched for."""


class Period(Strict):
    """How many days after the closing data are kept, and on what that rests."""

    days: int = Field(ge=1)
    why: str


class PolicyFile(Strict):
    """`retention.yaml`."""

    version: str
    status: str
    periods: dict[str, Period]
    remind_days: int = Field(ge=0)
    tell_hospitals_days: int = Field(ge=1)
    settle_hours: int = Field(ge=1)
    orphans_after_hours: int = Field(ge=24)
    visits_days: int = Field(ge=30)
    steps_days: int = Field(ge=30)
    reasons_to_keep: dict[str, str]
    timeline: dict[str, list[str]]


NEVER_ALLOWED = "never_allowed"
"""The period of a case whose family never gave the permission to work with its papers."""


@dataclass(frozen=True)
class Policy:
    """The rules of one file. `version` stands with every decision that was made by them.

    `remind_days`: how long before the day a person is asked. `tell_hospitals_days`: how long an
    erasure waits for hospitals to answer that they have deleted their copies. `settle_hours`: how
    long after the rows the store is swept once more. `orphans_after`: how old an object that no
    row names must be before it is taken for left behind. `visits_days`: how long the audit keeps
    what people without a name or a case did. `steps_days`: how long after the closing of their case
    the rows of finished steps stay.
    """

    version: str
    periods: Mapping[str, Period] = field(default_factory=dict)
    remind_days: int = 30
    tell_hospitals_days: int = 14
    settle_hours: int = 1
    orphans_after: timedelta = timedelta(days=7)
    visits_days: int = 90
    steps_days: int = 90
    reasons_to_keep: Mapping[str, str] = field(default_factory=dict)
    timeline: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path, outcomes: Collection[str], events: Mapping[str, Any]) -> "Policy":
        """Read the file; `outcomes` are the ways a case ends, `events` the fields of each event.

        Raises `playbook_reader.PlaybookError` for an ending without a period, a period of no
        ending, and an event or field that does not exist. What an event that is not listed
        carried goes when its case is erased.
        """
        document = read(path, path.name)
        file = document.validate(PolicyFile)
        wanted = {*outcomes, NEVER_ALLOWED}
        for name in sorted(wanted ^ set(file.periods)):
            place = ("periods", name) if name in file.periods else ("periods",)
            raise document.error(place, f"{name}: each ending has one period", "add or remove it")
        for event, kept in file.timeline.items():
            if event not in events:
                raise document.error(("timeline", event), f"there is no event {event}", "remove it")
            for name in kept:
                if name not in events[event]:
                    fault = f"{event} carries no {name}"
                    raise document.error(("timeline", event), fault, "remove the field")
        return cls(
            file.version,
            file.periods,
            file.remind_days,
            file.tell_hospitals_days,
            file.settle_hours,
            timedelta(hours=file.orphans_after_hours),
            file.visits_days,
            file.steps_days,
            file.reasons_to_keep,
            file.timeline,
        )

    def erase_on(self, outcome: str, closed_at: datetime, *, allowed: bool) -> date | None:
        """Return the day on which the time to keep the data is over; None without a rule.

        `allowed`: whether the family ever gave the permission to work with its papers.
        """
        period = self.periods.get(outcome if allowed else NEVER_ALLOWED)
        return (closed_at + timedelta(days=period.days)).date() if period else None

    def kept(self, event: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return what stays of an event's payload; of an event without a rule, nothing."""
        names = (*self.timeline.get(event, ()), *EVERYWHERE)
        return {name: value for name, value in payload.items() if name in names}


NO_POLICY = Policy("none")
"""For the engine alone, without a playbook: no day is set, and nothing is said to stay."""
