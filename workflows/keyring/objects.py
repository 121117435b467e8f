"""Objects of the store from before there were keys, sealed; and all of them opened again.

One object after another: it lies there sealed, and was read so, before the open one goes. Who is
killed in between goes on with what is left.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlmodel import Session, SQLModel, col

from adapters.storage import ObjectMissing
from models import Case, Document, InboundWebhook, Message
from models.database import transaction
from workflows.engine.world import World

KINDS = ("originals/", "text/", "pages/", "letters/", "mail/", "webhooks/", "uploads/")
_TYPE = "application/octet-stream"
_EVER = datetime(9000, 1, 1, tzinfo=UTC)
_NAMED: tuple[tuple[type[SQLModel], str], ...] = (
    (Document, "object_key"),
    (Document, "text_object_key"),
    (Message, "raw_object_key"),
    (InboundWebhook, "object_key"),
)
Told = Callable[[int], None]


@dataclass(slots=True)
class Changed:
    """How many objects were sealed or opened, and how many were gone or could not be read."""

    done: int = 0
    gone: int = 0


def encrypt_objects(world: World, told: Told = lambda _: None) -> Changed:
    """Seal every object that lies open; again is no error. `told` gets the count.

    Raises `adapters.storage.StorageError`.
    """
    changed = Changed()
    for kind in KINDS:
        for name in list(world.bucket.older(kind, _EVER)):
            try:
                _seal(world, name)
                changed.done += 1
            except ObjectMissing:  # erased, or tidied away, since the list was made
                changed.gone += 1
            told(changed.done)
    return changed


def _seal(world: World, name: str) -> None:
    digest = hashlib.sha256()
    for part in world.bucket.read(name):
        digest.update(part)
    sha256 = digest.hexdigest()
    world.storage.put_stream(name, world.bucket.read(name), sha256, _TYPE)
    for case_id in _cases_of(world, name):
        with transaction(world.engine) as session:
            world.object_keys.adopt(session, name, case_id)
    # The same again is compared with what lies there: only what was read back counts.
    again = world.storage.put_stream(name, world.bucket.read(name), sha256, _TYPE)
    if not again.created:
        world.bucket.erase(name)


def _cases_of(world: World, name: str) -> list[int]:
    """Return the cases, not erased, whose rows name an object."""
    with transaction(world.engine) as session:
        return sorted(set(_named(session, name)))


def _named(session: Session, name: str) -> Iterator[int]:
    for table, column in _NAMED:
        case_id = col(getattr(table, "case_id"))  # noqa: B009
        query = (
            select(case_id)
            .join(Case, col(Case.id) == case_id)
            .where(col(getattr(table, column)) == name, col(Case.erased_at).is_(None))
        )
        yield from session.scalars(query)


def open_objects(world: World, told: Told = lambda _: None) -> Changed:
    """Lay every sealed object open, as it was before there were keys: the way back."""
    changed = Changed()
    for kind in KINDS:
        for name in world.object_keys.named(kind):
            try:
                content = world.storage.get(name)
            except ObjectMissing:
                changed.gone += 1
                continue
            world.bucket.put(name, content, _TYPE)
            stored = world.object_keys.stored_of(name)
            if world.bucket.get(name) == content and stored is not None:
                world.object_keys.forget(name)
                world.bucket.erase(stored)
                changed.done += 1
            told(changed.done)
    return changed
