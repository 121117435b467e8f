"""A case's timeline: every event in plain words, with what caused it. No personal data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, func, not_, or_, select
from sqlmodel import Session, col

from models import Case, CaseEvent, Hospital
from models.database import transaction
from views.case_head import CaseHead, case_head
from workflows.engine.lookup import case_by_ref
from workflows.engine.words import EventWords
from workflows.engine.world import World


@dataclass(frozen=True, slots=True)
class Entry:
    """One event; `cause_seq` is the number of the event it follows from, on the same case."""

    seq: int
    event_id: str
    type: str
    words: str
    occurred_at: datetime
    recorded_at: datetime
    actor_type: str
    actor_ref: str
    cause_seq: int | None
    causation_id: str | None
    root_id: int | None
    step_run_id: int | None
    objects: Mapping[str, Any]
    payload: Mapping[str, Any]
    rehearsal: bool

    def to_json(self) -> dict[str, object]:
        """Return the event as JSON: times in ISO 8601 with zone."""
        return {
            "seq": self.seq,
            "event_id": self.event_id,
            "type": self.type,
            "words": self.words,
            "occurred_at": self.occurred_at.isoformat(),
            "recorded_at": self.recorded_at.isoformat(),
            "actor_type": self.actor_type,
            "actor_ref": self.actor_ref,
            "cause_seq": self.cause_seq,
            "causation_id": self.causation_id,
            "root_id": self.root_id,
            "step_run_id": self.step_run_id,
            "objects": dict(self.objects),
            "payload": dict(self.payload),
            "rehearsal": self.rehearsal,
        }


MACHINERY = ("extraction.field_", "job.", "timer.", "sla.", "reminder.scheduled", "access.")
"""Event types that a reader of the story may fold away."""


def is_detail(type: str) -> bool:
    """Return whether an event is machinery or one of many alike, not a turn of the story."""
    return type.startswith(MACHINERY)


KINDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "case": ("The case", ("case.", "inquiry.", "consent.", "withdrawal.", "bereavement.")),
    "people": ("People and decisions", ("human_task.", "clinician.", "patient.", "access.")),
    "documents": (
        "Documents and findings",
        ("document.", "records.", "completeness.", "translation.", "extraction."),
    ),
    "suitability": ("Suitability", ("suitability.", "clinician.", "pathology.", "clinical.")),
    "hospitals": (
        "Hospitals and offers",
        ("shortlist.", "package.", "outreach.", "hospital.", "more_info.", "offer.",
         "new_information.", "alternative."),
    ),
    "letters": ("Letters and reminders", ("message.", "reminder.")),
    "journey": (
        "Journey and treatment",
        ("admission.", "invitation.", "deposit.", "invoice.", "visa.", "checklist.", "travel.",
         "preop.", "surgery.", "complication.", "supplementary.", "flight_clearance."),
    ),
    "followup": ("Follow-up", ("followup.",)),
    "system": ("System", ("job.", "timer.", "sla.", "webhook.", "export.", "access.")),
}  # fmt: skip
"""Kinds of events to look for: what each is called, and the beginnings of its types."""

PAGE = 100


@dataclass(frozen=True, slots=True)
class TimelineFilter:
    """What to show of a timeline; `text` is looked for in the words of the events."""

    kind: str = ""
    actor: str = ""
    text: str = ""
    details: bool = False


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Some entries, the newest first. `folded` details match besides; `actors` are the case's.

    `effects` names, by the number of an event, the numbers and words of those it led to, folded
    details aside; `causes` the words of what caused the shown ones.
    """

    entries: Sequence[Entry]
    total: int
    folded: int
    page: int
    pages: int
    actors: Sequence[str]
    causes: Mapping[int, str] = field(default_factory=dict)
    effects: Mapping[int, Sequence[tuple[int, str]]] = field(default_factory=dict)


def timeline(session: Session, case: Case, playbooks: Path) -> list[Entry]:
    """Return the events of a case in order."""
    events = session.scalars(
        select(CaseEvent).where(col(CaseEvent.case_id) == case.id).order_by(col(CaseEvent.seq))
    ).all()
    by_id = {event.event_id: event.seq for event in events}
    return _entries(events, by_id, EventWords.load(playbooks), hospital_names(session))


def whole_timeline(world: World, ref: str) -> tuple[str, list[Entry]]:
    """Return a case's own reference and its whole timeline; raise `CaseNotFound`."""
    with transaction(world.engine) as session:
        case = case_by_ref(session, ref)
        return case.ref, timeline(session, case, world.settings.playbooks_dir)


def page_of_timeline(
    world: World, ref: str, wanted: TimelineFilter, page: int
) -> tuple[CaseHead, TimelinePage]:
    """Return the head of a case and a page of its timeline; raise `CaseNotFound`."""
    with transaction(world.engine) as session:
        case = case_by_ref(session, ref)
        found = timeline_page(session, case, world.settings.playbooks_dir, wanted, page)
        return case_head(session, case, world.clock.now()), found


def where_on_timeline(world: World, ref: str, seq: int) -> tuple[str, bool, int]:
    """Return a case's own reference and `place_of` the event `seq`; raise `CaseNotFound`."""
    with transaction(world.engine) as session:
        case = case_by_ref(session, ref)
        return case.ref, *place_of(session, case, seq)


