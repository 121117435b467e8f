"""The keys of data: made, wrapped with the ring, and kept at hand for a while by each process.

A key is committed before anything is sealed with it, in a transaction of its own: what is sealed
can always be opened. So a key may stay behind of a case that was never opened; it opens nothing.
"""

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from functools import cached_property
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect, Engine, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from keys import Marks, Ring, open_sealed, seal
from keys.ring import WRAPPING
from models.data_key import DataKey
from models.house_key import NEXT, marks_key

KEPT_SECONDS = 300.0
"""So long a process may go on with a key that another one has destroyed."""
AT_HAND = 20_000
NEARBY = 64
"""Keys that are read together with one that is asked for: those of cases opened around it."""
Sessions = Callable[[], AbstractContextManager[Session]]


class KeyDestroyed(LookupError):
    """The key is gone: what was sealed with it cannot be read by anybody any more."""


class KeyStore:
    """The keys of one database. `sessions` opens a short transaction of its own."""

    def __init__(self, ring: Callable[[], Ring], sessions: Sessions) -> None:
        self._ring, self.sessions = ring, sessions
        self._known: OrderedDict[int, tuple[bytes, float]] = OrderedDict()
        self._cases: dict[int, int] = {}
        self._lock = threading.Lock()

    @cached_property
    def marks(self) -> Marks:
        """What makes the marks by which sealed values are found."""
        with self.sessions() as session:
            return Marks(marks_key(session, self._ring()))

    def of_case(self, case_id: int) -> tuple[int, bytes]:
        """Return number and key of a case; one that has none gets one.

        Raises `KeyDestroyed` where it was destroyed: what comes late of an erased case is not kept.
        """
        number = self._cases.get(case_id)
        found = self._at_hand(number) if number else None
        if number and found:
            return number, found
        with self.sessions() as session:
            number, key = self.made(session, "case", str(case_id), case_id)
        with self._lock:
            if len(self._cases) >= AT_HAND:
                self._cases.clear()
            self._cases[case_id] = number
        self._keep({number: key})
        return number, key

    def made(
        self, session: Session, owner: str, subject: str, case_id: int | None = None
    ) -> tuple[int, bytes]:
        """Return number and key of an owner, made in the caller's transaction if there is none.

        Raises `KeyDestroyed` for a case whose key was destroyed.
        """
        known = select(col(DataKey.id), col(DataKey.wrapped)).where(
            col(DataKey.owner) == owner,
            col(DataKey.subject) == subject,
            col(DataKey.destroyed_at).is_(None),
        )
        while (row := session.execute(known).first()) is None:
            if owner == "case" and _was_destroyed(session, case_id):
                raise KeyDestroyed
            number = int(session.scalars(NEXT).one())
            key = os.urandom(32)
            values = {
                "id": number, "owner": owner, "subject": subject, "case_id": case_id,
                "wrapped": seal(self._ring(), WRAPPING, f"data_key|{number}", key),
            }  # fmt: skip
            made = insert(DataKey).values(**values).on_conflict_do_nothing()
            if session.scalars(made.returning(col(DataKey.id))).first() is not None:
                return number, key
            # Another made it at the same moment: it is there now, or gone again with its row.
        return int(row.id or 0), self._unwrapped(int(row.id or 0), row.wrapped or "")

    def key(self, number: int) -> bytes:
        """Return a key; raises `KeyDestroyed`, and `keys.OpeningFailed` where the ring lacks one.

        What was made around the same time is read with it: lists show many cases at once.
        """
        found = self._at_hand(number)
        if found is not None:
            return found
        begin = number - number % NEARBY
        query = select(col(DataKey.id), col(DataKey.wrapped)).where(
            col(DataKey.id).between(begin, begin + NEARBY - 1),
            col(DataKey.wrapped).is_not(None),
            col(DataKey.owner).in_(("case", "row")),
        )
        alone = select(col(DataKey.id), col(DataKey.wrapped)).where(col(DataKey.id) == number)
        with self.sessions() as session:
            rows = {int(one or 0): wrapped for one, wrapped in session.execute(query)}
            if number not in rows:
                rows |= {int(one or 0): wrapped for one, wrapped in session.execute(alone)}
        wrapped = rows.pop(number, None)
        if wrapped is None:
            raise KeyDestroyed
        key = self._unwrapped(number, wrapped)
        self._keep(
            {number: key, **{one: self._unwrapped(one, it or "") for one, it in rows.items()}}
        )
        return key

    def destroy(self, session: Session, numbers: Collection[int]) -> None:
        """Destroy keys in the caller's transaction; this process forgets them at once."""
        session.execute(
            update(DataKey)
            .where(col(DataKey.id).in_(numbers))
            .values(wrapped=None, subject="", destroyed_at=text("clock_timestamp()"))
        )
        self.forget(numbers)

    def remove(self, session: Session, numbers: Collection[int]) -> None:
        """Remove keys of single objects, and the rows that told of them."""
        session.execute(delete(DataKey).where(col(DataKey.id).in_(numbers)))
        self.forget(numbers)

    def forget(self, numbers: Collection[int]) -> None:
        """Have this process read these keys anew, or not at all."""
        with self._lock:
            for number in numbers:
                self._known.pop(number, None)
            gone = set(numbers)
            self._cases = {case: one for case, one in self._cases.items() if one not in gone}

    def _unwrapped(self, number: int, wrapped: str) -> bytes:
        return open_sealed(self._ring(), WRAPPING, f"data_key|{number}", wrapped)

    def _at_hand(self, number: int) -> bytes | None:
        with self._lock:
            found = self._known.get(number)
            if found is None:
                return None
            if found[1] < time.monotonic():
                del self._known[number]
                return None
            return found[0]

    def _keep(self, found: dict[int, bytes]) -> None:
        until = time.monotonic() + KEPT_SECONDS
        with self._lock:
            for number, key in found.items():
                self._known[number] = (key, until)
            while len(self._known) > AT_HAND:
                self._known.popitem(last=False)


def _was_destroyed(session: Session, case_id: int | None) -> bool:
    gone = select(col(DataKey.id)).where(
        col(DataKey.owner) == "case",
        col(DataKey.case_id) == case_id,
        col(DataKey.destroyed_at).is_not(None),
    )
    return session.scalars(gone.limit(1)).first() is not None


_STORES: WeakKeyDictionary[Dialect, KeyStore] = WeakKeyDictionary()


def attach(engine: Engine, store: KeyStore) -> None:
    """Have what is read and written through an engine use these keys."""
    _STORES[engine.dialect] = store


def store_of(dialect: Dialect) -> KeyStore:
    """Return the keys of an engine; raise LookupError where none were attached."""
    try:
        return _STORES[dialect]
    except KeyError:
        raise LookupError("no keys are attached to this engine") from None
