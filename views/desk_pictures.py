"""Pages of records as pictures for the hospital's desk: only those that its link shows now."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from adapters.pictures.asking import NoPicture
from adapters.storage import StorageError
from models import Document, RecordsPackage, RecordsPage, RecordsPart
from models.database import transaction
from workflows.documents.page_pictures import small_picture
from workflows.engine.lookup import get
from workflows.engine.words import in_words
from workflows.engine.world import World
from workflows.records.desk import OpenDesk, note_visit, shown_part
from workflows.records.packages import D2


@dataclass(frozen=True, slots=True)
class PartPages:
    """A document that can be looked at: its kind, and the numbers of its pages."""

    id: int
    kind: str
    level: str
    numbers: tuple[int, ...]


def pictures_of(world: World, desk: OpenDesk, part_id: int) -> PartPages | None:
    """Return the pages of a part that the link shows; None for any other."""
    with transaction(world.engine) as session:
        part = shown_part(session, desk, part_id)
        if part is None:
            return None
        document = get(session, Document, part.document_id)
        level = get(session, RecordsPackage, part.package_id).level
        numbers = tuple(part.pages) or tuple(range(1, (document.pages or 0) + 1))
        return PartPages(part_id, in_words(document.label or "other"), level, numbers)


def desk_picture(
    world: World, desk: OpenDesk, part_id: int, number: int, place: str, country: str | None
) -> bytes | None:
    """Return a page as WebP, and write down that it was looked at; None for one that is not shown.

    Of records without names it is the page exactly as it was approved.
    """
    with transaction(world.engine) as session:
        part = shown_part(session, desk, part_id)
        if part is None:
            return None
        level = get(session, RecordsPackage, part.package_id).level
        page = _approved(session, part, number)
        document = get(session, Document, part.document_id)
        wanted = page is not None if level == D2 else not part.pages or number in part.pages
        if not wanted:
            return None
        note_visit(session, world, desk, "picture", place, country, part_id=part_id, page=number)
        key = page.after_key if page is not None else ""
    try:
        if level == D2:
            return world.storage.get(key)  # drawn as WebP when it was approved
        return small_picture(world, document, number)
    except (NoPicture, StorageError):
        return None


def _approved(session: Session, part: RecordsPart, number: int) -> RecordsPage | None:
    return session.scalars(
        select(RecordsPage).where(
            col(RecordsPage.part_id) == part.id, col(RecordsPage.number) == number
        )
    ).first()
