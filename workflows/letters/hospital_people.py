"""The people of one hospital in one thread: the directory's addresses, and who wrote or was named.

One thread has all of them: a letter goes to one, and what any of them answers comes back here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from models import Hospital, Message, OutreachThread, ThreadContact
from models.base import require_id
from workflows.directory.store import record_of

DIRECTORY, BACKUP, CONFIRMED, WROTE = "directory", "backup", "confirmed", "wrote"
"""How an address is known: of a department, its second one, by a coordinator's word, or only
because a letter came from it.
"""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the hospital. `known` says that the directory or a coordinator vouches for the
    address; of others nothing is known but that they wrote.
    """

    address: str
    name: str
    source: str
    known: bool


def people_of(session: Session, thread: OutreachThread) -> Sequence[Person]:
    """Return to whom letters of a thread may go, the department's own address first."""
    hospital = session.get_one(Hospital, thread.hospital_id)
    found: dict[str, Person] = {}
    for person in [*_of_directory(hospital), *_of_letters(session, thread)]:
        found.setdefault(person.address, person)
    return list(found.values())


def known_addresses(session: Session, thread: OutreachThread) -> frozenset[str]:
    """Return the addresses that somebody vouches for, in small letters."""
    return known_by_thread(session, [thread])[require_id(thread.id)]


def known_by_thread(
    session: Session, threads: Sequence[OutreachThread]
) -> dict[int, frozenset[str]]:
    """Return the addresses that somebody vouches for, by thread; two questions for all of them."""
    hospitals = session.scalars(
        select(Hospital).where(col(Hospital.id).in_({one.hospital_id for one in threads}))
    )
    listed = {one.id: {person.address for person in _of_directory(one)} for one in hospitals}
    found = {require_id(one.id): set(listed.get(one.hospital_id, ())) for one in threads}
    contacts = session.scalars(
        select(ThreadContact).where(
            col(ThreadContact.thread_id).in_(list(found)),
            col(ThreadContact.way) == "email",
            col(ThreadContact.state) == "confirmed",
        )
    )
    for one in contacts:
        found[one.thread_id].add(_plain(one.value))
    return {number: frozenset(addresses) for number, addresses in found.items()}


def _of_directory(hospital: Hospital) -> list[Person]:
    record = record_of(hospital)
    first = record.departments[0].name if record.departments else hospital.name
    people = [Person(_plain(hospital.email), first, DIRECTORY, True)]
    for one in record.departments:
        who = f"{one.name}, {one.liaison}" if one.liaison else one.name
        people.append(Person(_plain(one.email), who, DIRECTORY, True))
        if one.backup_email:
            people.append(Person(_plain(one.backup_email), f"{one.name}, deputy", BACKUP, True))
    return people


def _of_letters(session: Session, thread: OutreachThread) -> list[Person]:
    contacts = session.scalars(
        select(ThreadContact)
        .where(col(ThreadContact.thread_id) == thread.id, col(ThreadContact.way) == "email")
        .order_by(col(ThreadContact.id))
    ).all()
    refused = {_plain(one.value) for one in contacts if one.state == "refused"}
    people = [
        Person(_plain(one.value), one.name or "", CONFIRMED, True)
        for one in contacts
        if one.state == "confirmed"
    ]
    letters = session.scalars(
        select(Message)
        .where(
            col(Message.thread_id) == thread.id,
            col(Message.direction) == "in",
            col(Message.state) == "received",
            col(Message.automated).is_(False),
        )
        .order_by(col(Message.id).desc())
    )
    people += [Person(_plain(one.address), "", WROTE, False) for one in letters]
    return [one for one in people if "@" in one.address and one.address not in refused]


def _plain(address: str) -> str:
    return address.strip().lower()
