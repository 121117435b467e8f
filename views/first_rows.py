"""Which rows stand first in a list: sought in each part by an index's columns, then merged.

A row is a key, by which it is sorted, and what goes with it; its number ends the key.
"""

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, select
from sqlmodel import Session, col

from models import Case, HumanTask
from views.filters import CaseFilter, in_part, narrowed_cases, wanted_tasks
from views.lists import order_of_tasks, urgency_order
from views.parts import NOW, Parts, Shape, Within, given, part_of, shape_of

Key = tuple[Any, ...]
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class First:
    """A row that stands among the first: its key, and a code of its part as it stands."""

    part: str
    key: Key


def merged(parts: Mapping[str, Sequence[Key]], limit: int) -> list[First]:
    """Return the first `limit` rows of several parts, given by code; in each they are in order."""
    each = ([(key, part) for key in keys] for part, keys in parts.items())
    return [First(part, key) for key, part in islice(heapq.merge(*each), limit)]


def first_tasks(
    session: Session,
    now: datetime,
    wanted: CaseFilter,
    limit: int,
    parts: Parts,
    within: Within | None = None,
) -> Mapping[int, Sequence[Key]]:
    """Return the first open tasks of each part, of one or all; a key ends with the task's id."""
    statement = _tasks(wanted, limit, parts.shift, shape_of(within))
    return _keys(session, statement, given(now, within))


def first_cases(
    session: Session,
    now: datetime,
    wanted: CaseFilter,
    limit: int,
    parts: Parts,
    within: Within | None = None,
) -> Mapping[int, Sequence[Key]]:
    """Return the first cases of each part, of one or all.

    A key ends with the case's number below zero, how many open tasks it has, and their earliest
    deadline or None.
    """
    statement = _cases(wanted, limit, parts.shift, shape_of(within))
    return _keys(session, statement, given(now, within))


def _keys(
    session: Session, statement: Any, values: Mapping[str, Any]
) -> Mapping[int, Sequence[Key]]:
    found: dict[int, list[Key]] = defaultdict(list)
    for number, _, *key in session.execute(statement, values):
        found[number].append(tuple(key))
    return found


@lru_cache(maxsize=100)
def _tasks(wanted: CaseFilter, limit: int, shift: int, shape: Shape) -> Any:
    tasks, conditions = wanted_tasks(wanted, NOW, shape.value)
    query = select(tasks.c.id).where(*conditions)
    return _first(query, part_of(tasks.c.case_id, shift), order_of_tasks(tasks.c), (), limit)


@lru_cache(maxsize=100)
def _cases(wanted: CaseFilter, limit: int, shift: int, shape: Shape) -> Any:
    open_ones = [col(HumanTask.state) == "open", *in_part(col(HumanTask.case_id), shape.value)]
    tasks = (
        select(
            col(HumanTask.case_id),
            func.count().label("rows"),
            func.min(col(HumanTask.due_at)).label("due"),
        )
        .where(*open_ones)
        .group_by(col(HumanTask.case_id))
        .subquery()
    )
    closed = false() if wanted.open_only else col(Case.closed_at).is_not(None)
    due = func.coalesce(tasks.c.due, _NEVER)
    order = (closed, urgency_order(col(Case.urgency)), due, -col(Case.id))
    query = select(col(Case.id)).join(tasks, tasks.c.case_id == col(Case.id), isouter=True)
    query = narrowed_cases(query, wanted, NOW, shape.value)
    told = (func.coalesce(tasks.c.rows, 0), tasks.c.due)
    return _first(query, part_of(col(Case.id), shift), order, told, limit)


def _first(
    query: Select[Any],
    part: ColumnElement[int],
    order: Sequence[ColumnElement[Any]],
    told: Sequence[ColumnElement[Any]],
    limit: int,
) -> Any:
    place = func.row_number().over(partition_by=part, order_by=order).label("place")
    keys = [value.label(f"key_{number}") for number, value in enumerate((*order, *told))]
    ranked = query.with_only_columns(part.label("part"), place, *keys).subquery("ranked")
    return select(ranked).where(ranked.c.place <= limit).order_by(ranked.c.part, ranked.c.place)
