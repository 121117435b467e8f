"""A person looks at each page as it will leave: covers more, uncovers, approves; then all of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, DeskLink, Document, RecordsPackage, RecordsPage, RecordsPart
from models.base import require_id
from models.database import transaction
from workflows.declared import Raises
from workflows.engine.acting import acting
from workflows.engine.deciding import (
    COORDINATORS,
    Choice,
    Deciding,
    DecisionRefused,
    Question,
    nothing,
)
from workflows.engine.lookup import get
from workflows.engine.world import World
from workflows.events import Actor
from workflows.letters.leaving import is_stopped
from workflows.outreach.desk_links import why_shut
from workflows.records.hiding import NotHidden, drawn_again, identity_of, source_of
from workflows.records.packages import (
    D2,
    ENDING,
    about_package,
    end_package,
    is_permitted,
    parts_of,
    replaced,
)

APPROVED = "package.approved"
BY_HAND = "by_hand"
SMALLEST = 3.0
"""Points; a box that is smaller was a slip of the hand."""


def pages_of(session: Session, package_id: int) -> Sequence[RecordsPage]:
    """Return the pages of a package without names, part by part."""
    return session.scalars(
        select(RecordsPage)
        .join(RecordsPart, col(RecordsPart.id) == col(RecordsPage.part_id))
        .where(col(RecordsPart.package_id) == package_id)
        .order_by(col(RecordsPart.position), col(RecordsPage.number))
    ).all()


def cover(world: World, page_id: int, box: Sequence[float], actor: Actor) -> None:
    """Cover a place of a page: `box` is [x0, top, x1, bottom] in points."""

    def add(page: RecordsPage) -> list[dict[str, Any]]:
        x0, top, x1, bottom = box
        inside = [
            max(0.0, min(x0, x1)),
            max(0.0, min(top, bottom)),
            min(float(page.width), max(x0, x1)),
            min(float(page.height), max(top, bottom)),
        ]
        if inside[2] - inside[0] < SMALLEST or inside[3] - inside[1] < SMALLEST:
            raise DecisionRefused("That place is too small: choose two corners that lie apart.")
        row = {"box": inside, "kind": BY_HAND, "why": BY_HAND, "by": actor.ref, "certain": False}
        return [*page.boxes, {**row, "instead": ""}]

    _change(world, page_id, actor, add)


def uncover(world: World, page_id: int, number: int, actor: Actor) -> None:
    """Take a box away that covers no name: `number` is its place in the page's list.

    What the program is certain of stays: it would be found again and would block.
    """

    def without(page: RecordsPage) -> list[dict[str, Any]]:
        if not 0 <= number < len(page.boxes):
            raise DecisionRefused("That box is not there any more: load the page anew.")
        if page.boxes[number].get("certain"):
            raise DecisionRefused(
                "This is the patient's name, number or day of birth: it stays covered."
            )
        return [one for place, one in enumerate(page.boxes) if place != number]

    _change(world, page_id, actor, without)


def _change(world: World, page_id: int, actor: Actor, change: Any) -> None:
    """Change a page's boxes and draw it anew; whoever approved it before has not approved this."""
    with transaction(world.engine) as session:
        page = get(session, RecordsPage, page_id)
        _still_open(session, page)
        if any(look["why"] == "burned_in" for look in page.looks):
            raise DecisionRefused(
                "Nothing can be covered on the frames of an image: leave it out where a name is on "
                "them, and ask the family for one without."
            )
        boxes = change(page)
        seen = _mark(page)
        part = get(session, RecordsPart, page.part_id)
        case_id, number = page.case_id, page.number
        source = source_of(get(session, Document, part.document_id), part.pages)
        identity = identity_of(session, case_id)
    try:
        drawn = drawn_again(world, source, identity, number, boxes)
    except NotHidden:
        raise DecisionRefused("The page cannot be drawn just now. Try again in a minute.") from None
    with acting(world, case_id, actor) as by:
        page = get(by.session, RecordsPage, page_id)
        by.session.refresh(page, with_for_update=True)
        _still_open(by.session, page)
        if _mark(page) != seen:
            raise DecisionRefused("A colleague changed this page meanwhile: load it anew.")
        page.boxes = list(boxes)
        page.left_over = [dict(one) for one in drawn.left_over]
        page.after_key = drawn.after_key
        page.approved_by = page.approved_at = None


def _mark(page: RecordsPage) -> str:
    return page.after_key


