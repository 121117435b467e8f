"""Whose key opens which object of the store, and under which name it lies there.

Every object has a key of its own, wrapped with the key of each case that it belongs to; that of an
object of no case yet with a key made for it alone. The name under which it lies in the store is
random: nobody who lists the store can ask it for a content they know.
"""

import base64
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import BigInteger, Index, Text, delete, event, inspect, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, SQLModel, col

from keys import OpeningFailed
from models.base import identity, utc_now_column
from models.data_key import DataKey
from models.document import Document
from models.key_store import KeyDestroyed, KeyStore, store_of
from models.message import Message
from models.records import RecordsPackage, RecordsPage, RecordsPart
from models.webhook import InboundWebhook

SEALED = "s1/"
"""How the name of every sealed object begins in the store."""
_NONCE = 12


class SealedObject(SQLModel, table=True):
    """A wrapping of an object's key. `name` is what rows call it, `stored` how it lies there."""

    __tablename__ = "sealed_object"
    __table_args__ = (
        Index("ux_sealed_object_name", "name", "data_key_id", unique=True),
        Index("ix_sealed_object_stored", "stored"),
    )

    id: int | None = identity()
    name: str = Field(max_length=200)
    stored: str = Field(max_length=80)
    data_key_id: int = Field(sa_type=BigInteger, index=True)
    wrapped: str = Field(sa_type=Text)
    created_at: Any = utc_now_column()


@dataclass(frozen=True, slots=True)
class ObjectKey:
    """Where an object lies, and what opens it."""

    stored: str
    key: bytes
    new: bool = False


class ObjectKeys:
    """The keys of the objects of one store."""

    def __init__(self, store: KeyStore) -> None:
        self._store = store

    def for_reading(self, name: str) -> ObjectKey | None:
        """Return what opens an object; None for one that was never sealed.

        Raises `KeyDestroyed` where every key that could open it is gone.
        """
        with self._store.sessions() as session:
            rows = _rows(session, name)
        return self._opened(rows) if rows else None

    def for_writing(self, name: str) -> ObjectKey:
        """Return what an object is to be sealed with: as it is sealed already, or a new key."""
        with self._store.sessions() as session:
            _alone(session, name)
            rows = _rows(session, name)
            if rows:
                try:
                    return self._opened(rows)
                except KeyDestroyed:
                    _remove(session, self._store, rows)
            kind = name.partition("/")[0]
            made = ObjectKey(f"{SEALED}{kind}/{os.urandom(16).hex()}", os.urandom(32), new=True)
            number, key = self._store.made(session, "object", name)
            _add(session, name, made, number, key)
            return made

    def named(self, beginning: str) -> list[str]:
        """Return the names of sealed objects that begin so."""
        with self._store.sessions() as session:
            query = select(col(SealedObject.name)).where(
                col(SealedObject.name).startswith(beginning, autoescape=True)
            )
            return sorted(set(session.scalars(query)))

    def names_of(self, stored: Sequence[str]) -> Mapping[str, str]:
        """Return {how it lies there: its name} of those that are known."""
        with self._store.sessions() as session:
            query = select(col(SealedObject.stored), col(SealedObject.name)).where(
                col(SealedObject.stored).in_(stored)
            )
            return {row[0]: row[1] for row in session.execute(query)}

    def stored_of(self, name: str) -> str | None:
        """Return how an object lies in the store, whether it can be opened or not."""
        with self._store.sessions() as session:
            rows = _rows(session, name)
        return rows[0].stored if rows else None

    def forget(self, name: str) -> None:
        """Destroy every wrapping of an object's key: its bytes mean nothing any more."""
        with self._store.sessions() as session:
            _alone(session, name)
            _remove(session, self._store, _rows(session, name))

    def adopt(self, session: Session, name: str, case_id: int, *, was_named: bool = False) -> None:
        """Give an object to a case, in the caller's transaction: from now on its key opens it too,
        and the one that was made for it alone is gone. Nothing for one that is not sealed.

        `was_named`: a row named it before it had a case. Backups of then hold the row and the
        object, so its own key stays, as the case's, and is destroyed with it.

        Raises `KeyDestroyed` where nobody can open it any more.
        """
        rows = _rows(session, name)
        if not rows:
            return
        number, key = self._store.of_case(case_id)
        if all(row.data_key_id != number for row in rows):
            _add(session, name, self._opened(rows), number, key)
        own = select(col(DataKey.id)).where(
            col(DataKey.owner) == "object", col(DataKey.id).in_([row.data_key_id for row in rows])
        )
        gone = [int(one or 0) for one in session.scalars(own)]
        if gone:
            _drop(session, self._store, name, gone, case_id if was_named else None)

    def destroy_of_case(self, session: Session, case_id: int, kept: Iterable[str]) -> None:
        """Destroy the keys of a case in the caller's transaction.

        `kept` are names of objects that others have too: they get a key of their own where no
        other one opens them.
        """
        numbers = [
            int(one or 0)
            for one in session.scalars(
                select(col(DataKey.id)).where(
                    col(DataKey.case_id) == case_id, col(DataKey.destroyed_at).is_(None)
                )
            )
        ]
        for name in kept:
            rows = _rows(session, name)
            if rows and all(row.data_key_id in numbers for row in rows):
                number, key = self._store.made(session, "object", name)
                _add(session, name, self._opened(rows), number, key)
        session.execute(delete(SealedObject).where(col(SealedObject.data_key_id).in_(numbers)))
        self._store.destroy(session, numbers)

    def names_of_case(self, session: Session, case_id: int) -> list[str]:
        """Return the names of objects that a case's keys still open."""
        query = (
            select(col(SealedObject.name))
            .join(DataKey, col(DataKey.id) == col(SealedObject.data_key_id))
            .where(col(DataKey.case_id) == case_id)
        )
        return sorted(set(session.scalars(query)))

    def _opened(self, rows: Sequence[SealedObject]) -> ObjectKey:
        for row in rows:
            try:
                key = self._store.key(row.data_key_id)
            except KeyDestroyed:
                continue
            return ObjectKey(row.stored, _unwrapped(row, key))
        raise KeyDestroyed


