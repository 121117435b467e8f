"""What letters to a patient tell of their data: until when they are kept, why, what was erased."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import select
from sqlmodel import col

from models import CaseEvent, Erasure, Hospital, OutreachThread
from workflows.letters.source import Compute, Source
from workflows.stages import WITHDRAWN

BLANK = "blank"
"""The part of an erasure after which the rows hold nothing of the patient but the address."""


def _erasure(source: Source) -> Erasure | None:
    """Return the erasure whose rows are blank already; None before that."""
    query = select(Erasure).where(col(Erasure.case_id) == source.case_id)
    found = source.session.scalars(query).first()
    return found if found is not None and BLANK in found.parts else None


def _deleted_on(source: Source) -> date | None:
    erasure = _erasure(source)
    return source.day(datetime.fromisoformat(erasure.parts[BLANK])) if erasure else None


def _kept(source: Source) -> CaseEvent | None:
    """Return the newest decision to keep data whose erasure was asked for; None for none.

    A hold on the erasure is one, until it is released. A withdrawal that was finished later is
    told of instead.
    """
    held, released = source.last("data.erasure_held"), source.last("data.erasure_released")
    if held is not None and released is not None and released.seq > held.seq:
        held = None
    decided = [one for one in (source.last("data.kept"), held) if one is not None]
    kept = max(decided, key=lambda one: one.seq, default=None)
    left = source.last("withdrawal.completed")
    if kept is None or not kept.payload.get("asked") or (left and left.seq > kept.seq):
        return None
    return kept


def _until(type: str) -> Compute:
    """Return how the day of a decision to keep is found, where it is of this kind."""

    def compute(source: Source) -> date | None:
        kept = _kept(source)
        return date.fromisoformat(kept.payload["until"]) if kept and kept.type == type else None

    return compute


def _kept_because(source: Source) -> str | None:
    kept = _kept(source)
    return kept.payload.get("reason") if kept else None


def _confirmed(source: Source) -> list[str]:
    query = (
        select(col(Hospital.name))
        .join(OutreachThread, col(OutreachThread.hospital_id) == col(Hospital.id))
        .where(
            col(OutreachThread.case_id) == source.case_id,
            col(OutreachThread.deletion) == "confirmed",
        )
        .order_by(col(Hospital.name))
    )
    return list(source.session.scalars(query))


DATA_FIELDS: Mapping[str, Compute] = {
    "erase_on": lambda s: s.case.erase_on,
    "withdrawn": lambda s: s.case.state in WITHDRAWN,
    "kept_because": _kept_because,
    "kept_until": _until("data.kept"),
    "held_until": _until("data.erasure_held"),
    "deleted_on": _deleted_on,
    "still_here": lambda s: _erasure(s) is None,
    "papers": lambda s: found.documents if (found := _erasure(s)) else None,
    "letters": lambda s: found.letters if (found := _erasure(s)) else None,
    "confirmed": _confirmed,
}
