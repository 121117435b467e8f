"""Photos of one paper become one document: upright, in the order of the paper.

Photos that lie beside each other in a sending and speak of nobody else are put together, and those
that a person chose (`workflows/documents/by_hand.py`). The photos stay as they came; findings are
looked for in the whole.
"""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import Session, col

from adapters.pictures.asking import NoPicture, TakenPhoto
from adapters.reader.media import PDF
from extractors.photos import Joined, Photo, join, turn_of
from extractors.types import Page
from models import Document, FindingRecord
from models.base import require_id
from workflows.cases.intake import store_original
from workflows.declared import Raises
from workflows.documents.pages_kept import (
    Recording,
    load_pages,
    note_text_extracted,
    store_pages,
    write_pages,
)
from workflows.documents.photos import JOINING, photos_of
from workflows.documents.scanning import found_in, locked_now
from workflows.documents.sending import members, order_of_coming
from workflows.engine.lookup import get
from workflows.engine.work import Unit, Work, slow
from workflows.engine.world import World

MOST_AT_ONCE = 4
LONG_SIDE = 1754
"""Pixels: 150 dots an inch on A4."""


@dataclass(frozen=True, slots=True)
class _Source:
    """A photo of a sending: where its bytes and words lie. The name is the sender's."""

    document_id: int
    object_key: str
    text_key: str
    name: str = field(repr=False)
    taken: str = ""


@dataclass(frozen=True, slots=True)
class _Made:
    """Photos as one document, stored but not yet written down: in order, and what was left out.

    `again` maps a photo to the better one of the same page. One photo alone is no new document.
    """

    photos: tuple[int, ...]
    again: dict[int, int]
    pages: tuple[Page, ...]
    sha256: str = ""
    key: str = ""
    size: int = 0
    text_key: str = ""


@slow(
    "extraction.join_photos",
    words="photos of one paper are put together",
    stopped="Photos of a paper were not put together",
    patient="Nothing is read from the photos until this is mended.",
    needs=("store",),
    raises=Raises(events=("document.superseded", "document.text_extracted")),
    ends={"document.text_extracted": "what was put together, or stayed alone, waits no more"},
)
def join_photos(work: Work) -> None:
    """Put the photos together that were waiting with this one; alone, each is read as it is."""
    with work.reading() as session:
        document = get(session, Document, work.object_id("document_id"))
        chosen = document.notes.get("join")
        runs = _runs(session, document) if chosen is None else [_chosen(session, document)]
    made = [one for run in runs for one in _made(work.world, run, by_hand=chosen is not None)]
    with work.finishing() as unit:
        document = get(unit.session, Document, work.object_id("document_id"))
        picked = _of_choice(unit.session, document) if chosen is not None else []
        wholes = [one for one in picked if photos_of(one.notes)]
        for one in made:
            numbers = sorted((*one.photos, *one.again))
            photos = {n: locked_now(unit, n)[0] for n in numbers}
            # Another run may have been quicker: what it put together does not wait any more.
            if all(_is_ready(photo) for photo in photos.values()):
                by = _write_down(unit, one, photos)
                for whole in wholes:
                    retire(unit, whole, by)


def _runs(session: Session, document: Document) -> list[list[_Source]]:
    """Return the photos of the sending, parted where other files came in between."""
    came = order_of_coming(session, document.case_id)
    sent = [one for one in members(session, document) if one.state not in _LEFT_OUT]
    runs = groupby(sorted(sent, key=came), key=_is_ready)
    return [[_source(one) for one in run] for ready, run in runs if ready]


_LEFT_OUT = ("duplicate", "unreadable", "superseded", "quarantined")
"""What parts no two photos: copies, photos without words, archives that held them."""


def _chosen(session: Session, document: Document) -> list[_Source]:
    """Return the photos that a person chose together with this one."""
    return [_source(one) for one in _of_choice(session, document) if _is_ready(one)]


def _of_choice(session: Session, document: Document) -> list[Document]:
    """Return the photos, and documents of photos, that a person chose together with this one."""
    known = session.scalars(
        select(Document).where(col(Document.case_id) == document.case_id).order_by(col(Document.id))
    )
    return [one for one in known if one.notes.get("join") == document.notes["join"]]


def _is_ready(document: Document) -> bool:
    joins = document.state == "read" and document.notes.get("photo") == JOINING
    return joins and not found_in(document)


def _source(document: Document) -> _Source:
    return _Source(
        require_id(document.id),
        document.object_key,
        document.text_object_key or "",
        document.file_name,
        str(document.notes.get("taken", "")),
    )


