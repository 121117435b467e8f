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
from workflows.documents.photos import JOINING, KINDS, photos_of
from workflows.engine.deciding import COORDINATORS, DecisionRefused
from workflows.engine.lookup import get
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor, Event


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


def take_apart(world: World, document_id: int, actor: Actor) -> None:
    """Let the photos of a document be documents of their own again.

    Raises `DecisionRefused` with a message for the person, `RowNotFound`, and
    `adapters.storage.StorageError`.
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
        if not numbers or whole.state == "superseded":
            raise DecisionRefused("This document was not put together from photos.")
        _nothing_confirmed(session, [whole])
        retire(by, whole, numbers[0])
        for number in numbers:
            photo = get(session, Document, number)
            photo.state = "read"
            photo.notes = {k: v for k, v in photo.notes.items() if k != "joined_in"}
            note_text_extracted(by, photo, pages[number])
        due = recorder.flush()
    world.doorbell.ring(due)


def join_chosen(world: World, document_ids: Sequence[int], actor: Actor) -> None:
    """Put photos, and documents made of photos, together as one document; see `take_apart`."""
    _may(actor)
    with transaction(world.engine) as session:
        chosen = [get(session, Document, number) for number in dict.fromkeys(document_ids)]
        if not chosen:
            raise DecisionRefused("Choose the photos that belong together.")
        recorder = Recorder(session, world.process, world.clock.now())
        by = _ByHand(session, recorder, actor, chosen[0].case_id)
        _must_be_open(by)
        photos = _photos_among(session, chosen)
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


def _photos_among(session: Session, chosen: Sequence[Document]) -> list[Document]:
    """Return the photos that were chosen, with those of the documents made of photos."""
    photos: dict[int, Document] = {}
    for one in chosen:
        numbers = photos_of(one.notes) or [require_id(one.id)]
        photos |= {number: get(session, Document, number) for number in numbers}
        ready = one.state == "proposed" or (one.state == "unreadable" and one.pages)
        fits = bool(photos_of(one.notes)) or (one.media_type in KINDS and one.pages == 1)
        if one.case_id != chosen[0].case_id or not ready or not fits:
            raise DecisionRefused(
                "Only photos of one case that were looked at, and documents made of such photos, "
                "can be put together."
            )
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
    if actor.type not in COORDINATORS:
        raise DecisionRefused("Only a coordinator or the lead may join or part photos.")