def approve_page(
    world: World,
    page_id: int,
    seen: str,
    actor: Actor,
    *,
    mean_otherwise: bool = False,
    places_seen: bool = False,
) -> None:
    """Note that a person looked at a page as it will leave; `seen` is the picture they saw.

    `places_seen`: pictures, ink by hand and print that could not be read were looked at, too.

    `mean_otherwise`: words that could be a name were looked at and are none ("Stern", "Grade").
    """
    if actor.type not in (*COORDINATORS, "administrator"):
        raise DecisionRefused("Only a coordinator may approve pages.")
    with transaction(world.engine) as session:
        case_id = get(session, RecordsPage, page_id).case_id
    with acting(world, case_id, actor) as by:
        page = get(by.session, RecordsPage, page_id)
        by.session.refresh(page, with_for_update=True)
        _still_open(by.session, page)
        if page.after_key != seen:
            raise DecisionRefused("The page has changed since you opened it: look at it once more.")
        if any(one["certain"] for one in page.left_over):
            raise DecisionRefused(
                "Words that look like the patient's are still on this page: cover them first."
            )
        if page.left_over and not mean_otherwise:
            raise DecisionRefused(
                "Some words on this page could be a name: cover them, or tick that they are none."
            )
        if page.looks and not places_seen:
            raise DecisionRefused(
                "Some places of this page nobody could read: look at each, cover what names "
                "somebody, and tick that you did."
            )
        page.approved_by, page.approved_at = actor.ref, by.now


def _still_open(session: Session, page: RecordsPage) -> None:
    part = get(session, RecordsPart, page.part_id)
    if get(session, RecordsPackage, part.package_id).state != "to_approve":
        raise DecisionRefused("These records are not to be approved any more: load the page anew.")


def what_blocks(session: Session, world: World, package: RecordsPackage) -> str:
    """Return why a package may not be released now, in words; empty when it may."""
    case = get(session, Case, package.case_id)
    if case.closed_at is not None or is_stopped(session, case, None):
        return "The case has ended: no records leave any more."
    if package.state != "to_approve":
        return "These records are not to be approved any more."
    if not is_permitted(session, package):
        return "The family's permission for this does not stand any more."
    if replaced(session, package):
        return "A document was replaced since it was chosen: choose the records anew."
    parts = parts_of(session, require_id(package.id))
    if failed := [str(part.document_id) for part in parts if part.state != "ready"]:
        return f"Not prepared: document {', '.join(failed)}. Choose the records anew without it."
    links = [session.get_one(DeskLink, number) for number in package.link_ids]
    if not any(why_shut(session, world, link) is None for link in links):
        return "No recipient's link is open any more: choose the records anew."
    if package.level == D2:
        return _pages_block(pages_of(session, require_id(package.id)))
    return ""


def _pages_block(pages: Sequence[RecordsPage]) -> str:
    blocked = sum(any(one["certain"] for one in page.left_over) for page in pages)
    if blocked:
        what = "one page" if blocked == 1 else f"{blocked} pages"
        return f"On {what} words are left that look like the patient's: cover them first."
    open_pages = sum(page.approved_at is None for page in pages)
    if open_pages:
        left = "One page is" if open_pages == 1 else f"{open_pages} pages are"
        return f"{left} not approved yet: look at each page."
    return ""


def _release(deciding: Deciding) -> None:
    """Release what was approved: the files are built of these pages, then the links open."""
    package = get(deciding.session, RecordsPackage, deciding.object_id("package_id"))
    if reason := what_blocks(deciding.session, deciding.world, package):
        raise DecisionRefused(reason)
    package.state, package.approved_by = "building", deciding.actor.ref
    payload: Mapping[str, Any] = {
        **about_package(package),
        "deid_level": package.level,
        "pages": len(pages_of(deciding.session, require_id(package.id))),
    }
    deciding.record(APPROVED, payload, about_package(package))


def _not_released(deciding: Deciding) -> None:
    package = get(deciding.session, RecordsPackage, deciding.object_id("package_id"))
    end_package(deciding, package, "other")


QUESTIONS = {
    "approve_package": Question.of(
        "Records for a hospital: look at each page, then release them",
        COORDINATORS,
        {
            "release": Choice(
                "Release: every page was looked at", _release, raises=Raises(events=(APPROVED,))
            ),
            "drop": Choice(
                "Do not release: these records are not wanted, or are chosen anew",
                _not_released,
                raises=Raises(events=ENDING),
            ),
        },
    ),
    "renew_package": Question.of(
        "A document that was open to a hospital was replaced: choose its records anew",
        COORDINATORS,
        {
            "chosen": Choice("The records were chosen anew", nothing),
            "not_needed": Choice("The hospital needs no new ones", nothing, reason=True),
        },
    ),
}
