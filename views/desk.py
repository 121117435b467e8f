"""What a hospital sees on its desk: the data sheet, the records that are open, what it has written.

Holds no identity but what the level of a package names. Who looks is written down by the caller.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from models import Case, DeskLink, Document, OutreachThread, RecordsPackage, RecordsPart
from models.base import require_id
from models.database import transaction
from workflows.engine.lookup import get
from workflows.engine.words import in_words
from workflows.engine.world import World
from workflows.outreach.item_answers import untold
from workflows.records.desk import OpenDesk, hospital_of
from workflows.records.desk_answers import answers_given
from workflows.records.packages import D2, D3, parts_of, shown_by
from workflows.records.sheet import not_stated, sheet_of


@dataclass(frozen=True, slots=True)
class ShownPart:
    """One file: what kind of document, how many pages can be looked at, its size in bytes."""

    id: int
    kind: str
    pages: int
    size: int | None
    media_type: str | None


@dataclass(frozen=True, slots=True)
class ShownPackage:
    """A package that the link shows."""

    id: int
    level: str
    released_at: datetime | None
    parts: Sequence[ShownPart]


@dataclass(frozen=True, slots=True)
class Given:
    """Something that was written on this desk before."""

    kind: str
    at: datetime | None
    lines: Sequence[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Desk:
    """The whole page. `changed`: confirmed findings are others than the sheet's by now."""

    hospital: str
    case_ref: str
    thread_state: str
    expires_at: datetime
    sheet: Mapping[str, Any] = field(repr=False)
    not_stated: Sequence[str]
    changed: bool
    packages: Sequence[ShownPackage]
    given: Sequence[Given]
    waiting_items: Sequence[str]
    """Codes of what they asked for and were not told about yet."""


def desk_of(world: World, open_desk: OpenDesk) -> Desk:
    """Return the page of an open link."""
    with transaction(world.engine) as session:
        link = get(session, DeskLink, open_desk.link_id)
        thread = get(session, OutreachThread, open_desk.thread_id)
        case = get(session, Case, open_desk.case_id)
        packages = shown_by(session, link)
        now = sheet_of(session, world, case)
        sheet = packages[0].sheet if packages else now
        return Desk(
            hospital=hospital_of(session, open_desk).name,
            case_ref=open_desk.case_ref,
            thread_state=thread.state,
            expires_at=link.expires_at,
            sheet=sheet,
            not_stated=not_stated(sheet),
            changed=sheet.get("blocks") != now["blocks"],
            packages=[_package(session, one) for one in packages if one.level in (D2, D3)],
            given=[
                Given(one.reply_class or "other", one.sent_at, one.body.splitlines())
                for one in answers_given(session, open_desk.thread_id)
            ],
            waiting_items=[item.code for item in untold(session, open_desk.thread_id)],
        )


def _package(session: Session, package: RecordsPackage) -> ShownPackage:
    parts = [part for part in parts_of(session, require_id(package.id)) if part.object_key]
    return ShownPackage(
        require_id(package.id),
        package.level,
        package.released_at,
        [_part(session, part) for part in parts],
    )


def _part(session: Session, part: RecordsPart) -> ShownPart:
    document = get(session, Document, part.document_id)
    return ShownPart(
        require_id(part.id),
        in_words(document.label or "other"),
        len(part.pages) or document.pages or 0,
        part.size,
        part.media_type,
    )
