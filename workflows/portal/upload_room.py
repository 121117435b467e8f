"""How much may be on its way: of one inquiry or case, and of all inquiries from one address."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sqlalchemy import ColumnElement, func, or_, select, text
from sqlmodel import Session, col

from accounts.sessions import real_now
from models import PortalDraft, Upload
from models.database import transaction
from workflows.engine.budgets import Source, case_source, lifts, note_spent, standing
from workflows.engine.record import Recorder
from workflows.engine.world import World

MAX_FILES = 100
MAX_BYTES = 2 * 1024**3
"""Files and bytes of one inquiry, or of one case within a day."""
MAX_OF_PLACE = 10 * 1024**3
"""Bytes on their way, or sent within a day, of all inquiries that were begun at one address."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose uploads: an inquiry being written, or a case."""

    kind: Literal["draft", "case"]
    id: int


@dataclass(frozen=True, slots=True)
class Room:
    """What a page says of what was held back: `opened` when a person has let more come since."""

    opened: bool


class NoRoom(Exception):
    """No more may come of this source today; `code` is too_many or too_much."""

    def __init__(self, code: str, source: Source) -> None:
        super().__init__(code)
        self.code = code
        self.source = source


def source_of(session: Session, draft_id: int | None, case_id: int | None) -> Source:
    """Return whose budget a file counts against: the case's, or that of the inquiry's address."""
    if draft_id is None and case_id is not None:
        return case_source(case_id)
    place = session.scalar(select(col(PortalDraft.place)).where(col(PortalDraft.id) == draft_id))
    return Source(f"place:{place or ''}", "inquiry")


def check_room(
    session: Session,
    own: ColumnElement[bool],
    draft_id: int | None,
    case_id: int | None,
    length: int,
) -> None:
    """Raise `NoRoom` when an upload of `length` bytes may not begin.

    `own` picks the uploads of its owner. Each lift of its source gives as much once more.
    """
    source = source_of(session, draft_id, case_id)
    times = 1 + lifts(session, source, real_now())
    files, held = _lately(session, own)
    if files >= MAX_FILES * times:
        raise NoRoom("too_many", source)
    if held + length > MAX_BYTES * times:
        raise NoRoom("too_much", source)
    if draft_id is None:
        return
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:place, 0))"),
        {"place": f"upload:{source.key}"},
    )
    place = select(col(PortalDraft.place)).where(col(PortalDraft.id) == draft_id).scalar_subquery()
    same = select(col(PortalDraft.id)).where(col(PortalDraft.place) == place)
    _, of_place = _lately(session, col(Upload.draft_id).in_(same))
    if of_place + length > MAX_OF_PLACE * times:
        raise NoRoom("too_much", source)


def note_held_back(world: World, refused: NoRoom, length: int) -> None:
    """Note a file that was not taken, and ask a person once a day: nobody is left without news."""
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        note_spent(recorder, refused.source, refused.code, 1, length, real_now())
        due = recorder.flush()
    world.doorbell.ring(due)


def room_of(world: World, owner: Owner) -> Room | None:
    """Return what a page says of its files today; None where nothing was held back."""
    with transaction(world.engine) as session:
        of_draft = owner.kind == "draft"
        source = source_of(session, owner.id if of_draft else None, None if of_draft else owner.id)
        spent = standing(session, source, real_now())
        return Room(spent.lifts >= spent.asked) if spent else None


def _lately(session: Session, which: ColumnElement[bool]) -> tuple[int, int]:
    """Return files and bytes that are on their way, or were sent within a day."""
    files, held = session.execute(
        select(func.count(), func.coalesce(func.sum(col(Upload.length)), 0)).where(
            which,
            or_(
                col(Upload.state) != "taken",
                col(Upload.created_at) > real_now() - timedelta(days=1),
            ),
        )
    ).one()
    return int(files), int(held)
