"""What a person needs before answering a task: the letter, the hospitals, the values read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import select
from sqlmodel import Session, SQLModel, col

from accounts import audit
from models import (
    Case,
    CaseEvent,
    Consent,
    Document,
    FindingRecord,
    FollowUpEntry,
    Hospital,
    HumanTask,
    JourneyEntry,
    Message,
)
from models.base import require_id
from models.database import transaction
from views.asked_items import AskedItem, asked_items
from views.case_head import CaseHead, case_head
from views.held_back import HeldBack, held_back
from views.letter_out import LetterOut, letter_out
from views.lists import TaskRow, task_row
from views.offers_shown import offers_before_family, stated_in_letter
from views.red_flag import RedFlag, red_flag
from views.shown import (
    ShownCase,
    ShownFinding,
    ShownHospital,
    ShownItem,
    ShownMessage,
    ShownQuestion,
    ShownTask,
    shown,
)
from views.stated_values import named_contact, stated_by_letters
from workflows.documents.sending import Place, members, places_of, told_with
from workflows.engine.lookup import get
from workflows.engine.world import World
from workflows.journey.evidence import READABLE
from workflows.outreach.decisions import IN_WORDS
from workflows.outreach.offer_letter import Stated

Kind = TypeVar("Kind")


LETTER = "approve_message"


@dataclass(frozen=True, slots=True)
class Rows:
    """A task with its case."""

    task: HumanTask
    case: Case | None


ASKS_HOSPITALS = ("record_hospital_consent", "approve_shortlist", "confirm_units")
PROPOSED = ("shortlist.proposed", "shortlist.unconfirmed")
_REASONS = {
    "experience": "says how many it treats",
    "country_wished": "in a country that the family wishes",
    "language": "speaks the family's language",
    "answers": "says that it answers",
    "answers_quickly": "says that it answers within three days",
    "answers_measured": "answers, as measured",
    "answers_quickly_measured": "answers within three days, as measured",
}
"""What speaks for a hospital, in words; technique and site are said of each."""


@dataclass(frozen=True, slots=True)
class UnreadFile:
    """A file of a sending with what is wrong with it: codes, and pages that were not read."""

    document_id: int
    name: str
    place: Place | None
    codes: Sequence[str]
    pages: Sequence[int]


@dataclass(frozen=True, slots=True)
class Background:
    """What a task is about. `proposed` and `allowed` are hospital codes."""

    task: ShownTask
    case: ShownCase | None
    message: ShownMessage | None
    document_id: int | None
    findings: Sequence[ShownFinding]
    hospitals: Sequence[ShownHospital]
    allowed: frozenset[str]
    item: ShownItem | None
    """The checklist item the task is about."""
    question: ShownQuestion | None
    """The question of the follow-up plan that the task asks."""
    papers: Sequence[tuple[int, str]] = ()
    """The readable documents of the case, number and words, for an answer that names one."""
    unread: Sequence[UnreadFile] = ()
    """The files of a sending that could not be read, or not whole."""
    wanted: Sequence[AskedItem] = ()
    """What a hospital asks for."""
    offers: Sequence[tuple[str, str]] = ()
    """Number and name of each offer that the family decides about."""
    stated: Mapping[str, Stated] = field(default_factory=dict)
    """What was read in a hospital's letter, by the value it would be."""
    contact: tuple[str, str] | None = None
    """The way and number of a hospital's person that the task asks about."""
    why_proposed: Mapping[str, str] = field(default_factory=dict)
    """By hospital's code what speaks for it, or what has to be asked first."""
    held_back: HeldBack | None = None
    """What was not taken, because as much had come as may in a day."""


@dataclass(frozen=True, slots=True)
class TaskPage:
    """A task as its page shows it: `row` its case's head, `letter` to approve, `flag` an alarm."""

    about: Background
    task: TaskRow
    row: CaseHead | None
    letter: LetterOut | None
    flag: RedFlag | None = None


def asked_about(world: World, task_id: int) -> Background:
    """Return a task with what it is about; raise `RowNotFound`."""
    with transaction(world.engine) as session:
        return background(session, task_id)


def task_page(world: World, task_id: int, actor_ref: str, edited: str | None = None) -> TaskPage:
    """Read a task and write down who looked; raise `RowNotFound`.

    `edited` is the letter to approve as it was edited, if it was.
    """
    now = world.clock.now()
    with transaction(world.engine) as session:
        rows = rows_of(session, task_id)
        about, task = background_of(session, rows), rows.task
        letter = None
        if task.kind == LETTER and task.state == "open" and about.message is not None:
            message = get(session, Message, about.message.id)
            letter = letter_out(session, world, message, now, edited)
        found = TaskPage(
            about,
            task_row(task, rows.case, now),
            case_head(session, rows.case, now) if rows.case else None,
            letter,
            red_flag(session, world, task, rows.case, now),
        )
        audit.note(
            session,
            actor_ref=actor_ref,
            action="task.viewed",
            at=now,
            object_ref=f"task:{task_id}",
            case_id=task.case_id,
        )
    return found


def rows_of(session: Session, task_id: int) -> Rows:
    """Return a task and its case; raise `RowNotFound`."""
    task = get(session, HumanTask, task_id)
    return Rows(task, get(session, Case, task.case_id) if task.case_id is not None else None)


