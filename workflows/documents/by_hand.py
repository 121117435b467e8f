"""A person joins photos that were not joined, or takes apart what was: always before its values
are confirmed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from extractors.types import Page
from models import Case, Document, FindingRecord
from models.base import require_id
from models.database import transaction
from workflows.documents.joining import retire
from workflows.documents.pages_kept import load_pages, note_text_extracted
from workflows.documents.photos import JOINING, joined_in, may_be_joined, photos_of
from workflows.documents.scanning import found_in
from workflows.engine.deciding import COORDINATORS, DecisionRefused
from workflows.engine.file_store import store_told
from workflows.engine.lookup import case_by_ref, get
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor, Event

ROLES = COORDINATORS


@dataclass
class _ByHand:
    """A person's change in one transaction."""

    session: Session
    recorder: Recorder
    actor: Actor
    case_id: int

    def record(self, type: str, payload: Mapping[str, Any], objects: Mapping[str, int]) -> None:
        """Record a fact on the case."""
        self.recorder.record(self.case_id, Event(type, payload, objects, self.actor))


@store_told()
def take_apart(world: World, document_id: int, actor: Actor) -> None:
    """Let the photos of a document be documents of their own again.

    Raises `DecisionRefused` with a message for the person, `RowNotFound`, and `StoreFailed`.
    """
    _may(actor)
    with transaction(world.engine) as session:
        numbers = photos_of(get(session, Document, document_id).notes)
        keys = {n: get(session, Document, n).text_object_key or "" for n in numbers}
    pages: dict[int, tuple[Page, ...]] = {
        number: load_pages(world.storage, key) for number, key in keys.items()
    }
    with transaction(world.engine) as session:
        whole = get(session, Document, document_id)
        recorder = Recorder(session, world.process, world.clock.now())
        by = _ByHand(session, recorder, actor, whole.case_id)
        _must_be_open(by)
        session.refresh(whole)
        if not numbers or whole.state == "superseded":
            raise DecisionRefused("This document was not put together from photos.")
        _nothing_confirmed(session, [whole])
        retire(by, whole, numbers[0])
        for number in numbers:
            photo = get(session, Document, number)
            photo.notes = {k: v for k, v in photo.notes.items() if k != "joined_in"}
            if not found_in(photo):
                photo.state = "read"
                note_text_extracted(by, photo, pages[number])
        for again in _left_out_of(session, whole):
            again.notes = {**again.notes, "joined_in": again.notes["shows_again"]}
        due = recorder.flush()
    world.doorbell.ring(due)


def join_chosen(world: World, ref: str, document_ids: Sequence[int], actor: Actor) -> None:
    """Put photos of a case, and documents made of photos, together; raises as `take_apart`."""
    _may(actor)
    with transaction(world.engine) as session:
        case_id = require_id(case_by_ref(session, ref).id)
        recorder = Recorder(session, world.process, world.clock.now())
        by = _ByHand(session, recorder, actor, case_id)
        _must_be_open(by)
        chosen = [get(session, Document, number) for number in dict.fromkeys(document_ids)]
        photos = _photos_among(session, case_id, chosen)
        _nothing_confirmed(session, chosen)
        mark = require_id(photos[0].id)
        for one in (*photos, *chosen):
            one.notes = {**one.notes, "join": mark}
        for photo in photos:
            photo.state = "read"
            photo.notes = {**photo.notes, "photo": JOINING}
        recorder.request("join_photos", case_id=by.case_id, objects={"document_id": mark})
        due = recorder.flush()
    world.doorbell.ring(due)


def _left_out_of(session: Session, whole: Document) -> list[Document]:
    """Return the photos whose page another photo of the document shows better."""
    known = session.scalars(select(Document).where(col(Document.case_id) == whole.case_id))
    return [one for one in known if joined_in(one.notes) == whole.id and "shows_again" in one.notes]


def _photos_among(session: Session, case_id: int, chosen: Sequence[Document]) -> list[Document]:
    """Return the photos that were chosen, with those of the documents made of photos."""
    photos: dict[int, Document] = {}
    for one in chosen:
        numbers = photos_of(one.notes) or [require_id(one.id)]
        photos |= {number: get(session, Document, number) for number in numbers}
        if one.case_id != case_id or not may_be_joined(one):
            raise DecisionRefused(
                "Only photos of one case that were looked at, and documents made of such photos, "
                "can be put together."
            )
    if any(found_in(one) for one in (*photos.values(), *chosen)):
        raise DecisionRefused("The virus scan found something in one of them: leave it out.")
    if len(photos) < 2 or len(chosen) < 2:
        raise DecisionRefused("Choose at least two.")
    return list(photos.values())


def _nothing_confirmed(session: Session, documents: Sequence[Document]) -> None:
    settled = session.scalars(
        select(col(FindingRecord.id))
        .where(
            col(FindingRecord.document_id).in_([one.id for one in documents]),
            col(FindingRecord.state) != "proposed",
        )
        .limit(1)
    ).first()
    if settled is not None:
        raise DecisionRefused(
            "Somebody has settled values of it already. Correct the values instead."
        )


def _must_be_open(by: _ByHand) -> None:
    case: Case = by.recorder.case(by.case_id)
    if case.closed_at is not None:
        raise DecisionRefused("The case is closed; its documents stay as they are.")


def _may(actor: Actor) -> None:
    if actor.type not in ROLES:
        raise DecisionRefused("Only a coordinator or the lead may join or part photos.")
