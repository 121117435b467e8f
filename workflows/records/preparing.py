"""A chosen package is prepared: each page drawn, what names somebody covered, read anew."""

from collections.abc import Mapping, Sequence

from deidentify import Identity
from models import Document, RecordsPackage, RecordsPage
from models.base import require_id
from workflows.declared import Raises
from workflows.engine.lookup import get
from workflows.engine.work import Unit, Work, slow
from workflows.records.hiding import (
    HiddenPage,
    NotHidden,
    Source,
    hidden_pages,
    identity_of,
    source_of,
)
from workflows.records.packages import D2, ENDING, about_package, end_package, parts_of, replaced

PREPARED = "package.prepared"
Made = Mapping[int, "Sequence[HiddenPage] | str"]
"""By part: its pages, or the code of why they cannot be made."""


@slow(
    "extraction.prepare_package",
    words="records for a hospital are prepared",
    stopped="Records for a hospital were not prepared",
    patient="The hospital waits for the records and cannot look at the case.",
    needs=("store",),
    raises=Raises(events=(PREPARED, *ENDING)),
)
def prepare_package(work: Work) -> None:
    """Prepare each document of a package; one that cannot be prepared says so and leaves nothing.

    Names are looked for only where they are to be removed (D2): originals leave as they are.
    """
    with work.reading() as session:
        package = get(session, RecordsPackage, work.object_id("package_id"))
        hides = package.state == "preparing" and package.level == D2
        rows = parts_of(session, require_id(package.id)) if hides else []
        sources = {
            require_id(row.id): source_of(get(session, Document, row.document_id), row.pages)
            for row in rows
        }
        identity = identity_of(session, package.case_id)
    made = {number: _hidden(work, source, identity) for number, source in sources.items()}
    with work.finishing() as unit:
        package = get(unit.session, RecordsPackage, work.object_id("package_id"))
        if package.state != "preparing":
            return
        if replaced(unit.session, package):
            end_package(unit, package, "replaced")
            return
        _write_down(unit, package, made)


def _hidden(work: Work, source: Source, identity: Identity) -> Sequence[HiddenPage] | str:
    try:
        return hidden_pages(work.world, source, identity)
    except NotHidden as refused:
        return refused.code


def _write_down(unit: Unit, package: RecordsPackage, made: Made) -> None:
    session, failed = unit.session, 0
    for part in parts_of(session, require_id(package.id)):
        found = made.get(require_id(part.id), ())
        if isinstance(found, str):
            part.state, part.problem = "failed", found
            failed += 1
            continue
        part.state = "ready"
        for page in found:
            session.add(
                RecordsPage(
                    case_id=package.case_id,
                    part_id=require_id(part.id),
                    number=page.number,
                    width=page.drawn.width,
                    height=page.drawn.height,
                    boxes=[dict(one) for one in page.boxes],
                    looks=[dict(one) for one in page.looks],
                    left_over=[dict(one) for one in page.drawn.left_over],
                    after_key=page.drawn.after_key,
                )
            )
    package.state = "to_approve"
    session.flush()
    count = len(parts_of(session, require_id(package.id)))
    payload = {**about_package(package), "documents": count, "failed": failed}
    unit.record(PREPARED, payload, about_package(package))