def _rows(session: Session, name: str) -> list[SealedObject]:
    query = select(SealedObject).where(col(SealedObject.name) == name)
    return list(session.scalars(query.order_by(col(SealedObject.id))))


def _alone(session: Session, name: str) -> None:
    """Wait for whoever is giving the same object a key at this moment."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 7))"), {"name": name}
    )


def _add(session: Session, name: str, one: ObjectKey, number: int, key: bytes) -> None:
    nonce = os.urandom(_NONCE)
    sealed = AESGCM(key).encrypt(nonce, one.key, _bound(name, one.stored))
    row = insert(SealedObject).values(
        name=name,
        stored=one.stored,
        data_key_id=number,
        wrapped=base64.b64encode(nonce + sealed).decode(),
    )
    session.execute(row.on_conflict_do_nothing())


def _unwrapped(row: SealedObject, key: bytes) -> bytes:
    raw = base64.b64decode(row.wrapped)
    try:
        bound = _bound(row.name, row.stored)
        return AESGCM(key).decrypt(raw[:_NONCE], raw[_NONCE:], bound)
    except InvalidTag:
        raise OpeningFailed from None


def _bound(name: str, stored: str) -> bytes:
    return f"object key|{name}|{stored}".encode()


def _drop(
    session: Session, store: KeyStore, name: str, numbers: Sequence[int], heir: int | None
) -> None:
    """Open an object with these keys no more; a case that is their heir keeps them."""
    session.execute(
        delete(SealedObject).where(
            col(SealedObject.name) == name, col(SealedObject.data_key_id).in_(numbers)
        )
    )
    if heir is None:
        store.remove(session, numbers)
        return
    for number in numbers:
        values = {"case_id": heir, "subject": f"{name[:150]} before {number}"}
        session.execute(update(DataKey).where(col(DataKey.id) == number).values(**values))


def _remove(session: Session, store: KeyStore, rows: Sequence[SealedObject]) -> None:
    """Remove an object's wrappings, and the keys that were made for it alone."""
    if not rows:
        return
    numbers = [row.data_key_id for row in rows]
    own = session.scalars(
        select(col(DataKey.id)).where(col(DataKey.id).in_(numbers), col(DataKey.owner) == "object")
    )
    gone = [int(one or 0) for one in own]
    session.execute(delete(SealedObject).where(col(SealedObject.name) == rows[0].name))
    store.remove(session, gone)


_OF_CASE: Mapping[type[SQLModel], Sequence[str]] = {
    Document: ("object_key", "text_object_key"),
    Message: ("raw_object_key",),
    InboundWebhook: ("object_key",),
    RecordsPart: ("object_key",),
    RecordsPage: ("after_key",),
    RecordsPackage: ("archive_key",),
}
"""Columns that say which objects are a case's, once its number stands in the row."""


def _theirs(session: Session) -> Iterator[tuple[str, int, bool]]:
    """Yield objects with the case that they are given to, and whether the row named them before."""
    new = session.new
    for row in (*new, *session.dirty):
        columns = _OF_CASE.get(type(row), ())
        case_id = getattr(row, "case_id", None) if columns else None
        if case_id is None:
            continue
        state = inspect(row)
        moved = state.attrs["case_id"].history.has_changes()
        for column in columns:
            name = getattr(row, column)
            named = state.attrs[column].history.has_changes()
            if name and (moved or named):
                yield name, case_id, row not in new and not named


@event.listens_for(Session, "after_flush")
def _adopt(session: Session, _: Any) -> None:
    """Whatever a row gives to a case is the case's key's from then on."""
    found = list(_theirs(session))
    if found:
        keys = ObjectKeys(store_of(session.get_bind().dialect))
        for name, case_id, was_named in found:
            keys.adopt(session, name, case_id, was_named=was_named)
