"""What migrations do with columns that are sealed from then on: each row's values, and back.

Some rows at a time, all in the migration's own transaction: whoever ends it leaves the table as it
was. Sealed, the table is written anew as a whole, so that its file holds no row of before.

Values were bound to their case alone at first (`OF_CASE`), and are bound to their row too since
(`OF_ROW`). A row without a case has a key of its own, which triggers let follow it.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlmodel import Session

from keys import Marks, Ring, open_sealed, seal
from keys.ring_file import RingSource
from keys.values import open_value, seal_value
from settings import Settings

AT_ONCE = 500
OF_CASE, OF_ROW = "s1.", "s2."
"""How values begin that are bound to table, column and case, and to the row besides."""
WRAPPING = "data key"
JSON = {"object": "{}", "list": "[]", "json": "null"}
"""What stands in clear where there is nothing."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table: by name, what each holds and the type it has in clear.

    `owner` is the column of the row's case; None, or NULL in a row: the row has a key of its own.
    `found` gives the columns of marks of a row. `bound` says how its values are bound.
    """

    table: str
    kinds: Mapping[str, tuple[str, sa.types.TypeEngine[Any]]]
    owner: str | None = "case_id"
    found: Callable[[Marks, Mapping[str, Any]], Mapping[str, Any]] | None = None
    bound: str = OF_ROW

    def case_of(self, row: Mapping[Any, Any]) -> int | None:
        """Return the case of a row."""
        return row[self.owner] if self.owner else None

    def place(self, name: str, row: Mapping[Any, Any]) -> str:
        """Return what a value of a row is bound to."""
        case_id = self.case_of(row)
        whose = f"{case_id}" if self.bound == OF_CASE else f"{case_id or ''}.{row['id']}"
        return f"{self.table}.{name}|{whose}"


class KeyGone(LookupError):
    """The key was destroyed: what it sealed is nothing any more."""


@dataclass(slots=True)
class Keys:
    """The keys of cases and rows, read and made in the migration's transaction."""

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
            self.of_case[case_id] = self._made("case", str(case_id), case_id)

    def of(self, of: Columns, row: Mapping[Any, Any]) -> tuple[int, bytes]:
        """Return number and key of a row: its case's, or one made for it."""
        case_id = of.case_of(row)
        if case_id is not None:
            return self.of_case[case_id]
        own = f"{of.table} {row['id']}"
        query = sa.text(
            "SELECT id, wrapped FROM data_key"
            " WHERE owner = 'row' AND subject = :own AND destroyed_at IS NULL"
        )
        left = self.connection.execute(query, {"own": own}).one_or_none()  # by an older way back
        return (left.id, self._opened(*left)) if left else self._made("row", own, None)

    def find(self, number: int) -> bytes:
        """Return a key by its number; raise `KeyGone`."""
        if number not in self.by_number:
            query = sa.text("SELECT wrapped FROM data_key WHERE id = :id")
            wrapped = self.connection.execute(query, {"id": number}).scalar()
            if wrapped is None:
                raise KeyGone
            self.by_number[number] = self._opened(number, wrapped)
        return self.by_number[number]

    def _opened(self, number: int, wrapped: str) -> bytes:
        return open_sealed(self.ring, WRAPPING, f"data_key|{number}", wrapped)

    def _made(self, owner: str, subject: str, case_id: int | None) -> tuple[int, bytes]:
        key = os.urandom(32)
        number = self.connection.execute(
            sa.text("SELECT nextval(pg_get_serial_sequence('data_key', 'id'))")
        ).scalar_one()
        self.connection.execute(
            sa.text(
                "INSERT INTO data_key (id, owner, subject, case_id, wrapped)"
                " VALUES (:id, :owner, :subject, :case, :wrapped)"
            ),
            {
                "id": number, "owner": owner, "subject": subject, "case": case_id,
                "wrapped": seal(self.ring, WRAPPING, f"data_key|{number}", key),
            },
        )  # fmt: skip
        return number, key


