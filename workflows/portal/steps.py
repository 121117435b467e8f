"""Files that came in pieces become documents; what was given up is removed."""

from contextlib import suppress

from sqlalchemy import select
from sqlmodel import col

from adapters.storage import StorageError
from models import Upload
from models.base import require_id
from workflows.cases.intake import add_document, store_large_original
from workflows.declared import Raises
from workflows.engine.work import Work, slow
from workflows.letters.leaving import is_stopped
from workflows.portal import drafts, uploads
from workflows.portal.access import PATIENT


@slow(
    "ingestion.take_upload",
    words="a file that came in pieces is put together",
    stopped="A file that a family uploaded was not taken in",
    patient="The pieces of the file are kept, but the case does not have it. The family "
    "believes that it was sent.",
    needs=("store",),
    raises=Raises(events=("document.received",), requests=("settle_sending",)),
)
def take_upload(work: Work) -> None:
    """Join an upload's pieces, store them as an original and add the document: exactly once."""
    upload_id = work.object_id("upload_id")
    with work.reading() as session:
        upload = session.get(Upload, upload_id)
    if upload is not None and upload.state == "arrived":
        kept = _make_document(work, upload_id)
    else:
        kept = True
        with work.finishing():
            pass
    with suppress(StorageError):  # the tidying step tries again
        if kept:
            uploads.drop_pieces(work.world, upload_id)
        else:
            uploads.forget(work.world, upload_id)


def _make_document(work: Work, upload_id: int) -> bool:
    """Return False when the case takes nothing any more."""
    sha256, key, size = store_large_original(
        work.world, lambda: uploads.read_pieces(work.world, upload_id)
    )
    with work.finishing() as unit:
        upload = unit.session.scalars(
            select(Upload)
            .where(col(Upload.id) == upload_id, col(Upload.state) == "arrived")
            .with_for_update()
        ).first()
        if upload is None or is_stopped(unit.session, unit.case, None):
            return upload is None
        document = add_document(
            unit.session,
            unit.recorder,
            unit.case_id,
            sha256=sha256,
            key=key,
            size=size,
            file_name=upload.file_name,
            channel="portal",
            actor=PATIENT,
            cause=unit.cause,
            received_at=upload.visit_at or upload.arrived_at,
        )
        # More may come with the same visit: what is wrong with its files is told when it is over.
        unit.request("settle_sending", {"document_id": require_id(document.id)})
        upload.state, upload.document_id, upload.file_name = "taken", document.id, ""
    return True


@slow(
    "ingestion.tidy_uploads",
    words="uploads that nobody finished are tidied away",
    stopped="Uploads that nobody finished are not tidied away",
    patient="Nothing for the patient; pieces of files stay longer than they should.",
    needs=("store",),
)
def tidy_uploads(work: Work) -> None:
    """Remove uploads that were given up, and inquiries that were never sent, with their files."""
    drafts.tidy(work.world)
    with work.finishing():
        pass
