"""What of a case stands outside its rows: objects of the store, and mails in the mailbox."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlmodel import Session, col

from adapters.storage import ObjectMissing
from correspondence import parse_inbound
from models import (
    Case,
    ContactPoint,
    Document,
    InboundMail,
    InboundWebhook,
    Message,
    Patient,
    PortalDraft,
    RecordsPackage,
    RecordsPage,
    RecordsPart,
    Upload,
    UploadPiece,
)
from models.findable import address_is, address_mark, marks_in
from workflows.cases.intake import ORIGINALS
from workflows.engine.world import World

DERIVED = ("text/{}-", "pages/{}-")
"""What is made of an original: its texts, pictures of its pages, however often it was read."""


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """One thing to remove: an `object` by its key, all under a `prefix`, a `mail` by its number."""

    kind: str
    key: str


def unmatched(session: Session, case_id: int) -> list[int]:
    """Return letters of the patient's and the family's addresses that were given to no case.

    None of an address that another case, not erased, has too: they may be about that one. What
    comes after the erasure began is somebody new. A doctor at home writes of many patients.
    """
    patients = select(col(Patient.email)).where(col(Patient.case_id) == case_id)
    near = select(col(ContactPoint.address)).where(
        col(ContactPoint.case_id) == case_id, col(ContactPoint.whose).in_(("patient", "family"))
    )
    emails = {
        one.strip().lower() for one in (*session.scalars(patients), *session.scalars(near)) if one
    }
    own = [one for one in sorted(emails) if not another_has(session, case_id, one)]
    if not own:
        return []
    made = marks_in(session)
    mine = col(Message.address_mark).in_([address_mark(made, one) for one in own])
    before = select(col(Case.erased_at)).where(col(Case.id) == case_id).scalar_subquery()
    rows = session.scalars(
        select(col(Message.id)).where(
            col(Message.case_id).is_(None),
            mine,
            or_(before.is_(None), col(Message.sent_at) <= before),
        )
    )
    return [row for row in rows if row is not None]


def another_has(session: Session, case_id: int, email: str) -> bool:
    """Return whether another case that is not erased has the same address, in small letters."""
    other = (
        select(col(Patient.id))
        .join(Case, col(Case.id) == col(Patient.case_id))
        .where(
            address_is(session, col(Patient.email_mark), email),
            col(Patient.case_id) != case_id,
            col(Case.erased_at).is_(None),
        )
    )
    point = (
        select(col(ContactPoint.id))
        .join(Case, col(Case.id) == col(ContactPoint.case_id))
        .where(
            address_is(session, col(ContactPoint.address_mark), email),
            col(ContactPoint.case_id) != case_id,
            col(Case.erased_at).is_(None),
        )
    )
    return any(session.scalars(one.limit(1)).first() is not None for one in (other, point))


def _hooks(case_id: int) -> Select[int | None]:
    """Return a query of the case's webhooks, and of other bodies that came under their ids."""
    own = select(col(InboundWebhook.id)).where(col(InboundWebhook.case_id) == case_id)
    return select(col(InboundWebhook.id)).where(
        or_(col(InboundWebhook.case_id) == case_id, col(InboundWebhook.conflict_of).in_(own))
    )


def named_in_rows(session: Session, case_id: int) -> set[Found]:
    """Return what the case's rows name themselves; reads nothing outside the database."""
    found: set[Found] = set()
    for key, sha256 in session.execute(
        select(col(Document.object_key), col(Document.sha256)).where(
            col(Document.case_id) == case_id
        )
    ):
        found |= {Found("object", key), *_of_original(sha256)}
    for key, uid in _letters(session, case_id):
        found.add(Found("object", key))
        if uid is not None:
            found.add(Found("mail", uid))
    hooks = session.scalars(
        select(col(InboundWebhook.object_key)).where(col(InboundWebhook.id).in_(_hooks(case_id)))
    )
    found |= {Found("object", key) for key in hooks}
    found |= {Found("object", key) for key in _records(session, case_id)}
    uploads = _uploads(session, case_id)
    found |= {Found("prefix", f"uploads/{upload.public_id}/") for upload in uploads}
    return {one for one in found if one.key}


