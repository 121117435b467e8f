"""Older versions in the object store: kept for some days, tidied, and brought back by a person."""

import hashlib
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import DateTime, func, select

from accounts import audit
from adapters.bucket_versions import UNFINISHED
from adapters.sealed_storage import SealedStorage
from adapters.storage_errors import ObjectDamaged, ObjectMissing, StorageError
from models import Case, Document
from models.database import transaction
from workflows.documents.scanning import found_in
from workflows.engine.lookup import get
from workflows.engine.not_there import check_not_erased
from workflows.engine.work import Work, slow
from workflows.engine.world import World


class NotKept(LookupError):
    """No version of the file can be brought back; the message says why."""


@slow(
    "ingestion.keep_versions",
    words="older versions in the object store are kept for some days, and then removed",
    stopped="Older versions in the object store are not tidied",
    patient="What was removed stays longer in the store than it should.",
    needs=("store",),
)
def keep_versions(work: Work) -> None:
    """Have the bucket keep older versions; remove those whose days are over.

    Some stores take a rule and never act by it: what is over is removed here in any case. One that
    lets us set nothing is left as it is, which `./iort doctor` says.
    """
    days = work.world.settings.s3_versions_days
    if days:
        with work.world.bucket.kept() as kept:
            standing = kept.standing()
        if not standing.versions or standing.days != days:
            _set(work.world, days)
        with work.reading() as session:
            now = session.scalars(select(func.clock_timestamp(type_=DateTime(timezone=True)))).one()
        with work.world.bucket.kept() as kept:
            kept.trim(now - timedelta(days=days), now - UNFINISHED)
    with work.finishing():
        pass


def _set(world: World, days: int) -> None:
    try:
        with world.bucket.kept() as kept:
            kept.keep(days)
    except StorageError as error:
        if error.serves_nobody:
            raise


def bring_back(world: World, document_id: int, actor_ref: str) -> bool:
    """Bring a document's original back from an older version; False when it is there and whole.

    Raises `RowNotFound`, `NotKept`, `StorageError`.
    """
    with transaction(world.engine) as session:
        document = get(session, Document, document_id)
        check_not_erased(get(session, Case, document.case_id))
        if found_in(document):
            raise NotKept(
                "The virus scan found something in this file: it is not brought back. Ask the "
                "sender for a clean copy."
            )
        key, sha256, case_id = document.object_key, document.sha256, document.case_id
    store = SealedStorage(world.bucket, world.object_keys)
    with suppress(ObjectMissing, ObjectDamaged):
        if hashlib.sha256(store.get(key)).hexdigest() == sha256:
            return False
    if not store.bring_back(key, sha256):
        raise NotKept(
            "The store keeps no version of this file with its checksum. Look for it in a backup, "
            "or ask the sender for another copy: the same file sent again takes its place."
        )
    with transaction(world.engine) as session:
        audit.note(
            session,
            actor_ref=actor_ref,
            action="document.brought_back",
            at=world.clock.now(),
            object_ref=f"document:{document_id}",
            case_id=case_id,
        )
    return True
