"""Imaging (DICOM): whose it is, and how much of it the case has, each study counted once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Document

DICOM_STUDY = "dicom_study"
"""The label of imaging: `playbooks/completeness.yaml` knows it."""
HERE = ("proposed", "verified")


@dataclass(slots=True)
class Study:
    """A study of the case: its modalities, series and images, and the documents that hold it."""

    modalities: set[str] = field(default_factory=set)
    images: dict[tuple[str, str], int] = field(default_factory=dict)
    """Images by series and by a hash of which images these are."""
    documents: list[int] = field(default_factory=list)

    @property
    def series(self) -> int:
        """How many series."""
        return len({name for name, _ in self.images})

    @property
    def count(self) -> int:
        """How many images."""
        return sum(self.images.values())


def studies_of(documents: Iterable[Document]) -> list[Study]:
    """Return the studies that lie in these documents; the same series sent again counts once."""
    found: dict[str, Study] = {}
    for document in documents:
        for raw in _raw(document.notes):
            study = found.setdefault(str(raw["study"]) or f"document {document.id}", Study())
            study.modalities.update(raw["modalities"])
            study.images.update(_images(raw))
            if document.id is not None:
                study.documents.append(document.id)
    return list(found.values())


def imaging_of(session: Session, case_id: int) -> list[Study]:
    """Return the studies that the case has; what may be another person's is not counted."""
    return studies_of(_with_imaging(session, case_id, HERE))


def same_study(session: Session, document: Document, states: Sequence[str]) -> list[Document]:
    """Return the other documents of the case in these states that hold a study of this one."""
    own = {raw["study"] for raw in _raw(document.notes)}
    return [
        one
        for one in _with_imaging(session, document.case_id, states)
        if one.id != document.id and own & {raw["study"] for raw in _raw(one.notes)}
    ]


def twin_of(session: Session, document: Document) -> int | None:
    """Return the document that holds all the images of this one already."""
    own = {(raw["study"], *mark) for raw in _raw(document.notes) for mark in _images(raw)}
    for one in same_study(session, document, HERE):
        if own <= {(raw["study"], *mark) for raw in _raw(one.notes) for mark in _images(raw)}:
            return one.id
    return None


def _with_imaging(session: Session, case_id: int, states: Sequence[str]) -> Sequence[Document]:
    return session.scalars(
        select(Document)
        .where(
            col(Document.case_id) == case_id,
            col(Document.label) == DICOM_STUDY,
            col(Document.state).in_(states),
        )
        .order_by(col(Document.id))
    ).all()


def _raw(notes: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    studies: Sequence[Mapping[str, Any]] = (
        notes.get("holds", {}).get("dicom", {}).get("studies", ())
    )
    return studies


def _images(raw: Mapping[str, Any]) -> dict[tuple[str, str], int]:
    """Return how many images each series has; a count of before has no marks."""
    marks = raw.get("marks")
    if marks is None:
        return {(str(number), ""): 0 for number in range(1, raw["series"])} | {
            ("0", ""): int(raw["files"])
        }
    return {(series, str(mark)): int(count) for series, (count, mark) in marks.items()}
