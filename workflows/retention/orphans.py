"""Objects of the store that no row names: what a worker that was killed has left behind.

Bytes are stored before their row is committed, so that no row ever names what is not there. A
worker that dies in between leaves bytes that nobody finds again, and an erasure cannot know whose.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, func, select
from sqlmodel import Session, col

from adapters.storage import ObjectMissing
from correspondence import parse_inbound
from models import (
    Document,
    ErasedObject,
    InboundMail,
    InboundWebhook,
    Message,
    RecordsPackage,
    RecordsPage,
    RecordsPart,
    Upload,
)
from workflows.cases.intake import ORIGINALS
from workflows.engine.work import Work, slow
from workflows.hooks.keeping import forget_nobodys

AT_ONCE = 500
"""Keys that one look at the rows asks about."""
BY_KEY: Mapping[str, Sequence[Any]] = {
    "letters/": (Message.raw_object_key,),
    "mail/": (Message.raw_object_key, InboundMail.object_key),
    "webhooks/": (InboundWebhook.object_key,),
    "records/": (RecordsPage.after_key, RecordsPart.object_key, RecordsPackage.archive_key),
}
"""Columns that name objects of a kind by their key."""
OF_ORIGINAL = (ORIGINALS, "text/", "pages/")
"""Kinds whose keys begin with the hash of a document."""


@slow(
    "ingestion.sweep_store",
    words="objects of the store that nothing names are removed",
    stopped="Nobody removes what a killed worker has left in the store",
    patient="Bytes that belong to no case any more stay for longer than they should.",
    needs=("store",),
)
def sweep_store(work: Work) -> None:
    """Remove what no row names, once it is older than any work that may still name it.

    Pieces of uploads, criteria and lists of hospitals have rules of their own and are left alone.
    """
    before = _moment(work)
    with work.claiming() as unit:
        forget_nobodys(unit.session, work.now)
    for beginning in (*BY_KEY, *OF_ORIGINAL):
        for keys in _old(work, beginning, before):
            with work.reading() as session:
                orphans = sorted(set(keys) - _named(work, session, beginning, keys))
            if orphans:
                work.keep_what_was_read()
            for key in orphans:
                # The same bytes may have come again meanwhile: storing them made them new.
                if key in work.world.storage.older(key, before):
                    work.world.storage.erase(key)
    with work.finishing():
        pass


def _moment(work: Work) -> datetime:
    """Return the moment before which an object is old enough.

    The store tells when it took an object by the world's own time, and so does the database.
    """
    with work.reading() as session:
        now = session.scalars(select(func.clock_timestamp(type_=DateTime(timezone=True)))).one()
    return now - work.world.process.policy.orphans_after


def _old(work: Work, beginning: str, before: datetime) -> Iterator[Sequence[str]]:
    """Yield the keys of a kind that are old enough, some at a time."""
    batch: list[str] = []
    for key in work.world.storage.older(beginning, before):
        batch.append(key)
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _named(work: Work, session: Session, beginning: str, keys: Sequence[str]) -> set[str]:
    """Return which of these keys a row names, or an erasure that removes them itself."""
    listed = select(col(ErasedObject.key)).where(col(ErasedObject.key).in_(keys))
    named = set(session.scalars(listed))
    if beginning in BY_KEY:
        for column in BY_KEY[beginning]:
            named |= set(session.scalars(select(col(column)).where(col(column).in_(keys))))
        return named
    hashes = {key: key.removeprefix(beginning).partition("-")[0] for key in keys}
    known = set(
        session.scalars(
            select(col(Document.sha256)).where(col(Document.sha256).in_(set(hashes.values())))
        )
    )
    left = {key for key in keys if hashes[key] not in known and key not in named}
    if left and beginning == ORIGINALS:
        if session.scalars(select(col(Upload.id)).where(col(Upload.state) == "arrived")).first():
            return set(keys)  # its original may be among them: its row is still to be written
        known |= _hung_on_unmatched(work, session)
    return named | {key for key in keys if hashes[key] in known}


def _hung_on_unmatched(work: Work, session: Session) -> set[str]:
    """Return the hashes of files that hang on letters that a person may still give to a case."""
    found = set()
    letters = select(col(InboundMail.object_key)).where(col(InboundMail.state) != "matched")
    for key in session.scalars(letters):
        try:
            letter = parse_inbound(work.world.storage.get(key))
        except ObjectMissing:
            continue
        found |= {hashlib.sha256(content).hexdigest() for _, _, content in letter.attachments}
    return found
