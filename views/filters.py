"""What the lists are narrowed to, and how many rows each further choice would leave.

Everything here is codes: a filter may stand in an address and be kept under a name.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    Subquery,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased
from sqlalchemy.sql.expression import union_all
from sqlmodel import Session, col

from models import Case, Hospital, HumanTask, OutreachThread
from models.case import SITES, URGENCIES
from workflows.stages import STAGES

WAITING = (
    "patient", "hospital", "coordinator", "clinician", "translator", "consulate", "carrier",
    "system", "none",
)  # fmt: skip
DIMENSIONS = ("urgency", "late", "stage", "waiting_on", "site", "country", "hospital")
_YES = "true"
_CODES: Mapping[str, Sequence[str]] = {
    "urgency": URGENCIES[::-1],
    "late": (_YES,),
    "stage": tuple(STAGES),
    "waiting_on": WAITING,
    "site": SITES,
    "closed": (_YES,),
    "mine": (_YES,),
    "whose": ("all",),
}
_SHAPES = {"country": re.compile(r"[A-Z]{2}"), "hospital": re.compile(r"[A-Za-z0-9._-]{1,12}")}


@dataclass(frozen=True, slots=True)
class Mine:
    """Whose list it is: a coordinator's pseudonym and the roles whose tasks they see.

    `everybody` adds what colleagues have taken.
    """

    ref: str
    roles: tuple[str, ...]
    everybody: bool = False


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list is narrowed to; None leaves a part open. `late`: an open task is past its time.

    `coordinator` is the pseudonym of the one whom the cases were given to.
    """

    stage: str | None = None
    waiting_on: str | None = None
    site: str | None = None
    country: str | None = None
    hospital: str | None = None
    urgency: str | None = None
    late: bool = False
    open_only: bool = False
    coordinator: str | None = None
    mine: Mine | None = None


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


@dataclass(frozen=True, slots=True)
class Codes:
    """Where a list finds the codes that it is narrowed by: the cases, or the tasks' cases."""

    case_id: Any
    urgency: Any
    stage: Any
    waiting_on: Any
    site: Any
    country: Any

    @classmethod
    def of_cases(cls) -> "Codes":
        """Return the columns of the cases themselves."""
        return cls(
            col(Case.id), col(Case.urgency), col(Case.stage), col(Case.waiting_on),
            col(Case.site), col(Case.residence_country),
        )  # fmt: skip

    @classmethod
    def of_tasks(cls, tasks: Subquery) -> "Codes":
        """Return the columns of `_open_tasks`."""
        c = tasks.c
        return cls(c.case_id, c.urgency, c.stage, c.waiting_on, c.site, c.residence_country)


def codes_of(given: Mapping[str, str]) -> dict[str, str]:
    """Return the parts of `given` that are filters with a known code; the rest is left out."""
    kept = {}
    for name, value in given.items():
        text = value.strip()
        if name == "country":
            text = text.upper()
        shape = _SHAPES.get(name)
        if text in _CODES.get(name, ()) or (shape and shape.fullmatch(text)):
            kept[name] = text
    return kept


def codes_in_order(name: str) -> Sequence[str]:
    """Return a filter's codes in the order people expect; none if any code is possible."""
    return _CODES.get(name, ())


def filter_of(
    codes: Mapping[str, str], *, mine: Mine | None = None, ref: str | None = None
) -> CaseFilter:
    """Return the filter that `codes_of` describes: for `mine` the work list, else of all cases.

    `ref` is the pseudonym that "mine" means in the list of all cases.
    """
    given = codes_of(codes)
    if mine and given.get("whose") == "all":
        mine = Mine(mine.ref, mine.roles, everybody=True)
    parts: dict[str, Any] = {name: given[name] for name in DIMENSIONS if name in given}
    return CaseFilter(
        **{**parts, "late": "late" in parts},
        open_only=mine is not None or "closed" not in given,
        coordinator=ref if "mine" in given and mine is None else None,
        mine=mine,
    )


def late_cases(now: datetime) -> Select[Any]:
    """Return the ids of cases with an open task past its time."""
    return select(col(HumanTask.case_id)).where(
        col(HumanTask.state) == "open",
        col(HumanTask.due_at) < now,
        col(HumanTask.case_id).is_not(None),
    )


def narrowed_cases(query: Select[Any], wanted: CaseFilter, now: datetime) -> Select[Any]:
    """Return a query on Case with the filter's conditions."""
    late = col(Case.id).in_(late_cases(now))
    return query.where(*_scope(wanted), *_chosen(wanted, late, Codes.of_cases()).values())


