"""The repair desk: everything that stopped and needs a person, grouped by cause.

No personal data: steps, codes, counts, times, and the references of cases.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Row, text
from sqlmodel import Session

from models.database import transaction
from models.human_task import REPAIRS
from views.repair_words import WEBHOOK, RepairWords
from workflows.decisions import QUESTIONS
from workflows.engine.world import World
from workflows.steps import STEPS

ROWS_SHOWN = 25
MAX_AT_ONCE = 500
"""Rows that one confirmed act may settle."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What rows of the desk have in common: the kind, the step (or partner), the error's code."""

    kind: str
    step: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One row: a human task, or a delivery. `about` says which object, by id and code."""

    id: int
    case_ref: str | None
    urgency: str
    since: datetime
    due_at: datetime | None
    late: bool
    about: str


@dataclass(frozen=True, slots=True)
class DeskAnswer:
    """An answer that many rows can be given at once."""

    code: str
    label: str
    reason: bool
    will: str


WEBHOOK_ANSWERS = {
    "send_again": DeskAnswer(
        "send_again",
        "Offer it to the partner again",
        False,
        "Each message is offered to the partner again, for up to three days. An address that was "
        "closed is opened again.",
    ),
    "give_up": DeskAnswer(
        "give_up",
        "The partner does not need it",
        True,
        "The partner will not get these messages. It can still ask for the cases' state.",
    ),
}


@dataclass(frozen=True, slots=True)
class Group:
    """Rows with one cause, in plain words; `rows` are the first of `count`."""

    cause: Cause
    stopped: str
    patient: str
    why: str
    do: str
    count: int
    cases: int
    oldest: datetime
    first_due: datetime
    rows: Sequence[Trouble]
    answers: Sequence[DeskAnswer]
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class QueueState:
    """How a queue stands. `late_since` is when the oldest row became due that still waits."""

    name: str
    due: int
    running: int
    later: int
    paused: int
    dead: int
    late_since: datetime | None


@dataclass(frozen=True, slots=True)
class Desk:
    """The whole desk; the groups whose first deadline comes soonest first."""

    groups: Sequence[Group]
    queues: Sequence[QueueState]
    total: int = field(default=0)


# The kinds stand in the statement itself: only then does PostgreSQL use the index made for them.
_KINDS = ", ".join(f"'{kind}'" for kind in REPAIRS)
# Constants of this file are the only parts put into these statements.
# ruff: noqa: S608
_TROUBLES = f"""
    SELECT t.id, t.kind, coalesce(s.name, '') AS step,
           CASE t.kind WHEN 'mend_address' THEN '' ELSE coalesce(t.detail, '') END AS code,
           c.ref AS case_ref, coalesce(c.urgency, 'routine') AS urgency, t.opened_at AS since,
           t.due_at, s.id AS step_run_id, s.attempt, s.state AS step_state,
           t.objects->>'document_id' AS document_id,
           m.id AS message_id, m.template, m.to_role, m.direction, h.code AS hospital
      FROM human_task t
      LEFT JOIN "case" c ON c.id = t.case_id
      LEFT JOIN step_run s ON t.kind = 'repair_step'
           AND s.id = CAST(t.objects->>'step_run_id' AS bigint)
      LEFT JOIN message m ON m.id = CAST(t.objects->>'message_id' AS bigint)
      LEFT JOIN outreach_thread o ON o.id = m.thread_id
      LEFT JOIN hospital h ON h.id = o.hospital_id
     WHERE t.state = 'open' AND t.kind IN ({_KINDS})
    UNION ALL
    SELECT d.id, '{WEBHOOK}', p.name,
           CASE WHEN NOT p.active THEN 'gone' WHEN coalesce(d.last_status, 0) = 0 THEN 'no_answer'
                ELSE d.last_status::text END,
           c.ref, 'routine', d.created_at, NULL, NULL, d.attempts, NULL, e.type,
           NULL, NULL, NULL, NULL,
           NULL
      FROM webhook_delivery d
      JOIN webhook_endpoint p ON p.id = d.endpoint_id
      LEFT JOIN case_event e ON e.event_id = d.event_id
      LEFT JOIN "case" c ON c.id = e.case_id
     WHERE d.state = 'failed'
