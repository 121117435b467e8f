"""A coordinator chooses what a hospital may read: the level, documents, pages, the recipients."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from accounts import audit
from models import (
    Case,
    DeskLink,
    Document,
    Hospital,
    HumanTask,
    Message,
    OutreachThread,
    RecordsPackage,
    RecordsPart,
)
from models.base import require_id
from models.database import transaction
from models.outreach import ENDED
from models.records import LEVELS, OVER
from workflows.directory.store import record_of
from workflows.documents.keeping import KEPT_LOCKED
from workflows.documents.scanning import found_in
from workflows.engine.acting import acting
from workflows.engine.deciding import COORDINATORS, DecisionRefused
from workflows.engine.lookup import case_by_ref, get
from workflows.engine.world import World
from workflows.events import Actor
from workflows.letters.leaving import is_stopped
from workflows.outreach.desk_links import end_link, link_for, links_of
from workflows.records.packages import (
    D1,
    D3,
    GONE,
    about_package,
    consent_for,
    end_package,
    packages_of,
)
from workflows.records.sheet import sheet_of

MOST_DOCUMENTS, MOST_PAGES = 60, 400
UNREAD = ("received", "unreadable", "kept")
"""States of a document of which nobody knows yet whose it is, or what it says."""
_RANGE = re.compile(r"(\d{1,4})(?:\s*[-–]\s*(\d{1,4}))?")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A document that shall leave: `pages` as it was typed ("1-3, 5"); blank means all."""

    document_id: int
    pages: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a coordinator put together on the page."""

    thread_id: int
    level: str
    documents: Sequence[Chosen]
    recipients: Sequence[str]
    code_by: str = "mail"
    agreed: bool = False
    """The family said of these very papers that the hospital may have them with the name (D3)."""


def choose(world: World, ref: str, wish: Wish, actor: Actor) -> int:
    """Write a package down and have it prepared; return its number.

    An earlier package for the same hospital that nobody has approved yet is dropped. Raises
    `DecisionRefused` in words of the page.
    """
    if actor.type not in (*COORDINATORS, "administrator"):
        raise DecisionRefused("Only a coordinator may choose records.")
    with transaction(world.engine) as session:
        case_id = require_id(case_by_ref(session, ref).id)
    with acting(world, case_id, actor) as by:
        session, case = by.session, by.case
        thread = _thread(session, case, wish)
        _check_permission(session, thread, wish)
        chosen = _documents(session, case, wish)
        addresses = _recipients(session, thread, wish)
        for older in packages_of(session, require_id(thread.id)):
            if older.state == "building":
                raise DecisionRefused(
                    "Records that were released to this hospital are just being made: wait until "
                    "they are open."
                )
            if older.state not in (*OVER, "released"):
                end_package(by, older, "replaced")
        links = [link_for(by, world, thread, one, actor.ref) for one in addresses]
        for link in links:
            link.code_by = wish.code_by
        package = RecordsPackage(
            case_id=case_id,
            thread_id=require_id(thread.id),
            hospital_id=thread.hospital_id,
            level=wish.level,
            sheet=sheet_of(session, world, case),
            link_ids=[require_id(link.id) for link in links],
            confirmed_on=by.now if wish.level == D3 else None,
            made_by=actor.ref,
            made_at=by.now,
        )
        session.add(package)
        session.flush()
        _write_parts(session, package, chosen)
        payload = {
            **about_package(package),
            "deid_level": wish.level,
            "documents": len(chosen),
            "pages": sum(len(pages) or document.pages or 0 for document, pages in chosen),
        }
        by.record("package.chosen", payload, about_package(package))
        return require_id(package.id)


def _write_parts(
    session: Session, package: RecordsPackage, chosen: Sequence[tuple[Document, list[int]]]
) -> None:
    for position, (document, pages) in enumerate(chosen):
        session.add(
            RecordsPart(
                case_id=package.case_id,
                package_id=require_id(package.id),
                document_id=require_id(document.id),
                position=position,
                sha256=document.sha256,
                pages=pages,
            )
        )
    session.flush()


def _thread(session: Session, case: Case, wish: Wish) -> OutreachThread:
    thread = session.get(OutreachThread, wish.thread_id)
    if thread is None or thread.case_id != case.id:
        raise DecisionRefused("There is no such conversation in this case.")
    if is_stopped(session, case, None) or case.closed_at is not None:
        raise DecisionRefused("This case has ended: no records leave any more.")
    if thread.state in ENDED:
        raise DecisionRefused("The conversation with this hospital has ended: open it again first.")
    return thread


def _check_permission(session: Session, thread: OutreachThread, wish: Wish) -> None:
    if wish.level not in LEVELS:
        raise DecisionRefused("Choose what the hospital may read: a level.")
    if consent_for(session, thread.case_id, thread.hospital_id, wish.level) is None:
        raise DecisionRefused(
            "The family's permission for this hospital to see papers with the name is missing. "
            "Ask for it and record it on the Consent page first."
            if wish.level == D3
            else "The family's permission for this hospital is missing. Record it first."
        )
    if wish.level == D3 and not wish.agreed:
        raise DecisionRefused(
            "Papers with the name leave only after the family agreed to these very papers: "
            "ask them, and tick that they did."
        )
    if wish.code_by not in ("mail", "telephone"):
        raise DecisionRefused("Choose how the code reaches them: by mail or by telephone.")


def _documents(session: Session, case: Case, wish: Wish) -> list[tuple[Document, list[int]]]:
    """Return the documents with their pages; none for a summary."""
    if wish.level == D1:
        if wish.documents:
            raise DecisionRefused(
                "A summary has no documents. Take them out, or choose another level."
            )
        return []
    if not wish.documents:
        raise DecisionRefused("Choose at least one document, or the summary alone.")
    if len(wish.documents) > MOST_DOCUMENTS:
        raise DecisionRefused(f"At most {MOST_DOCUMENTS} documents go into one package.")
    found: dict[int, tuple[Document, list[int]]] = {}
    for one in wish.documents:
        document = session.get(Document, one.document_id)
        if document is None or document.case_id != case.id:
            raise DecisionRefused("One of the documents is not of this case: load the page anew.")
        if reason := why_not(document):
            raise DecisionRefused(f"Document {document.id} {reason}")
        found[one.document_id] = (document, pages_in(one.pages, document.pages, one.document_id))
    count = sum(len(pages) or document.pages or 1 for document, pages in found.values())
    if count > MOST_PAGES:
        raise DecisionRefused(
            f"These are {count} pages; at most {MOST_PAGES} go into one package. Choose pages, or "
            "make two packages."
        )
    return list(found.values())


def why_not(document: Document) -> str:
    """Return why a document may not go into a package; empty when it may."""
    if found_in(document) or document.notes.get(KEPT_LOCKED):
        return "is locked: it may not leave."
    if document.state in GONE:
        return "was replaced or set aside: choose the one that stands in its place."
    if document.state in UNREAD:
        return "was not read: whose it is, and what it says, nobody has checked."
    return ""


def pages_in(typed: str, there: int | None, document_id: int = 0) -> list[int]:
    """Return the pages of "1-3, 5" in order; an empty list means all. Raises `DecisionRefused`."""
    parts = [part.strip() for part in re.split(r"[,;，、]", typed) if part.strip()]
    pages: set[int] = set()
    for part in parts:
        found = _RANGE.fullmatch(part)
        first = int(found[1]) if found else 0
        last = int(found[2] or found[1]) if found else 0
        if not found or not 1 <= first <= last or (there and last > there):
            has = f" It has {there} pages." if there else ""
            raise DecisionRefused(
                f"Document {document_id}: write pages such as 1-3, 5, or leave it empty for all."
                f"{has}"
            )
        pages |= set(range(first, last + 1))
    whole = there is not None and len(pages) == there
    return [] if whole else sorted(pages)


def _recipients(session: Session, thread: OutreachThread, wish: Wish) -> list[str]:
    known = {one.lower(): one for one in addresses_of(session, thread)}
    wished = list(dict.fromkeys(one.strip().lower() for one in wish.recipients if one.strip()))
    if not wished:
        raise DecisionRefused("Choose at least one person or department who gets the link.")
    if any(one not in known for one in wished):
        raise DecisionRefused(
            "Records go only to addresses of this hospital: of the directory, or of somebody of it "
            "who has written in this conversation."
        )
    return [known[one] for one in wished]


def addresses_of(session: Session, thread: OutreachThread) -> list[str]:
    """Return the addresses of a thread's hospital: its departments', then those who wrote.

    Of who wrote only those count whose letter a person has looked at.
    """
    hospital = get(session, Hospital, thread.hospital_id)
    found = [hospital.email]
    for department in record_of(hospital).departments:
        found += [department.email, department.backup_email or ""]
    looked_at = select(col(HumanTask.objects)["message_id"].as_integer()).where(
        col(HumanTask.case_id) == thread.case_id,
        col(HumanTask.kind) == "confirm_reply",
        col(HumanTask.state) == "done",
    )
    wrote = session.scalars(
        select(Message)
        .where(
            col(Message.thread_id) == thread.id,
            col(Message.direction) == "in",
            col(Message.state) == "received",
            col(Message.automated).is_(False),
            col(Message.id).in_(looked_at),
        )
        .order_by(col(Message.id))
    )
    found += [message.address for message in wrote if "@" in message.address]
    once: dict[str, str] = {}
    for address in found:
        if address.strip():
            once.setdefault(address.strip().lower(), address.strip())
    return list(once.values())


def drop(world: World, package_id: int, actor: Actor, *, reason: str = "other") -> str:
    """End a package, open or not, at once; return the reference of its case."""
    with transaction(world.engine) as session:
        case_id = get(session, RecordsPackage, package_id).case_id
    with acting(world, case_id, actor) as by:
        end_package(by, get(by.session, RecordsPackage, package_id), reason)
        return by.case.ref


def end_one_link(world: World, link_id: int, actor: Actor) -> str:
    """End a recipient's link at once, and what only it showed; return the case's reference."""
    with transaction(world.engine) as session:
        case_id = get(session, DeskLink, link_id).case_id
    with acting(world, case_id, actor) as by:
        link = get(by.session, DeskLink, link_id)
        end_link(by, link, "other")
        audit.note(
            by.session, actor_ref=actor.ref, action="desk_link.ended", at=by.now,
            object_ref=f"desk_link:{link_id}", case_id=case_id,
        )  # fmt: skip
        ended = {one.id for one in links_of(by.session, link.thread_id) if one.ended_at}
        for package in packages_of(by.session, link.thread_id):
            if set(package.link_ids) <= ended:
                end_package(by, package, "other")
        return by.case.ref
