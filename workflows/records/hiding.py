"""What names somebody on a page, covered: where the workflows ask for redaction.

What is covered was found by the program or chosen by a person; the page that leaves is drawn with
it, read anew, and what still looks like the patient's is kept beside it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from adapters.redaction.types import Cover, Imaging, NotRedacted, PageFound, Redacted
from adapters.storage import StorageError
from deidentify import Identity
from models import ContactPoint, Document
from workflows.engine.lookup import patient_of
from workflows.engine.world import World

WEBP, DICOM = "image/webp", "application/dicom"
FRAME = 512.0
"""What stands for the size of an image's frame, whose own is kept nowhere."""
MOVED = (30, 330)
"""Days by which the days of a case's images are moved back: its own number, between these."""
ASKERS = ("asker_name", "signer_name", "companion_name", "home_doctor")
"""Fields of the inquiry with the name of somebody near the patient."""


class NotHidden(Exception):
    """A file cannot be prepared without names; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page as it will leave: its picture lies under `after_key`; what is still on it."""

    width: float
    height: float
    left_over: Sequence[Mapping[str, Any]] = field(repr=False)
    after_key: str


@dataclass(frozen=True, slots=True)
class HiddenPage:
    """A page with what is covered on it, and where a person must look."""

    number: int
    drawn: Drawn
    boxes: Sequence[Mapping[str, Any]] = field(repr=False)
    looks: Sequence[Mapping[str, Any]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Source:
    """A document whose pages are covered: where its bytes lie, and how they are opened."""

    key: str = field(repr=False)
    password: str | None = field(repr=False)
    pages: tuple[int, ...]
    """Page numbers; all where it is empty."""
    media_type: str = ""
    case_id: int = 0


@dataclass(frozen=True, slots=True)
class Built:
    """A file that leaves, in the store."""

    key: str
    media_type: str
    size: int


def source_of(document: Document, pages: Sequence[int]) -> Source:
    """Return where a document's pages are taken from."""
    media_type = document.media_type or ""
    return Source(
        document.object_key, document.password, tuple(pages), media_type, document.case_id
    )


def identity_of(session: Session, case_id: int) -> Identity:
    """Return all that the case knows of its patient and of who is with them."""
    patient = patient_of(session, case_id)
    points = session.scalars(select(ContactPoint).where(col(ContactPoint.case_id) == case_id)).all()
    said = patient.intake or {}
    others = [one.name for one in points if one.name and one.whose != "patient"]
    others += [str(said[name]) for name in ASKERS if said.get(name)]
    addresses = (patient.email, *(point.address for point in points))
    return Identity(
        names=tuple(one for one in (patient.name, *patient.other_names) if one),
        others=tuple(dict.fromkeys(others)),
        births=(patient.birth_date,) if patient.birth_date else (),
        phones=tuple(one for one in (patient.phone,) if one),
        emails=tuple(dict.fromkeys(one for one in addresses if one)),
        numbers=tuple(one for one in (patient.record_number,) if one),
    )


def hidden_pages(world: World, source: Source, identity: Identity) -> list[HiddenPage]:
    """Return the pages of a document with what names somebody covered; raise `NotHidden`."""
    content = _content(world, source)
    if source.media_type == DICOM:
        return [_hidden_image(world, content, source, identity)]
    wanted = list(source.pages) or None
    found = world.redactor.find(content, identity, pages=wanted, password=source.password)
    if found.problem:
        raise NotHidden(found.problem)
    bad = next((page.problem for page in found.pages if page.problem), "")
    if bad:
        raise NotHidden(bad)
    boxes = {page.number: _boxes(page) for page in found.pages}
    covers = {number: covers_of(rows) for number, rows in boxes.items()}
    redacted = _redacted(world, content, covers, identity, source)
    drawn = _drawn(world, redacted)
    return [
        HiddenPage(
            page.number,
            drawn[page.number],
            boxes[page.number],
            [{"box": list(one.box), "why": one.why} for one in page.looks],
        )
        for page in found.pages
    ]


def _hidden_image(world: World, content: bytes, source: Source, identity: Identity) -> HiddenPage:
    """Return a DICOM image without who it is of; what is burned into its frames a person sees."""
    image = _image(world, content, source, identity)
    left = [{"text": one.text, "certain": one.certain} for one in image.survivors]
    frame = _kept(world, image.frame, WEBP).key
    looks = [{"box": [], "why": "burned_in"}] if image.needs_a_person else []
    return HiddenPage(1, Drawn(FRAME, FRAME, left, frame), (), looks)


def _image(world: World, content: bytes, source: Source, identity: Identity) -> Imaging:
    """Clean a DICOM image: identifiers become others and days move, alike for all of one case."""
    marks, case = world.keys.marks, f"case-{source.case_id}"
    moved = int(marks.of("dicom days", case)[:8], 16) % (MOVED[1] - MOVED[0]) + MOVED[0]
    try:
        return world.redactor.imaging(
            content, identity, alias=case, secret=marks.of("dicom", case), shift_days=-moved
        )
    except NotRedacted as refused:
        raise NotHidden(refused.problem or "damaged") from None


def _boxes(page: PageFound) -> list[dict[str, Any]]:
    return [
        {
            "box": [round(edge, 2) for edge in box],
            "kind": hit.kind,
            "why": hit.why,
            "by": "program",
            "certain": hit.certain,
            "instead": "" if at else hit.instead,
        }
        for hit in page.hits
        for at, box in enumerate(hit.boxes)
    ]


def covers_of(rows: Sequence[Mapping[str, Any]]) -> list[Cover]:
    """Return the places to be blackened of a page's boxes as they are kept."""
    found = []
    for row in rows:
        x0, top, x1, bottom = (float(edge) for edge in row["box"])
        found.append(Cover((x0, top, x1, bottom), str(row.get("instead") or "")))
    return found


def drawn_again(
    world: World, source: Source, identity: Identity, number: int, rows: Sequence[Mapping[str, Any]]
) -> Drawn:
    """Return one page drawn with these boxes covered; raise `NotHidden`."""
    content = _content(world, source)
    one = Source(source.key, source.password, (number,))
    redacted = _redacted(world, content, {number: covers_of(rows)}, identity, one)
    return _drawn(world, redacted)[number]


def built_of(
    world: World,
    source: Source,
    identity: Identity,
    rows: Mapping[int, Sequence[Mapping[str, Any]]],
) -> Built:
    """Return the file of a document's approved pages, read once more; raise `NotHidden`.

    Names that are certain stop it, whoever approved what.
    """
    content = _content(world, source)
    if source.media_type == DICOM:
        image = _image(world, content, source, identity)
        if any(one.certain for one in image.survivors):
            raise NotHidden("name_left")
        return _kept(world, image.content, DICOM)
    covers = {number: covers_of(of_page) for number, of_page in rows.items()}
    pages = Source(source.key, source.password, tuple(sorted(rows)))
    redacted = _redacted(world, content, covers, identity, pages)
    if redacted.blocked:
        raise NotHidden("name_left")
    return _kept(world, redacted.content, redacted.media_type)


def original_of(world: World, source: Source, media_type: str) -> Built:
    """Return an original as it came, or its chosen pages as pictures; raise `NotHidden`.

    Pages alone are drawn anew: nothing of the pages that were not chosen is in the file.
    """
    content = _content(world, source)
    if not source.pages:
        return Built(source.key, media_type or "application/octet-stream", len(content))
    redacted = _redacted(world, content, {}, Identity(), source)
    return _kept(world, redacted.content, redacted.media_type)


def _content(world: World, source: Source) -> bytes:
    try:
        return world.storage.get(source.key)
    except StorageError:
        raise NotHidden("file_missing") from None


def _redacted(
    world: World,
    content: bytes,
    covers: Mapping[int, Sequence[Cover]],
    identity: Identity,
    source: Source,
) -> Redacted:
    wanted = list(source.pages) or None
    try:
        return world.redactor.redact(
            content, covers, identity, pages=wanted, password=source.password
        )
    except NotRedacted as refused:
        raise NotHidden(refused.problem or "damaged") from None


def _drawn(world: World, redacted: Redacted) -> dict[int, Drawn]:
    left: dict[int, list[dict[str, Any]]] = {}
    for one in redacted.survivors:
        left.setdefault(one.page, []).append({"text": one.text, "certain": one.certain})
    return {
        page.number: Drawn(
            page.width, page.height, left.get(page.number, []), _kept(world, page.after, WEBP).key
        )
        for page in redacted.pages
    }


def _kept(world: World, content: bytes, media_type: str) -> Built:
    key = f"records/{hashlib.sha256(content).hexdigest()}"
    world.storage.put(key, content, media_type)
    return Built(key, media_type, len(content))