def _made(world: World, run: Sequence[_Source], *, by_hand: bool) -> list[_Made]:
    """Return what becomes of photos that lie beside each other."""
    sources = {one.document_id: one for one in run}
    photos = [
        Photo(one.document_id, load_pages(world.storage, one.text_key)[0], one.name, one.taken)
        for one in run
    ]
    joined = join(photos, anyway=by_hand)
    if joined is None:
        return [_Made((photo.number,), {}, (photo.page,)) for photo in photos]
    drawn = _drawn(world, sources, joined.photos)
    taken = [(number, one) for number, one in drawn.items() if one is not None]
    alone = [photo for photo in joined.photos if drawn[photo.number] is None]
    found = [_Made((photo.number,), {}, (photo.page,)) for photo in alone]
    if len(taken) < 2:
        return [
            *found,
            *(_Made((number,), _again(joined, {number}), (one.page,)) for number, one in taken),
        ]
    content, pages = world.pictures.joined([one for _, one in taken])
    sha256, key = store_original(world, content)
    text_key = store_pages(world.storage, sha256, pages)
    numbers = tuple(number for number, _ in taken)
    again = _again(joined, set(numbers))
    return [*found, _Made(numbers, again, pages, sha256, key, len(content), text_key)]


def _again(joined: Joined, numbers: set[int]) -> dict[int, int]:
    return {one.number: by.number for one, by in joined.again if by.number in numbers}


def _drawn(
    world: World, sources: Mapping[int, _Source], photos: Sequence[Photo]
) -> dict[int, TakenPhoto | None]:
    """Draw the photos, a few at once; each is drawn in a process of its own."""

    def draw(photo: Photo) -> TakenPhoto | None:
        return _taken(world, sources[photo.number], photo)

    with ThreadPoolExecutor(min(world.settings.pages_at_once, MOST_AT_ONCE)) as threads:
        return dict(zip([one.number for one in photos], threads.map(draw, photos), strict=True))


def _taken(world: World, source: _Source, photo: Photo) -> TakenPhoto | None:
    """Draw a photo as it lies; None when it cannot be drawn."""
    page = photo.page
    across = LONG_SIDE * min(1.0, page.width / page.height)
    try:
        picture = world.pictures.page(world.storage.get(source.object_key), 1, round(across))
    except NoPicture:
        return None
    return TakenPhoto(picture, page, turn_of(page))


def _write_down(unit: Unit, made: _Made, photos: Mapping[int, Document]) -> int:
    """Write the document of photos, or send a lone one on its way; return its id."""
    first = photos[made.photos[0]]
    for photo in photos.values():
        gone = ("photo", "join")
        photo.notes = {name: value for name, value in photo.notes.items() if name not in gone}
    whole = first if len(made.photos) == 1 else _whole(unit.session, first, made)
    whole_id = require_id(whole.id)
    for number, photo in photos.items():
        if photo is not whole:
            again = {"shows_again": made.again[number]} if number in made.again else {}
            photo.notes = {**photo.notes, "joined_in": whole_id, **again}
            retire(unit, photo, whole_id)
    note_text_extracted(unit, whole, made.pages)
    return whole_id


def _whole(session: Session, first: Document, made: _Made) -> Document:
    whole = Document(
        case_id=first.case_id,
        sha256=made.sha256,
        object_key=made.key,
        size=made.size,
        file_name=f"{len(made.photos)} photos",
        media_type=PDF,
        channel=first.channel,
        state="read",
        read_status="read",
        pages=len(made.pages),
        text_object_key=made.text_key,
        notes={"photos": list(made.photos)},
        **_scan_of(session, made.photos),
        received_at=first.received_at,
    )
    session.add(whole)
    session.flush()
    write_pages(session, require_id(whole.id), made.pages)
    return whole


def _scan_of(session: Session, photos: Iterable[int]) -> dict[str, Any]:
    """What is made of clean photos is clean since the oldest scan of them."""
    sources = [get(session, Document, number) for number in photos]
    moments = [one.scanned_at for one in sources if one.scanned_at and one.scan == "clean"]
    if len(moments) < len(sources):
        return {}
    return {"scan": "clean", "scanned_at": min(moments)}


def retire(by_whom: Recording, document: Document, by: int) -> None:
    """Take a document out of what is looked at: another stands for it."""
    document_id = require_id(document.id)
    if document.state == "superseded":
        return
    by_whom.session.execute(
        delete(FindingRecord).where(
            col(FindingRecord.document_id) == document_id, col(FindingRecord.state) == "proposed"
        )
    )
    document.state = "superseded"
    document.notes = {name: value for name, value in document.notes.items() if name != "join"}
    objects = {"document_id": document_id}
    by_whom.record("document.superseded", {**objects, "by": by}, objects)
