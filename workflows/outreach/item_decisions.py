"""What a hospital needs before it can answer, one by one: there, asked for, not to be had."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col

from models import Document, MoreInfoItem
from models.base import require_id
from models.outreach import SETTLED
from workflows.declared import Raises
from workflows.engine.deciding import (
    COORDINATORS,
    Choice,
    Deciding,
    DecisionRefused,
    Question,
    nothing,
)
from workflows.letters.to_hospitals import about
from workflows.outreach.item_answers import all_settled, untold
from workflows.outreach.thread_decisions import thread_of

FAMILY_WITHIN = timedelta(hours=72)
"""The family's time for what a hospital asks for (stages of the handbook)."""


def _meant(deciding: Deciding) -> list[MoreInfoItem]:
    """Return the items that the answer names, by code or number; refuse what is not asked for."""
    items = untold(deciding.session, deciding.object_id("thread_id"))
    found: dict[int, MoreInfoItem] = {}
    for name in deciding.listed("items"):
        named = [item for item in items if name in (item.code, str(item.id))]
        if not named:
            asked = ", ".join(dict.fromkeys(item.code for item in items)) or "nothing"
            raise DecisionRefused(f"{name[:40]} is not asked for. They ask for: {asked}.")
        found.update((require_id(item.id), item) for item in named)
    return list(found.values())


def _have(deciding: Deciding) -> None:
    """Settle items by documents of this case that a person names."""
    documents = _documents(deciding)
    for item in _meant(deciding):
        item.document_ids = documents
        _settle(deciding, item, "have")
    _go_on(deciding)


def _documents(deciding: Deciding) -> list[int]:
    given = [name.removeprefix("#") for name in deciding.listed("papers")]
    known = deciding.session.scalars(
        select(col(Document.id)).where(
            col(Document.case_id) == deciding.case_id,
            col(Document.state).not_in(("quarantined", "superseded", "unreadable")),
        )
    ).all()
    wrong = [name[:20] for name in given if name not in {str(one) for one in known}]
    if wrong:
        raise DecisionRefused(
            f"Not a document of this case that can be read: {', '.join(wrong)}. Its number stands "
            "on the case's documents page."
        )
    return sorted({int(name) for name in given})


def _unavailable(deciding: Deciding) -> None:
    reason, items = deciding.needs_reason(), _meant(deciding)
    for item in items:
        item.reason = reason
        _settle(deciding, item, "unavailable")
    payload = {
        "thread_id": deciding.object_id("thread_id"),
        "items": _codes(items),
        "reason": "not_available",
    }
    deciding.record("more_info.unavailable", payload, about(thread_of(deciding)))
    _go_on(deciding)


def _settle(deciding: Deciding, item: MoreInfoItem, state: str) -> None:
    item.state = state
    item.settled_by, item.settled_at = deciding.actor.ref, deciding.recorder.now


def _ask_family(deciding: Deciding) -> None:
    """Ask the family for items; the hospital's wish and why stand in the letter (M13)."""
    items, now = _meant(deciding), deciding.recorder.now
    wrong = [item.code for item in items if item.state in SETTLED]
    if wrong:
        raise DecisionRefused(f"Settled already: {', '.join(wrong)}.")
    for item in items:
        item.state, item.asked_at = "asked_family", now
    deciding.session.flush()
    payload = {
        "thread_id": deciding.object_id("thread_id"),
        "items": _codes(items),
        "round": max(item.round for item in items),
        "due_at": (now + FAMILY_WITHIN).isoformat(),
        "all_asked": not _left_open(deciding),
    }
    objects = about(thread_of(deciding))
    if "message_id" in deciding.task.objects:
        objects["message_id"] = deciding.object_id("message_id")
    # The question is asked anew: it is due when the family's time is over.
    deciding.record("more_info.relayed", payload, objects)


def _go_on(deciding: Deciding) -> None:
    """Go on when nothing is left to settle: the hospital is told (M14)."""
    deciding.session.flush()
    items = untold(deciding.session, deciding.object_id("thread_id"))
    if not all_settled(items):
        deciding.stays_open = True
        return
    payload = {
        "thread_id": deciding.object_id("thread_id"),
        "round": max((item.round for item in items), default=None),
    }
    deciding.record("more_info.settled", payload, about(thread_of(deciding)))


def _left_open(deciding: Deciding) -> bool:
    """Return whether nobody has done anything about one of the items."""
    items = untold(deciding.session, deciding.object_id("thread_id"))
    return any(item.state == "open" for item in items)


def _codes(items: Sequence[MoreInfoItem]) -> list[str]:
    return list(dict.fromkeys(item.code for item in items))


QUESTIONS = {
    "answer_more_info": Question.of(
        "A hospital needs more information",
        COORDINATORS,
        {
            "have": Choice(
                "We have it: in these documents",
                _have,
                needs=("items", "papers"),
                raises=Raises(events=("more_info.settled",)),
            ),
            "ask_family": Choice(
                "Ask the family for it",
                _ask_family,
                needs=("items",),
                raises=Raises(events=("more_info.relayed",)),
            ),
            "unavailable": Choice(
                "It cannot be had",
                _unavailable,
                needs=("items",),
                reason=True,
                raises=Raises(events=("more_info.unavailable", "more_info.settled")),
            ),
        },
    ),
    "call_for_items": Question.of(
        "The family has not sent what a hospital asks for: call them",
        COORDINATORS,
        {
            "called": Choice(
                "They were called; what they said stands in the reason", nothing, reason=True
            ),
            "not_reached": Choice("Not reached", nothing),
        },
    ),
}
