"""The hospital's desk: what a link opens, asked at every look, and who looked."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from accounts import throttle
from accounts.desk_links import DeskLinkRefused, read_desk_token
from models import Case, DeskLink, DeskVisit, Hospital, OutreachThread, RecordsPart
from models.database import transaction
from workflows.engine.acting import acting
from workflows.engine.file_store import store_told
from workflows.engine.lookup import get
from workflows.engine.world import World
from workflows.events import Actor
from workflows.outreach.desk_links import ENDED, why_shut
from workflows.records.packages import about_package, shown_by
from workflows.records.sheet import sheet_of, sheet_pdf

HOSPITAL = Actor("hospital", "desk")
CLOSED_LOOKS, HOUR = 30, timedelta(hours=1)
"""Looks at a link that opens nothing which are written down; a flood of them says no more."""


class DeskShut(ValueError):
    """A link opens nothing: forged, ended, or what it rests on does not stand any more.

    `link_id` where the link is one of ours; `why` is a code for the opening log, never shown.
    """

    def __init__(
        self, why: str, link_id: int | None = None, language: str = "en", generation: int = 0
    ) -> None:
        super().__init__("This link opens nothing (any more).")
        self.why, self.link_id, self.language = why, link_id, language
        self.generation = generation


@dataclass(frozen=True, slots=True)
class OpenDesk:
    """A link that is open now. Nothing of the reader stands here but how the code reaches them."""

    link_id: int
    generation: int
    case_id: int
    case_ref: str
    thread_id: int
    hospital_id: int
    language: str
    code_by: str
    code_is_out: bool
    """Whether a code was made that nobody has entered."""
    codes_made: int


def open_desk(world: World, token: str) -> OpenDesk:
    """Return what a link opens now; raise `DeskShut`."""
    try:
        held = read_desk_token(token, world.keys.ring)
    except DeskLinkRefused:
        raise DeskShut("forged") from None
    with transaction(world.engine) as session:
        link = session.get(DeskLink, held.link_id)
        if link is None:
            raise DeskShut("forged")
        if link.generation != held.generation:
            raise DeskShut(ENDED, held.link_id, link.language)
        if why := why_shut(session, world, link):
            raise DeskShut(why, held.link_id, link.language, link.generation)
        thread = get(session, OutreachThread, link.thread_id)
        return OpenDesk(
            link_id=held.link_id,
            generation=link.generation,
            case_id=link.case_id,
            case_ref=get(session, Case, link.case_id).ref,
            thread_id=link.thread_id,
            hospital_id=thread.hospital_id,
            language=link.language,
            code_by=link.code_by,
            code_is_out=link.code_seed is not None,
            codes_made=link.codes_made,
        )


def note_visit(
    session: Session,
    world: World,
    desk: OpenDesk,
    what: str,
    place: str,
    country: str | None,
    *,
    part_id: int | None = None,
    page: int | None = None,
) -> None:
    """Write down one look, in the caller's transaction. `place` is a keyed hash."""
    session.add(
        DeskVisit(
            case_id=desk.case_id,
            link_id=desk.link_id,
            at=world.clock.now(),
            what=what,
            part_id=part_id,
            page=page,
            place=place[:32],
            country=country,
        )
    )


def note_opened(world: World, desk: OpenDesk, place: str, country: str | None) -> None:
    """Write down that a reader with a code opened the desk; each package's first time is a fact."""
    with acting(world, desk.case_id, Actor("hospital", f"hospital:{desk.hospital_id}")) as by:
        link = get(by.session, DeskLink, desk.link_id)
        note_visit(by.session, world, desk, "page", place, country)
        for package in shown_by(by.session, link):
            if desk.link_id in package.opened_by:
                continue
            package.opened_by = [*package.opened_by, desk.link_id]
            payload = {**about_package(package), "link_id": desk.link_id, "ip_country": country}
            by.record("package.opened", payload, about_package(package))


def note_shut(world: World, shut: DeskShut, place: str, country: str | None) -> None:
    """Write down that somebody came with a link of ours that opens nothing."""
    if shut.link_id is None:
        return
    try:
        throttle.count(world.engine, f"desk.closed:{shut.link_id}", CLOSED_LOOKS, HOUR)
    except throttle.TooMany:
        return
    with transaction(world.engine) as session:
        link = get(session, DeskLink, shut.link_id)
        session.add(
            DeskVisit(
                case_id=link.case_id,
                link_id=shut.link_id,
                at=world.clock.now(),
                what="closed",
                place=place[:32],
                country=country,
            )
        )


def file_of(
    world: World, desk: OpenDesk, part_id: int, place: str, country: str | None
) -> tuple[RecordsPart, bytes]:
    """Return a file that the link shows now, and write down that it was taken.

    Raises `LookupError` for one that is not shown, and `StoreFailed`.
    """
    with transaction(world.engine) as session:
        part = shown_part(session, desk, part_id)
        if part is None:
            raise LookupError
        note_visit(session, world, desk, "file", place, country, part_id=part_id)
    with store_told():
        return part, world.storage.get(part.object_key or "")


def sheet_of_desk(world: World, desk: OpenDesk, place: str, country: str | None) -> bytes:
    """Return the data sheet that the desk shows as a PDF, and write down that it was taken."""
    with transaction(world.engine) as session:
        packages = shown_by(session, get(session, DeskLink, desk.link_id))
        case = get(session, Case, desk.case_id)
        sheet = packages[0].sheet if packages else sheet_of(session, world, case)
        note_visit(session, world, desk, "sheet", place, country)
    return sheet_pdf(sheet)


def shown_part(session: Session, desk: OpenDesk, part_id: int) -> RecordsPart | None:
    """Return a built part of a package that the link shows now; None for any other."""
    part = session.get(RecordsPart, part_id)
    link = get(session, DeskLink, desk.link_id)
    if part is None or part.object_key is None:
        return None
    shown = {package.id for package in shown_by(session, link)}
    return part if part.package_id in shown else None


def hospital_of(session: Session, desk: OpenDesk) -> Hospital:
    """Return the hospital whose desk it is."""
    return get(session, Hospital, desk.hospital_id)
