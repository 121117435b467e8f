"""From which addresses letters of a case come: the patient's own, and those a person confirmed.

A contact point is known in: what comes from it belongs to the case, as far as its owner may move
it. It is not known out: nothing of ours is sent there, and it opens no page of the patient.
"""

from dataclasses import dataclass
from email.utils import parseaddr

from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from models import Case, ContactPoint, Hospital, Patient
from models.base import require_id
from models.database import transaction
from models.findable import address_is
from workflows.engine.lookup import case_by_ref
from workflows.engine.record import CaseNotFound, Recorder
from workflows.engine.world import World
from workflows.events import Actor, Event
from workflows.stages import StateMachine

ROLES = {"patient": "patient", "family": "family", "doctor": "home_doctor", "not_said": "sender"}
"""As whom a letter counts, by whose address it came from."""


class ContactRefused(ValueError):
    """The address cannot be written down for the case; the message says why."""


@dataclass(frozen=True, slots=True)
class Known:
    """A case that an address belongs to, and as whom its owner writes there."""

    case_id: int
    ref: str
    role: str
    state: str


def plain(address: str) -> str:
    """Return an address alone, in small letters; "" where there is none."""
    return parseaddr(address)[1].strip().lower()


def open_cases_of(session: Session, machine: StateMachine, address: str) -> list[Known]:
    """Return the open cases of who writes from this address, each once, the oldest first."""
    return [one for one in cases_of(session, address) if one.state not in machine.terminal]


def cases_of(session: Session, address: str) -> list[Known]:
    """Return the cases, open or not, of who writes from this address, the oldest first.

    None whose data were erased.
    """
    own = plain(address)
    if not own:
        return []
    case = (col(Case.id), col(Case.ref), col(Case.state))
    patients = session.execute(
        select(*case)
        .join(Patient, col(Patient.case_id) == col(Case.id))
        .where(address_is(session, col(Patient.email_mark), own), col(Case.erased_at).is_(None))
    )
    found = {number: Known(number, ref, "patient", state) for number, ref, state in patients}
    others = session.execute(
        select(*case, col(ContactPoint.whose))
        .join(ContactPoint, col(ContactPoint.case_id) == col(Case.id))
        .where(
            address_is(session, col(ContactPoint.address_mark), own),
            col(ContactPoint.ended_at).is_(None),
            col(Case.erased_at).is_(None),
        )
    )
    for number, ref, state, whose in others:
        found.setdefault(number, Known(number, ref, ROLES[whose], state))
    return [found[number] for number in sorted(found)]


def confirm_contact(
    recorder: Recorder,
    case_id: int,
    address: str,
    whose: str,
    actor: Actor,
    *,
    ours: str,
    name: str | None = None,
    message_id: int | None = None,
    identified_by: str | None = None,
) -> None:
    """Write down that letters from `address` belong to the case; one known already stays as it is.

    `ours` is our own address. Raises `ContactRefused` for an address that is nobody's of the case,
    and for one that is written down there as another person's.
    """
    session, own = recorder.session, plain(address)
    if not own or own == plain(ours):
        raise ContactRefused("The letter names no sender whose address could be written down.")
    hospital = select(col(Hospital.id)).where(func.lower(col(Hospital.email)) == own)
    if session.scalars(hospital.limit(1)).first() is not None:
        raise ContactRefused("The address is a hospital's: give the letter to its thread.")
    recorder.case(case_id)
    its = address_is(session, col(Patient.email_mark), own)
    patients = select(col(Patient.id)).where(col(Patient.case_id) == case_id, its)
    if session.scalars(patients).first() is not None:
        return
    standing_too = address_is(session, col(ContactPoint.address_mark), own)
    known = session.scalars(_standing(case_id).where(standing_too))
    if (standing := known.first()) is not None:
        if standing.whose != whose:
            raise ContactRefused(
                "The address is written down in this case as another person's. End that first, on "
                "the case's page of letters."
            )
        return
    point = ContactPoint(
        case_id=case_id,
        whose=whose,
        address=own[:254],
        name=name,
        message_id=message_id,
        identified_by=identified_by,
        confirmed_by=actor.ref[:40],
        confirmed_at=recorder.now,
    )
    session.add(point)
    session.flush()
    about = {"contact_id": require_id(point.id)}
    payload = {**about, "message_id": message_id, "whose": whose, "identified_by": identified_by}
    recorder.record(case_id, Event("contact.confirmed", payload, about, actor))


def contacts_of(session: Session, case_id: int) -> list[ContactPoint]:
    """Return the addresses that stand for a case, the oldest first."""
    return list(session.scalars(_standing(case_id).order_by(col(ContactPoint.id))))


def end_contact(world: World, ref: str, contact_id: int, actor: Actor) -> None:
    """End it: what comes from the address is nobody's again; ended already, nothing happens.

    Raises `CaseNotFound` where the case has no such address.
    """
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        case_id = require_id(recorder.case(require_id(case_by_ref(session, ref).id)).id)
        point = session.get(ContactPoint, contact_id)
        if point is None or point.case_id != case_id:
            raise CaseNotFound("The case has no such address.")
        if point.ended_at is None:
            point.ended_at, point.ended_by = recorder.now, actor.ref[:40]
            about = {"contact_id": contact_id}
            recorder.record(case_id, Event("contact.ended", about, about, actor))
        due = recorder.flush()
    world.doorbell.ring(due)


def _standing(case_id: int) -> Select[ContactPoint]:
    return select(ContactPoint).where(
        col(ContactPoint.case_id) == case_id, col(ContactPoint.ended_at).is_(None)
    )
