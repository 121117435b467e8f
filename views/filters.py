"""What the lists are narrowed to.

Everything here is codes: a filter may stand in an address and be kept under a name.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, or_, select, true
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models import Case, Hospital, HumanTask, OutreachThread
from models.case import SITES, URGENCIES
from views.parts import Within
from workflows.stages import STAGES

WAITING = (
    "patient", "hospital", "coordinator", "clinician", "translator", "consulate", "carrier",
    "system", "none",
)  # fmt: skip
DIMENSIONS = ("urgency", "late", "stage", "waiting_on", "site", "country", "hospital")
_YES = "true"
Moment = datetime | ColumnElement[datetime]
"""A moment, or the place of one in a statement that is made once."""
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
        """Return the columns of `tasks_with_codes`."""
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


def late_cases(now: Moment, within: Within | None = None) -> Select[Any]:
    """Return the ids of cases with an open task past its time, of one part or of all."""
    return select(col(HumanTask.case_id)).where(
        col(HumanTask.state) == "open",
        col(HumanTask.due_at) < now,
        col(HumanTask.case_id).is_not(None),
        *in_part(col(HumanTask.case_id), within),
    )


def in_part(case_id: Any, within: Within | None) -> list[ColumnElement[bool]]:
    """Return the condition that a column of cases' numbers lies in a part; none for all."""
    return [within.holds(case_id)] if within is not None else []


def narrowed_cases(
    query: Select[Any], wanted: CaseFilter, now: Moment, within: Within | None = None
) -> Select[Any]:
    """Return a query on Case with the filter's conditions, of one part of the cases or of all."""
    late = col(Case.id).in_(late_cases(now, within))
    conditions = chosen(wanted, late, Codes.of_cases()).values()
    return query.where(*case_scope(wanted, within), *conditions)


def wanted_tasks(
    wanted: CaseFilter, now: Moment, within: Within | None = None
) -> tuple[Subquery, list[ColumnElement[bool]]]:
    """Return the open tasks with what they are sorted by, and the filter's conditions on them."""
    tasks = tasks_with_codes(within)
    late = tasks.c.due_at < now
    conditions = chosen(wanted, late, Codes.of_tasks(tasks)).values()
    return tasks, [*task_scope(wanted, tasks), *conditions]


def hospital_names(session: Session, codes: Sequence[str]) -> dict[str, str]:
    """Return the names of these hospitals by code."""
    query = select(col(Hospital.code), col(Hospital.name)).where(col(Hospital.code).in_(codes))
    return {row[0]: row[1] for row in session.execute(query)} if codes else {}


def chosen(
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


def case_scope(wanted: CaseFilter, within: Within | None = None) -> list[ColumnElement[bool]]:
    """Return which cases the list is about at all, of one part or of all."""
    conditions = in_part(col(Case.id), within)
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
                *in_part(col(HumanTask.case_id), within),
            )
        )
        given = col(Case.coordinator_ref) == wanted.mine.ref
        free = col(Case.coordinator_ref).is_(None)
        conditions.append(or_(given, asked if wanted.mine.everybody else free & asked))
    return conditions


def task_scope(wanted: CaseFilter, tasks: Subquery) -> list[ColumnElement[bool]]:
    """Return which of `tasks_with_codes` the list is about at all."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.mine:
        conditions.append(tasks.c.role.in_(wanted.mine.roles))
        if not wanted.mine.everybody:
            owner = tasks.c.coordinator_ref
            whole_team = tasks.c.role == "team"  # whoever has the case
            conditions.append(or_(owner.is_(None), owner == wanted.mine.ref, whole_team))
    return conditions


def tasks_with_codes(within: Within | None = None) -> Subquery:
    """Return the open tasks, of one part or all, with the codes of their cases.

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
            and_(
                col(near.id) == col(HumanTask.case_id),
                col(near.closed_at).is_(None),
                *in_part(col(near.id), within),
            ),
            isouter=True,
        )
        .join(rest, true(), isouter=True)
        .where(col(HumanTask.state) == "open", *in_part(col(HumanTask.case_id), within))
        .subquery("tasks")
    )
