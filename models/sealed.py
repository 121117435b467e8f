"""Columns that hold personal data: in the database they stand sealed with the key of their case.

A row that has no case yet has a key of its own (`models.row_keys`); given to a case, it is sealed
anew with the case's.

A model declares one with `sealed("table.column")`; rows give and take plain values. What a row is
given is sealed as the row is written, with the key of the row's own case, so no place in the code
has to remember it. A statement that would write such a column without its row, or compare it with
anything but NULL, raises `NotThroughItsRow` before it is sent. The database itself refuses what
is not sealed (`are_sealed`). What must be found again is found by marks (`models.findable`).

A value is bound to table, column, case and row: read in another row, it does not open. To check
that, each reading of such a column asks for the row's case and number with it
(`column_expression`). So a row is numbered before it is written (`_numbered`).
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from typing import Any, Protocol, runtime_checkable

from sqlalchemy import (
    BinaryExpression,
    CheckConstraint,
    ColumnElement,
    Connection,
    Dialect,
    Select,
    Text,
    cast,
    event,
    func,
    inspect,
    literal_column,
    text,
    type_coerce,
)
from sqlalchemy.dialects.postgresql.ext import DistinctOnClause
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstanceState, Mapper
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import Function
from sqlalchemy.sql.operators import is_, is_not
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, Session

from keys import Marks, OpeningFailed
from keys.values import MARK, open_value, seal_value
from models.key_store import KeyDestroyed, store_of
from models.row_keys import own_key


class NotThroughItsRow(TypeError):
    """A sealed column was written or compared by a statement that knows no row. Holds no value."""


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """A value on its way into the database, whose it is, and what gives the key that seals it."""

    whose: str
    key: Callable[[], tuple[int, bytes]]
    value: Any

    def __repr__(self) -> str:
        return "<sealed>"


@runtime_checkable
class Findable(Protocol):
    """A row that is found again by marks of its sealed values."""

    def make_findable(self, marks: Marks) -> None:
        """Fill the columns of marks from the values."""


_EMPTY: Mapping[str, Callable[[], Any]] = {"text": str, "object": dict, "list": list}


class Sealed(TypeDecorator[Any]):
    """The type of a sealed column. `place` is its table and name; `kind` what it holds.

    `text`, `day` (a date), `object`, `list` or `json`. A value whose key was destroyed is nothing.
    `owner` is the column of the row's case; where that may be NULL, or is None, a row without a
    case has a key of its own.
    """

    impl = Text
    cache_ok = True

    def __init__(
        self,
        place: str,
        kind: str = "text",
        *,
        owner: str | None = "case_id",
        nullable: bool = False,
    ) -> None:
        super().__init__()
        self.place, self.kind, self.owner, self.nullable = place, kind, owner, nullable

    class Comparator(TypeDecorator.Comparator[Any]):
        """Compares with NULL, and with nothing else."""

        def operate(self, op: Any, *other: Any, **kwargs: Any) -> Any:
            """Refuse whatever would compare, order or join what is sealed."""
            if getattr(op, "__name__", "") not in ("is_", "is_not"):
                raise NotThroughItsRow("a sealed column is compared with NULL only")
            return super().operate(op, *other, **kwargs)

        def reverse_operate(self, op: Any, other: Any, **kwargs: Any) -> Any:
            """Refuse it from the other side too."""
            raise NotThroughItsRow("a sealed column is compared with NULL only")

    comparator_factory = Comparator

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Ask for the row's case and number with the value."""
        table = getattr(column, "table", None)
        if table is None or not {self.owner or "id", "id"} <= set(table.c.keys()):
            raise NotThroughItsRow(f"{self.place} is sealed: ask for it with its row's case")
        whose = func.textcat(literal_column("'.'", Text), cast(table.c["id"], Text))
        if self.owner:
            case = func.coalesce(cast(table.c[self.owner], Text), literal_column("''", Text))
            whose = func.textcat(case, whose)
        whole = func.textcat(whose, literal_column("' '", Text)), type_coerce(column, Text)
        return func.textcat(*whole, type_=self)

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Seal what a row gave; raise `NotThroughItsRow` for a bare value."""
        if value is None:
            return None if self.nullable else ""
        if not isinstance(value, Bound):
            raise NotThroughItsRow(f"{self.place} is sealed: write it through its row")
        if self.kind in _EMPTY and not value.value:
            return ""
        number, key = value.key()
        return seal_value(number, key, f"{self.place}|{value.whose}", self.written(value.value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Open a value; raise `keys.OpeningFailed`, with the place and nothing of the value."""
        if value is None:
            return None
        whose, blank, sealed = value.partition(" ")
        if not blank:
            raise NotThroughItsRow(f"{self.place} is sealed: no statement works with its value")
        if sealed == "":
            return self.nothing()
        try:
            opened = open_value(store_of(dialect).key, f"{self.place}|{whose}", sealed)
        except KeyDestroyed:
            return None if self.nullable else self.nothing()
        except OpeningFailed:
            case_id, _, row_id = whose.partition(".")
            told = f"{self.place} of row {row_id}, case {case_id or 'none'}, does not open"
            raise OpeningFailed(told) from None
        return self._read(opened)

    def nothing(self) -> Any:
        """Return what an empty column holds."""
        empty = _EMPTY.get(self.kind)
        return empty() if empty else None

    def must_fit(self, value: Any) -> None:
        """Raise TypeError for a moment, or anything else, where a day is held: no row opened it."""
        if self.kind == "day" and (not isinstance(value, date) or isinstance(value, datetime)):
            raise TypeError(f"{self.place} holds a day, and was given a {type(value).__name__}")

    def written(self, value: Any) -> str:
        """Return a value as the text that is sealed."""
        if self.kind == "text":
            return str(value)
        if self.kind == "day":
            self.must_fit(value)
            return str(value.isoformat())
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def _read(self, text: str) -> Any:
        if self.kind == "text":
            return text
        return date.fromisoformat(text) if self.kind == "day" else json.loads(text)


