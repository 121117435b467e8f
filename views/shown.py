"""Rows as pages get them: frozen, without the columns that are nobody's to read.

Names and meaning of the fields are those of `models`; `id` is always there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlmodel import SQLModel

from extractors.languages import read_from
from extractors.reasons import SENTENCES

Shown = TypeVar("Shown")


def shown(kind: type[Shown], row: SQLModel) -> Shown:
    """Return a row that has its id as the frozen value `kind`."""
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    return kind(**{name: getattr(row, name) for name in names})


@dataclass(frozen=True, slots=True)
class ShownCase:
    """A case: states and dates, no personal data."""

    id: int
    ref: str
    state: str
    stage: str
    on_hold: bool
    waiting_on: str
    waiting_since: datetime | None
    pathology_state: str
    site: str | None
    urgency: str
    source: str
    language: str
    residence_country: str | None
    coordinator_ref: str | None
    admission_date: date | None
    surgery_date: date | None
    discharge_date: date | None
    return_date: date | None
    rehearsal: bool
    outcome: str | None
    opened_at: datetime
    closed_at: datetime | None
    erase_on: date | None
    keep_reason: str | None
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShownPatient:
    """The patient of a case: personal data."""

    id: int
    name: str | None
    other_names: Sequence[str]
    birth_date: date | None
    sex: str | None
    record_number: str | None
    email: str | None
    phone: str | None
    time_zone: str
    nationality: str | None
    intake: Mapping[str, Any]
    deceased_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShownDocument:
    """One file of a case, without the password it came with."""

    id: int
    case_id: int
    sha256: str
    object_key: str
    size: int
    file_name: str
    media_type: str | None
    channel: str
    state: str
    quarantine_reason: str | None
    scan: str
    scanned_at: datetime | None
    read_status: str | None
    pages: int | None
    text_object_key: str | None
    label: str | None
    label_confidence: float | None
    organ: str | None
    language: str | None
    identity_result: str | None
    report_date: date | None
    duplicate_of: int | None
    extractor_version: str | None
    notes: Mapping[str, Any]
    received_at: datetime

    @property
    def why_nothing(self) -> str | None:
        """The sentence that says why nothing was read of it; None where something was."""
        return SENTENCES.get(str(self.notes.get("reason")))

    @property
    def read_from(self) -> str | None:
        """The sentence that names the language of its values; None where that is English."""
        parts = (part.get("language") for part in self.notes.get("parts", ()))
        said = (read_from(str(language)) for language in (self.language, *parts))
        return next((sentence for sentence in said if sentence), None)


@dataclass(frozen=True, slots=True)
class ShownPage:
    """How one page was read; sizes in points."""

    id: int
    document_id: int
    number: int
    width: float
    height: float
    method: str
    reason: str
    characters: int
    confidence: float


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """One statement of a document with its evidence; see `models.finding`."""

    id: int
    case_id: int
    document_id: int | None
    field: str
    value: Any
    proposed_value: Any
    unit: str | None
    source: str
    report_date: str | None
    page: int | None
    box: Sequence[float] | None
    quote: str | None
    section: str | None
    specimen: str | None
    confidence: float
    extractor_version: str
    state: str
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class ShownAssessment:
    """One frozen pre-screen with its inputs."""

    id: int
    case_id: int
    phase: str
    category: str | None
    result: Mapping[str, Any]
    findings: Mapping[str, Any]
    set_versions: Mapping[str, Any]
    engine_version: str
    input_hash: str
    assessed_at: datetime


@dataclass(frozen=True, slots=True)
class ShownReview:
    """A clinician's signature on a result."""

    id: int
    case_id: int
    assessment_id: int
    outcome: str
    agrees_with_screen: bool
    reason: str | None
    technique: str | None
    clinician_ref: str
    signer_name: str | None
    signer_qualification: str | None
    signer_registration: str | None
    input_hash: str
    signed_at: datetime
    void_at: datetime | None
    void_reason: str | None


@dataclass(frozen=True, slots=True)
class ShownThread:
    """One hospital's conversation about a case."""

    id: int
    case_id: int
    hospital_id: int
    state: str
    subject: str
    technique: str | None
    attempts: int
    reply_by: date | None
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShownHospital:
    """One hospital of the directory."""

    id: int
    code: str
    name: str
    city: str
    country: str
    email: str
    languages: Sequence[str]
    units: Sequence[Mapping[str, Any]]
    fictitious: bool
    active: bool
    last_confirmed_on: date | None


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """One letter, in or out: personal data."""

    id: int
    case_id: int | None
    thread_id: int | None
    direction: str
    state: str
    template: str | None
    template_version: str | None
    language: str
    to_role: str
    automated: bool
    address: str
    subject: str
    body: str
    raw_object_key: str | None
    raw_sha256: str | None
    sent_sha256: str | None
    attachments: Sequence[int] | None
    held_for: str | None
    approved_by: str | None
    approved_at: datetime | None
    sent_at: datetime | None
    reply_class: str | None
    reply_confidence: float | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ShownOffer:
    """What a hospital offers; amounts in `currency`."""

    id: int
    case_id: int
    thread_id: int
    hospital_id: int
    state: str
    technique: str | None
    currency: str
    amount_low: Decimal
    amount_high: Decimal
    supplementary_ebrt_cost: Decimal | None
    supplementary_ebrt_high: Decimal | None
    deposit_amount: Decimal | None
    deposit_pct: Decimal | None
    deposit_terms: str | None
    conditions: str | None
    inclusions: Sequence[str]
    exclusions: Sequence[str]
    stay_days: int | None
    earliest_admission: date | None
    valid_until: date | None
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ShownItem:
    """One item of the travel checklist."""

    id: int
    case_id: int
    code: str
    title: str
    owner: str
    blocking: bool
    due: date | None
    latest: date | None
    depends_on: Sequence[str]
    template_version: str
    state: str
    reason: str | None
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """One question of the follow-up plan and its answer."""

    id: int
    case_id: int
    code: str
    due: date
    ask: str
    recipients: Sequence[str]
    critical: bool
    origin: str
    state: str
    sent_at: datetime | None
    answer: str | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShownConsent:
    """One granted scope."""

    id: int
    case_id: int
    scope: str
    hospital_id: int | None
    recipient: str | None
    recipient_country: str | None
    law: str | None
    text_version: str
    signed_by: str
    method: str
    ground: str | None
    paper_id: int | None
    authority_id: int | None
    granted_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShownTask:
    """One question to one role, open or answered."""

    id: int
    case_id: int | None
    kind: str
    role: str
    state: str
    due_at: datetime
    objects: Mapping[str, Any]
    detail: str | None
    answer: str | None
    reason: str | None
    done_by: str | None
    opened_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One act of the directory's history: the fields that changed, never their values."""

    id: int
    act: str
    unit: int | None
    technique: str | None
    fields: Sequence[str]
    confirmed_on: date | None
    evidence: str
    file_sha256: str | None
    actor_ref: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ShownView:
    """A filter of a list that somebody keeps under a name; `chosen` holds codes by filter name."""

    id: int
    place: str
    name: str
    chosen: Mapping[str, str]
    is_default: bool