def seal_columns(of: Columns, bound: str = OF_ROW) -> None:
    """Make the columns text and seal what stands in them; the database refuses all else then."""
    of = replace(of, bound=bound)
    for name, (kind, _) in of.kinds.items():
        op.alter_column(
            of.table, name, type_=sa.Text(), postgresql_using=f"{name}::text",
            server_default=None,
        )  # fmt: skip
        if kind in JSON:
            _empty(of.table, name, JSON[kind])
    _change(of, _seal)
    _write_anew(of)


def rebind_columns(of: Columns, before: str, after: str) -> None:
    """Bind values that are sealed already otherwise: `OF_CASE` to `OF_ROW`, or back."""
    _drop_checks(of)
    old, new = replace(of, bound=before), replace(of, bound=after, found=None)

    def change(_: Columns, keys: Keys, __: None, row: Mapping[str, Any]) -> Mapping[str, Any]:
        return _seal(new, keys, None, {**row, **_open(old, keys, None, row)})

    _change(new, change)
    _write_anew(new)


def _write_anew(of: Columns) -> None:
    first = next(iter(of.kinds))
    op.alter_column(of.table, first, type_=sa.Text(), postgresql_using=f"{first} || ''")
    for name in of.kinds:
        op.create_check_constraint(
            op.f(f"ck_{of.table}_{name}_sealed"),
            of.table,
            f"{name} = '' OR starts_with({name}, '{of.bound}')",
        )


def _drop_checks(of: Columns) -> None:
    for name in of.kinds:
        op.drop_constraint(op.f(f"ck_{of.table}_{name}_sealed"), of.table, type_="check")


def _empty(table: str, name: str, empty: str) -> None:
    """Have nothing stand where there is nothing: NULL where that may be."""
    columns = sa.inspect(op.get_bind()).get_columns(table)
    nullable = next(one["nullable"] for one in columns if one["name"] == name)
    nothing = "NULL" if nullable else "''"
    op.execute(f"UPDATE {table} SET {name} = {nothing} WHERE {name} = '{empty}'")  # noqa: S608


def open_columns(of: Columns, bound: str = OF_ROW) -> None:
    """Open what stands in the columns and give them their types of before."""
    of = replace(of, bound=bound)
    _drop_checks(of)
    _change(of, _open)
    for name, (kind, type_) in of.kinds.items():
        value = name if kind == "text" else f"nullif({name}, '')"
        value = f"coalesce({value}, '{JSON[kind]}')" if kind in JSON else value
        op.alter_column(
            of.table, name, type_=type_,
            postgresql_using=f"{value}::{type_.compile(op.get_bind().dialect)}",
        )  # fmt: skip


FOLLOWS = """
CREATE FUNCTION row_key_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    own text := TG_TABLE_NAME || ' ' || OLD.id;
    given bigint;
BEGIN
    IF TG_OP = 'UPDATE' AND TG_NARGS > 0 THEN
        given := (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
    END IF;
    IF given IS NULL THEN
        DELETE FROM public.data_key WHERE owner = 'row' AND subject = own;
    ELSE
        UPDATE public.data_key SET case_id = given, subject = own || ' before ' || id
         WHERE owner = 'row' AND subject = own;
    END IF;
    RETURN NULL;
END $$
"""
"""Lets the key of a row without a case follow it: to its case at last, or away with its values."""


def let_keys_follow(of: Columns) -> None:
    """Make the triggers by which the keys of single rows of a table follow them."""
    blank = " AND ".join(f"coalesce(NEW.{name}, '') = ''" for name in of.kinds)
    alone = f"OLD.{of.owner} IS NULL" if of.owner else "true"
    ends = f"NEW.{of.owner} IS NOT NULL OR {blank}" if of.owner else blank
    for name, act, when in (
        ("own_key_follows", "UPDATE", f"{alone} AND ({ends})"),
        ("own_key_goes", "DELETE", alone),
    ):
        op.execute(
            f"CREATE TRIGGER {name} AFTER {act} ON {of.table} FOR EACH ROW WHEN ({when})"
            f" EXECUTE FUNCTION row_key_follows({of.owner or ''})"
        )


