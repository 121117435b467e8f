"""Which hospitals of the directory fit a case, best first, and which of them wait for a word."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from correspondence.directory import ShortlistEntry, shortlist
from models import Case, Hospital, OutreachThread
from models.base import require_id
from workflows.directory.measured import measured
from workflows.directory.store import record_of
from workflows.engine.world import World
from workflows.screening.assessments import current_review, latest_assessment


def techniques_of(session: Session, world: World, case: Case) -> list[str]:
    """Return the techniques to look for: the clinician's, the open routes, else the site's."""
    case_id = require_id(case.id)
    review = current_review(session, case_id)
    if review is not None and review.technique:
        return [review.technique]
    assessment = latest_assessment(session, case_id, "preop")
    routes = list(assessment.result.get("routes_open") or []) if assessment else []
    if routes:
        return routes
    fit = world.playbooks.criteria.capability["site_fit"]
    return [name for name, use in fit.get(case.site, {}).items() if use != "not_listed"]


def fitting(
    session: Session,
    case: Case,
    now: datetime,
    techniques: Sequence[str],
    *,
    asked_too: bool = False,
) -> list[ShortlistEntry]:
    """Return each hospital that fits once, with the unit that fits best; best first.

    The family's wish of country and its language count, and how the hospital was seen to answer.
    Those that were asked already are left out unless `asked_too`.
    """
    asked = (
        set()
        if asked_too
        else set(
            session.scalars(
                select(col(OutreachThread.hospital_id)).where(
                    col(OutreachThread.case_id) == case.id
                )
            )
        )
    )
    rows = session.scalars(select(Hospital).where(col(Hospital.active))).all()
    records = [record_of(row) for row in rows if require_id(row.id) not in asked]
    known = measured(session, now)
    best: dict[str, ShortlistEntry] = {}
    for technique in techniques:
        for entry in shortlist(
            records,
            case.site or "other",
            technique,
            now.date(),
            countries=case.wished_countries,
            languages=(case.language,),
            measured=known,
        ):
            before = best.get(entry.hospital.hospital_id)
            if before is None or _behind(entry) < _behind(before):
                best[entry.hospital.hospital_id] = entry
    return sorted(best.values(), key=lambda one: (*_behind(one), one.hospital.hospital_id))


def _behind(entry: ShortlistEntry) -> tuple[bool, bool, float]:
    return not entry.choosable, not entry.to_confirm, -entry.score
