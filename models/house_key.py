"""The key of the installation's marks: made at first use, and the same from then on."""

import os

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from keys import Ring, open_sealed, seal
from keys.ring import LEGACY, WRAPPING, KeyMissing
from models.base import require_id
from models.data_key import DataKey

"""The purpose under which the ring wraps keys."""
MARKS = "marks"
NEXT = select(text("nextval(pg_get_serial_sequence('data_key', 'id'))"))


def marks_key(session: Session, ring: Ring) -> bytes:
    """Return the key of the installation's keyed hashes, in the caller's transaction.

    Where hashes were made before there was a ring, it is what they were made with: the first secret
    key. Raises `KeyMissing` when that is needed and not on the ring, and `OpeningFailed`.
    """
    found = _row(session)
    if found is None:
        # Whole in one statement: whoever comes meanwhile finds none, or a key that is there.
        number = int(session.scalars(NEXT).one())
        wrapped = seal(ring, WRAPPING, _place(number), os.urandom(32))
        values = {"id": number, "owner": "house", "subject": MARKS, "wrapped": wrapped}
        session.execute(insert(DataKey).values(**values).on_conflict_do_nothing())
        found = _row(session, lock=True)
        assert found is not None
    if found.wrapped is None:
        found = _row(session, lock=True)
        assert found is not None
    if found.wrapped is None:
        if ring.legacy is None:
            raise KeyMissing(LEGACY)
        wrap(ring, found, ring.legacy.secret.encode())
    return unwrap(ring, found)


def wrap(ring: Ring, row: DataKey, key: bytes) -> None:
    """Seal a key into its row."""
    row.wrapped = seal(ring, WRAPPING, _place(require_id(row.id)), key)


def unwrap(ring: Ring, row: DataKey) -> bytes:
    """Return the key of a row that has one; raise `OpeningFailed`."""
    return open_sealed(ring, WRAPPING, _place(require_id(row.id)), row.wrapped or "")


def _place(number: int) -> str:
    return f"data_key|{number}"


def _row(session: Session, *, lock: bool = False) -> DataKey | None:
    query = select(DataKey).where(
        col(DataKey.owner) == "house",
        col(DataKey.subject) == MARKS,
        col(DataKey.destroyed_at).is_(None),
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).first()
