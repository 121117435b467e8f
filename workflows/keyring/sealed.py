"""What stands sealed in the database, and the same sealed anew with the key that signs now."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, SQLModel, col

from accounts import second_factor
from keys import OpeningFailed, Ring, key_id_of, open_sealed, seal
from keys.ring import WRAPPING
from models import DataKey, SecondFactor, WebhookEndpoint
from models.base import require_id
from models.database import transaction
from workflows.engine.world import World
from workflows.hooks import partner_secrets

AT_ONCE = 200
"""Rows that one transaction holds."""


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed values: `what` it holds in words, and how a row names their place."""

    what: str
    table: type[SQLModel]
    name: str
    purpose: str
    key: str
    """The column of the row's number."""
    place: Callable[[Any], str]

    def values(self, session: Session) -> Iterator[str]:
        """Yield the sealed values."""
        yield from session.scalars(select(self._column).where(self._is_there))

    def batch(self, session: Session, after: int) -> list[Any]:
        """Return some rows with a value, by number, locked."""
        number = col(getattr(self.table, self.key))
        query = select(self.table).where(self._is_there, number > after).order_by(number)
        return list(session.scalars(query.limit(AT_ONCE).with_for_update()))

    @property
    def _column(self) -> Any:
        return col(getattr(self.table, self.name))

    @property
    def _is_there(self) -> ColumnElement[bool]:
        there: ColumnElement[bool] = self._column.is_not(None) & (self._column != "")
        return there


COLUMNS = (
    SealedColumn(
        "second factors",
        SecondFactor,
        "sealed_secret",
        second_factor.SEALING,
        "user_id",
        lambda row: second_factor.place(row.user_id),
    ),
    *(
        SealedColumn(
            "secrets of partners",
            WebhookEndpoint,
            name,
            partner_secrets.SEALING,
            "id",
            partner_secrets.place,
        )
        for name in ("secret", "previous_secret")
    ),
    SealedColumn(
        "keys of data",
        DataKey,
        "wrapped",
        WRAPPING,
        "id",
        lambda row: f"data_key|{require_id(row.id)}",
    ),
)
PURPOSES = {one.what: one.purpose for one in COLUMNS}
"""By what it is called."""


@dataclass(slots=True)
class Resealed:
    """What a round did: values sealed anew, and values that no key on the ring opens."""

    done: int = 0
    lost: int = 0


def reseal(world: World, heard: Callable[[int], None] = lambda _: None) -> Resealed:
    """Seal everything with the signing key that is sealed with another; `heard` gets the count.

    Some rows a transaction; what was done stays done when it is killed, and again is no error.
    """
    _ = world.keys.marks  # the key of marks may wait to be made of the first secret key
    result = Resealed()
    for column in COLUMNS:
        after = 0
        while True:
            with transaction(world.engine) as session:
                rows = column.batch(session, after)
                for row in rows:
                    _reseal(world.keys.ring, column, row, result)
            if not rows:
                break
            after = getattr(rows[-1], column.key)
            heard(result.done)
    return result


def _reseal(ring: Ring, column: SealedColumn, row: Any, result: Resealed) -> None:
    kept = getattr(row, column.name)
    if key_id_of(kept) == ring.maker(column.purpose).id:
        return
    place = column.place(row)
    try:
        value = open_sealed(ring, column.purpose, place, kept)
    except OpeningFailed:
        result.lost += 1
        return
    setattr(row, column.name, seal(ring, column.purpose, place, value))
    result.done += 1