def wanted_tasks(wanted: CaseFilter, now: datetime) -> tuple[Subquery, list[ColumnElement[bool]]]:
    """Return the open tasks with what they are sorted by, and the filter's conditions on them."""
    tasks = _open_tasks()
    late = tasks.c.due_at < now
    chosen = _chosen(wanted, late, Codes.of_tasks(tasks))
    return tasks, [*_task_scope(wanted, tasks), *chosen.values()]


def case_facets(session: Session, now: datetime, wanted: CaseFilter) -> Facets:
    """Return the counts of the list of cases."""
    late = late_cases(now).distinct().subquery("late")
    source = select(1).select_from(Case).join(late, late.c.case_id == col(Case.id), isouter=True)
    is_late = late.c.case_id.is_not(None)
    return _facets(session, source, wanted, _scope(wanted), is_late, Codes.of_cases())


def task_facets(session: Session, now: datetime, wanted: CaseFilter) -> Facets:
    """Return the counts of the list of open tasks."""
    tasks = _open_tasks()
    source, scope = select(1).select_from(tasks), _task_scope(wanted, tasks)
    return _facets(session, source, wanted, scope, tasks.c.due_at < now, Codes.of_tasks(tasks))


def count_each(
    session: Session, now: datetime, wanted: Sequence[CaseFilter], *, tasks: bool
) -> list[int]:
    """Return how many tasks (or cases) each filter leaves, in one look at the table."""
    if not wanted:
        return []
    counts = []
    rows = _open_tasks()
    for one in wanted:
        if tasks:
            late = rows.c.due_at < now
            chosen = _chosen(one, late, Codes.of_tasks(rows))
            conditions = [*_task_scope(one, rows), *chosen.values()]
        else:
            late = col(Case.id).in_(late_cases(now))
            conditions = [*_scope(one), *_chosen(one, late, Codes.of_cases()).values()]
        counts.append(func.count().filter(*conditions) if conditions else func.count())
    query = select(*counts).select_from(rows if tasks else Case)
    return list(session.execute(query).one())


def hospital_names(session: Session, codes: Sequence[str]) -> dict[str, str]:
    """Return the names of these hospitals by code."""
    query = select(col(Hospital.code), col(Hospital.name)).where(col(Hospital.code).in_(codes))
    return {row[0]: row[1] for row in session.execute(query)} if codes else {}


def lists_state(session: Session, now: datetime) -> str:
    """Return a short code that is another one as soon as any list may have changed.

    Every fact about a case moves its `last_seq`; a task appears, is answered, or becomes late.
    """
    cases = select(func.count(), func.coalesce(func.sum(col(Case.last_seq)), 0)).select_from(Case)
    tasks = select(
        func.count(),
        func.coalesce(func.max(col(HumanTask.id)), 0),
        func.count().filter(col(HumanTask.due_at) < now),
    ).where(col(HumanTask.state) == "open")
    parts = [*session.execute(cases).one(), *session.execute(tasks).one()]
    return "-".join(str(part) for part in parts)


def _facets(
    session: Session,
    source: Select[Any],
    wanted: CaseFilter,
    scope: Sequence[ColumnElement[bool]],
    late: ColumnElement[bool],
    codes: Codes,
) -> Facets:
    """Count every choice in one statement.

    The rows are grouped once by all dimensions; each dimension is then counted from these groups,
    which are few. A case has several hospitals, so these are counted by themselves.
    """
    columns: dict[str, Any] = {
        "urgency": codes.urgency,
        "late": late,
        "stage": codes.stage,
        "waiting_on": codes.waiting_on,
        "site": codes.site,
        "country": codes.country,
    }
    chosen = _chosen(wanted, late, codes)
    asked = [chosen["hospital"]] if "hospital" in chosen else []
    groups = (
        source.with_only_columns(
            *(column.label(name) for name, column in columns.items()), func.count().label("rows")
        )
        .where(*scope, *asked)
        .group_by(*columns.values())
        .cte("groups")
    )
    values = {name: getattr(wanted, name) for name in columns if getattr(wanted, name)}
    size = cast(func.coalesce(func.sum(groups.c.rows), 0), BigInteger)
    same = {name: groups.c[name] == value for name, value in values.items()}
    arms = [select(literal("total"), literal(""), size).where(*same.values())]
    for name in columns:
        others = [condition for other, condition in same.items() if other != name]
        value = groups.c[name]
        arms.append(
            select(literal(name), cast(value, String), size)
            .where(value.is_not(None), *others)
            .group_by(value)
        )
    # Counted by id first, named after: joined at once, the names are compared with every thread.
    hospital_id = col(OutreachThread.hospital_id)
    threads = (
        source.with_only_columns(hospital_id, func.count().label("rows"))
        .join(OutreachThread, col(OutreachThread.case_id) == codes.case_id)
        .where(*scope, *(part for name, part in chosen.items() if name != "hospital"))
        .group_by(hospital_id)
        .subquery("threads")
    )
    arms.append(
        select(literal("hospital"), col(Hospital.code), threads.c.rows)
        .select_from(threads)
        .join(Hospital, col(Hospital.id) == threads.c.hospital_id)
    )
    counts: dict[str, dict[str, int]] = {}
    for name, value, rows in session.execute(union_all(*arms)):
        counts.setdefault(name, {})[value] = int(rows)
    return Facets(counts.pop("total")[""], counts)


