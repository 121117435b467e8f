"""A hospital's proposal, as checked by a coordinator against the original letter."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Numeric
from sqlmodel import Field, SQLModel

from models.base import identity, one_of, reference, utc, utc_now_column
from models.sealed import are_sealed, sealed

STATES = (
    "recorded",
    "checked",
    "presented",
    "accepted",
    "declined",
    "not_chosen",
    "replaced",
    "expired",
    "withdrawn_by_hospital",
)
"""`declined` by the family itself; `not_chosen`: it accepted another; `replaced` by a newer one."""


class Offer(SQLModel, table=True):
    """Amounts are in `currency` (ISO 4217), inclusive lower and upper figure of the letter.

    What the letter does not state is None or empty. `conditions` and `deposit_terms` are the
    hospital's own words, `message_id` is the letter; `supplementary_ebrt_*` is what external
    radiotherapy would cost besides if it is needed later.
    """

    __tablename__ = "offer"
    __table_args__ = (
        one_of("state", STATES),
        *are_sealed("deposit_terms", "conditions", "inclusions", "exclusions"),
    )

    id: int | None = identity()
    case_id: int = reference("case.id")
    thread_id: int = reference("outreach_thread.id")
    hospital_id: int = reference("hospital.id")
    state: str = Field(default="recorded", max_length=24)
    technique: str | None = Field(default=None, max_length=20)
    currency: str = Field(max_length=3)
    amount_low: Decimal = Field(sa_type=Numeric(14, 2))
    amount_high: Decimal = Field(sa_type=Numeric(14, 2))
    supplementary_ebrt_cost: Decimal | None = Field(default=None, sa_type=Numeric(14, 2))
    supplementary_ebrt_high: Decimal | None = Field(default=None, sa_type=Numeric(14, 2))
    deposit_amount: Decimal | None = Field(default=None, sa_type=Numeric(14, 2))
    deposit_pct: Decimal | None = Field(default=None, sa_type=Numeric(5, 2))
    deposit_terms: str | None = sealed("offer.deposit_terms", default=None)
    conditions: str | None = sealed("offer.conditions", default=None)
    inclusions: list[str] = sealed("offer.inclusions", "list")
    exclusions: list[str] = sealed("offer.exclusions", "list")
    stay_days: int | None = None
    earliest_admission: date | None = None
    valid_until: date | None = None
    message_id: int | None = reference("message.id", nullable=True, index=False)
    recorded_by: str = Field(max_length=40)
    recorded_at: datetime = utc(nullable=False)
    created_at: datetime = utc_now_column()