def timeline_page(
    session: Session, case: Case, playbooks: Path, wanted: TimelineFilter, page: int = 1
) -> TimelinePage:
    """Return one page of a case's timeline, `PAGE` entries long, the newest first.

    Only the entries shown are read, with what caused them and what they led to; looking for a text
    reads all that the other filters leave, because the words are not stored.
    """
    words, hospitals = EventWords.load(playbooks), hospital_names(session)
    matching = [col(CaseEvent.case_id) == case.id, *_conditions(wanted)]
    detail = or_(*(col(CaseEvent.type).startswith(start, autoescape=True) for start in MACHINERY))
    shown = matching if wanted.details else [*matching, not_(detail)]
    query = select(CaseEvent).where(*shown).order_by(col(CaseEvent.seq).desc())
    folded = 0 if wanted.details else _count(session, [*matching, detail])
    if wanted.text:
        found = [
            event
            for event in session.scalars(query)
            if wanted.text.casefold() in _sentence(event, words, hospitals).casefold()
        ]
        total = len(found)
        page = _within(page, total)
        events = found[(page - 1) * PAGE : page * PAGE]
    else:
        total = _count(session, shown)
        page = _within(page, total)
        events = list(session.scalars(query.limit(PAGE).offset((page - 1) * PAGE)))
    near = _near(session, case, events)
    by_id = {event.event_id: event.seq for event in near}
    entries = _entries(events, by_id, words, hospitals)
    said = {event.seq: _sentence(event, words, hospitals) for event in near}
    effects: dict[int, list[tuple[int, str]]] = {}
    for event in near:
        cause = by_id.get(event.causation_id or "")
        if cause is not None and (wanted.details or not is_detail(event.type)):
            effects.setdefault(cause, []).append((event.seq, said[event.seq]))
    return TimelinePage(
        entries,
        total,
        folded,
        page,
        max(1, -(-total // PAGE)),
        _actors(session, case),
        said,
        effects,
    )


def place_of(session: Session, case: Case, seq: int) -> tuple[bool, int]:
    """Return where an event stands: whether it is a detail, and its page among all events."""
    type = session.scalar(
        select(col(CaseEvent.type)).where(
            col(CaseEvent.case_id) == case.id, col(CaseEvent.seq) == seq
        )
    )
    later = [col(CaseEvent.case_id) == case.id, col(CaseEvent.seq) > seq]
    details = type is not None and is_detail(type)
    if not details:
        detail = or_(*(col(CaseEvent.type).startswith(s, autoescape=True) for s in MACHINERY))
        later.append(not_(detail))
    return details, _count(session, later) // PAGE + 1


def _conditions(wanted: TimelineFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.kind in KINDS:
        starts = KINDS[wanted.kind][1]
        of_kind = or_(*(col(CaseEvent.type).startswith(start, autoescape=True) for start in starts))
        if wanted.kind == "people":  # whatever a person did, of which kind ever
            of_kind = or_(of_kind, col(CaseEvent.actor_type) != "system")
        conditions.append(of_kind)
    if wanted.actor:
        conditions.append(col(CaseEvent.actor_type) == wanted.actor)
    return conditions


def _count(session: Session, conditions: Sequence[ColumnElement[bool]]) -> int:
    return session.scalar(select(func.count()).select_from(CaseEvent).where(*conditions)) or 0


def _within(page: int, total: int) -> int:
    return min(max(page, 1), max(1, -(-total // PAGE)))


def _near(session: Session, case: Case, events: Sequence[CaseEvent]) -> Sequence[CaseEvent]:
    """Return the events with what caused them and what they caused."""
    ids = [event.event_id for event in events]
    causes = [event.causation_id for event in events if event.causation_id]
    return session.scalars(
        select(CaseEvent)
        .where(
            col(CaseEvent.case_id) == case.id,
            or_(col(CaseEvent.event_id).in_([*ids, *causes]), col(CaseEvent.causation_id).in_(ids)),
        )
        .order_by(col(CaseEvent.seq))
    ).all()


def _actors(session: Session, case: Case) -> list[str]:
    return sorted(
        session.scalars(
            select(col(CaseEvent.actor_type)).where(col(CaseEvent.case_id) == case.id).distinct()
        )
    )


def _sentence(event: CaseEvent, words: EventWords, hospitals: Mapping[int, str]) -> str:
    return words.sentence(event.type, {**event.objects, **event.payload}, hospitals)


def _entries(
    events: Sequence[CaseEvent],
    by_id: Mapping[str, int],
    words: EventWords,
    hospitals: Mapping[int, str],
) -> list[Entry]:
    return [
        Entry(
            seq=event.seq,
            event_id=event.event_id,
            type=event.type,
            words=_sentence(event, words, hospitals),
            occurred_at=event.occurred_at,
            recorded_at=event.recorded_at,
            actor_type=event.actor_type,
            actor_ref=event.actor_ref,
            cause_seq=by_id.get(event.causation_id or ""),
            causation_id=event.causation_id,
            root_id=event.root_id,
            step_run_id=event.step_run_id,
            objects=event.objects,
            payload=event.payload,
            rehearsal=event.rehearsal,
        )
        for event in events
    ]


def hospital_names(session: Session) -> dict[int, str]:
    """Return the directory's names by id."""
    rows = session.execute(select(col(Hospital.id), col(Hospital.code), col(Hospital.name)))
    return {row_id: f"{code} {name}" for row_id, code, name in rows if row_id is not None}
