"""What a patient reads on their own page. Holds personal data: opening it is written down."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from models import Case, FollowUpEntry, HumanTask, JourneyEntry, Message, StepRun
from models.base import require_id
from models.database import transaction
from models.findable import address_mark, marks_in
from planning.completeness import CompletenessPlaybook, MissingItem
from views.portal_offers import OwnOffer, own_offers
from views.portal_papers import OwnPaper, own_papers
from views.portal_permissions import Permission, permissions_of, suggested
from views.shown import ShownCase, ShownItem, shown
from workflows.cases.chosen_hospital import chosen_hospital
from workflows.cases.who_decides import OPEN, who_decides
from workflows.documents.completeness import Asked, asked_now, compare
from workflows.engine.lookup import patient_of
from workflows.engine.world import World
from workflows.letters.patient_points import open_questions, signed_result
from workflows.portal.access import FROM_PAGE, known_signer
from workflows.retention.state import is_asked_for

MAX_MESSAGES = 40
MAX_ITEMS = 6
LETTERS_TO_COME = (
    "notices.send_update",
    "notices.nudge_consent",
    "notices.nudge_records",
    "notices.nudge_decision",
    "reminders.send_reminder",
)
STAFF = ("coordinator", "clinician", "lead")
ASKING = ("screening", "outreach", "decision")
ON_THE_WAY = ("admission", "travel", "treatment", "return")
ANSWERABLE = ("sent", "unanswered")


@dataclass(frozen=True, slots=True)
class News:
    """When the patient hears next. `by` is None when no date is known; `how` says what is due.

    `letter`: we write by then. `person`: somebody of the team takes the next step by then.
    `late`: that day has passed.
    """

    how: str
    by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to the patient, or what they wrote to us."""

    ours: bool
    at: datetime
    subject: str
    body: str
    language: str
    """Of our own letters; empty for what the patient wrote."""


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question of the follow-up plan that waits for an answer; `ask` in plain words.

    `kind` says what kind of question it is, `answers` the codes that it offers.
    """

    reminder_id: int
    ask: str
    origin: str
    kind: str
    answers: Sequence[str]


@dataclass(frozen=True, slots=True)
class Home:
    """The page, read in one transaction. Times are UTC; `zone` is the patient's."""

    case: ShownCase
    zone: ZoneInfo
    news: News
    missing: Sequence[MissingItem]
    asked: Sequence[str]
    documents: Sequence[OwnPaper]
    letters: Sequence[Letter]
    questions: Sequence[OpenQuestion]
    permissions: Sequence[Permission]
    suggested: Sequence[Permission]
    offers: Sequence[OwnOffer]
    hospital: str | None
    items: Sequence[ShownItem]
    has_phone: bool
    signer: str = ""
    """Who signs what is allowed here; empty when the page must ask."""
    open_tasks: frozenset[str] = field(default_factory=frozenset)
    requested: Sequence[MissingItem] = ()
    """What a person asked this family for; `missing` is the rest of the general list."""
    requested_on: datetime | None = None
    erasure_asked: bool = False
    """Whether the erasure was asked for; that its time has come is no request."""
    undecided: bool = False
    """Whether a person of ours settles first who may say yes: nothing is asked until then."""
    turns: Sequence[str] = ()
    """What only the patient or family can decide here now: permission, hospitals, offers."""

    @property
    def waits_for_patient(self) -> bool:
        """Whether the page asks something that only the patient or family can say."""
        if self.undecided:
            return False
        return "record_records_answer" in self.open_tasks or bool(self.turns)

    @property
    def ended(self) -> bool:
        """Whether the case is closed."""
        return self.case.closed_at is not None


def home_of(world: World, case_id: int, *, whole: bool = True) -> Home:
    """Read the patient's page in one transaction; not `whole`: what a link alone shows."""
    with transaction(world.engine) as session:
        home = load_home(session, world, case_id)
    return home if whole else outline(home)


def outline(home: Home) -> Home:
    """Return how things stand, without what was written, found, offered and allowed."""
    return replace(
        home,
        missing=(),
        asked=(),
        documents=(),
        letters=[replace(one, body="") for one in home.letters if one.ours],
        permissions=(),
        suggested=(),
        offers=(),
        hospital=None,
        items=(),
        signer="",
    )


def _turns(home: Home) -> Sequence[str]:
    if home.undecided:
        return ()
    asked = (
        ("permission", "record_consent" in home.open_tasks),
        ("hospitals", bool(home.suggested)),
        ("offers", "record_patient_decision" in home.open_tasks),
    )
    return [code for code, is_asked in asked if is_asked]


