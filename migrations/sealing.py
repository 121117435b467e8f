"""What migrations do with columns that are sealed from then on: each row's values, and back.

Some rows at a time, all in the migration's own transaction: whoever ends it leaves the table as it
was. Sealed, the table is written anew as a whole, so that its file holds no row of before.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlmodel import Session

from keys import Marks, Ring, open_sealed, seal
from keys.ring_file import RingSource
from keys.values import MARK, open_value, seal_value
from settings import Settings

AT_ONCE = 500
WRAPPING = "data key"
JSON = {"object": "{}", "list": "[]", "json": "null"}
"""What stands in clear where there is nothing."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table: by name, what each holds and the type it has in clear.

    `owner` is the column of the row's case. `found` gives the columns of marks of a row.
    """

    table: str
    kinds: Mapping[str, tuple[str, sa.types.TypeEngine[Any]]]
    owner: str = "case_id"
    found: Callable[[Marks, Mapping[str, Any]], Mapping[str, Any]] | None = None


@dataclass(slots=True)
class _Keys:
    """The keys of cases, read and made in the migration's transaction."""

    connection: sa.Connection
    ring: Ring
    of_case: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    by_number: dict[int, bytes] = field(default_factory=dict)

    def make(self, cases: Sequence[int]) -> None:
        """Have a key at hand for each of these cases."""
        self.of_case.clear()
        query = sa.text(
            "SELECT case_id, id, wrapped FROM data_key WHERE owner = 'case'"
            " AND destroyed_at IS NULL AND case_id = ANY(:cases)"
        )
        for case_id, number, wrapped in self.connection.execute(query, {"cases": list(cases)}):
            self.of_case[case_id] = number, self._opened(number, wrapped)
        for case_id in sorted(set(cases) - set(self.of_case)):
            self.of_case[case_id] = self._made(case_id)

    def find(self, number: int) -> bytes:
        """Return a key by its number."""
        if number not in self.by_number:
            query = sa.text("SELECT wrapped FROM data_key WHERE id = :id")
            wrapped = self.connection.execute(query, {"id": number}).scalar_one()
            self.by_number[number] = self._opened(number, wrapped)
        return self.by_number[number]

    def _opened(self, number: int, wrapped: str) -> bytes:
        return open_sealed(self.ring, WRAPPING, f"data_key|{number}", wrapped)

    def _made(self, case_id: int) -> tuple[int, bytes]:
        key = os.urandom(32)
        number = self.connection.execute(
            sa.text("SELECT nextval(pg_get_serial_sequence('data_key', 'id'))")
        ).scalar_one()
        self.connection.execute(
            sa.text(
                "INSERT INTO data_key (id, owner, subject, case_id, wrapped)"
                " VALUES (:id, 'case', :subject, :case, :wrapped)"
            ),
            {
                "id": number, "subject": str(case_id), "case": case_id,
                "wrapped": seal(self.ring, WRAPPING, f"data_key|{number}", key),
            },
        )  # fmt: skip
        return number, key


def seal_columns(of: Columns) -> None:
    """Make the columns text and seal what stands in them; the database refuses all else then."""
    for name, (kind, _) in of.kinds.items():
        op.alter_column(
            of.table, name, type_=sa.Text(), postgresql_using=f"{name}::text",
            server_default=None,
        )  # fmt: skip
        if kind in JSON:
            _empty(of.table, name, JSON[kind])
    _change(of, _seal)
    first = next(iter(of.kinds))
    op.alter_column(of.table, first, type_=sa.Text(), postgresql_using=f"{first} || ''")
    for name in of.kinds:
        op.create_check_constraint(
            op.f(f"ck_{of.table}_{name}_sealed"),
            of.table,
            f"{name} = '' OR starts_with({name}, '{MARK}')",
        )


def _empty(table: str, name: str, empty: str) -> None:
    """Have nothing stand where there is nothing: NULL where that may be."""
    columns = sa.inspect(op.get_bind()).get_columns(table)
    nullable = next(one["nullable"] for one in columns if one["name"] == name)
    nothing = "NULL" if nullable else "''"
    op.execute(f"UPDATE {table} SET {name} = {nothing} WHERE {name} = '{empty}'")  # noqa: S608


def open_columns(of: Columns) -> None:
    """Open what stands in the columns and give them their types of before."""
    for name in of.kinds:
        op.drop_constraint(op.f(f"ck_{of.table}_{name}_sealed"), of.table, type_="check")
    _change(of, _open)
    for name, (kind, type_) in of.kinds.items():
        value = f"coalesce(nullif({name}, ''), '{JSON[kind]}')" if kind in JSON else name
        op.alter_column(
            of.table, name, type_=type_,
            postgresql_using=f"{value}::{type_.compile(op.get_bind().dialect)}",
        )  # fmt: skip


def _batches(of: Columns) -> Iterator[Sequence[sa.RowMapping]]:
    names = ", ".join(("id", of.owner, *of.kinds))
    first = f"SELECT {names} FROM {of.table} WHERE id > :after"  # noqa: S608
    query = sa.text(f"{first} ORDER BY id LIMIT {AT_ONCE}")
    after = 0
    while rows := op.get_bind().execute(query, {"after": after}).mappings().all():
        yield rows
        after = rows[-1]["id"]


def _change(of: Columns, change: Callable[..., Mapping[str, Any]]) -> None:
    """Change every row; the ring is asked for only where there is one."""
    keys: _Keys | None = None
    marks: Marks | None = None
    for rows in _batches(of):
        if keys is None:
            keys = _Keys(op.get_bind(), RingSource(Settings())())
            marks = _marks(keys.ring) if of.found else None
        keys.make([row[of.owner] for row in rows if any(row[name] for name in of.kinds)])
        changed = [{"id": row["id"], **change(of, keys, marks, row)} for row in rows]
        sets = ", ".join(f"{name} = :{name}" for name in changed[0] if name != "id")
        update = f"UPDATE {of.table} SET {sets} WHERE id = :id"  # noqa: S608
        op.get_bind().execute(sa.text(update), changed)


def _seal(
    of: Columns, keys: _Keys, marks: Marks | None, row: Mapping[str, Any]
) -> Mapping[str, Any]:
    case_id = row[of.owner]
    number, key = keys.of_case.get(case_id, (0, b""))  # a row with nothing to seal needs none
    sealed = {
        name: seal_value(number, key, f"{of.table}.{name}|{case_id}", row[name])
        if row[name]
        else row[name]
        for name in of.kinds
    }
    return {**sealed, **(of.found(marks, row) if of.found and marks else {})}


def _open(of: Columns, keys: _Keys, _: Marks | None, row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        name: open_value(keys.find, f"{of.table}.{name}|{row[of.owner]}", row[name])
        if row[name]
        else row[name]
        for name in of.kinds
    }


def _marks(ring: Ring) -> Marks:
    from models.house_key import marks_key

    with Session(bind=op.get_bind()) as session:
        key = marks_key(session, ring)
        session.flush()
    return Marks(key)
