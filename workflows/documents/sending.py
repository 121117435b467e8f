"""A sending: what came in one go, with all that was found inside it.

A mail's attachments, an archive and its members, a Word file and its pictures: documents of one
case that came by one channel at one moment. What could not be read of it is collected, and told
once, when all of it was looked at: one letter to the sender, one question to a coordinator.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import select
from sqlmodel import Session, col

from adapters.reader import ReadDocument, ReaderLimits, ReadStatus
from adapters.reader.logos import is_decoration
from adapters.reader.messages import code_of, fallback
from adapters.reader.tree import Room
from models import Document, Upload
from models.base import require_id
from workflows.documents import visits
from workflows.documents.imaging import DICOM_STUDY
from workflows.documents.photos import JOINING, KINDS, has_company, is_no_photo, photos_of, waits
from workflows.engine.case_facts import IN_PROCESSING
from workflows.engine.work import Unit

PARTLY = "partly"
"""The reason of a file of which something was read, and something was not."""
CONTAINER, DECORATION = "container", "decoration"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with some files of a sending, by a code of `adapters.reader.messages`.

    `files` are their places in the sending, from 1; when all are photos, their places among its
    `photos`. `pages` are those of the one file that could not be read; empty when it is the whole
    file.
    """

    files: tuple[int, ...]
    code: str
    pages: tuple[int, ...] = ()
    photos: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file stands in its sending, from 1; of so many photos where it is one of several."""

    number: int
    photos: int = 0


def members(session: Session, document: Document) -> Sequence[Document]:
    """Return the documents of the sending that `document` came with, itself among them."""
    return session.scalars(
        select(Document)
        .where(
            col(Document.case_id) == document.case_id,
            col(Document.channel) == document.channel,
            col(Document.received_at) == document.received_at,
        )
        .order_by(col(Document.id))
    ).all()


def sent_itself(session: Session, document: Document) -> list[Document]:
    """Return what of the sending was sent, not found inside other files or made of photos."""
    known = members(session, document)
    return [one for one in known if not depth_of(one) and not photos_of(one.notes)]


def depth_of(document: Document) -> int:
    """Return in how many files a document lay; what was sent itself lay in none."""
    return int(document.notes.get("depth", 0))


def room_in(session: Session, document: Document, limits: ReaderLimits) -> Room:
    """Return what may still be unpacked of the sending that `document` came with."""
    known = members(session, document)
    inside = sum(one.size for one in known if depth_of(one))
    return Room(limits, len(known), inside)


def note_reading(document: Document, read: ReadDocument, extra: Sequence[str] = ()) -> None:
    """Keep what was wrong with a file in its notes, until it is told; forget an earlier reading's.

    `extra` are codes of what was wrong with the files inside it.
    """
    notes = {name: value for name, value in document.notes.items() if name != "problems"}
    label = holds(document, read)
    lost = [page.number for page in read.pages if page.method == "unreadable"]
    partly = bool(lost) and any(page.text for page in read.pages)
    code = "" if label in (DICOM_STUDY, DECORATION) else code_of(read.status, read.message)
    found: list[dict[str, Any]] = []
    found += [{"code": code, "pages": []}] if code and not (partly and code == "some_pages") else []
    if partly:
        # Told beside another reason: each says what of the file is missing.
        found.append({"code": "some_pages", "pages": lost})
    elif lost and not code and label not in (DICOM_STUDY, DECORATION):
        found.append({"code": "no_text", "pages": []})
    found += [{"code": one, "pages": []} for one in dict.fromkeys(extra)]
    if "taken" in read.details:
        notes["taken"] = read.details["taken"]
    if found:
        notes["problems"] = {"found": found, "told_with": None}
    document.notes = notes


def holds(document: Document, read: ReadDocument) -> str:
    """Return the label of a file that has no words of its own to be read, but holds imaging or
    files, or decorates a mail; empty for others.
    """
    if _decorates(document, read):
        return DECORATION
    if any(page.text for page in read.pages):
        return ""
    if "dicom" in read.details:
        return DICOM_STUDY
    return CONTAINER if read.status == "read" and read.attachments else ""


def _decorates(document: Document, read: ReadDocument) -> bool:
    """Return whether a file of a mail is a logo or an icon."""
    pixels = read.details.get("pixels")
    if document.channel not in ("email", "hospital") or not isinstance(pixels, list):
        return False
    return is_decoration(*pixels, shown=bool(document.notes.get("shown_in_text")))


def is_open(unit: Unit, document: Document) -> bool:
    """Return whether more files may come with the sending of `document`: the visit goes on."""
    if document.channel != "portal":
        return False
    return visits.is_open(unit.session, document.case_id, document.received_at, unit.now)


def may_wait(unit: Unit, document: Document) -> bool:
    """Return whether a photo may be one of several of a paper, and must wait for them."""
    return is_open(unit, document) or has_company(document, members(unit.session, document))


def order_of_coming(session: Session, case_id: int) -> Callable[[Document], tuple[int, int]]:
    """Return the key of the order in which files were chosen; several are taken in at once."""
    chosen = {
        document_id: upload_id
        for upload_id, document_id in session.execute(
            select(col(Upload.id), col(Upload.document_id)).where(col(Upload.case_id) == case_id)
        )
    }
    return lambda document: (chosen.get(document.id, 0), require_id(document.id))


def _nothing_comes_between(session: Session, working: Sequence[Document]) -> bool:
    """Say whether the photos that wait are all there are, with nothing among them that is not read.

    A PDF before or behind them is no photo, whatever comes of it; one between them may part them.
    """
    came = order_of_coming(session, working[0].case_id)
    photos = [came(one) for one in working if waits(one)]
    others = [one for one in working if not waits(one)]
    return bool(photos) and all(
        is_no_photo(one) and not min(photos) < came(one) < max(photos) for one in others
    )


def settle(unit: Unit, document: Document) -> None:
    """Go on with a sending when all of it was looked at and no more comes with it.

    Photos that wait for each other are put together as soon as no other photo can come beside them:
    a long report that is still read holds none of them up. In the end what could not be read is
    recorded once.
    """
    unit.session.flush()
    if is_open(unit, document):
        return
    sending = members(unit.session, document)
    working = [one for one in sending if one.state in IN_PROCESSING]
    waiting = [one for one in working if waits(one)]
    if waiting and _nothing_comes_between(unit.session, working):
        for one in waiting:
            one.notes = {**one.notes, "photo": JOINING}
        unit.request("join_photos", {"document_id": require_id(waiting[0].id)})
    if working:
        return
    untold = [one for one in sending if _untold(one)]
    if not untold:
        return
    first = require_id(untold[0].id)
    for one in untold:
        one.notes = {**one.notes, "problems": {**one.notes["problems"], "told_with": first}}
    objects = {"document_id": first}
    payload = {**objects, "reason": _reason(untold[0]), "files": len(untold)}
    unit.record("sending.problems_found", payload, objects)


def _untold(document: Document) -> bool:
    problems = document.notes.get("problems")
    return problems is not None and problems["told_with"] is None


def _reason(document: Document) -> str:
    """Return why a file was not read whole, as the question to a coordinator sorts it."""
    status = document.read_status
    return PARTLY if status in (None, "read") else status


def told_with(session: Session, document: Document) -> list[Document]:
    """Return the documents whose problems were told together with this one's."""
    return [
        one
        for one in members(session, document)
        if one.notes.get("problems", {}).get("told_with") == document.id
    ]