"""
_GROUPS = text(
    f"""
    SELECT kind, step, code, count(*) AS amount, count(DISTINCT case_ref) AS cases,
           min(since) AS oldest, min(coalesce(due_at, since)) AS first_due
      FROM ({_TROUBLES}) AS trouble GROUP BY kind, step, code
     ORDER BY kind = 'webhook', bool_or(urgency = 'urgent') DESC, first_due, kind, step, code
    """
)
_ROWS = text(
    f"""
    SELECT * FROM (
        SELECT trouble.*, row_number() OVER (PARTITION BY kind, step, code
               ORDER BY urgency = 'urgent' DESC, coalesce(due_at, since), id) AS place
          FROM ({_TROUBLES}) AS trouble) AS numbered
     WHERE place <= :most ORDER BY place
    """
)
_IDS = text(
    f"""
    SELECT id FROM ({_TROUBLES}) AS trouble
     WHERE kind = :kind AND step = :step AND code = :code ORDER BY since, id LIMIT :most
    """
)
_CHOSEN = text(
    f"""
    SELECT * FROM ({_TROUBLES}) AS trouble
     WHERE kind = :kind AND id = ANY(:ids) ORDER BY since, id LIMIT :most
    """
)
_QUEUES = text(
    """
    SELECT split_part(name, '.', 1) AS queue, standing, sum(rows) AS rows, min(since) AS since
      FROM (
        SELECT name, 'due' AS standing, count(*) AS rows, min(due_at) AS since FROM step_run
         WHERE state = 'queued' AND due_at <= :now GROUP BY name
        UNION ALL SELECT name, 'later', count(*), NULL FROM step_run
         WHERE state = 'queued' AND due_at > :now GROUP BY name
        UNION ALL SELECT name, 'running', count(*), NULL FROM step_run
         WHERE state = 'running' GROUP BY name
        UNION ALL SELECT name, 'paused', count(*), NULL FROM step_run
         WHERE state = 'paused' GROUP BY name
        UNION ALL SELECT name, 'dead', count(*), NULL FROM step_run
         WHERE state = 'dead' GROUP BY name
      ) AS counted GROUP BY 1, 2
    """
)


def whole_desk(world: World) -> Desk:
    """Return everything that waits for a repair now, and the queues."""
    words = RepairWords.load(world.settings.playbooks_dir)
    with transaction(world.engine) as session:
        return repair_desk(session, words, world.clock.now())


def everything_of(world: World, cause: Cause) -> list[int]:
    """Return the ids of all rows that stopped for one cause."""
    with transaction(world.engine) as session:
        return ids_of(session, cause)


def rows_chosen(world: World, kind: str, ids: Sequence[int]) -> list[Trouble]:
    """Return chosen rows that still wait, as `chosen_rows` does."""
    with transaction(world.engine) as session:
        return chosen_rows(session, kind, ids, world.clock.now())


def repair_desk(session: Session, words: RepairWords, now: datetime) -> Desk:
    """Return the desk as it stands; times are UTC."""
    rows: dict[Cause, list[Trouble]] = {}
    for row in session.execute(_ROWS, {"most": ROWS_SHOWN}):
        rows.setdefault(Cause(row.kind, row.step, row.code), []).append(_trouble(row, now))
    groups = [
        _group(row, rows.get(Cause(row.kind, row.step, row.code), []), words)
        for row in session.execute(_GROUPS)
    ]
    return Desk(groups, queue_states(session, now), sum(group.count for group in groups))


def ids_of(session: Session, cause: Cause) -> list[int]:
    """Return the ids of the rows with this cause, the oldest first, `MAX_AT_ONCE` at most."""
    values = {"kind": cause.kind, "step": cause.step, "code": cause.code, "most": MAX_AT_ONCE}
    return list(session.scalars(_IDS, values))


def chosen_rows(session: Session, kind: str, ids: Sequence[int], now: datetime) -> list[Trouble]:
    """Return these rows as far as they still wait, the oldest first, `ROWS_SHOWN` at most."""
    values = {"kind": kind, "ids": list(ids), "most": ROWS_SHOWN}
    return [_trouble(row, now) for row in session.execute(_CHOSEN, values)]


def queue_states(session: Session, now: datetime) -> list[QueueState]:
    """Return every queue of the process, also the empty ones, in the order of the steps."""
    found: dict[tuple[str, str], tuple[int, datetime | None]] = {
        (row.queue, row.standing): (int(row.rows), row.since)
        for row in session.execute(_QUEUES, {"now": now})
    }

    def count(queue: str, state: str) -> int:
        return found.get((queue, state), (0, None))[0]

    names = dict.fromkeys(step.queue for step in STEPS.values())
    return [
        QueueState(
            name,
            count(name, "due"),
            count(name, "running"),
            count(name, "later"),
            count(name, "paused"),
            count(name, "dead"),
            found.get((name, "due"), (0, None))[1],
        )
        for name in names
    ]


def known_kind(kind: str) -> bool:
    """Return whether the desk shows rows of this kind."""
    return kind == WEBHOOK or kind in REPAIRS


def answers_of(kind: str) -> list[DeskAnswer]:
    """Return the answers that need nothing but a reason: those that many rows can share."""
    if kind == WEBHOOK:
        return list(WEBHOOK_ANSWERS.values())
    return [
        DeskAnswer(code, choice.label, choice.reason, choice.will)
        for code, choice in QUESTIONS[kind].choices(None).items()
        if not choice.needs
    ]


def _group(row: Row[tuple[object, ...]], rows: Sequence[Trouble], words: RepairWords) -> Group:
    cause = Cause(row.kind, row.step, row.code)
    if cause.kind == "repair_step":
        step, error = words.of_step(cause.step, cause.code)
        stopped, patient, why, do = step.stopped, step.patient, error.why, error.do
    else:
        task = words.of_task(cause.kind, cause.code)
        stopped, patient, why, do = task.stopped, task.patient, "", task.do
    roles = QUESTIONS[cause.kind].roles if cause.kind in QUESTIONS else {"coordinator", "lead"}
    return Group(
        cause, stopped, patient, why, do, row.amount, row.cases, row.oldest, row.first_due, rows,
        answers_of(cause.kind), frozenset(roles),
    )  # fmt: skip


def _trouble(row: Row[tuple[object, ...]], now: datetime) -> Trouble:
    late = row.due_at is not None and row.due_at < now
    return Trouble(row.id, row.case_ref, row.urgency, row.since, row.due_at, late, _about(row))


def _about(row: Row[tuple[object, ...]]) -> str:
    if row.kind == "repair_step" and row.step_state != "dead":
        return f"step {row.step_run_id}, which runs again by itself"
    if row.kind == "repair_step":
        return f"step {row.step_run_id}, tried {row.attempt} times"
    if row.kind == WEBHOOK:
        return f"message {row.id}: {row.document_id}, tried {row.attempt} times"
    if row.document_id:
        return f"document {row.document_id}"
    if row.message_id is None:
        return ""
    if row.direction == "in":
        return f"letter {row.message_id}"
    to = row.hospital or row.to_role
    return f"letter {row.message_id}: {row.template} to {to}"
