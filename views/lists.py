"""The work list: what waits for a person, and every case with whom it waits for. No personal data.

Cases and tasks show references, codes and dates only, so that they may be listed without a trace
in the audit; names stand on the case's own page.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from models import Case, HumanTask
from models.base import require_id
from models.database import transaction
from models.human_task import ALARMS, FIRST
from views.filters import CaseFilter, narrowed_cases, wanted_tasks
from workflows.decisions import QUESTIONS, choices_of
from workflows.engine.world import World

URGENCY_ORDER = {"urgent": 0, "soon": 1, "routine": 2}
ANYTHING = "*"
_PART_OF_REF = re.compile(r"(?:(?:CFX-)?(?P<year>\d\d)-)?(?P<number>\d{1,9})")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer a task allows: the values it must and may have, and whether a reason is needed.

    `may` holding "*" takes any field of the findings vocabulary. `attests` are what the person
    vouches for by choosing it.
    """

    answer: str
    label: str
    needs: tuple[str, ...]
    may: tuple[str, ...]
    reason: bool
    attests: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return the answer as JSON."""
        return {
            "answer": self.answer,
            "label": self.label,
            "needs": list(self.needs),
            "may": list(self.may),
            "reason": self.reason,
            "attests": list(self.attests),
        }


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One human task as a list shows it; times are UTC."""

    id: int
    kind: str
    title: str
    role: str
    state: str
    case_ref: str | None
    case_state: str | None
    site: str | None
    urgency: str
    detail: str | None
    objects: Mapping[str, Any]
    opened_at: datetime
    due_at: datetime
    late: bool
    answers: tuple[Answer, ...]

    def to_json(self) -> dict[str, object]:
        """Return the task as JSON: times in ISO 8601 with zone."""
        return {
            "task": self.id,
            "kind": self.kind,
            "title": self.title,
            "role": self.role,
            "state": self.state,
            "case": self.case_ref,
            "case_state": self.case_state,
            "site": self.site,
            "urgency": self.urgency,
            "detail": self.detail,
            "objects": dict(self.objects),
            "since": self.opened_at.isoformat(),
            "due": self.due_at.isoformat(),
            "late": self.late,
            "answers": [answer.to_json() for answer in self.answers],
        }


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case as a list shows it."""

    ref: str
    stage: str
    state: str
    on_hold: bool
    waiting_on: str
    waiting_since: datetime | None
    site: str | None
    country: str | None
    urgency: str
    source: str
    opened_at: datetime
    closed_at: datetime | None
    outcome: str | None
    open_tasks: int
    next_due: datetime | None
    late: bool
    rehearsal: bool
    coordinator: str | None
    """The pseudonym of whom the case was given to."""

    def to_json(self) -> dict[str, object]:
        """Return the case as JSON: times in ISO 8601 with zone."""
        return {
            "ref": self.ref,
            "stage": self.stage,
            "state": self.state,
            "on_hold": self.on_hold,
            "waiting_on": self.waiting_on,
            "waiting_since": _iso(self.waiting_since),
            "site": self.site,
            "country": self.country,
            "urgency": self.urgency,
            "source": self.source,
            "opened_at": _iso(self.opened_at),
            "closed_at": _iso(self.closed_at),
            "outcome": self.outcome,
            "open_tasks": self.open_tasks,
            "next_due": _iso(self.next_due),
            "late": self.late,
            "rehearsal": self.rehearsal,
        }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def urgency_order(column: Any) -> Any:
    """Return what stands for an urgency where rows are sorted."""
    return case(URGENCY_ORDER, value=column, else_=2)


def _stands_first(task_id: Any) -> Any:
    """Return what a list of tasks is sorted by first: red flags, then signatures that cannot wait.

    Both have an index of their own, so that no other task is read for it.
    """
    alarms = select(col(HumanTask.id)).where(
        col(HumanTask.state) == "open", col(HumanTask.kind).in_(ALARMS)
    )
    first = select(col(HumanTask.id)).where(
        col(HumanTask.state) == "open", col(HumanTask.detail).in_(FIRST)
    )
    return case((task_id.in_(alarms), 0), (task_id.in_(first), 1), else_=2)


def order_of_tasks(columns: Any) -> tuple[Any, ...]:
    """Return what open tasks are sorted by: red flags, hurried signatures, urgency, deadline."""
    return (
        _stands_first(columns.id), urgency_order(columns.urgency), columns.due_at, columns.id
    )  # fmt: skip


def open_tasks(
    session: Session,
    now: datetime,
    *,
    roles: Sequence[str] | None = None,
    case_ref: str | None = None,
    wanted: CaseFilter | None = None,
    ids: Sequence[int] | None = None,
    limit: int = 500,
    offset: int = 0,
) -> list[TaskRow]:
    """Return the open tasks: red flags, signatures that cannot wait, urgent cases, by deadline.

    `roles` narrows to the tasks of these roles; `case_ref` to one case; `wanted` as the lists do;
    `ids` to these alone.
    """
    query: Any = (
        select(HumanTask, Case)
        .join(Case, col(Case.id) == col(HumanTask.case_id), isouter=True)
        .where(col(HumanTask.state) == "open")
        .order_by(
            _stands_first(col(HumanTask.id)),
            urgency_order(col(Case.urgency)),
            col(HumanTask.due_at),
            col(HumanTask.id),
        )
    )
    if roles is not None:
        query = query.where(col(HumanTask.role).in_(roles))
    if case_ref is not None:
        query = query.where(col(Case.ref) == case_ref.strip().upper())
    if ids is not None:
        query = query.where(col(HumanTask.id).in_(ids))
    elif wanted is None:
        query = query.limit(limit).offset(offset)
    else:
        # What is shown is chosen by an index's columns first; then only these rows are read.
        tasks, conditions = wanted_tasks(wanted, now)
        shown = (
            select(tasks.c.id)
            .where(*conditions)
            .order_by(*order_of_tasks(tasks.c))
            .limit(limit)
            .offset(offset)
        )
        query = query.where(col(HumanTask.id).in_(session.scalars(shown).all()))
    return [task_row(task, owner, now) for task, owner in session.execute(query)]


def task_row(task: HumanTask, owner: Case | None, now: datetime) -> TaskRow:
    """Return a task with its title and the answers it allows now."""
    question = QUESTIONS.get(task.kind)
    choices = choices_of(task, owner) if question and task.state == "open" else {}
    answers = tuple(
        Answer(code, c.label, tuple(c.needs), tuple(c.may), c.reason, tuple(c.attests))
        for code, c in choices.items()
    )
    return TaskRow(
        id=require_id(task.id),
        kind=task.kind,
        title=question.title if question else task.kind.replace("_", " "),
        role=task.role,
        state=task.state,
        case_ref=owner.ref if owner else None,
        case_state=owner.state if owner else None,
        site=owner.site if owner else None,
        urgency=owner.urgency if owner else "routine",
        detail=task.detail,
        objects=task.objects,
        opened_at=task.opened_at,
        due_at=task.due_at,
        late=task.due_at < now,
        answers=answers,
    )


def list_cases(
    session: Session,
    now: datetime,
    wanted: CaseFilter | None = None,
    *,
    limit: int = 200,
    offset: int = 0,
) -> list[CaseRow]:
    """Return cases, the urgent first, then by the earliest open deadline, then the newest."""
    # Open tasks are few beside all cases: counted once, joined on the case.
    tasks = (
        select(
            col(HumanTask.case_id).label("case_id"),
            func.count().label("open_tasks"),
            func.min(col(HumanTask.due_at)).label("next_due"),
        )
        .where(col(HumanTask.state) == "open")
        .group_by(col(HumanTask.case_id))
        .subquery()
    )
    wanted = wanted or CaseFilter()
    # Of open cases alone the index tells everything; `closed_at` would have each row read.
    order = (
        *([] if wanted.open_only else [col(Case.closed_at).is_not(None)]),
        urgency_order(col(Case.urgency)),
        tasks.c.next_due.asc().nulls_last(),
        col(Case.id).desc(),
    )
    # What is shown is chosen by narrow columns first; then only these rows are read.
    query = (
        select(col(Case.id), func.coalesce(tasks.c.open_tasks, 0), tasks.c.next_due)
        .join(tasks, tasks.c.case_id == col(Case.id), isouter=True)
        .order_by(*order)
        .limit(limit)
        .offset(offset)
    )
    shown = session.execute(narrowed_cases(query, wanted, now)).all()
    return case_rows(session, now, [(row[0], row[1], row[2]) for row in shown])


def case_rows(
    session: Session, now: datetime, shown: Sequence[tuple[int, int, datetime | None]]
) -> list[CaseRow]:
    """Return these cases: of each its number, its open tasks and their earliest deadline."""
    found = select(Case).where(col(Case.id).in_([case_id for case_id, _, _ in shown]))
    owners = {owner.id: owner for owner in session.scalars(found)}
    return [case_row(owners[case_id], count, due, now) for case_id, count, due in shown]


def count_cases(session: Session, now: datetime, wanted: CaseFilter | None = None) -> int:
    """Return how many cases the filter leaves."""
    query = select(func.count()).select_from(Case)
    return session.scalar(narrowed_cases(query, wanted or CaseFilter(), now)) or 0


def find_cases(session: Session, typed: str) -> list[str]:
    """Return the references that somebody may mean: "CFX-26-00012", "26-12", "12"; best first."""
    text = typed.strip().upper().replace(" ", "")
    if found := session.scalars(select(col(Case.ref)).where(col(Case.ref) == text)).all():
        return list(found)
    parts = _PART_OF_REF.fullmatch(text)
    if parts is None:
        return []
    query = select(col(Case.ref)).where(col(Case.ref).like(f"%-{int(parts['number']):05d}"))
    if parts["year"]:
        query = query.where(col(Case.ref).like(f"CFX-{parts['year']}-%"))
    return list(session.scalars(query.order_by(col(Case.ref).desc()).limit(20)))


def cases_meant(world: World, typed: str) -> list[str]:
    """Return what `find_cases` finds, in a transaction of its own."""
    with transaction(world.engine) as session:
        return find_cases(session, typed)


def tasks_of_roles(world: World, roles: Sequence[str]) -> list[TaskRow]:
    """Return the open tasks of some roles, the most urgent first."""
    with transaction(world.engine) as session:
        return open_tasks(session, world.clock.now(), roles=roles)


def some_cases(
    world: World, wanted: CaseFilter, *, limit: int, offset: int
) -> tuple[list[CaseRow], int]:
    """Return a stretch of the cases that the filter leaves, and how many there are."""
    now = world.clock.now()
    with transaction(world.engine) as session:
        rows = list_cases(session, now, wanted, limit=limit, offset=offset)
        return rows, count_cases(session, now, wanted)


def case_row(owner: Case, open_tasks: int, next_due: datetime | None, now: datetime) -> CaseRow:
    """Return a case as a list shows it."""
    closed = owner.closed_at is not None
    return CaseRow(
        ref=owner.ref,
        stage=owner.stage,
        state=owner.state,
        on_hold=owner.on_hold,
        waiting_on="none" if closed else owner.waiting_on,
        waiting_since=owner.waiting_since,
        site=owner.site,
        country=owner.residence_country,
        urgency=owner.urgency,
        source=owner.source,
        opened_at=owner.opened_at,
        closed_at=owner.closed_at,
        outcome=owner.outcome,
        open_tasks=open_tasks,
        next_due=next_due,
        late=next_due is not None and next_due < now,
        rehearsal=owner.rehearsal,
        coordinator=owner.coordinator_ref,
    )
