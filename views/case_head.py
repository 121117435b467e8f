"""The head of a case's page: where it stands, what comes next, what holds it up. No personal data.

Three statements, whatever the case holds: its open tasks, its running and dead steps, one row of
counts. The caller has the case itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Row, case, cast, func, select, true, union_all
from sqlmodel import Session, col

from models import (
    Case,
    Consent,
    Document,
    FindingRecord,
    Hospital,
    HumanTask,
    JourneyEntry,
    Message,
    OutreachThread,
    Review,
    StepRun,
)
from models.base import require_id
from models.human_task import ALARMS
from views.lists import CaseRow, TaskRow, case_row, task_row
from views.step_words import step_in_words
from workflows.engine.case_facts import IN_PROCESSING
from workflows.engine.limits import HOSPITAL_HOURS, HOSPITAL_LIMIT
from workflows.stages import HOLD

RUNNING = ("queued", "running", "paused")
UNSETTLED = ("uncertain", "refused")
NEED_SIGNATURE = ("SHORTLISTING", "OUTREACH", "MORE_INFO", "OFFER_REVIEW", "PATIENT_DECISION")
READING = ("COLLECTING_RECORDS", "COMPLETENESS_CHECK", "EXTRACTION_REVIEW", "POST_OP")
LIMITED = ": it waits for the limit of letters to"
WATCH = "reminders.escalate_task"
"""Runs beside every human task; the task itself says the same."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A step that runs without a person: what happens, and when unless a fact stops it.

    `state` is queued, running, paused or dead; a `deadline` is meant to be stopped by a fact.
    """

    name: str
    due_at: datetime
    state: str
    deadline: bool = False
    why: str | None = None
    """The class of what it met last, or why it waits."""
    receiver: str | None = None
    """Code of the hospital whose limit it waits for."""

    @property
    def words(self) -> str:
        """What happens, in plain words."""
        if self.limited and self.why == HOSPITAL_HOURS:
            return f"{step_in_words(self.name)}, when the hospital works"
        limited = f"{LIMITED} {self.receiver or 'one hospital'}" if self.limited else ""
        return step_in_words(self.name) + limited

    @property
    def limited(self) -> bool:
        """Whether it waits for the limit or the hours of a hospital, until its date."""
        return self.state == "queued" and self.why in (HOSPITAL_LIMIT, HOSPITAL_HOURS)

    @property
    def goes_on(self) -> bool:
        """Whether it will move the case: not paused, not dead, not the watch over a task."""
        return self.state in ("queued", "running") and self.name != WATCH


@dataclass(frozen=True, slots=True)
class Waits:
    """Steps of one kind and state: the first of them, and how many there are."""

    first: Wait
    count: int


def alike(waits: Sequence[Wait]) -> list[Waits]:
    """Put waits of one kind and state together, in the order of the first; watches are left out.

    What waits for the limit of a hospital stands apart from the rest, and by hospital.
    """
    found: dict[tuple[str, str, str | None], list[Wait]] = {}
    for wait in waits:
        if wait.name != WATCH:
            limit = (wait.receiver or "") if wait.limited else None
            found.setdefault((wait.name, wait.state, limit), []).append(wait)
    return [Waits(same[0], len(same)) for same in found.values()]


@dataclass(frozen=True, slots=True)
class Blocker:
    """What holds the case up, in words; `tab` of the case, or `task`, is where it is settled."""

    words: str
    tab: str
    task: int | None = None


@dataclass(frozen=True, slots=True)
class CaseHead(CaseRow):
    """A case's row with what the head of its page says beside it."""

    next_task: TaskRow | None = None
    next_step: Wait | None = None
    blockers: tuple[Blocker, ...] = ()
    tasks: tuple[TaskRow, ...] = ()
    waits: tuple[Wait, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """What the blockers are derived from, counted in one statement."""

    processing: int = 0
    proposed: int = 0
    accepted: int = 0
    mismatches: int = 0
    process_consents: int = 0
    share_consents: int = 0
    signatures: int = 0
    uncertain: int = 0
    late_blocking: int = 0


def case_head(session: Session, case: Case, now: datetime) -> CaseHead:
    """Return the head of `case`."""
    case_id = require_id(case.id)
    tasks = open_tasks_of(session, case, now)
    waits = waits_of(session, case_id)
    due = [task.due_at for task in tasks]
    row = case_row(case, len(tasks), min(due, default=None), now)
    held_up = () if case.closed_at else blockers(case, _counts(session, case_id, now), tasks, waits)
    return CaseHead(
        **{f.name: getattr(row, f.name) for f in fields(CaseRow)},
        next_task=tasks[0] if tasks else None,
        next_step=next((wait for wait in waits if wait.goes_on), None),
        blockers=tuple(held_up),
        tasks=tuple(tasks),
        waits=tuple(waits),
    )


def open_tasks_of(session: Session, case: Case, now: datetime) -> list[TaskRow]:
    """Return the open tasks of a case: red flags, then the earliest deadline first."""
    rows = session.scalars(
        select(HumanTask)
        .where(col(HumanTask.case_id) == case.id, col(HumanTask.state) == "open")
        .order_by(col(HumanTask.kind).not_in(ALARMS), col(HumanTask.due_at), col(HumanTask.id))
    )
    return [task_row(task, case, now) for task in rows]


_LIMITS_HOSPITAL = case(
    (
        col(StepRun.error_class) == HOSPITAL_LIMIT,
        select(col(Hospital.code))
        .join(OutreachThread, col(OutreachThread.hospital_id) == col(Hospital.id))
        .join(Message, col(Message.thread_id) == col(OutreachThread.id))
        .where(col(Message.id) == cast(col(StepRun.objects)["message_id"].astext, BigInteger))
        .correlate(StepRun)
        .scalar_subquery(),
    )
).label("receiver")


def waits_of(session: Session, case_id: int) -> list[Wait]:
    """Return what runs by itself and what died, in order of their dates.

    Two halves, each with an index of its own: one condition over both would read the whole table.
    """
    columns = (
        col(StepRun.name), col(StepRun.due_at), col(StepRun.state), col(StepRun.wait),
        col(StepRun.error_class), _LIMITS_HOSPITAL,
    )  # fmt: skip
    both = union_all(
        select(*columns).where(col(StepRun.case_id) == case_id, col(StepRun.state).in_(RUNNING)),
        select(*columns).where(col(StepRun.case_id) == case_id, col(StepRun.state) == "dead"),
    ).subquery()
    rows = session.execute(select(both).order_by(both.c.due_at))
    return [Wait(*row) for row in rows]


def _counts(session: Session, case_id: int, now: datetime) -> Counts:
    documents = _grouped(
        select(
            func.count().filter(col(Document.state).in_(IN_PROCESSING)).label("processing"),
            func.count()
            .filter(
                col(Document.identity_result) == "mismatch", col(Document.state) != "quarantined"
            )
            .label("mismatches"),
        ).where(col(Document.case_id) == case_id)
    )
    findings = _grouped(
        select(
            func.count().filter(col(FindingRecord.state) == "proposed").label("proposed"),
            func.count()
            .filter(col(FindingRecord.state).in_(("confirmed", "corrected")))
            .label("accepted"),
        ).where(col(FindingRecord.case_id) == case_id)
    )
    consents = _grouped(
        select(
            func.count().filter(col(Consent.scope) == "process").label("process_consents"),
            func.count().filter(col(Consent.scope).like("share_%")).label("share_consents"),
        ).where(col(Consent.case_id) == case_id, col(Consent.withdrawn_at).is_(None))
    )
    others = _grouped(
        select(
            _count(Review, col(Review.case_id) == case_id, col(Review.void_at).is_(None)).label(
                "signatures"
            ),
            _count(
                Message, col(Message.case_id) == case_id, col(Message.state).in_(UNSETTLED)
            ).label("uncertain"),
            _count(
                JourneyEntry,
                col(JourneyEntry.case_id) == case_id,
                col(JourneyEntry.blocking),
                col(JourneyEntry.state) == "pending",
                col(JourneyEntry.due) <= now.date(),
            ).label("late_blocking"),
        )
    )
    one_row = documents.join(findings, true()).join(consents, true()).join(others, true())
    query = select(documents, findings, consents, others).select_from(one_row)
    row: Row[Any] = session.execute(query).one()
    return Counts(**{f.name: getattr(row, f.name) for f in fields(Counts)})


def _grouped(query: Any) -> Any:
    return query.subquery()


def _count(table: Any, *where: Any) -> Any:
    return select(func.count()).select_from(table).where(*where).scalar_subquery()


def blockers(
    case: Case, counts: Counts, tasks: Sequence[TaskRow], waits: Sequence[Wait]
) -> list[Blocker]:
    """Return what keeps the case from its next state, the gravest first.

    What a state needs stands in the guards of `playbooks/state_machine.yaml`; here each is said in
    words with the place where it is settled. A guard that the coming fact itself answers (an
    admission date, a visa) is the state's own question and stands there as the task.
    """
    return [
        *_machinery(case, counts, tasks, waits),
        *_papers(case.state, counts, tasks),
        *_permissions(case.state, counts, tasks),
        *_travel(case, counts, tasks),
    ]


def _task(tasks: Sequence[TaskRow], *kinds: str) -> int | None:
    return next((task.id for task in tasks if task.kind in kinds), None)


def _machinery(
    case: Case, counts: Counts, tasks: Sequence[TaskRow], waits: Sequence[Wait]
) -> list[Blocker]:
    found = []
    if case.state == HOLD or case.on_hold:
        task = _task(tasks, "resume_case", "settle_wrong_patient")
        found.append(Blocker("on hold: nothing goes on before it is resumed", "overview", task))
    dead = [wait for wait in waits if wait.state == "dead"]
    if dead:
        words = f"a step failed again and again: {dead[0].words}"
        if len(dead) > 1:
            words = f"{len(dead)} steps failed again and again, the first: {dead[0].words}"
        found.append(Blocker(words, "overview", _task(tasks, "repair_step")))
    if counts.uncertain:
        words = f"{_some(counts.uncertain, 'letter')} of which we do not know that it arrived"
        found.append(Blocker(words, "messages", _task(tasks, "settle_message")))
    if counts.mismatches or _task(tasks, "settle_wrong_patient"):
        found.append(
            Blocker(
                "a document may belong to another person",
                "documents",
                _task(tasks, "settle_wrong_patient"),
            )
        )
    return found


def _papers(state: str, counts: Counts, tasks: Sequence[TaskRow]) -> list[Blocker]:
    found = []
    unread = _task(tasks, "repair_document")
    if unread is not None:
        found.append(Blocker("a file could not be read", "documents", unread))
    if counts.processing and state in ("COLLECTING_RECORDS", "MORE_INFO") and unread is None:
        found.append(Blocker(f"{_some(counts.processing, 'document')} still read", "documents"))
    if state in ("COLLECTING_RECORDS", "COMPLETENESS_CHECK"):
        task = _task(tasks, "settle_completeness", "countersign_waiver")
        if task is not None:
            found.append(Blocker("records are missing", "documents", task))
    if counts.proposed and state in READING:
        words = f"{_some(counts.proposed, 'finding')} that nobody has confirmed"
        found.append(Blocker(words, "documents", _task(tasks, "review_findings")))
    if state == "EXTRACTION_REVIEW" and not counts.proposed and not counts.accepted:
        found.append(Blocker("no finding has been confirmed", "documents"))
    return found


def _permissions(state: str, counts: Counts, tasks: Sequence[TaskRow]) -> list[Blocker]:
    found = []
    if not counts.process_consents and state not in ("INQUIRY", "WITHDRAWAL_WRAPUP"):
        words = "the consent to process the file is missing"
        found.append(Blocker(words, "consent", _task(tasks, "record_consent")))
    if state == "CLINICIAN_REVIEW" or (state in NEED_SIGNATURE and not counts.signatures):
        task = _task(tasks, "review_case", "second_opinion")
        found.append(Blocker("no clinician's signature stands", "suitability", task))
    if state == "SHORTLISTING" and not counts.share_consents:
        words = "the family has allowed no hospital yet"
        found.append(Blocker(words, "consent", _task(tasks, "record_hospital_consent")))
    return found


def _travel(case: Case, counts: Counts, tasks: Sequence[TaskRow]) -> list[Blocker]:
    found = []
    progress = _task(tasks, "report_progress")
    if case.state == "VISA":
        found.append(Blocker("the visa is not granted", "journey", progress))
    if counts.late_blocking and case.state in ("INVITATION_LETTER", "VISA", "TRAVEL_PREP"):
        words = f"{_some(counts.late_blocking, 'item')} due that must be done before departure"
        found.append(Blocker(words, "journey", _task(tasks, "chase_item")))
    if case.state == "FLY_HOME_CLEARANCE" and case.pathology_state in ("PENDING", "RECEIVED"):
        words = "the final pathology is not settled"
        task = _task(tasks, "recheck_pathology", "chase_pathology")
        found.append(Blocker(words, "suitability", task))
    return found


def _some(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
