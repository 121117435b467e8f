"""Getting back to the page: a fresh link and a one-time code, sent to a known e-mail address.

Whoever asks hears the same, whether we know the address or not. Asking and trying are counted per
address of both kinds and written down under keyed hashes. Times are the world's clock.
"""

import hmac
import secrets
import unicodedata
from datetime import timedelta

from sqlalchemy import func, select
from sqlmodel import Session, col

from accounts import throttle
from accounts.audit import note
from accounts.sessions import real_now
from models import Case, Patient, PortalCode
from models.base import require_id
from models.database import transaction
from workflows.engine.dedupe_keys import of_portal_code
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.letters.fields import patient_fields
from workflows.letters.freezing import Draft, freeze, write_draft
from workflows.letters.leaving import is_stopped
from workflows.portal.access import OwnCase, own_case, patient_ref

LETTER = "M41"
VALID = timedelta(minutes=10)
TRIES = 5
MAX_CASES = 3
"""Of one address: the newest are written to."""
WITHIN = timedelta(minutes=10)
ASKS_PER_EMAIL, ASKS_PER_PLACE = 3, 15
TRIES_PER_EMAIL, TRIES_PER_PLACE = 10, 40
HIDDEN = "······"
"""What we keep of the code in our own copy of the letter."""


class CodeRefused(ValueError):
    """The code is wrong, used, too old, or was tried too often: which of them is not said."""


def place_of(world: World, address: str) -> str:
    """Return how the audit names the network address of a visitor (32 hex digits, keyed)."""
    return world.keys.marks.of("address", address)[:32]


def ask(world: World, email: str, place: str) -> None:
    """Count and write down that somebody asked for a link; raise `throttle.TooMany`."""
    _count(world, "portal.link_asked", email, place, ASKS_PER_EMAIL, ASKS_PER_PLACE)


def send_links(world: World, email: str) -> None:
    """Write to the patient behind an address, if there is one: a fresh link and a code.

    Raises `adapters.storage.StorageError`; then nothing was written.
    """
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        people = _people(session, email)
        recorder.lock([patient.case_id for patient in people])
        for patient in people:
            case = recorder.case(patient.case_id)
            if not is_stopped(case, LETTER):
                _write(session, recorder, world, case, patient)
        due = recorder.flush()
    world.doorbell.ring(due)


def use(world: World, email: str, code: str, place: str) -> OwnCase:
    """Return the case that a code opens, and use the code up.

    Raises `CodeRefused` and `throttle.TooMany`. Wrong digits count against every code that waits.
    """
    _count(world, "portal.code_tried", email, place, TRIES_PER_EMAIL, TRIES_PER_PLACE)
    now = real_now()
    with transaction(world.engine) as session:
        cases = [patient.case_id for patient in _people(session, email)]
        waiting = session.scalars(
            select(PortalCode)
            .where(
                col(PortalCode.case_id).in_(cases),
                col(PortalCode.used_at).is_(None),
                col(PortalCode.expires_at) > now,
                col(PortalCode.tries) < TRIES,
            )
            .order_by(col(PortalCode.id))
            .with_for_update()
        ).all()
        fitting = [row for row in waiting if _fits(world, row, code)]
        if fitting:
            fitting[0].used_at = now
            case = session.get(Case, fitting[0].case_id)
            note(
                session,
                actor_ref=patient_ref(fitting[0].case_id),
                action="portal.code_used",
                at=now,
                case_id=fitting[0].case_id,
            )
        else:
            case = None
            for row in waiting:
                row.tries += 1
            note(
                session,
                actor_ref=place,
                action="portal.code_refused",
                at=now,
                object_ref=_email_ref(world, email),
            )
    if case is None:
        raise CodeRefused("The code is not right, or its time is over.")
    return own_case(case)


def _count(
    world: World, action: str, email: str, place: str, per_email: int, per_place: int
) -> None:
    who = _email_ref(world, email)
    with transaction(world.engine) as session:
        note(session, actor_ref=place, action=action, at=real_now(), object_ref=who)
    try:
        throttle.count(world.engine, f"{action}:{place}", per_place, WITHIN)
        throttle.count(world.engine, f"{action}:{who}", per_email, WITHIN)
    except throttle.TooMany:
        with transaction(world.engine) as session:
            note(session, actor_ref=place, action="portal.throttled", at=real_now(), object_ref=who)
        raise


def _people(session: Session, email: str) -> list[Patient]:
    """Return the patients with this address, those of the newest cases."""
    wanted = email.strip().lower()
    if not wanted:
        return []
    return list(
        session.scalars(
            select(Patient)
            .where(func.lower(col(Patient.email)) == wanted, col(Patient.deceased_at).is_(None))
            .order_by(col(Patient.case_id).desc())
            .limit(MAX_CASES)
        )
    )


def _write(
    session: Session, recorder: Recorder, world: World, case: Case, patient: Patient
) -> None:
    """Make a code, freeze the letter that brings it, and queue its sending."""
    case_id = require_id(case.id)
    code = f"{secrets.randbelow(10**6):06d}"
    row = PortalCode(
        case_id=case_id, code_hash=_hash(world, case_id, code), expires_at=real_now() + VALID
    )
    session.add(row)
    session.flush()
    minutes = int(VALID.total_seconds() // 60)
    given = {"code": code, "minutes": minutes}
    fields = patient_fields(session, world, case, LETTER, {}, given)
    letter = world.playbooks.letters.write(LETTER, fields, case.language)
    message = write_draft(
        session,
        Draft(case_id, letter, "patient", patient.email or "", of_portal_code(require_id(row.id))),
    )
    assert message is not None
    freeze(session, world, message, recorder.now)
    message.body = message.body.replace(code, HIDDEN)
    objects = {"message_id": require_id(message.id)}
    recorder.request("send_approved", case_id=case_id, objects=objects)


def _fits(world: World, row: PortalCode, code: str) -> bool:
    return hmac.compare_digest(row.code_hash, _hash(world, row.case_id, _digits(code)))


def _digits(code: str) -> str:
    """Return the digits of what was typed, whatever script they are written in."""
    return "".join(
        str(unicodedata.digit(char)) for char in code if unicodedata.digit(char, None) is not None
    )


def _hash(world: World, case_id: int, code: str) -> str:
    return world.keys.marks.of("portal code", f"{case_id}|{code}")


def _email_ref(world: World, email: str) -> str:
    return world.keys.marks.of("account", email.strip().lower())[:32]
