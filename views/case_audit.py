"""Who looked at a case and who did what, newest first. Holds no personal data of a patient."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Integer, String, cast, literal, null, select, union_all
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Session, col

from models import AuditEntry, Case, CaseEvent, User
from models.base import require_id
from models.database import transaction
from views.case_head import CaseHead, case_head
from views.timeline import hospital_names
from workflows.engine.lookup import case_by_ref
from workflows.engine.words import EventWords, in_words
from workflows.engine.world import World

LOOKED, DID = "looked", "did"
KINDS = (LOOKED, DID)
MACHINE = "system"
ACTIONS = {
    "case.viewed": "Opened the case",
    "case.paper": "Took the clinician's report as a file",
    "task.viewed": "Opened a task",
    "document.viewed": "Opened a document",
    "document.downloaded": "Took a document as a file",
    "portal.opened": "Opened the patient's page by its link",
    "portal.refused": "Was refused at the patient's page",
    "portal.links_revoked": "Ended the links to the patient's page",
}


@dataclass(frozen=True, slots=True)
class Act:
    """One look or deed. `who` is an account's name where there is one, else the pseudonym."""

    at: datetime
    kind: str
    who: str
    role: str
    words: str
    object_ref: str
    seq: int | None
    """The event's number on the timeline, for a deed."""


@dataclass(frozen=True, slots=True)
class AuditPage:
    """One page of acts, and whether older ones follow."""

    acts: Sequence[Act]
    more: bool
    actors: Sequence[tuple[str, str]]
    """(pseudonym, name) of everybody on the case, for the filter."""


def audit_of(
    world: World, ref: str, *, kind: str, actor: str, page: int
) -> tuple[CaseHead, AuditPage]:
    """Return the head of the case `ref` and a page of its audit; raise `CaseNotFound`."""
    with transaction(world.engine) as session:
        case = case_by_ref(session, ref)
        folder = world.settings.playbooks_dir
        found = case_audit(session, case, folder, kind=kind, actor=actor, page=page)
        return case_head(session, case, world.clock.now()), found


def case_audit(
    session: Session,
    case: Case,
    playbooks: Path,
    *,
    kind: str | None = None,
    actor: str | None = None,
    page: int = 1,
    size: int = 50,
) -> AuditPage:
    """Return page `page` (from 1) of what people did with a case; the machine's own is left out."""
    case_id = require_id(case.id)
    both = _acts(case_id, kind).subquery()
    query = select(both).order_by(
        both.c.at.desc(), both.c.seq.desc().nulls_last(), both.c.id.desc()
    )
    if actor:
        query = query.where(both.c.actor_ref == actor)
    rows = session.execute(query.limit(size + 1).offset((page - 1) * size)).all()
    everybody = _acts(case_id, None).subquery()
    refs = session.scalars(select(everybody.c.actor_ref).distinct().order_by(everybody.c.actor_ref))
    names = _names(session)
    words = EventWords.load(playbooks)
    hospitals = hospital_names(session)
    return AuditPage(
        [_act(row, names, words, hospitals) for row in rows[:size]],
        len(rows) > size,
        [(ref, names.get(ref, (ref, ""))[0]) for ref in refs if ref],
    )


def _acts(case_id: int, kind: str | None) -> Any:
    looked = select(
        col(AuditEntry.at).label("at"),
        literal(LOOKED).label("kind"),
        col(AuditEntry.actor_ref).label("actor_ref"),
        literal("").label("actor_type"),
        col(AuditEntry.action).label("what"),
        col(AuditEntry.object_ref).label("object_ref"),
        cast(col(AuditEntry.id), String).label("id"),
        cast(null(), Integer).label("seq"),
        cast(null(), JSONB).label("payload"),
    ).where(col(AuditEntry.case_id) == case_id)
    did = select(
        col(CaseEvent.occurred_at),
        literal(DID),
        col(CaseEvent.actor_ref),
        col(CaseEvent.actor_type),
        col(CaseEvent.type),
        literal(""),
        col(CaseEvent.event_id),
        col(CaseEvent.seq),
        col(CaseEvent.objects).op("||")(col(CaseEvent.payload)),
    ).where(col(CaseEvent.case_id) == case_id, col(CaseEvent.actor_type) != MACHINE)
    if kind == LOOKED:
        return looked
    return did if kind == DID else union_all(looked, did)


def _act(
    row: Any, names: Mapping[str, tuple[str, str]], words: EventWords, hospitals: Mapping[int, str]
) -> Act:
    name, role = names.get(row.actor_ref, (row.actor_ref or row.actor_type or "unknown", ""))
    if row.kind == LOOKED:
        text = action_in_words(row.what)
    else:
        text = words.sentence(row.what, row.payload, hospitals)
    return Act(row.at, row.kind, name, role or row.actor_type, text, row.object_ref, row.seq)


def action_in_words(action: str) -> str:
    """Return an audit action in words: "case.viewed:journey" is "Opened the case: journey"."""
    code, _, part = action.partition(":")
    text = ACTIONS.get(code) or in_words(code.replace(".", " ")).capitalize()
    return f"{text}: {in_words(part)}" if part else text


def _names(session: Session) -> dict[str, tuple[str, str]]:
    """Return the accounts' names and roles by pseudonym: staff, few, all of them."""
    rows = session.execute(select(col(User.ref), col(User.user_name), col(User.role)))
    return {ref: (name, role) for ref, name, role in rows}
