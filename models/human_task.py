"""What only a person can do: review, approve, decide, repair; each with a deadline."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from models.base import Json, identity, json_column, one_of, reference, utc, utc_now_column
from models.sealed import are_sealed, sealed

STATES = ("open", "done", "cancelled")
REPAIRS = (
    "repair_step",
    "settle_message",
    "repair_document",
    "match_mail",
    "mend_address",
    "mend_playbook",
)
"""The kinds that the repair desk shows: something stopped, and a person puts it right."""

FIRST = ("urgent_review", "pathway_stopped")
"""Details of a signature that stands first in every list: the result is urgent, or stops."""

ALARMS = ("call_patient_now", "find_sender")
"""The kinds that stand above everything: somebody may be in danger; one calls within minutes."""

SETTLE = "settle_message"
"""Whether a letter arrived: asked until it is known, whatever has become of its case."""

_ALARM = "state = 'open' AND kind IN (" + ", ".join(f"'{kind}'" for kind in ALARMS) + ")"
_FIRST = "state = 'open' AND detail IN (" + ", ".join(f"'{code}'" for code in FIRST) + ")"
_REPAIR = "state = 'open' AND kind IN (" + ", ".join(f"'{kind}'" for kind in REPAIRS) + ")"


class HumanTask(SQLModel, table=True):
    """One question to one role. `objects` holds ids only; `answer` is one of the kind's choices.

    An alarm (`ALARMS`) has besides: `taken_by`, who calls now, since `taken_at`; `level`, how many
    rungs of the ladder it has climbed; `climbs_at`, when it rises next unless somebody acts.
    """

    __tablename__ = "human_task"
    __table_args__ = (
        one_of("state", STATES),
        # Both hold all that the lists count by: no row is read to be counted.
        Index(
            "ix_human_task_open",
            "role",
            "due_at",
            postgresql_where=text("state = 'open'"),
            postgresql_include=["case_id", "id"],
        ),
        Index(
            "ix_human_task_open_case",
            "case_id",
            "due_at",
            postgresql_where=text("state = 'open'"),
            postgresql_include=["role", "id"],
        ),
        Index("ix_human_task_first", "id", postgresql_where=text(_FIRST)),
        Index("ix_human_task_alarm", "id", postgresql_where=text(_ALARM)),
        Index("ix_human_task_repair", "kind", postgresql_where=text(_REPAIR)),
        *are_sealed("reason"),
    )

    id: int | None = identity()
    case_id: int | None = reference("case.id", nullable=True)
    kind: str = Field(max_length=40)
    role: str = Field(max_length=20)
    state: str = Field(default="open", max_length=10)
    due_at: datetime = utc(nullable=False)
    objects: Json = json_column()
    detail: str | None = Field(default=None, max_length=60)
    """A code that says why, such as `encrypted` or an error class; never free text."""
    root_id: int | None = Field(default=None)
    cause_event_id: str | None = Field(default=None, max_length=26)
    answer: str | None = Field(default=None, max_length=40)
    reason: str | None = sealed("human_task.reason", default=None)
    done_by: str | None = Field(default=None, max_length=40)
    taken_by: str | None = Field(default=None, max_length=40)
    taken_at: datetime | None = utc()
    level: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    climbs_at: datetime | None = utc()
    opened_at: datetime = utc(nullable=False)
    done_at: datetime | None = utc()
    created_at: datetime = utc_now_column()
