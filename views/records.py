"""Records for a hospital as coordinators see them: what may be chosen, what is open, who looked.

Holds personal data: whoever asks is audited.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from accounts import audit
from models import (
    Case,
    DeskLink,
    DeskVisit,
    Document,
    Hospital,
    HumanTask,
    OutreachThread,
    RecordsPackage,
    RecordsPage,
    RecordsPart,
)
from models.base import require_id
from models.database import transaction
from views.case_file import case_summary
from views.case_head import CaseHead
from workflows.engine.file_store import store_told
from workflows.engine.lookup import RowNotFound, case_by_ref, get
from workflows.engine.not_there import check_not_erased
from workflows.engine.words import in_words
from workflows.engine.world import World
from workflows.outreach.desk_links import links_of, why_shut
from workflows.records.approving import pages_of, what_blocks
from workflows.records.choosing import addresses_of, why_not
from workflows.records.packages import D2, D3, consent_for, packages_of, parts_of
from workflows.records.sheet import not_stated

LAST_VISITS = 30


@dataclass(frozen=True, slots=True)
class Choosable:
    """A document that may go into a package, or why it may not."""

    id: int
    name: str = field(repr=False)
    kind: str
    pages: int | None
    received_at: datetime
    why_not: str


@dataclass(frozen=True, slots=True)
class ShownPackage:
    """A package in the list of a thread."""

    id: int
    level: str
    state: str
    made_at: datetime
    released_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None
    documents: int
    pages: int
    approved: int
    recipients: Sequence[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Visit:
    """One line of the opening log; `place` counts the networks of a link: 1, 2, …"""

    at: datetime
    what: str
    part_id: int | None
    page: int | None
    place: int
    country: str | None


@dataclass(frozen=True, slots=True)
class ShownLink:
    """A recipient's link with its opening log, newest first."""

    id: int
    address: str = field(repr=False)
    language: str
    code_by: str
    expires_at: datetime
    first_opened_at: datetime | None
    shut: str | None
    """Why it opens nothing now; None for one that is open."""
    visits: Sequence[Visit]
    places: int
    countries: Sequence[str]


@dataclass(frozen=True, slots=True)
class ThreadRecords:
    """The page of one hospital's records."""

    row: CaseHead
    case_ref: str
    thread_id: int
    thread_state: str
    hospital: str
    may: Mapping[str, bool]
    """By level, whether the family's permission for it stands."""
    documents: Sequence[Choosable]
    addresses: Sequence[str] = field(repr=False)
    packages: Sequence[ShownPackage]
    links: Sequence[ShownLink]

    @property
    def by_telephone(self) -> bool:
        """Whether a recipient is told the code by telephone: a new choice does not undo it."""
        return any(link.code_by == "telephone" for link in self.links if link.shut is None)


def thread_records(world: World, ref: str, thread_id: int, actor_ref: str) -> ThreadRecords:
    """Return the records of a thread and write down who looked; raise `RowNotFound`."""
    with transaction(world.engine) as session:
        case = case_by_ref(session, ref)
        check_not_erased(case)
        thread = get(session, OutreachThread, thread_id)
        if thread.case_id != case.id:
            raise RowNotFound("the case has no such thread")
        hospital = get(session, Hospital, thread.hospital_id)
        case_id = require_id(case.id)
        audit.note(
            session,
            actor_ref=actor_ref,
            action="records.viewed",
            at=world.clock.now(),
            object_ref=f"outreach_thread:{thread_id}",
            case_id=case_id,
        )
        links = links_of(session, thread_id)
        named = {require_id(link.id): link.address for link in links}
        return ThreadRecords(
            row=case_summary(session, case, world.clock.now()),
            case_ref=case.ref,
            thread_id=thread_id,
            thread_state=thread.state,
            hospital=f"{hospital.code} {hospital.name}",
            may={
                level: consent_for(session, case_id, thread.hospital_id, level) is not None
                for level in ("D1_summary", D2, D3)
            },
            documents=_choosable(session, case_id),
            addresses=addresses_of(session, thread),
            packages=[_package(session, one, named) for one in packages_of(session, thread_id)],
            links=[_link(session, world, link) for link in reversed(links)],
        )


def _choosable(session: Session, case_id: int) -> list[Choosable]:
    rows = session.scalars(
        select(Document).where(col(Document.case_id) == case_id).order_by(col(Document.id))
    ).all()
    return [
        Choosable(
            require_id(row.id),
            row.file_name,
            in_words(row.label or "other"),
            row.pages,
            row.received_at,
            why_not(row),
        )
        for row in rows
    ]


def _package(session: Session, package: RecordsPackage, named: Mapping[int, str]) -> ShownPackage:
    number = require_id(package.id)
    pages = pages_of(session, number)
    return ShownPackage(
        id=number,
        level=package.level,
        state=package.state,
        made_at=package.made_at,
        released_at=package.released_at,
        ended_at=package.ended_at,
        end_reason=package.end_reason,
        documents=len(parts_of(session, number)),
        pages=len(pages),
        approved=sum(page.approved_at is not None for page in pages),
        recipients=[named[link] for link in package.link_ids if link in named],
    )


