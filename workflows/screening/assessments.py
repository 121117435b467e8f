"""From a case's accepted findings to a frozen suitability result, and when a signature is void."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Assessment, Case, FindingRecord, Patient, Review
from models.base import require_id
from models.finding import ACCEPTED
from suitability import Screening, parse_findings, screen
from suitability.deciding import NO_OUTREACH
from suitability.inputs import exact_age
from suitability.recheck import recheck
from workflows.engine.lookup import patient_of
from workflows.engine.world import World
from workflows.screening.standing_sets import made_with

SEXES = ("female", "male", "other")


def observations(
    session: Session, case: Case, on: date
) -> tuple[dict[str, list[dict[str, Any]]], dict[str, list[int]]]:
    """Return what a person accepted of this case, by field, and the finding ids used.

    Proposed values are never part of it. The site is the coordinator's, the sex is that of the
    patient's record, the age is computed from the birth date on `on` and not rounded; findings
    whose field no criterion reads stay out only where the vocabulary says so.
    """
    rows = session.scalars(
        select(FindingRecord)
        .where(col(FindingRecord.case_id) == case.id, col(FindingRecord.state).in_(ACCEPTED))
        .order_by(col(FindingRecord.id))
    ).all()
    used: dict[str, list[dict[str, Any]]] = {}
    ids: dict[str, list[int]] = {}
    for row in rows:
        used.setdefault(row.field, []).append(
            {
                "value": row.value,
                "unit": row.unit,
                "source": row.source,
                "date": row.report_date,
                "document_id": str(row.document_id) if row.document_id else None,
                "page": row.page,
                "quote": row.quote,
            }
        )
        ids.setdefault(row.field, []).append(require_id(row.id))
    if case.site:
        used["disease.site"] = [{"value": case.site, "source": "clinic_letter"}]
    patient = patient_of(session, require_id(case.id))
    age = age_years(patient, case, on)
    if age is not None and "patient.age_years" not in used:
        used["patient.age_years"] = [{"value": age, "source": "intake_form"}]
    if patient.sex in SEXES and "patient.sex" not in used:
        used["patient.sex"] = [{"value": patient.sex, "source": "intake_form"}]
    return used, ids


def age_years(patient: Patient, case: Case, on: date) -> float | None:
    """Return the patient's age in years on the planned operation's date, else on `on`."""
    if patient.birth_date is None:
        return None
    return exact_age(patient.birth_date, case.surgery_date or on)


def assess(
    session: Session, world: World, case: Case, phase: str, now: datetime
) -> tuple[Assessment, Screening]:
    """Screen the accepted findings and store the result with its inputs, frozen.

    Raises what `weigh` raises.
    """
    assessment, screening = weigh(session, world, case, phase, now)
    session.add(assessment)
    session.flush()
    return assessment, screening


def weigh(
    session: Session, world: World, case: Case, phase: str, now: datetime
) -> tuple[Assessment, Screening]:
    """Screen the accepted findings; return the result as it would be stored, not stored yet.

    The exact text of every set used is kept first. Raises `suitability.FindingsError` when a
    value does not fit the vocabulary, `adapters.storage.StorageError` when a text cannot be kept.
    """
    used, ids = observations(session, case, now.date())
    library = world.playbooks.criteria
    screening = screen(
        parse_findings(used, library, on=now.date()),
        phase="postop" if phase == "postop" else "preop",
        library=library,
    )
    world.criteria_archive.keep(library.sets[name] for name in screening.set_versions)
    result = {
        **screening.to_json(),
        "cautions": list(screening.cautions),
        "evidence": dict(screening.evidence),
    }
    if phase == "postop":
        result["recheck"] = recheck(screening).to_json()
    assessment = Assessment(
        case_id=require_id(case.id),
        phase=phase,
        category=screening.category,
        result=result,
        findings={"observations": used, "finding_ids": ids},
        set_versions=made_with(screening.set_versions, library),
        engine_version=screening.engine_version,
        input_hash=screening.input_hash,
        assessed_at=now,
    )
    return assessment, screening


def latest_assessment(
    session: Session, case_id: int, phase: str | None = None
) -> Assessment | None:
    """Return the newest result of a case, of one phase if given."""
    query = select(Assessment).where(col(Assessment.case_id) == case_id)
    if phase:
        query = query.where(col(Assessment.phase) == phase)
    return session.scalars(query.order_by(col(Assessment.id).desc()).limit(1)).first()


def stopping_category(session: Session, case_id: int) -> str | None:
    """Return the category of the newest pre-screen while it lets no hospital be asked."""
    newest = latest_assessment(session, case_id, "preop")
    return newest.category if newest and newest.category in NO_OUTREACH else None


def current_review(session: Session, case_id: int) -> Review | None:
    """Return the newest signature that is not void."""
    return session.scalars(
        select(Review)
        .where(col(Review.case_id) == case_id, col(Review.void_at).is_(None))
        .order_by(col(Review.id).desc())
        .limit(1)
    ).first()


def assessed_payload(assessment: Assessment) -> dict[str, Any]:
    """Return the payload of `suitability.assessed`: codes, versions and hashes."""
    result = assessment.result
    return {
        "assessment_id": require_id(assessment.id),
        "phase": assessment.phase,
        "category": assessment.category,
        "stops": assessment.category if assessment.category in NO_OUTREACH else None,
        "tags": list(result.get("tags", [])),
        "routes_open": list(result.get("routes_open", [])),
        "sets": {key: value["version"] for key, value in assessment.set_versions.items()},
        "missing_fields": [item["field"] for item in result.get("missing", [])],
        "input_hash": assessment.input_hash,
        "engine_version": assessment.engine_version,
        "same_day": bool(result.get("recheck", {}).get("same_day", False)),
    }
