"""What a reading leaves in `Document.notes`: parts, languages, open questions, copies."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from extractors import Extraction
from extractors.identity import IdentityCheck, check_identity
from extractors.similarity import Fingerprint, fingerprint_from_json, is_near
from extractors.types import Identity, Page
from models import Document, Patient
from models.base import require_id

OF_LETTER, MOVED_WITH = "letter", "moved_with"
"""Notes of a document: the letter it came with, and the one with which it left the case."""
# A copy is looked for among what was read for this patient, not among another's papers.
_READ = ("proposed", "verified", "superseded")


@dataclass(frozen=True, slots=True)
class KnownPart:
    """A document within a file, as the notes keep it: pages `first` to `last` and their label.

    `source` is the rank name of its kind and `date` its ISO date; None where it was read before
    these were kept, or states no date.
    """

    first: int
    last: int
    label: str
    source: str | None = None
    date: str | None = None


def notes_of(extraction: Extraction, mark: Fingerprint | None) -> dict[str, Any]:
    """Return the notes of a reading; whom the parts are about stays out of them."""
    return {
        "parts": [
            {
                "first": part.first,
                "last": part.last,
                "label": part.label,
                "confidence": part.confidence,
                "organ": part.organ,
                "language": part.language,
                "script": part.script,
                "source": part.source,
                "date": part.date,
            }
            for part in extraction.parts
        ],
        "pages": [
            {"number": page.number, "language": page.language, "script": page.script}
            for page in extraction.languages
        ],
        "questions": [question.to_json() for question in extraction.questions],
        "fingerprint": mark.to_json() if mark else None,
        "reason": extraction.reason,
    }


def parts_of(document: Document) -> list[KnownPart]:
    """Return the documents that a file holds; empty when it was not read yet."""
    return [
        KnownPart(part["first"], part["last"], part["label"], part.get("source"), part.get("date"))
        for part in document.notes.get("parts", ())
    ]


def labels_of(document: Document) -> list[str]:
    """Return the label of the file and, where it holds several documents, theirs; each once."""
    parts = parts_of(document)
    labels = [document.label, *(part.label for part in parts if len(parts) > 1)]
    return list(dict.fromkeys(label for label in labels if label))


def identity_of(extraction: Extraction, patient: Patient) -> IdentityCheck:
    """Compare everyone whom a file speaks of with the patient.

    Each part is compared by itself: another patient's report among ours is a mismatch of the
    whole file, although our patient is named in it too. So is a file about two people, whatever
    is known of the patient: one of them is another.
    """
    people = [part.identity for part in extraction.parts] or [extraction.identity]
    check = compare(people, patient)
    if extraction.reason == "several_people":
        return IdentityCheck("mismatch", check.compared)
    return check


def compare(people: Sequence[Identity], patient: Patient) -> IdentityCheck:
    """Compare everyone whom a file names with the patient: one other person is a mismatch."""
    checks = [_check(person, patient) for person in people]
    results = [check.result for check in checks]
    compared = tuple(dict.fromkeys(name for check in checks for name in check.compared))
    if "mismatch" in results:
        return IdentityCheck("mismatch", compared)
    return IdentityCheck("match" if "match" in results else "unclear", compared)


def pages_of_patient(
    pages: Sequence[Page], extraction: Extraction, patient: Patient
) -> Sequence[Page]:
    """Return the pages of a file about several people that may be the patient's, by their heads.

    A person said that the file belongs to the case: its other pages still state nothing here.
    """
    ours = {
        number
        for part in extraction.parts
        if _check(part.identity, patient).result == "match"
        for number in range(part.first, part.last + 1)
    }
    return [page for page in pages if page.number in ours]


def _check(person: Identity, patient: Patient) -> IdentityCheck:
    return check_identity(
        person,
        name=patient.name,
        other_names=patient.other_names,
        birth_date=patient.birth_date.isoformat() if patient.birth_date else None,
        sex=patient.sex,
        record_number=patient.record_number,
    )


def left_with(session: Session, case_id: int, letter: int, sha256: str) -> list[Document]:
    """Return the documents with these bytes that left the case with a letter."""
    same = select(Document).where(col(Document.case_id) == case_id, col(Document.sha256) == sha256)
    rows = session.scalars(same.order_by(col(Document.id)))
    return [one for one in rows if one.notes.get(MOVED_WITH) == letter]


def near_twin(session: Session, document: Document, mark: Fingerprint | None) -> int | None:
    """Return the first other document of the case with nearly the same text, if there is one."""
    if mark is None:
        return None
    others: Sequence[Document] = session.scalars(
        select(Document)
        .where(
            col(Document.case_id) == document.case_id,
            col(Document.id) != require_id(document.id),
            col(Document.state).in_(_READ),
        )
        .order_by(col(Document.id))
    ).all()
    for other in others:
        known = fingerprint_from_json(other.notes.get("fingerprint"))
        if known is not None and is_near(mark, known):
            return require_id(other.id)
    return None
