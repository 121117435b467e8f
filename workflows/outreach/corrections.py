"""What a hospital was told of the findings, what has changed since, and the letter that says so."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, Hospital, Message, OutreachThread
from models.base import require_id
from workflows.engine.world import World
from workflows.letters.days import day_in, zone_of
from workflows.outreach.enquiries import chase_fields, summary_fields
from workflows.screening.signatures import lets_out

CORRECTION = "M44"
Told = Mapping[str, Any]


def told_to(session: Session, thread: OutreachThread) -> Message | None:
    """Return the last letter with findings that the hospital has, or may have."""
    return session.scalars(
        select(Message)
        .where(
            col(Message.thread_id) == thread.id,
            col(Message.direction) == "out",
            col(Message.state).in_(("sending", "sent", "uncertain")),
            col(Message.template).in_(("M10", "M14", CORRECTION)),
        )
        .order_by(col(Message.id).desc())
        .limit(1)
    ).first()


def changes(old: Told, new: Told) -> list[dict[str, Any]]:
    """Return what differs: {finding, old, new}, each a list of facts as `summary_fields` has them.

    A finding that is not stated on one side has an empty list there.
    """
    before, after = _by_finding(old), _by_finding(new)
    return [
        {"finding": name, "old": before.get(name, []), "new": after.get(name, [])}
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]


def _by_finding(told: Told) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for fact in (*told.get("diagnosis", ()), *told.get("prior", ())):
        found.setdefault(fact["finding"], []).append(fact)
    if told.get("stage"):
        found["stage"] = list(told["stage"])
    if told.get("sex"):
        found["sex"] = [told["sex"]]
    return found


def differs(session: Session, case: Case, thread: OutreachThread) -> bool:
    """Return whether the hospital holds other findings than those that are confirmed now.

    Of a letter from before it was kept what letters told, that is not known: it counts as other.
    """
    letter = told_to(session, thread)
    if letter is None:
        return False
    return letter.told is None or bool(changes(letter.told, summary_fields(session, case)))


def correction_fields(
    session: Session, world: World, case: Case, hospital: Hospital, thread: OutreachThread
) -> dict[str, Any]:
    """Return the fields of the letter that corrects what a hospital was told (M44)."""
    letter = told_to(session, thread)
    summary = summary_fields(session, case)
    signed = lets_out(session, require_id(case.id))
    changed = changes(letter.told, summary) if letter and letter.told else []
    zone = zone_of(hospital)
    return {
        **chase_fields(session, world, case, hospital, thread),
        **summary,
        "changed": [one for one in changed if one["finding"] not in ("stage", "sex")],
        "stage_was": _side(changed, "stage", "old"),
        "sex_was": next(iter(_side(changed, "sex", "old") or []), None),
        "signed_on": day_in(zone, signed.signed_at) if signed else None,
        "told_on": day_in(zone, letter.sent_at) if letter and letter.sent_at else None,
    }


def _side(changed: Sequence[Mapping[str, Any]], finding: str, side: str) -> list[Any] | None:
    """Return one side of a finding's change; None when it has not changed."""
    return next((one[side] for one in changed if one["finding"] == finding), None)