def _chosen(
    wanted: CaseFilter, late: ColumnElement[bool], codes: Codes
) -> dict[str, ColumnElement[bool]]:
    """Return a condition for each dimension in which something was chosen."""
    conditions: dict[str, ColumnElement[bool]] = {}
    if wanted.urgency:
        conditions["urgency"] = codes.urgency == wanted.urgency
    if wanted.late:
        conditions["late"] = late
    if wanted.stage:
        conditions["stage"] = codes.stage == wanted.stage
    if wanted.waiting_on:
        conditions["waiting_on"] = codes.waiting_on == wanted.waiting_on
    if wanted.site:
        conditions["site"] = codes.site == wanted.site
    if wanted.country:
        conditions["country"] = codes.country == wanted.country.upper()
    if wanted.hospital:
        conditions["hospital"] = codes.case_id.in_(
            select(col(OutreachThread.case_id))
            .join(Hospital, col(Hospital.id) == col(OutreachThread.hospital_id))
            .where(col(Hospital.code) == wanted.hospital)
        )
    return conditions


def _scope(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    """Return which cases the list is about at all."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.open_only:
        conditions.append(col(Case.closed_at).is_(None))
    if wanted.coordinator:
        conditions.append(col(Case.coordinator_ref) == wanted.coordinator)
    if wanted.mine:
        asked = col(Case.id).in_(
            select(col(HumanTask.case_id)).where(
                col(HumanTask.state) == "open",
                col(HumanTask.role).in_(wanted.mine.roles),
                col(HumanTask.case_id).is_not(None),
            )
        )
        given = col(Case.coordinator_ref) == wanted.mine.ref
        free = col(Case.coordinator_ref).is_(None)
        conditions.append(or_(given, asked if wanted.mine.everybody else free & asked))
    return conditions


def _task_scope(wanted: CaseFilter, tasks: Subquery) -> list[ColumnElement[bool]]:
    """Return which of `_open_tasks` the list is about at all."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.mine:
        conditions.append(tasks.c.role.in_(wanted.mine.roles))
        if not wanted.mine.everybody:
            owner = tasks.c.coordinator_ref
            whole_team = tasks.c.role == "team"  # whoever has the case
            conditions.append(or_(owner.is_(None), owner == wanted.mine.ref, whole_team))
    return conditions


def _open_tasks() -> Subquery:
    """Return the open tasks with the codes of their cases.

    Nearly all are about open cases, whose codes stand together in one small index: that is joined
    first, and a case is looked up by itself only for the few tasks left (`offset(0)` keeps the
    planner from making one join of both, which would read every case there ever was).
    """
    near, other = aliased(Case), aliased(Case)
    names = ("urgency", "stage", "waiting_on", "site", "residence_country", "coordinator_ref")
    rest = (
        select(*(getattr(other, name) for name in names))
        .where(col(near.id).is_(None), col(other.id) == col(HumanTask.case_id))
        .offset(0)
        .lateral()
    )
    return (
        select(
            col(HumanTask.id),
            col(HumanTask.case_id),
            col(HumanTask.role),
            col(HumanTask.due_at),
            *(func.coalesce(getattr(near, name), rest.c[name]).label(name) for name in names),
        )
        .join(
            near,
            and_(col(near.id) == col(HumanTask.case_id), col(near.closed_at).is_(None)),
            isouter=True,
        )
        .join(rest, true(), isouter=True)
        .where(col(HumanTask.state) == "open")
        .subquery("tasks")
    )
