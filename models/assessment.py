"""Suitability results, frozen with their inputs, and the clinicians' signatures on them."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.base import Json, identity, json_column, one_of, reference, utc, utc_now_column
from models.sealed import are_sealed, sealed

PHASES = ("preop", "postop")
OUTCOMES = (
    "suitable_for_outreach",
    "needs_data",
    "not_suitable",
    "no_change",
    "supplementary_recommended",
    "reexcision_recommended",
    "systemic_review",
)


class Assessment(SQLModel, table=True):
    """One pre-screen: never changed after it is written; new facts make a new one."""

    __tablename__ = "assessment"
    __table_args__ = (one_of("phase", PHASES), *are_sealed("result", "findings"))

    id: int | None = identity()
    case_id: int = reference("case.id")
    phase: str = Field(max_length=10)
    category: str | None = Field(default=None, max_length=40)
    result: Json = sealed("assessment.result", "object")
    findings: Json = sealed("assessment.findings", "object")
    """The observations as they were used, with finding ids."""
    set_versions: Json = json_column()
    engine_version: str = Field(max_length=20)
    input_hash: str = Field(max_length=64)
    assessed_at: datetime = utc(nullable=False)
    created_at: datetime = utc_now_column()


class Review(SQLModel, table=True):
    """A clinician's signature, bound to the input hash; void when the inputs change.

    `agrees_with_screen` is computed. The signer's name, qualification and registration are those
    stated when it was given.
    """

    __tablename__ = "review"
    __table_args__ = (one_of("outcome", OUTCOMES), *are_sealed("reason"))

    id: int | None = identity()
    case_id: int = reference("case.id")
    assessment_id: int = reference("assessment.id")
    outcome: str = Field(max_length=30)
    agrees_with_screen: bool
    reason: str | None = sealed("review.reason", default=None)
    technique: str | None = Field(default=None, max_length=20)
    clinician_ref: str = Field(max_length=40)
    signer_name: str | None = Field(default=None, max_length=120)
    signer_qualification: str | None = Field(default=None, max_length=120)
    signer_registration: str | None = Field(default=None, max_length=80)
    input_hash: str = Field(max_length=64)
    signed_at: datetime = utc(nullable=False)
    void_at: datetime | None = utc()
    void_reason: str | None = Field(default=None, max_length=60)
    created_at: datetime = utc_now_column()