@compiles(Function)
def _called(called: Function[Any], compiler: SQLCompiler, **kwargs: Any) -> str:
    """Refuse functions of the database that would work with a sealed value: lower(), length()."""
    if any(isinstance(one.type, Sealed) for one in called.clauses):
        raise NotThroughItsRow("a function of the database is given a sealed column")
    return compiler.visit_function(called, **kwargs)


@compiles(BinaryExpression)
def _compared(compared: BinaryExpression[Any], compiler: Any, **kwargs: Any) -> str:
    """Refuse what compares with sealed values that a query gives: `IN (SELECT ...)`."""
    sides = compared.left.type, compared.right.type
    if any(isinstance(one, Sealed) for one in sides) and compared.operator not in (is_, is_not):
        raise NotThroughItsRow("a sealed column is compared with NULL only")
    return str(compiler.visit_binary(compared, **kwargs))


@compiles(Select)
def _ordered(query: Select[Any], compiler: Any, **kwargs: Any) -> str:
    _must_not_order(query._order_by_clauses, query._group_by_clauses, query._distinct_on)
    return str(compiler.visit_select(query, **kwargs))


@compiles(DistinctOnClause)
def _distinct(clause: DistinctOnClause, compiler: Any, **kwargs: Any) -> str:
    _must_not_order(clause._distinct_on)
    return str(compiler.visit_postgresql_distinct_on(clause, **kwargs))


def _must_not_order(*clauses: Iterable[Any]) -> None:
    """Refuse to order or group by what is sealed: it would be by what nobody can read."""
    if any(isinstance(_type_of(one), Sealed) for by in clauses for one in by):
        raise NotThroughItsRow("nothing is ordered or grouped by a sealed column")


def _type_of(clause: Any) -> Any:
    """Return the type of what a query is ordered by; a reference to a label has the label's."""
    while not hasattr(clause, "type") and hasattr(clause, "element"):
        clause = clause.element
    return getattr(clause, "type", None)


def sealed(place: str, kind: str = "text", **given: Any) -> Any:
    """Return a field of a sealed column, `table.column`; see `Sealed`. None where it may be NULL.

    `text`, `object` and `list` without a default of None are never NULL and empty by default.
    """
    if "default" not in given and kind in _EMPTY:
        given["default_factory"] = _EMPTY[kind]
    nullable = given.pop("nullable", "default" in given)
    type_ = Sealed(place, kind, owner=given.pop("owner", "case_id"), nullable=nullable)
    return Field(sa_type=type_, nullable=nullable, **given)