def _records(session: Session, case_id: int) -> set[str]:
    """Return the keys of pages and files that were made for hospitals, beside the originals."""
    pages = select(col(RecordsPage.after_key)).where(col(RecordsPage.case_id) == case_id)
    parts = select(col(RecordsPart.object_key)).where(col(RecordsPart.case_id) == case_id)
    sent = select(col(RecordsPackage.archive_key)).where(col(RecordsPackage.case_id) == case_id)
    keys = (*session.scalars(pages), *session.scalars(parts), *session.scalars(sent))
    return {key for key in keys if key and key.startswith("records/")}


def found_of(world: World, session: Session, case_id: int) -> list[Found]:
    """Return all that has to be removed beside the rows, each thing once.

    Reads the letters that came, for the files that hung on them.
    """
    found = named_in_rows(session, case_id)
    for key, uid in _letters(session, case_id):
        if uid is not None:
            found |= _hung_on(world, key)
    for upload in _uploads(session, case_id):
        found.update(_arrived(world, session, upload))
    return sorted(one for one in found if one.key)


def _uploads(session: Session, case_id: int) -> Sequence[Upload]:
    return session.scalars(
        select(Upload)
        .join(PortalDraft, col(PortalDraft.id) == col(Upload.draft_id), isouter=True)
        .where(or_(col(Upload.case_id) == case_id, col(PortalDraft.case_id) == case_id))
    ).all()


def _arrived(world: World, session: Session, upload: Upload) -> Iterable[Found]:
    """Yield the original of an upload that is complete and no document yet.

    A worker that was killed may have put it into the store before its row was written.
    """
    if upload.state != "arrived":
        return
    pieces = session.scalars(
        select(col(UploadPiece.object_key))
        .where(col(UploadPiece.upload_id) == upload.id, col(UploadPiece.kept))
        .order_by(col(UploadPiece.start))
    ).all()
    digest = hashlib.sha256()
    try:
        for key in pieces:
            digest.update(world.storage.get(key))
    except ObjectMissing:
        return
    yield from _of_original(digest.hexdigest())


def _of_original(sha256: str) -> Iterable[Found]:
    if sha256:
        yield Found("object", f"{ORIGINALS}{sha256}")
        for pattern in DERIVED:
            yield Found("prefix", pattern.format(sha256))


def _letters(session: Session, case_id: int) -> list[tuple[str, str | None]]:
    """Return the key of each letter's bytes, with its number in the mailbox where it came.

    One that came twice is there twice.
    """
    which = or_(col(Message.case_id) == case_id, col(Message.id).in_(unmatched(session, case_id)))
    rows = session.execute(
        select(
            func.coalesce(col(InboundMail.object_key), col(Message.raw_object_key)),
            col(InboundMail.mailbox_uid),
        )
        .select_from(Message)
        .join(InboundMail, col(InboundMail.message_row_id) == col(Message.id), isouter=True)
        .where(which, col(Message.raw_object_key).is_not(None))
    )
    return [(key, uid) for key, uid in rows]


def _hung_on(world: World, key: str) -> set[Found]:
    """Return the files that hung on a letter: they lie in the store also without a document."""
    try:
        letter = parse_inbound(world.storage.get(key))
    except ObjectMissing:
        return set()
    found: set[Found] = set()
    for _name, _media_type, content in letter.attachments:
        found.update(_of_original(hashlib.sha256(content).hexdigest()))
    return found


def others_need(session: Session, case_id: int, thing: Found) -> bool:
    """Return whether a row that is not erased with the case names the same content."""
    beginning, _, rest = thing.key.partition("/")
    query: Select[Any]
    if beginning in ("originals", "text", "pages"):
        query = select(col(Document.id)).where(
            col(Document.sha256) == rest.partition("-")[0], col(Document.case_id) != case_id
        )
    elif beginning == "webhooks":
        query = select(col(InboundWebhook.id)).where(
            col(InboundWebhook.object_key) == thing.key,
            col(InboundWebhook.id).not_in(_hooks(case_id)),
        )
    elif beginning in ("mail", "letters"):
        query = select(col(Message.id)).where(
            col(Message.raw_object_key) == thing.key,
            col(Message.case_id).is_distinct_from(case_id),
            col(Message.id).not_in(unmatched(session, case_id)),
        )
    else:  # a mail of the mailbox, an upload: each is one sender's
        return False
    return session.scalars(query.limit(1)).first() is not None
