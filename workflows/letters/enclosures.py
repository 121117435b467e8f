"""Documents that go with a letter to a hospital: which may, how large they are, their bytes.

A document is an original: it names the patient. It goes only to a hospital that may have what
names them (`share_identified`), and only where a person picked it. What the family allows without
the name leaves as a records package.
"""

from collections.abc import Sequence
from functools import partial

from sqlalchemy import select
from sqlmodel import Session, col

from correspondence.mime import Attachment
from models import Document, Message
from models.base import require_id
from workflows.engine import outside
from workflows.engine.permissions import allows_names
from workflows.engine.world import World

MOST_BYTES = 20_000_000
"""Of all files of a letter together: a third more on its way, and many servers take 25 MB."""
MAY_GO = ("read", "proposed", "verified")
"""States of documents that were looked at, are no copies, and belong to the patient."""
ARCHIVE = "archive_key"
"""Under this a letter keeps the encrypted archive of records that goes with it."""
CLEAN = ("clean", "not_scanned")
_ENDINGS = {
    "application/pdf": "pdf",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/tiff": "tif",
    "text/plain": "txt",
    "application/zip": "zip",
    "application/dicom": "dcm",
}


class NotEnclosed(ValueError):
    """Documents may not go with a letter; the message says which and why, for who picked them."""


def may_go(session: Session, case_id: int) -> Sequence[Document]:
    """Return the documents of a case that may go with a letter, newest first."""
    return session.scalars(
        select(Document)
        .where(
            col(Document.case_id) == case_id,
            col(Document.state).in_(MAY_GO),
            col(Document.scan).in_(CLEAN),
        )
        .order_by(col(Document.id).desc())
    ).all()


def check_enclosed(
    session: Session, case_id: int, hospital_id: int, numbers: Sequence[int]
) -> Sequence[Document]:
    """Return the documents with these numbers; raise `NotEnclosed` where one may not go."""
    if not numbers:
        return ()
    if not allows_names(session, case_id, hospital_id):
        raise NotEnclosed(
            "A document names the patient, and the family does not allow this hospital records "
            "with the name. Send a records package, which leaves the names out, or write down the "
            "family's permission on the Consent tab first."
        )
    known = {require_id(one.id): one for one in may_go(session, case_id)}
    gone = [number for number in numbers if number not in known]
    if gone:
        said = ", ".join(str(number) for number in gone)
        raise NotEnclosed(
            f"Document {said} cannot go with the letter: it is not of this case, was locked away "
            "or replaced, or was not read yet."
        )
    picked = [known[number] for number in dict.fromkeys(numbers)]
    size = sum(one.size for one in picked)
    if size > MOST_BYTES:
        raise NotEnclosed(
            f"The files are {size / 1e6:.1f} MB together, and a letter takes "
            f"{MOST_BYTES / 1e6:.0f} MB: hospitals' mail servers refuse more. Send fewer files, or "
            "a records package with a link."
        )
    return picked


def enclosed(session: Session, world: World, message: Message) -> list[Attachment]:
    """Return the files of a letter; the store is asked before the case is held.

    Their names are neutral: a sender's file name may hold anything.
    """
    files: list[Attachment] = []
    for number in message.attachments or ():
        document = session.get_one(Document, number)
        key, kind = document.object_key, document.media_type or "application/octet-stream"
        content = outside.first(f"read {key}", partial(world.storage.get, key))
        files.append((f"document-{number}.{_ENDINGS.get(kind, 'bin')}", kind, content))
    told = message.told if isinstance(message.told, dict) else {}
    if archive := told.get(ARCHIVE):
        content = outside.first(f"read {archive}", partial(world.storage.get, str(archive)))
        files.append(("records.zip", "application/zip", content))
    return files
