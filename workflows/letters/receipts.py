"""A receipt of what was written down as the patient's word: who did not say it hears of it.

It comes after each permission, decision and request about the data, whoever wrote it down: the
patient on their page, or a person of the team who was told. What is said within two minutes stands
in one receipt.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import CaseEvent, Hospital, Message, StepRun
from workflows.declared import Raises
from workflows.engine.lookup import patient_of
from workflows.engine.work import Unit, cheap
from workflows.events import CAME_BY
from workflows.letters.leaving import is_stopped
from workflows.letters.reminders import ABOUT
from workflows.letters.source import Source
from workflows.receipt_events import SAID

LETTER = "M56"
AFTER, UPTO = "after", "upto"
"""Between which numbers of the timeline a receipt tells: behind the first, up to the second."""


@cheap(
    "notices.send_receipt",
    words="the patient hears what was written down as their word",
    stopped="A patient was not told what was written down as their word",
    patient="If somebody else said it, the patient does not know.",
    raises=Raises(requests=(LETTER,), letters=(LETTER,)),
)
def send_receipt(unit: Unit) -> None:
    """Write the receipt of what no receipt tells yet; nothing where there is no address."""
    if not patient_of(unit.session, unit.case_id).email or is_stopped(
        unit.session, unit.case, LETTER
    ):
        return
    unit.recorder.flush()  # of a batch: what another row of this case has just asked for
    after = _told_up_to(unit.session, unit.case_id)
    said = _said(unit.session, unit.case_id, after)
    if said:
        unit.request(LETTER, {AFTER: after, UPTO: said[-1].seq})


def receipt_of(source: Source) -> list[dict[str, Any]]:
    """Return what a receipt tells: day, code, scope, hospital, and how it came, one a line."""
    said = _said(
        source.session, source.case_id, int(source.objects[AFTER]), int(source.objects[UPTO])
    )
    return [line for event in said for line in _lines(source, event)]


def _lines(source: Source, event: CaseEvent) -> list[dict[str, Any]]:
    line = {
        "on": source.day(event.occurred_at),
        "act": event.type.partition(".")[2],
        "scope": None,
        "hospital": _hospital(source.session, event.payload.get("hospital_id")),
        "came_by": event.payload.get(CAME_BY),
    }
    scopes: Sequence[str] = event.payload.get("scopes") or ()
    if not event.type.startswith("consent.") or not scopes:
        return [line]
    return [
        {**line, "scope": scope, "hospital": _hospital(source.session, code or None)}
        for scope, _, code in (one.partition(":") for one in scopes)
    ]


def _hospital(session: Session, named: object) -> str | None:
    """Return a hospital's name by its number or its code."""
    if named is None:
        return None
    column = col(Hospital.id) if isinstance(named, int) else col(Hospital.code)
    return session.scalars(select(col(Hospital.name)).where(column == named)).first()


def _said(
    session: Session, case_id: int, after: int, upto: int | None = None
) -> Sequence[CaseEvent]:
    query = select(CaseEvent).where(
        col(CaseEvent.case_id) == case_id, col(CaseEvent.type).in_(SAID), col(CaseEvent.seq) > after
    )
    if upto is not None:
        query = query.where(col(CaseEvent.seq) <= upto)
    return session.scalars(query.order_by(col(CaseEvent.seq))).all()


def _told_up_to(session: Session, case_id: int) -> int:
    """Return up to which number of the timeline a receipt is written, or is about to be."""
    letters = session.scalars(
        select(col(Message.told)).where(
            col(Message.case_id) == case_id, col(Message.template) == LETTER
        )
    )
    written = max((int(told[ABOUT][UPTO]) for told in letters if _says(told)), default=0)
    queued = session.scalar(
        select(func.max(col(StepRun.objects)[UPTO].as_integer())).where(
            col(StepRun.case_id) == case_id, col(StepRun.objects)["template"].as_string() == LETTER
        )
    )
    return max(written, queued or 0)


def _says(told: object) -> bool:
    """Return whether a receipt keeps up to where it told; after an erasure it does not."""
    return isinstance(told, dict) and UPTO in told.get(ABOUT, {})