def load_home(session: Session, world: World, case_id: int) -> Home:
    """Read everything that the patient's page shows."""
    case = session.get_one(Case, case_id)
    now = world.clock.now()
    patient = patient_of(session, case_id)
    tasks = _open_tasks(session, case_id)
    hospital = chosen_hospital(session, case_id)
    permissions = permissions_of(session, case_id)
    early = case.stage in ("inquiry", "records")
    playbook = world.playbooks.completeness
    gaps = compare(session, playbook, case, now.date()).missing if early else ()
    request = asked_now(session, case_id) if early else None
    requested = _requested(playbook, request, gaps)
    named = {item.code for item in requested}
    home = Home(
        case=shown(ShownCase, case),
        zone=ZoneInfo(patient.time_zone),
        news=_news(session, case, now),
        missing=[item for item in gaps if item.code not in named] if case.site else (),
        requested=requested,
        requested_on=request.at if request and requested else None,
        asked=open_questions(signed_result(session, case_id)) if case.stage in ASKING else (),
        documents=own_papers(session, case_id),
        letters=_letters(session, case_id, patient.email or ""),
        questions=_questions(session, world, case_id),
        permissions=permissions,
        suggested=suggested(session, world.playbooks.register, case, permissions)
        if "record_hospital_consent" in tasks
        else (),
        offers=own_offers(session, case, now.date()),
        hospital=hospital.name if hospital else None,
        items=_items(session, case_id) if case.stage in ON_THE_WAY else (),
        signer=known_signer(patient),
        has_phone=bool(patient.phone),
        open_tasks=tasks,
        erasure_asked=is_asked_for(session, case_id),
        undecided=who_decides(session, case_id) == OPEN,
    )
    return replace(home, turns=_turns(home))


def _requested(
    playbook: CompletenessPlaybook, request: Asked | None, gaps: Sequence[MissingItem]
) -> list[MissingItem]:
    """Return what was asked for and is not settled, also what no list requires."""
    known = {item.code: item for item in gaps}
    return [
        known.get(code) or MissingItem(code, "missing", item.plain, item.why, item.how)
        for code in (request.items if request else ())
        if (item := playbook.items.get(code)) is not None
    ]


def _news(session: Session, case: Case, now: datetime) -> News:
    if case.closed_at is not None:
        return News("none")
    letter = session.scalar(
        select(func.min(col(StepRun.due_at))).where(
            col(StepRun.case_id) == case.id,
            col(StepRun.state) == "queued",
            col(StepRun.name).in_(LETTERS_TO_COME),
        )
    )
    task = session.scalar(
        select(func.min(col(HumanTask.due_at))).where(
            col(HumanTask.case_id) == case.id,
            col(HumanTask.state) == "open",
            col(HumanTask.role).in_(STAFF),
        )
    )
    if letter is not None and (task is None or letter <= task):
        return News("letter", letter)
    if task is None:
        return News("none")
    return News("person", task) if task > now else News("late", task)


def _open_tasks(session: Session, case_id: int) -> frozenset[str]:
    return frozenset(
        session.scalars(
            select(col(HumanTask.kind)).where(
                col(HumanTask.case_id) == case_id, col(HumanTask.state) == "open"
            )
        )
    )


def _letters(session: Session, case_id: int, email: str) -> list[Letter]:
    """Return what was sent to the patient and what they wrote, newest first."""
    theirs = col(Message.address_mark).in_(
        [address_mark(marks_in(session), one) for one in (FROM_PAGE, email) if one]
    )
    rows = session.scalars(
        select(Message)
        .where(
            col(Message.case_id) == case_id,
            col(Message.thread_id).is_(None),
            or_(
                (col(Message.direction) == "out")
                & (col(Message.state) == "sent")
                & (col(Message.to_role) == "patient"),
                (col(Message.direction) == "in") & (col(Message.state) == "received") & theirs,
            ),
        )
        .order_by(col(Message.id).desc())
        .limit(MAX_MESSAGES)
    )
    return [
        Letter(
            m.direction == "out",
            m.sent_at or m.created_at,
            m.subject,
            m.body,
            m.language if m.direction == "out" else "",
        )
        for m in rows
    ]


def _questions(session: Session, world: World, case_id: int) -> list[OpenQuestion]:
    rows = session.scalars(
        select(FollowUpEntry)
        .where(
            col(FollowUpEntry.case_id) == case_id,
            col(FollowUpEntry.state).in_(ANSWERABLE),
            col(FollowUpEntry.recipients).contains(["patient"]),
        )
        .order_by(col(FollowUpEntry.critical).desc(), col(FollowUpEntry.due), col(FollowUpEntry.id))
    )
    template = world.playbooks.follow_up
    return [
        OpenQuestion(
            require_id(row.id),
            template.plain(row.code, row.ask),
            row.origin,
            template.kind(row.code, row.ask),
            template.answers(row.code, row.ask),
        )
        for row in rows
    ]


def _items(session: Session, case_id: int) -> list[ShownItem]:
    """Return the next steps of the journey that are the patient's own."""
    rows = session.scalars(
        select(JourneyEntry)
        .where(
            col(JourneyEntry.case_id) == case_id,
            col(JourneyEntry.owner) == "patient",
            col(JourneyEntry.state) == "pending",
            col(JourneyEntry.due).is_not(None),
        )
        .order_by(col(JourneyEntry.due), col(JourneyEntry.id))
        .limit(MAX_ITEMS)
    )
    return [shown(ShownItem, row) for row in rows]