def background(session: Session, task_id: int) -> Background:
    """Return a task with what it is about; raise `RowNotFound`."""
    return background_of(session, rows_of(session, task_id))


def background_of(session: Session, rows: Rows) -> Background:
    """Return what a task is about; raise `RowNotFound`."""
    task, objects = rows.task, rows.task.objects
    message_id, document_id = objects.get("message_id"), objects.get("document_id")
    item_id = objects["item_id"] if task.kind == "chase_item" else None
    asks = task.kind in ("call_patient", "ask_symptoms")
    return Background(
        task=shown(ShownTask, task),
        case=shown(ShownCase, rows.case) if rows.case else None,
        message=_one(session, Message, ShownMessage, message_id),
        document_id=document_id,
        findings=_proposed(session, document_id)
        if task.kind == "review_findings" and document_id is not None
        else (),
        hospitals=[shown(ShownHospital, row) for row in _hospitals(session, task)],
        allowed=_allowed(session, task),
        why_proposed=_why_proposed(session, task),
        item=_one(session, JourneyEntry, ShownItem, item_id),
        question=_one(
            session, FollowUpEntry, ShownQuestion, objects.get("reminder_id") if asks else None
        ),
        papers=_papers(session, task),
        unread=_unread(session, document_id)
        if task.kind == "repair_document" and document_id is not None
        else (),
        wanted=asked_items(session, task),
        offers=offers_before_family(session, task),
        stated={**stated_in_letter(session, task), **stated_by_letters(session, task)},
        contact=named_contact(session, task),
        held_back=held_back(session, task),
    )


def _papers(session: Session, task: HumanTask) -> list[tuple[int, str]]:
    if task.kind not in ("confirm_admission", "report_progress"):
        return []
    rows = session.scalars(
        select(Document)
        .where(col(Document.case_id) == task.case_id, col(Document.state).in_(READABLE))
        .order_by(col(Document.id).desc())
    )
    return [
        (require_id(row.id), f"{row.id} {(row.label or 'not known').replace('_', ' ')}: "
         f"{row.file_name}")
        for row in rows
    ]  # fmt: skip


def _unread(session: Session, document_id: int) -> list[UnreadFile]:
    """Return all the files of a sending that a question is about."""
    document = get(session, Document, document_id)
    places = places_of(members(session, document))
    return [
        UnreadFile(
            require_id(one.id),
            one.file_name,
            places.get(require_id(one.id)) if len(places) > 1 else None,
            [problem["code"] for problem in one.notes["problems"]["found"]],
            [page for problem in one.notes["problems"]["found"] for page in problem["pages"]],
        )
        for one in told_with(session, document)
    ]


def _one(
    session: Session, table: type[SQLModel], kind: type[Kind], row_id: int | None
) -> Kind | None:
    return shown(kind, get(session, table, row_id)) if row_id is not None else None


def _proposed(session: Session, document_id: int) -> list[ShownFinding]:
    rows = session.scalars(
        select(FindingRecord)
        .where(
            col(FindingRecord.document_id) == document_id, col(FindingRecord.state) == "proposed"
        )
        .order_by(col(FindingRecord.page), col(FindingRecord.id))
    )
    return [shown(ShownFinding, row) for row in rows]


def _hospitals(session: Session, task: HumanTask) -> Sequence[Hospital]:
    """Return the hospitals last proposed for the case; all active ones when none were."""
    if task.kind not in ASKS_HOSPITALS:
        return ()
    proposed = _proposal(session, task)
    query = select(Hospital).where(col(Hospital.active)).order_by(col(Hospital.code))
    if proposed:
        codes = [*proposed["hospital_ids"], *(proposed.get("unconfirmed") or {})]
        query = query.where(col(Hospital.code).in_(codes))
    return session.scalars(query).all()


def _proposal(session: Session, task: HumanTask) -> Mapping[str, Any]:
    """Return what was proposed last; empty when nothing was."""
    payload = session.scalars(
        select(col(CaseEvent.payload))
        .where(col(CaseEvent.case_id) == task.case_id, col(CaseEvent.type).in_(PROPOSED))
        .order_by(col(CaseEvent.seq).desc())
        .limit(1)
    ).first()
    return payload or {}


def _why_proposed(session: Session, task: HumanTask) -> Mapping[str, str]:
    """Return by code what speaks for a hospital, or what has to be asked of it first."""
    if task.kind not in ASKS_HOSPITALS:
        return {}
    payload = _proposal(session, task)
    reasons = dict(payload.get("match_reasons") or {})
    waits = dict(payload.get("unconfirmed") or {})
    found = {code: ", ".join(_REASONS[one] for one in all_ if one in _REASONS)
             for code, all_ in reasons.items()}  # fmt: skip
    found |= {
        code: f"{' and '.join(IN_WORDS[one] for one in all_ if one in IN_WORDS)}: telephone first"
        for code, all_ in waits.items()
    }
    return {code: words for code, words in found.items() if words}


def _allowed(session: Session, task: HumanTask) -> frozenset[str]:
    if task.kind != "approve_shortlist":
        return frozenset()
    return frozenset(
        session.scalars(
            select(col(Hospital.code))
            .join(Consent, col(Consent.hospital_id) == col(Hospital.id))
            .where(col(Consent.case_id) == task.case_id, col(Consent.withdrawn_at).is_(None))
        )
    )
