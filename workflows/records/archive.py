"""Records as an encrypted archive by mail, for whom the link does not open ("LINK").

The password goes another way: a coordinator reads it out. It is made from the package's row and the
secret key, and stands in no table, letter or page.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from accounts import audit
from accounts.desk_links import new_code_seed, password_of_seed
from adapters.sealed_zip import sealed_zip
from models import DeskLink, OutreachThread, RecordsPackage
from models.base import require_id
from models.database import transaction
from workflows.declared import Raises
from workflows.engine.acting import acting
from workflows.engine.deciding import COORDINATORS, DecisionRefused
from workflows.engine.lookup import get
from workflows.engine.work import Unit, Work, slow
from workflows.engine.world import World
from workflows.events import Actor
from workflows.letters.enclosures import MOST_BYTES
from workflows.outreach.desk_links import why_shut
from workflows.outreach.writing import DRAFTING, draft
from workflows.records.closing import why_over
from workflows.records.packages import D3, parts_of
from workflows.records.sheet import sheet_pdf
from workflows.records.telling import WAITING, house_fields, written

BRINGS_ARCHIVE = "M61"
SHEET_BYTES = 100_000
"""More than any data sheet as a PDF has."""
_ENDINGS = {
    "application/pdf": "pdf",
    "image/jpeg": "jpg",
    "image/png": "png",
    "application/dicom": "dcm",
}


def ask_for_archive(world: World, package_id: int, actor: Actor) -> str:
    """Have an open package put into an encrypted archive; return the reference of its case.

    Raises `DecisionRefused`, also where it is too large for a mail.
    """
    _may(actor)
    with transaction(world.engine) as session:
        case_id = get(session, RecordsPackage, package_id).case_id
    with acting(world, case_id, actor) as by:
        package = get(by.session, RecordsPackage, package_id)
        by.session.refresh(package, with_for_update=True)
        if package.state != "released":
            raise DecisionRefused("These records are not open: release them first.")
        parts = parts_of(by.session, package_id)
        size = SHEET_BYTES + sum(part.size or 0 for part in parts)
        if size > MOST_BYTES:
            raise DecisionRefused(
                f"The files are {size / 1e6:.0f} MB together, and a letter takes "
                f"{MOST_BYTES / 1e6:.0f} MB: choose fewer pages, or send a disc by courier."
            )
        links = [get(by.session, DeskLink, number) for number in package.link_ids]
        if all(written(by.session, package, link, BRINGS_ARCHIVE, WAITING) for link in links):
            raise DecisionRefused("The letter that brings the archive waits to leave already.")
        # Once made it stays as it is: who has the first letter is told no other password.
        package.archive_seed = package.archive_seed or new_code_seed(world.keys.ring)
        by.session.flush()
        objects = {"package_id": package_id, "thread_id": package.thread_id}
        by.request("build_archive", objects)
        return by.case.ref


def password_to_tell(world: World, package_id: int, actor: Actor) -> str:
    """Return the password of a package's archive, to be read out; who saw it is written down."""
    _may(actor)
    with transaction(world.engine) as session:
        package = get(session, RecordsPackage, package_id)
        if package.archive_seed is None:
            raise DecisionRefused("No archive was made of these records.")
        audit.note(
            session,
            actor_ref=actor.ref,
            action="records.password_shown",
            at=world.clock.now(),
            object_ref=f"package:{package_id}",
            case_id=package.case_id,
        )
        return password_of_seed(world.keys.ring, package.archive_seed)


def _may(actor: Actor) -> None:
    if actor.type not in (*COORDINATORS, "administrator"):
        raise DecisionRefused("Only a coordinator sends records.")


@slow(
    "extraction.build_archive",
    words="records are put into an encrypted archive",
    stopped="Records were not put into an encrypted archive",
    patient="A hospital whose network does not open the link waits for the records.",
    needs=("store",),
    raises=Raises(events=DRAFTING, letters=(BRINGS_ARCHIVE,)),
)
def build_archive(work: Work) -> None:
    """Build the archive of an open package, and write the letter that brings it, for approval."""
    package_id = work.object_id("package_id")
    with work.reading() as session:
        package = get(session, RecordsPackage, package_id)
        seed, sheet, built = package.archive_seed, dict(package.sheet), package.archive_key
        keys = [(part.object_key or "", part.media_type) for part in parts_of(session, package_id)]
        wanted = package.state == "released" and seed is not None
    if not wanted or seed is None:
        with work.finishing():
            return
    key = built or _build(work.world, seed, sheet, keys)
    with work.finishing() as unit:
        package = get(unit.session, RecordsPackage, package_id)
        if why_over(unit, package) is not None:
            return
        package.archive_key = key
        only = unit.row.objects.get("link_id")
        _write(unit, package, package.link_ids if only is None else [int(only)])


def _build(
    world: World, seed: str, sheet: dict[str, Any], keys: Sequence[tuple[str, str | None]]
) -> str:
    """Put the files into an archive and return the key under which it is stored."""
    files = [("01-data-sheet.pdf", sheet_pdf(sheet))]
    for number, (key, kind) in enumerate(keys, 2):
        ending = _ENDINGS.get(kind or "", "bin")
        files.append((f"{number:02d}-record.{ending}", world.storage.get(key)))
    content = sealed_zip(files, password_of_seed(world.keys.ring, seed))
    key = f"records/{hashlib.sha256(content).hexdigest()}"
    world.storage.put(key, content, "application/zip")
    return key


def _write(unit: Unit, package: RecordsPackage, links: Sequence[int]) -> None:
    """Write the letter to each recipient for whom none waits to leave."""
    thread = get(unit.session, OutreachThread, package.thread_id)
    for number in links:
        link = get(unit.session, DeskLink, number)
        if why_shut(unit.session, unit.world, link) is not None:
            continue
        if written(unit.session, package, link, BRINGS_ARCHIVE, WAITING):
            continue
        told = {
            "package_id": require_id(package.id),
            "link_id": number,
            "archive_key": package.archive_key,
            "named": package.level == D3,
        }
        fields: dict[str, Any] = {
            **house_fields(unit, thread),
            "thread_subject": thread.subject,
            "n": len(parts_of(unit.session, require_id(package.id))),
            "level": package.level,
        }
        draft(unit, thread, BRINGS_ARCHIVE, told=told, fields=fields, to=link.address)
