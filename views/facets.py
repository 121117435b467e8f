"""How many rows each further choice would leave: counted part by part, and added up.

A case has several hospitals, so these are counted by themselves; everything else in one look.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, String, cast, func, literal, select
from sqlalchemy.sql.expression import union_all
from sqlmodel import Session, col

from models import Case, Hospital, OutreachThread
from views.filters import (
    CaseFilter,
    Codes,
    case_scope,
    chosen,
    in_part,
    late_cases,
    task_scope,
    tasks_with_codes,
)
from views.parts import NOW, Parts, Shape, Within, given, part_of, shape_of


@dataclass(frozen=True, slots=True)
class Facets:
    """How many rows the filter leaves, and how many it would leave with each other choice.

    The count of a choice keeps the choices of all other dimensions: `counts["site"]["breast"]` is
    the length of the list if its site were changed to breast.
    """

    total: int
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def of(self, dimension: str, code: str) -> int:
        """Return the count of one choice."""
        return self.counts.get(dimension, {}).get(code, 0)


NOTHING = Facets(0)


def together(facets: Iterable[Facets]) -> Facets:
    """Return the counts of several parts as those of one."""
    total, counts = 0, dict[str, dict[str, int]]()
    for one in facets:
        total += one.total
        for name, values in one.counts.items():
            known = counts.setdefault(name, {})
            for value, rows in values.items():
                known[value] = known.get(value, 0) + rows
    return Facets(total, counts)


def case_facets(
    session: Session, now: datetime, wanted: CaseFilter, parts: Parts, within: Within | None = None
) -> Mapping[int, Facets]:
    """Return the counts of the list of cases by part, of one part or of all."""
    return _told(session, _of_cases(wanted, parts.shift, shape_of(within)), given(now, within))


def task_facets(
    session: Session, now: datetime, wanted: CaseFilter, parts: Parts, within: Within | None = None
) -> Mapping[int, Facets]:
    """Return the counts of the list of open tasks by part, of one part or of all."""
    return _told(session, _of_tasks(wanted, parts.shift, shape_of(within)), given(now, within))


def count_each(
    session: Session,
    now: datetime,
    wanted: tuple[CaseFilter, ...],
    parts: Parts,
    within: Within | None = None,
    *,
    tasks: bool,
) -> Mapping[int, tuple[int, ...]]:
    """Return how many open tasks (or cases) each filter leaves by part, in one look at them."""
    statement = _each(wanted, tasks, parts.shift, shape_of(within))
    rows = session.execute(statement, given(now, within))
    return {number: tuple(found) for number, *found in rows}


def _told(session: Session, statement: Any, values: Mapping[str, Any]) -> Mapping[int, Facets]:
    totals: dict[int, int] = {}
    counts: dict[int, dict[str, dict[str, int]]] = {}
    for part, name, value, rows in session.execute(statement, values):
        if name == "total":
            totals[part] = int(rows)
        else:
            counts.setdefault(part, {}).setdefault(name, {})[value] = int(rows)
    parts = {*totals, *counts}
    return {part: Facets(totals.get(part, 0), counts.get(part, {})) for part in parts}


# To make a statement of this size costs more than to have it answered: each is made once.


@lru_cache(maxsize=100)
def _of_cases(wanted: CaseFilter, shift: int, shape: Shape) -> Any:
    late = late_cases(NOW, shape.value).distinct().subquery("late")
    source = select(1).select_from(Case).join(late, late.c.case_id == col(Case.id), isouter=True)
    is_late = late.c.case_id.is_not(None)
    scope = case_scope(wanted, shape.value)
    return _Counted(source, scope, is_late, Codes.of_cases(), shift).by_part(wanted)


@lru_cache(maxsize=100)
def _of_tasks(wanted: CaseFilter, shift: int, shape: Shape) -> Any:
    tasks = tasks_with_codes(shape.value)
    source, scope = select(1).select_from(tasks), task_scope(wanted, tasks)
    counted = _Counted(source, scope, tasks.c.due_at < NOW, Codes.of_tasks(tasks), shift)
    return counted.by_part(wanted)


@lru_cache(maxsize=100)
def _each(wanted: tuple[CaseFilter, ...], tasks: bool, shift: int, shape: Shape) -> Any:
    rows = tasks_with_codes(shape.value)
    counts = []
    for one in wanted:
        if tasks:
            picked = chosen(one, rows.c.due_at < NOW, Codes.of_tasks(rows))
            conditions = [*task_scope(one, rows), *picked.values()]
        else:
            late = col(Case.id).in_(late_cases(NOW, shape.value))
            picked = chosen(one, late, Codes.of_cases())
            conditions = [*case_scope(one, shape.value), *picked.values()]
        counts.append(func.count().filter(*conditions) if conditions else func.count())
    part = part_of(rows.c.case_id if tasks else col(Case.id), shift)
    source = [] if tasks else in_part(col(Case.id), shape.value)
    query = select(part, *counts).select_from(rows if tasks else Case).where(*source)
    return query.group_by(part)


@dataclass(frozen=True, slots=True)
class _Counted:
    """What is counted: rows of `source` in `scope`, by `codes` and whether they are `late`."""

    source: Select[Any]
    scope: Sequence[ColumnElement[bool]]
    late: ColumnElement[bool]
    codes: Codes
    shift: int

    def by_part(self, wanted: CaseFilter) -> Any:
        """Return the statement that counts every choice in one look.

        The rows are grouped once by all dimensions; each dimension is then counted from these
        groups, which are few.
        """
        picked = chosen(wanted, self.late, self.codes)
        return union_all(*self._dimensions(wanted, picked), self._hospitals(picked))

    def _dimensions(
        self, wanted: CaseFilter, picked: Mapping[str, ColumnElement[bool]]
    ) -> Iterable[Select[Any]]:
        codes = self.codes
        columns: dict[str, Any] = {
            "urgency": codes.urgency,
            "late": self.late,
            "stage": codes.stage,
            "waiting_on": codes.waiting_on,
            "site": codes.site,
            "country": codes.country,
        }
        part = part_of(codes.case_id, self.shift)
        asked = [picked["hospital"]] if "hospital" in picked else []
        groups = (
            self.source.with_only_columns(
                part.label("part"),
                *(column.label(name) for name, column in columns.items()),
                func.count().label("rows"),
            )
            .where(*self.scope, *asked)
            .group_by(part, *columns.values())
            .cte("groups")
        )
        values = {name: getattr(wanted, name) for name in columns if getattr(wanted, name)}
        size = cast(func.sum(groups.c.rows), BigInteger)
        same = {name: groups.c[name] == value for name, value in values.items()}
        number = groups.c.part
        yield (
            select(number, literal("total"), literal(""), size)
            .where(*same.values())
            .group_by(number)
        )
        for name in columns:
            others = [condition for other, condition in same.items() if other != name]
            value = groups.c[name]
            yield (
                select(number, literal(name), cast(value, String), size)
                .where(value.is_not(None), *others)
                .group_by(number, value)
            )

    def _hospitals(self, picked: Mapping[str, ColumnElement[bool]]) -> Select[Any]:
        """Count by id, then name: joined at once, names are compared with every thread."""
        hospital_id = col(OutreachThread.hospital_id)
        part = part_of(self.codes.case_id, self.shift)
        threads = (
            self.source.with_only_columns(
                part.label("part"), hospital_id, func.count().label("rows")
            )
            .join(OutreachThread, col(OutreachThread.case_id) == self.codes.case_id)
            .where(*self.scope, *(one for name, one in picked.items() if name != "hospital"))
            .group_by(part, hospital_id)
            .subquery("threads")
        )
        return (
            select(threads.c.part, literal("hospital"), col(Hospital.code), threads.c.rows)
            .select_from(threads)
            .join(Hospital, col(Hospital.id) == threads.c.hospital_id)
        )
