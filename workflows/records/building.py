"""The files of an approved package are built of exactly what was looked at, and opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from deidentify import Identity
from models import DeskLink, Document, RecordsPackage, RecordsPart
from models.base import require_id
from workflows.declared import Raises
from workflows.engine.lookup import get
from workflows.engine.work import Unit, Work, slow
from workflows.outreach.desk_links import why_shut
from workflows.records.approving import pages_of
from workflows.records.closing import REASONS, why_over
from workflows.records.hiding import (
    Built,
    NotHidden,
    Source,
    built_of,
    identity_of,
    original_of,
    source_of,
)
from workflows.records.packages import D2, ENDING, about_package, consent_for, end_package, parts_of

RELEASED = "package.released"


@dataclass(frozen=True, slots=True)
class _Plan:
    """A file to build: of originals (`boxes` is None), or of pages with these places covered."""

    source: Source
    media_type: str
    boxes: Mapping[int, Sequence[Mapping[str, Any]]] | None = field(repr=False)


@slow(
    "extraction.build_package",
    words="the files of approved records are built",
    stopped="The files of approved records were not built",
    patient="The hospital waits for records that were approved already.",
    needs=("store",),
    raises=Raises(events=(RELEASED, *ENDING)),
)
def build_package(work: Work) -> None:
    """Build each file of an approved package, then open it to its recipients.

    What it rests on is asked once more in the transaction that opens it.
    """
    with work.reading() as session:
        package = get(session, RecordsPackage, work.object_id("package_id"))
        plans = _plans(session, package) if package.state == "building" else {}
        identity = identity_of(session, package.case_id)
    try:
        built = {number: _built(work, plan, identity) for number, plan in plans.items()}
        failed = False
    except NotHidden:
        built, failed = {}, True
    with work.finishing() as unit:
        package = get(unit.session, RecordsPackage, work.object_id("package_id"))
        if package.state != "building":
            return
        reason = "failed" if failed else why_over(unit, package) or _no_link(unit, package)
        if reason:
            end_package(unit, package, reason)
            return
        _open(unit, package, built)


def _no_link(unit: Unit, package: RecordsPackage) -> str | None:
    """Return why no link would show it, whether or not its row was ended already."""
    links = [unit.session.get_one(DeskLink, number) for number in package.link_ids]
    whys = [why_shut(unit.session, unit.world, link) for link in links]
    return None if None in whys else REASONS.get((whys or [None])[-1] or "", "closed")


def _plans(session: Session, package: RecordsPackage) -> dict[int, _Plan]:
    pages = pages_of(session, require_id(package.id))
    plans = {}
    for part in parts_of(session, require_id(package.id)):
        document = get(session, Document, part.document_id)
        own = {page.number: page.boxes for page in pages if page.part_id == part.id}
        plans[require_id(part.id)] = _Plan(
            source_of(document, part.pages),
            document.media_type or "",
            own if package.level == D2 else None,
        )
    return plans


def _built(work: Work, plan: _Plan, identity: Identity) -> Built:
    if plan.boxes is None:
        return original_of(work.world, plan.source, plan.media_type)
    return built_of(work.world, plan.source, identity, plan.boxes)


def _open(unit: Unit, package: RecordsPackage, built: Mapping[int, Built]) -> None:
    session = unit.session
    for number, file in built.items():
        part = get(session, RecordsPart, number)
        part.object_key, part.media_type, part.size = file.key, file.media_type, file.size
    package.state, package.released_at = "released", unit.now
    links = [session.get_one(DeskLink, number) for number in package.link_ids]
    ends = [link.expires_at for link in links if why_shut(session, unit.world, link) is None]
    consent = consent_for(session, package.case_id, package.hospital_id, package.level)
    payload = {
        **about_package(package),
        "deid_level": package.level,
        "documents": len(built),
        "link_expires_at": max(ends).isoformat(),
        "consent_id": require_id(consent.id) if consent else None,
    }
    unit.record(RELEASED, payload, about_package(package))
