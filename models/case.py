"""A case: one patient's way from the inquiry to follow-up. No personal data stands here."""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from models.base import identity, one_of, reference, utc, utc_now_column

SITES = (
    "breast",
    "pancreas",
    "rectum_primary",
    "pelvic_recurrence",
    "gyn_recurrence",
    "stomach",
    "retroperitoneum",
    "other",
)
URGENCIES = ("routine", "soon", "urgent")


class Case(SQLModel, table=True):
    """State and counters of one case; `last_seq` numbers its events without a gap."""

    __tablename__ = "case"
    __table_args__ = (
        one_of("urgency", URGENCIES),
        Index(
            "ix_case_coordinator_ref",
            "coordinator_ref",
            postgresql_where=text("coordinator_ref IS NOT NULL"),
        ),
        Index(
            "ix_case_erase_on",
            "erase_on",
            postgresql_where=text("erase_on IS NOT NULL AND erased_at IS NULL"),
        ),
        # All that the lists of open cases are narrowed and counted by, in one small index.
        Index(
            "ix_case_open",
            "id",
            postgresql_where=text("closed_at IS NULL"),
            postgresql_include=[
                "urgency",
                "stage",
                "waiting_on",
                "site",
                "residence_country",
                "coordinator_ref",
            ],
        ),
    )

    id: int | None = identity()
    ref: str = Field(unique=True, max_length=16)
    """CFX-YY-NNNNN; safe to show anywhere."""
    state: str = Field(index=True, max_length=40)
    """A state of playbooks/state_machine.yaml."""
    stage: str = Field(max_length=20)
    """A function of the state, stored for the work list."""
    history_state: str | None = Field(default=None, max_length=40)
    """Where `case.resumed` returns to."""
    on_hold: bool = Field(default=False)
    held_at: datetime | None = utc()
    waiting_on: str = Field(default="coordinator", max_length=20)
    waiting_since: datetime | None = utc()
    pathology_state: str = Field(default="NOT_STARTED", max_length=30)
    site: str | None = Field(default=None, max_length=30)
    urgency: str = Field(default="routine", max_length=10)
    source: str = Field(default="portal", max_length=20)
    language: str = Field(default="en", max_length=12)
    family_currency: str | None = Field(default=None, max_length=3)
    """In which currency the family wishes to see offers beside the hospitals' own; None: in no
    other (ISO 4217)."""
    wished_countries: list[str] = Field(
        default_factory=list,
        sa_type=JSONB,
        nullable=False,
        sa_column_kwargs={"server_default": text("'[]'::jsonb")},
    )
    """Where the family would go first (ISO 3166): it ranks hospitals and excludes none."""
    residence_country: str | None = Field(default=None, max_length=2)
    coordinator_ref: str | None = Field(default=None, max_length=40)
    admission_date: date | None = None
    surgery_date: date | None = None
    discharge_date: date | None = None
    return_date: date | None = None
    rehearsal: bool = Field(default=False)
    """Played by the demo; every event of such a case is marked and it never leaves loopback."""
    last_seq: int = Field(default=0)
    link_generation: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Raised to end every link to the patient's page that was sent before."""
    outcome: str | None = Field(default=None, max_length=20)
    opened_at: datetime = utc(nullable=False)
    closed_at: datetime | None = utc()
    erase_on: date | None = None
    """The day on which the time to keep the personal data is over; set when the case closes."""
    keep_reason: str | None = Field(default=None, max_length=20)
    """Why a person keeps the data until `erase_on`: a code of playbooks/retention.yaml."""
    erased_at: datetime | None = utc()
    """When the erasure began: from then on nothing can be done with the case."""
    created_at: datetime = utc_now_column()


class CaseLink(SQLModel, table=True):
    """Two cases that belong together: a merged duplicate, or a new episode of the same person."""

    __tablename__ = "case_link"

    id: int | None = identity()
    case_id: int = reference("case.id")
    other_case_id: int = reference("case.id")
    kind: str = Field(max_length=20)