def open_with_own_keys(of: Columns) -> None:
    """Undo `let_keys_follow` and `seal_columns`: the keys of single rows go with what they sealed.

    The triggers go first, since they name the columns; the keys last, since opening needs them.
    """
    op.execute(f"DROP TRIGGER own_key_follows ON {of.table}")
    op.execute(f"DROP TRIGGER own_key_goes ON {of.table}")
    open_columns(of)
    own = "owner = 'row' AND destroyed_at IS NULL"
    op.execute(f"DELETE FROM data_key WHERE {own} AND starts_with(subject, '{of.table} ')")  # noqa: S608


def _batches(of: Columns) -> Iterator[Sequence[sa.RowMapping]]:
    names = ", ".join(filter(None, ("id", of.owner, *of.kinds)))
    first = f"SELECT {names} FROM {of.table} WHERE id > :after"  # noqa: S608
    query = sa.text(f"{first} ORDER BY id LIMIT {AT_ONCE}")
    after = 0
    while rows := op.get_bind().execute(query, {"after": after}).mappings().all():
        yield rows
        after = rows[-1]["id"]


def _change(of: Columns, change: Callable[..., Mapping[str, Any]]) -> None:
    """Change every row; the ring is asked for only where there is one."""
    keys: Keys | None = None
    marks: Marks | None = None
    for rows in _batches(of):
        if keys is None:
            keys = Keys(op.get_bind(), RingSource(Settings())())
            marks = _marks(keys.ring) if of.found else None
        full = [row for row in rows if any(row[name] for name in of.kinds)]
        cases = [of.case_of(row) for row in full]
        keys.make([case_id for case_id in cases if case_id is not None])
        changed = [(row, change(of, keys, marks, row)) for row in rows]
        _write(
            of.table,
            [
                {"id": row["id"], **values}
                for row, values in changed
                if any(name not in row or row[name] != value for name, value in values.items())
            ],
        )


def _write(table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the rows that are others now: all at once, unless a column is an array."""
    if not rows:
        return
    names = [name for name in rows[0] if name != "id"]
    if any(isinstance(row[name], list) for row in rows for name in names):
        sets = ", ".join(f"{name} = :{name}" for name in names)
        op.get_bind().execute(sa.text(f"UPDATE {table} SET {sets} WHERE id = :id"), rows)  # noqa: S608
        return
    sets = ", ".join(f"{name} = v.{name}" for name in names)
    lists = ", ".join(f"CAST(:{name} AS text[])" for name in names)
    statement = sa.text(
        f"UPDATE {table} t SET {sets} FROM unnest(CAST(:id AS bigint[]), {lists})"  # noqa: S608
        f" AS v (id, {', '.join(names)}) WHERE t.id = v.id"
    )
    op.get_bind().execute(statement, {name: [row[name] for row in rows] for name in ["id", *names]})


def _seal(
    of: Columns, keys: Keys, marks: Marks | None, row: Mapping[str, Any]
) -> Mapping[str, Any]:
    full = [name for name in of.kinds if row[name]]
    number, key = keys.of(of, row) if full else (0, b"")  # a row with nothing to seal needs none
    sealed = {
        name: seal_value(number, key, of.place(name, row), row[name], mark=of.bound)
        for name in full
    }
    whole = {**{name: row[name] for name in of.kinds}, **sealed}
    return {**whole, **(of.found(marks, row) if of.found and marks else {})}


def _open(of: Columns, keys: Keys, _: Marks | None, row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: opened(of, keys, name, row) for name in of.kinds}


def opened(of: Columns, keys: Keys, name: str, row: Mapping[str, Any]) -> str | None:
    if not row[name]:
        return None if row[name] is None else ""
    try:
        return open_value(keys.find, of.place(name, row), row[name], mark=of.bound)
    except KeyGone:
        return ""


def _marks(ring: Ring) -> Marks:
    from models.house_key import marks_key

    with Session(bind=op.get_bind()) as session:
        key = marks_key(session, ring)
        session.flush()
    return Marks(key)
