"""What it means that a letter to a hospital has left: recorded alike when the server took it, and
when a person found out that it arrived.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import Message, MoreInfoItem, Offer, OutreachThread
from models.base import require_id
from models.outreach import SETTLED
from workflows.engine.lookup import get
from workflows.engine.record import Recorder
from workflows.letters.leaving import FREE

SENT_EVENTS = (
    "outreach.sent",
    "outreach.chased",
    "outreach.corrected",
    "outreach.written",
    "invitation.requested",
    "outreach.deletion_asked",
    "more_info.answered",
    "more_info.delayed",
    "offer.acceptance_sent",
    "offer.clarification_sent",
    "outreach.records_sent",
)
"""What `note_sent` may record."""


OF_OFFERS = ("M45", "M46", "M53")
"""Letters about a hospital's offer: that it is accepted, questions about it, its renewal."""


class Recording(Protocol):
    """A step or a decision: who may record facts of one case."""

    session: Session
    recorder: Recorder

    def record(
        self,
        type: str,
        payload: Mapping[str, Any] | None = None,
        objects: Mapping[str, int] | None = None,
    ) -> str | None:
        """Record a fact on the case."""


def about(thread: OutreachThread, message: Message | None = None) -> dict[str, int]:
    """Return what an event about a thread, or a letter of it, names."""
    named = {"thread_id": require_id(thread.id), "hospital_id": thread.hospital_id}
    return named if message is None else {**named, "message_id": require_id(message.id)}


def note_sent(by: Recording, message: Message) -> None:
    """Record what it means that the letter left; nothing for a letter that has no thread."""
    if message.thread_id is None:
        return
    thread = get(by.session, OutreachThread, message.thread_id)
    thread.attempts += 1
    if thread.state in ("draft", "approved", "bounced"):
        thread.state = "offered" if message.template == "M45" else "sent"
    objects = about(thread, message)
    payload: dict[str, Any] = {**about(thread), "attempt": thread.attempts}
    if message.template == "M10":
        details = {
            "language": message.language,
            "technique": thread.technique,
            "message_id": objects["message_id"],
        }
        by.record("outreach.sent", {**payload, "template": "M10", **details}, objects)
    elif message.template == "M11":
        by.record("outreach.chased", {**payload, "channel": "email"}, objects)
    elif message.template == "M14":
        _answers_sent(by, thread, message)
    elif message.template == "M17":
        thread.deletion = "asked"
        by.record("outreach.deletion_asked", {**objects, "attempt": thread.attempts}, objects)
    elif message.template == "M44":
        changed = (message.told or {}).get("changed", [])
        by.record("outreach.corrected", {**objects, "changed": changed}, objects)
    elif message.template == "M19a":
        persons = 1 + len((message.told or {}).get("attendants") or ())
        asked = {"hospital_id": thread.hospital_id, "persons": persons}
        by.record("invitation.requested", asked, objects)
    elif message.template in FREE:
        by.record("outreach.written", {**objects, "awaited": message.template == FREE[0]}, objects)
    elif message.template in OF_OFFERS:
        _about_offer_sent(by, message, objects)
    elif message.template in ("M59", "M61"):
        package = int((message.told or {})["package_id"])
        by.record("outreach.records_sent", {**objects, "package_id": package}, objects)


def _about_offer_sent(by: Recording, message: Message, objects: Mapping[str, int]) -> None:
    """Note that a hospital was told of its offer; an offer that is gone since means nothing."""
    named = {"offer_id": int((message.told or {})["offer_id"]), **objects}
    offer = get(by.session, Offer, named["offer_id"])
    if message.template == "M46":
        by.record("offer.clarification_sent", named, named)
    elif message.template == "M45" and offer.state == "accepted":
        by.record("offer.acceptance_sent", named, named)


def _answers_sent(by: Recording, thread: OutreachThread, message: Message) -> None:
    """Note which items the hospital was told about; what is not settled was only put off."""
    told = (message.told or {}).get("items", [])
    rows = by.session.scalars(
        select(MoreInfoItem).where(col(MoreInfoItem.id).in_(told)).order_by(col(MoreInfoItem.id))
    ).all()
    payload = {
        "thread_id": require_id(thread.id),
        "items": list(dict.fromkeys(row.code for row in rows)),
        "round": max((row.round for row in rows), default=None),
    }
    for row in rows:
        if row.state in SETTLED:
            row.answered_in = require_id(message.id)
    by.session.flush()
    if any(row.answered_in is None for row in rows):
        by.record("more_info.delayed", payload, about(thread, message))
        return
    if thread.state == "more_info":
        thread.state = "informed"
    payload["open_items"] = open_items(by.session, thread.case_id)
    by.record("more_info.answered", payload, about(thread, message))


def open_items(session: Session, case_id: int) -> int:
    """Count what hospitals of the case have asked for and were not told about yet."""
    query = (
        select(func.count())
        .select_from(MoreInfoItem)
        .join(OutreachThread, col(OutreachThread.id) == col(MoreInfoItem.thread_id))
        .where(
            col(MoreInfoItem.case_id) == case_id,
            col(MoreInfoItem.answered_in).is_(None),
            col(OutreachThread.state) != "closed",
        )
    )
    return session.scalar(query) or 0