def _link(session: Session, world: World, link: DeskLink) -> ShownLink:
    rows = session.scalars(
        select(DeskVisit)
        .where(col(DeskVisit.link_id) == link.id)
        .order_by(col(DeskVisit.id).desc())
        .limit(500)
    ).all()
    places = list(dict.fromkeys(row.place for row in reversed(rows) if row.place))
    number = {place: at for at, place in enumerate(places, 1)}
    return ShownLink(
        id=require_id(link.id),
        address=link.address,
        language=link.language,
        code_by=link.code_by,
        expires_at=link.expires_at,
        first_opened_at=link.first_opened_at,
        shut=why_shut(session, world, link),
        visits=[
            Visit(row.at, row.what, row.part_id, row.page, number.get(row.place, 0), row.country)
            for row in rows[:LAST_VISITS]
        ],
        places=len(places),
        countries=list(dict.fromkeys(row.country for row in rows if row.country)),
    )


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page in two columns: as it came and as it will leave. Places are in points."""

    id: int
    number: int
    width: float
    height: float
    boxes: Sequence[Mapping[str, Any]] = field(repr=False)
    looks: Sequence[Mapping[str, Any]] = field(repr=False)
    left_over: Sequence[Mapping[str, Any]] = field(repr=False)
    seen: str
    """What stands for the picture that is shown: the approval is of exactly this one."""
    approved: bool

    @property
    def blocked(self) -> bool:
        """Whether something that is surely the patient's is still there."""
        return any(one["certain"] for one in self.left_over)


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A document of a package."""

    id: int
    document_id: int
    name: str = field(repr=False)
    kind: str
    state: str
    problem: str | None
    numbers: Sequence[int]
    pages: Sequence[ShownPage]


@dataclass(frozen=True, slots=True)
class PackagePage:
    """A package page by page; `blocks` says in words why it cannot be released now."""

    row: CaseHead
    case_ref: str
    id: int
    thread_id: int
    hospital: str
    level: str
    state: str
    task_id: int | None
    blocks: str
    sheet: Mapping[str, Any] = field(repr=False)
    not_stated: Sequence[str]
    parts: Sequence[ShownPart]
    recipients: Sequence[str] = field(repr=False)
    archive: str
    """Of the encrypted archive: "" where none was asked for, `building` or `built`."""


def package_page(world: World, package_id: int, actor_ref: str) -> PackagePage:
    """Return a package and write down who looked; raise `RowNotFound`."""
    with transaction(world.engine) as session:
        package = get(session, RecordsPackage, package_id)
        case = get(session, Case, package.case_id)
        check_not_erased(case)
        hospital = get(session, Hospital, package.hospital_id)
        audit.note(
            session,
            actor_ref=actor_ref,
            action="records.viewed",
            at=world.clock.now(),
            object_ref=f"package:{package_id}",
            case_id=package.case_id,
        )
        task = session.scalars(
            select(HumanTask).where(
                col(HumanTask.case_id) == package.case_id,
                col(HumanTask.kind) == "approve_package",
                col(HumanTask.state) == "open",
                col(HumanTask.objects)["package_id"].as_integer() == package_id,
            )
        ).first()
        named = {require_id(link.id): link.address for link in links_of(session, package.thread_id)}
        return PackagePage(
            row=case_summary(session, case, world.clock.now()),
            case_ref=case.ref,
            id=package_id,
            thread_id=package.thread_id,
            hospital=f"{hospital.code} {hospital.name}",
            level=package.level,
            state=package.state,
            task_id=task.id if task else None,
            blocks=what_blocks(session, world, package),
            sheet=package.sheet,
            not_stated=not_stated(package.sheet),
            parts=_parts(session, package),
            recipients=[named[one] for one in package.link_ids if one in named],
            archive=_archive(package),
        )


def _archive(package: RecordsPackage) -> str:
    if package.archive_seed is None:
        return ""
    return "built" if package.archive_key else "building"


def _parts(session: Session, package: RecordsPackage) -> list[ShownPart]:
    pages = pages_of(session, require_id(package.id))
    shown = []
    for part in parts_of(session, require_id(package.id)):
        document = get(session, Document, part.document_id)
        numbers = part.pages or list(range(1, (document.pages or 0) + 1))
        shown.append(
            ShownPart(
                require_id(part.id),
                part.document_id,
                document.file_name,
                in_words(document.label or "other"),
                part.state,
                part.problem,
                numbers,
                [_page(page) for page in pages if page.part_id == part.id],
            )
        )
    return shown


def _page(page: RecordsPage) -> ShownPage:
    return ShownPage(
        require_id(page.id),
        page.number,
        page.width,
        page.height,
        page.boxes,
        page.looks,
        page.left_over,
        page.after_key,
        page.approved_at is not None,
    )


def page_after(world: World, page_id: int, actor_ref: str) -> bytes:
    """Return a page as it will leave (WebP), and write down who looked.

    Raises `RowNotFound` and `StoreFailed`.
    """
    with transaction(world.engine) as session:
        page = get(session, RecordsPage, page_id)
        check_not_erased(get(session, Case, page.case_id))
        audit.note(
            session,
            actor_ref=actor_ref,
            action="records.page_viewed",
            at=world.clock.now(),
            object_ref=f"page:{page_id}",
            case_id=page.case_id,
        )
        key = page.after_key
    with store_told():
        return world.storage.get(key)


def package_of_page(world: World, page_id: int) -> int:
    """Return the package in which a page stands; raise `RowNotFound`."""
    with transaction(world.engine) as session:
        page = get(session, RecordsPage, page_id)
        return get(session, RecordsPart, page.part_id).package_id
