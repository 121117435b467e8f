"""A new link to the patient's page: by letter, to the address that we know, whoever asks for it.

Whoever asks hears the same, whether we know the address or not. What a stranger can do with it is
to have some letters sent to the patient, each with a link that only she gets.
"""

from datetime import timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from accounts import throttle
from accounts.audit import note
from accounts.sessions import real_now
from accounts.signed_links import LinkRefused
from models import Case, Patient
from models.database import transaction
from models.findable import address_is
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.letters.leaving import is_stopped
from workflows.portal.access import genuine_case
from workflows.portal.codes import LOOK, address_ref

LETTER = "M41"
MAX_CASES = 3
"""Of one address: the newest are written to."""
ASKS_PER_PLACE, WITHIN = 15, timedelta(minutes=10)
LETTERS_A_DAY, A_DAY = 6, timedelta(days=1)
"""What a case's patient gets of such letters in a day: she has a link then, from each of them."""


def ask(world: World, email: str, place: str) -> None:
    """Count and write down that somebody asked for a link; raise `throttle.TooMany`.

    Only the place from which it is asked has a limit: no stranger closes the way for another.
    """
    who = address_ref(world, email)
    _note(world, "portal.link_asked", place, who)
    try:
        throttle.count(world.engine, f"portal.link_asked:{place}", ASKS_PER_PLACE, WITHIN)
    except throttle.TooMany:
        _note(world, "portal.throttled", place, who)
        raise


def send_links(world: World, email: str) -> None:
    """Write to the patient behind an address, if there is one: a fresh link."""
    with transaction(world.engine) as session:
        cases = [patient.case_id for patient in _people(session, email)]
    for case_id in cases:
        _send(world, case_id)


def renew(world: World, token: str) -> bool:
    """Send a fresh link to the patient whose own link has ended; whether the link was genuine.

    One that was ended because it was in the wrong hands counts too: the letter goes to the patient.
    """
    try:
        case_id = genuine_case(world, token)
    except LinkRefused:
        return False
    _send(world, case_id)
    return True


def _send(world: World, case_id: int) -> None:
    key = f"portal.links:{case_id}"
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        case = recorder.case(case_id)
        if case.erased_at is not None or is_stopped(session, case, LETTER):
            return
        try:
            throttle.count(world.engine, f"{key}:{case.link_generation}", LETTERS_A_DAY, A_DAY)
        except throttle.TooMany as many:
            if many.first:
                recorder.request(LOOK, case_id=case_id, detail="links_asked")
        else:
            recorder.request(LETTER, case_id=case_id)
        due = recorder.flush()
    world.doorbell.ring(due)


def _people(session: Session, email: str) -> list[Patient]:
    """Return the patients with this address, those of the newest cases."""
    wanted = email.strip().lower()
    if not wanted:
        return []
    return list(
        session.scalars(
            select(Patient)
            .join(Case, col(Case.id) == col(Patient.case_id))
            .where(
                address_is(session, col(Patient.email_mark), wanted),
                col(Patient.deceased_at).is_(None),
                col(Case.erased_at).is_(None),
            )
            .order_by(col(Patient.case_id).desc())
            .limit(MAX_CASES)
        )
    )


def _note(world: World, action: str, place: str, who: str) -> None:
    with transaction(world.engine) as session:
        note(session, actor_ref=place, action=action, at=real_now(), object_ref=who)