def _found_in(session: Session, document: Document) -> list[tuple[Document, Mapping[str, Any]]]:
    """Return what was told with this document, file by file.

    A file that was found unreadable before problems were kept has what its status says.
    """
    told = told_with(session, document)
    if not told and "problems" not in document.notes and document.state == "unreadable":
        status = cast(ReadStatus, document.read_status or "unsupported")
        return [(document, {"code": code_of(status, fallback(status)), "pages": []})]
    return [(one, problem) for one in told for problem in one.notes["problems"]["found"]]


def places_of(sending: Sequence[Document]) -> dict[int, Place]:
    """Return where each file stands in its sending, by id: a photo among the photos of several."""
    came = [one for one in sending if not photos_of(one.notes) and one.label != DECORATION]
    photos = [one for one in came if one.media_type in KINDS]
    places = {require_id(one.id): Place(number) for number, one in enumerate(came, 1)}
    if len(photos) > 1:
        places |= {
            require_id(one.id): Place(number, len(photos)) for number, one in enumerate(photos, 1)
        }
    return places


def problems_of(session: Session, document: Document) -> list[Problem]:
    """Return what was told with this document, files of one problem together."""
    places = places_of(members(session, document))
    together: dict[tuple[str, int, tuple[int, ...]], list[int]] = {}
    for one, problem in _found_in(session, document):
        number = require_id(one.id)
        place = places.get(number, Place(len(places)))
        alone = (number, *problem["pages"]) if problem["pages"] else ()
        together.setdefault((problem["code"], place.photos, alone), []).append(place.number)
    return [
        Problem(tuple(files), code, alone[1:], photos)
        for (code, photos, alone), files in together.items()
    ]
