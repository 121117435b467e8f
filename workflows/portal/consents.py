"""Permissions given or withdrawn at any time, by whoever took them down."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, Consent, Hospital
from models.base import require_id
from models.database import transaction
from workflows.cases.consented import CONSENT_TEXT, consented
from workflows.cases.reported_facts import report_fact
from workflows.cases.signed import ASKS_FOR, Signature, signature
from workflows.engine.deciding import DecisionRefused
from workflows.engine.lookup import case_by_ref
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor, Event
from workflows.letters.leaving import is_stopped

FOR_A_HOSPITAL = ("share_deid", "share_identified")
GENERAL = ("messaging", "research")


class ConsentRefused(ValueError):
    """The consent cannot be written down like this; the message says why."""


@dataclass(frozen=True, slots=True)
class Given:
    """A consent as it was given, by whom, how and on which ground (`workflows.cases.signed`).

    `hospital` is the code of the one it is for, None for a scope that names none; `paper` and
    `authority` are numbers of documents of the case, as typed.
    """

    scope: str
    hospital: str | None
    signed_by: str
    method: str
    ground: str = ""
    paper: str = ""
    authority: str = ""


def grant(world: World, ref: str, given: Given, actor: Actor) -> None:
    """Write a consent down and record it; raise `ConsentRefused`, `CaseNotFound`.

    The consent to process the file moves the case and is asked for by a task of its own.
    """
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        case = recorder.case(require_id(case_by_ref(session, ref).id))
        if case.closed_at is not None or is_stopped(session, case, None):
            raise ConsentRefused("The case has ended; no consent is taken any more.")
        hospital = _hospital(session, given)
        _not_yet_given(session, case, given, hospital)
        signed = _signed(session, case, given).columns()
        session.add(consented(world, case, given.scope, signed, recorder.now, hospital))
        payload = {
            "scopes": [f"{given.scope}:{hospital.code}" if hospital else given.scope],
            "text_version": CONSENT_TEXT,
            **signed,
        }
        recorder.record(require_id(case.id), Event("consent.granted", payload, actor=actor))
        due = recorder.flush()
    world.doorbell.ring(due)


def _signed(session: Session, case: Case, given: Given) -> Signature:
    names = ("signed_by", "method", *ASKS_FOR)
    try:
        return signature(session, case, {name: getattr(given, name) for name in names})
    except DecisionRefused as refused:
        raise ConsentRefused(str(refused)) from None


def active_hospitals(session: Session) -> Sequence[Hospital]:
    """Return the hospitals a consent may name, by code."""
    query = select(Hospital).where(col(Hospital.active)).order_by(col(Hospital.code))
    return session.scalars(query).all()


def withdraw(world: World, ref: str, scope: str, hospital: str | None, actor: Actor) -> None:
    """Record that a standing consent was withdrawn; raise `ConsentRefused`, `CaseNotFound`.

    What it allowed stops in the same transaction; withdrawing the consent to process the file
    stops everything.
    """
    with transaction(world.engine) as session:
        case = case_by_ref(session, ref)
        stands = session.scalars(
            select(col(Consent.id))
            .join(Hospital, col(Hospital.id) == col(Consent.hospital_id), isouter=True)
            .where(
                col(Consent.case_id) == case.id,
                col(Consent.scope) == scope,
                col(Hospital.code).is_not_distinct_from(hospital),
                col(Consent.withdrawn_at).is_(None),
            )
        ).first()
    if stands is None:
        raise ConsentRefused("That consent does not stand: there is nothing to withdraw.")
    named = f"{scope}:{hospital}" if hospital else scope
    payload = {"scopes": [named], "channel": "portal" if actor.type == "patient" else "console"}
    report_fact(world, ref, "consent.withdrawn", actor, payload)


def _hospital(session: Session, given: Given) -> Hospital | None:
    if given.scope in GENERAL:
        return None
    if given.scope not in FOR_A_HOSPITAL:
        raise ConsentRefused("This scope is not taken here.")
    found = session.scalars(
        select(Hospital).where(col(Hospital.code) == given.hospital, col(Hospital.active))
    ).first()
    if found is None:
        raise ConsentRefused("Name the hospital that the consent is for.")
    return found


def _not_yet_given(session: Session, case: Case, given: Given, hospital: Hospital | None) -> None:
    standing = session.scalars(
        select(col(Consent.id)).where(
            col(Consent.case_id) == case.id,
            col(Consent.scope) == given.scope,
            col(Consent.hospital_id) == (hospital.id if hospital else None),
            col(Consent.withdrawn_at).is_(None),
        )
    ).first()
    if standing is not None:
        raise ConsentRefused("This consent stands already.")
