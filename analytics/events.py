"""The rows that every export writes: one event each, streamed in the order of their case."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

BATCH = 2000
"""Rows fetched from the server at a time: memory does not grow with the log."""

NOT_STATED = "not_stated"
"""What stands where nobody stated a code: a value, and no blank that looks like a lost one."""

_EVENTS = text(
    """
    SELECT case_ref, seq, event_id, event_type, occurred_at, recorded_at, actor_type, actor_ref,
           payload, causation_id, rehearsal, site, country
      FROM analytics.v_event ORDER BY case_id, seq
    """
)


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event as it is exported; times are aware."""

    case_ref: str
    seq: int
    event_id: str
    event_type: str
    occurred_at: datetime
    recorded_at: datetime
    actor_type: str
    actor_ref: str
    payload: Mapping[str, Any]
    causation_id: str | None
    rehearsal: bool
    site: str
    country: str

    @property
    def activity(self) -> str:
        """The name that process mining shows: the state entered, else the event's type."""
        if self.event_type == "case.state_changed":
            return f"entered {self.payload.get('to_state')}"
        return self.event_type

    @property
    def resource(self) -> str:
        """Who did it: the pseudonym of a person, else the kind of actor."""
        return self.actor_ref or self.actor_type

    @property
    def automated(self) -> bool:
        """Whether the system did it by itself."""
        return self.actor_type == "system"

    @property
    def state(self) -> str | None:
        """The state entered, for a change of state."""
        value = self.payload.get("to_state")
        return str(value) if self.event_type == "case.state_changed" else None


def stream_events(connection: Connection) -> Iterator[EventRow]:
    """Yield every event, case by case, in order of `seq`."""
    result = connection.execution_options(stream_results=True, yield_per=BATCH).execute(_EVENTS)
    for row in result:
        yield EventRow(*row)


def rare_countries(connection: Connection, fewer_than: int) -> frozenset[str]:
    """Return the countries of residence that fewer than `fewer_than` cases have."""
    rows = connection.execute(
        text(
            "SELECT country FROM analytics.v_case WHERE country <> :blank"
            " GROUP BY 1 HAVING count(*) < :least"
        ),
        {"least": fewer_than, "blank": NOT_STATED},
    )
    return frozenset(row[0] for row in rows)