def are_sealed(*columns: str) -> Iterator[CheckConstraint]:
    """Yield the checks that have the database refuse what is not sealed."""
    for column in columns:
        yield CheckConstraint(sealed_check(column), name=f"{column}_sealed")


def sealed_check(column: str) -> str:
    """Return the condition that a column holds nothing but sealed values."""
    return f"{column} = '' OR starts_with({column}, '{MARK}')"


@cache
def sealed_columns(mapper: Mapper[Any]) -> Mapping[str, Sealed]:
    """Return the sealed attributes of a table, by name."""
    return {
        attribute.key: attribute.columns[0].type
        for attribute in mapper.column_attrs
        if isinstance(attribute.columns[0].type, Sealed)
    }


_ON_THEIR_WAY = "sealed_on_their_way"
_NUMBERS = text(
    "SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)"
)


@event.listens_for(Session, "before_flush")
def _numbered(session: Session, _: Any, __: Any) -> None:
    """Number the new rows of tables with sealed columns, all of a table at once."""
    new: dict[str, list[Any]] = {}
    for row in session.new:
        mapper: Mapper[Any] = inspect(row).mapper
        if sealed_columns(mapper) and row.id is None:
            new.setdefault(mapper.class_.__tablename__, []).append(row)
    for table, rows in new.items():
        numbers = session.scalars(_NUMBERS, {"table": table, "count": len(rows)})
        for row, number in zip(rows, numbers, strict=True):
            row.id = number


@event.listens_for(Mapper, "before_insert")
def _inserted(mapper: Mapper[Any], _: Connection, row: Any) -> None:
    columns = sealed_columns(mapper)
    if columns:
        _bind(row, columns, list(columns))


@event.listens_for(Mapper, "before_update")
def _updated(mapper: Mapper[Any], _: Connection, row: Any) -> None:
    columns = sealed_columns(mapper)
    if not columns:
        return
    attributes = inspect(row).attrs
    owners = {column.owner for column in columns.values() if column.owner}
    if any(attributes[owner].history.has_changes() for owner in owners):
        for name in columns:  # sealed for another case from now on, or for one at last
            getattr(row, name)
            flag_modified(row, name)
        changed = list(columns)
    else:
        changed = [name for name in columns if attributes[name].history.has_changes()]
    if changed:
        _bind(row, columns, changed)


def _bind(row: Any, columns: Mapping[str, Sealed], names: list[str]) -> None:
    """Give the values of a row to the case that it is of, until they are written."""
    state: InstanceState[Any] = inspect(row)
    session = state.session
    assert isinstance(session, Session)
    if isinstance(row, Findable):
        row.make_findable(store_of(session.get_bind().dialect).marks)
    waiting = session.info.setdefault(_ON_THEIR_WAY, [])
    store, table = store_of(session.get_bind().dialect), row.__table__
    own = cache(partial(own_key, session, store, table.name, row.id))
    if row.id is None:
        raise NotThroughItsRow(f"{table.name}: the row has no number yet")
    for name in names:
        value, column = state.dict.get(name), columns[name]
        if value is None:
            continue
        column.must_fit(value)
        case_id = getattr(row, column.owner) if column.owner else None
        if case_id is not None:
            bound = Bound(f"{case_id}.{row.id}", partial(store.of_case, case_id), value)
        elif column.owner and not table.c[column.owner].nullable:
            raise NotThroughItsRow(f"{column.place}: the row has no case yet")
        else:
            bound = Bound(f".{row.id}", own, value)
            if value or column.kind not in _EMPTY:
                own()  # made now: not while the statement is on its way
        waiting.append((state.dict, name, value))
        state.dict[name] = bound


def _give_back(session: Session) -> None:
    """Let rows hold their plain values again, written or not."""
    for held, name, value in session.info.pop(_ON_THEIR_WAY, ()):
        if isinstance(held.get(name), Bound):
            held[name] = value


@event.listens_for(Session, "after_flush")
def _flushed(session: Session, _: Any) -> None:
    _give_back(session)


@event.listens_for(Session, "after_soft_rollback")
def _rolled_back(session: Session, _: Any) -> None:
    with suppress(KeyError):
        _give_back(session)
