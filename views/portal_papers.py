"""What a patient has sent, as they see it: each file once, photos of one paper as one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from models import Document
from models.base import require_id
from workflows.documents.imaging import DICOM_STUDY, studies_of
from workflows.documents.notes import MOVED_WITH
from workflows.documents.photos import joined_in, photos_of
from workflows.documents.sending import CONTAINER, DECORATION, Place, members, places_of
from workflows.portal.uploads import hints_for


@dataclass(frozen=True, slots=True)
class OwnPaper:
    """A file that the patient sent: its name as sent, its state, why it should be sent again.

    `kind` is photos for several photos of one paper, with the `names` of all; imaging, with its
    `series` and `images`; opened for an archive whose files stand beside it; else empty. `place`
    is where the file stands in its sending, as letters call it.
    """

    name: str
    state: str
    received_at: datetime
    hints: tuple[str, ...] = ()
    kind: str = ""
    names: tuple[str, ...] = ()
    series: int = 0
    images: int = 0
    place: Place | None = None
    document_id: int | None = None
    scan: str = ""
    """What the virus scan said, and when; empty before it is asked."""
    scanned_at: datetime | None = None


def own_papers(session: Session, case_id: int) -> list[OwnPaper]:
    """Return the files, newest first; those of a hospital and second copies are not listed.

    Nor is what left the case with a letter: it is another person's, as is its name.
    """
    known = session.scalars(
        select(Document)
        .where(
            col(Document.case_id) == case_id,
            col(Document.channel) != "hospital",
            col(Document.state) != "duplicate",
        )
        .order_by(col(Document.id).desc())
    ).all()
    rows = [one for one in known if MOVED_WITH not in one.notes]
    here = [one for one in rows if _is_listed(one, rows)]
    return [_paper(session, one, rows) for one in here]


def _is_listed(document: Document, rows: Sequence[Document]) -> bool:
    """Return whether a file has a line of its own: not as a photo of a paper that has one."""
    if photos_of(document.notes):
        return document.state != "superseded"
    return document.label != DECORATION and joined_in(document.notes) is None


def _paper(session: Session, document: Document, rows: Sequence[Document]) -> OwnPaper:
    photos = photos_of(document.notes)
    if photos:
        own = [one for one in rows if joined_in(one.notes) == document.id]
        names = tuple(one.file_name for one in sorted(own, key=lambda one: one.id or 0))
        paper = OwnPaper("", document.state, document.received_at, kind="photos", names=names)
        return replace(paper, scan=document.scan, scanned_at=document.scanned_at)
    kind, series, images = "", 0, 0
    if document.label == DICOM_STUDY:
        studies = studies_of([document])
        kind, series = "imaging", sum(study.series for study in studies)
        images = sum(study.count for study in studies)
    elif document.label == CONTAINER:
        kind = "opened"
    hints = hints_for(session, document)
    place = None
    if hints:
        sending = members(session, document)
        place = places_of(sending).get(require_id(document.id)) if len(sending) > 1 else None
    return OwnPaper(
        document.file_name,
        document.state,
        document.received_at,
        hints,
        kind,
        series=series,
        images=images,
        place=place,
        document_id=require_id(document.id),
        scan=document.scan if document.state != "received" else "",
        scanned_at=document.scanned_at,
    )
