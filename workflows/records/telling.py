"""Letters about records: that they are open, and the code that a reader asked for."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from accounts.sessions import real_now
from correspondence import own_page
from models import DeskLink, Hospital, Message, OutreachThread, RecordsPackage
from models.base import require_id
from workflows.declared import Raises
from workflows.directory.store import record_of
from workflows.engine.dedupe_keys import of_desk_code
from workflows.engine.lookup import get
from workflows.engine.work import Unit, Work, cheap, slow
from workflows.letters.days import day_in, zone_of
from workflows.letters.delivery import HANDED_OVER, as_written, hand_over
from workflows.letters.desk_link import BRINGS_CODE
from workflows.letters.freezing import Draft, freeze, write_draft
from workflows.letters.leaving import is_stopped, may_be_shared
from workflows.letters.own_page import marked
from workflows.letters.to_hospitals import about
from workflows.outreach.desk_links import end_link, link_for, why_shut
from workflows.outreach.open_threads import see_on
from workflows.outreach.writing import DRAFTING, draft
from workflows.records.choosing import addresses_of
from workflows.records.codes import CODE_VALID
from workflows.records.packages import D3, consent_for, packages_of, parts_of

OPENED = "M59"
WAITING = ("draft", "queued", "sending", "uncertain")
"""States of a letter that will leave, or may have."""
ON_THEIR_WAY = (*WAITING, "sent")
"""States of a letter that tells, or will: it is not written a second time."""


@cheap(
    "outreach.tell_package",
    words="a hospital is told that records are open to it",
    stopped="A hospital was not told that records are open to it",
    patient="The hospital waits for records that it could open already.",
    raises=Raises(DRAFTING, ("follow_thread", "confirm_deletion", "build_archive"), (OPENED,)),
)
def tell_package(unit: Unit) -> None:
    """Write to each recipient of the thread's open packages who was not told, for approval.

    `message_id` on the row: that letter came back, and is written once more to its recipient alone.
    """
    thread = get(unit.session, OutreachThread, unit.object_id("thread_id"))
    if "message_id" in unit.row.objects:
        _once_more(unit, thread, get(unit.session, Message, unit.object_id("message_id")))
    for package in packages_of(unit.session, require_id(thread.id)):
        if package.state != "released":
            continue
        for number in package.link_ids:
            link = get(unit.session, DeskLink, number)
            if why_shut(unit.session, unit.world, link) is not None:
                continue
            if not written(unit.session, package, link, OPENED, ON_THEIR_WAY):
                _write(unit, thread, package, link)
    see_on(unit.recorder, thread, unit.cause, unit.row.id)


def _once_more(unit: Unit, thread: OutreachThread, letter: Message) -> None:
    """Write a letter about records that came back again, to the address that holds now."""
    told = letter.told or {}
    package = get(unit.session, RecordsPackage, int(told["package_id"]))
    link = get(unit.session, DeskLink, int(told["link_id"]))
    if package.state != "released" or why_shut(unit.session, unit.world, link) is not None:
        return
    link = _moved(unit, thread, link)
    if letter.template == OPENED:
        _write(unit, thread, package, link)
    else:
        numbers = {"package_id": require_id(package.id), "link_id": require_id(link.id)}
        unit.request("build_archive", {**about(thread), **numbers})


def _moved(unit: Unit, thread: OutreachThread, link: DeskLink) -> DeskLink:
    """Return the link of who stands in the place of an address that the hospital has no more."""
    known = {address.lower() for address in addresses_of(unit.session, thread)}
    if link.address.lower() in known:
        return link
    hospital = get(unit.session, Hospital, thread.hospital_id)
    other = link_for(unit, unit.world, thread, hospital.email, link.made_by)
    if link.code_by == "telephone":
        other.code_by = link.code_by
    before, after = require_id(link.id), require_id(other.id)
    for package in packages_of(unit.session, require_id(thread.id)):
        if before in package.link_ids:
            numbers = [after if one == before else one for one in package.link_ids]
            package.link_ids = list(dict.fromkeys(numbers))
    end_link(unit, link, "replaced")
    unit.session.flush()
    return other


def written(
    session: Session, package: RecordsPackage, link: DeskLink, template: str, states: Sequence[str]
) -> bool:
    """Return whether a letter of this kind about a package stands so for a recipient."""
    letters = session.scalars(
        select(Message).where(
            col(Message.thread_id) == package.thread_id,
            col(Message.template) == template,
            col(Message.state).in_(states),
        )
    )
    wanted = {"package_id": package.id, "link_id": link.id}
    return any(wanted.items() <= dict(one.told or {}).items() for one in letters)


def _write(unit: Unit, thread: OutreachThread, package: RecordsPackage, link: DeskLink) -> None:
    told = {"package_id": require_id(package.id), "link_id": require_id(link.id)}
    fields = _opened_fields(unit, thread, package, link)
    draft(unit, thread, OPENED, told=told, fields=fields, to=link.address)


def _opened_fields(
    unit: Unit, thread: OutreachThread, package: RecordsPackage, link: DeskLink
) -> dict[str, Any]:
    hospital = get(unit.session, Hospital, thread.hospital_id)
    zone = zone_of(hospital)
    consent = consent_for(unit.session, package.case_id, package.hospital_id, package.level)
    named = consent is not None and package.level == D3
    return {
        **_house(unit, hospital),
        "thread_subject": thread.subject,
        "link": marked(unit.world, own_page.DESK),
        "expiry": day_in(zone, link.expires_at),
        "n": len(parts_of(unit.session, require_id(package.id))),
        "level": package.level,
        "consent_on": day_in(zone, consent.granted_at) if consent and named else None,
        "code_by": link.code_by,
    }


def house_fields(unit: Unit, thread: OutreachThread) -> dict[str, Any]:
    """Return the fields of every letter to a hospital: whom it goes to, and who writes."""
    return _house(unit, get(unit.session, Hospital, thread.hospital_id))


def _house(unit: Unit, hospital: Hospital) -> dict[str, Any]:
    settings = unit.world.settings
    return {
        "case": unit.case.ref,
        "department": record_of(hospital).departments[0].name,
        "coordinator": settings.contact_name,
        "phone": settings.contact_phone,
        "hours": settings.contact_hours,
    }


@slow(
    "outreach.send_code",
    words="the code for a hospital's desk is sent",
    stopped="The code for a hospital's desk was not sent",
    patient="Somebody at the hospital waits for a code and cannot read the records.",
    needs=("smtp", "store"),
    raises=Raises((*HANDED_OVER,), (), (BRINGS_CODE,)),
)
def send_code(work: Work) -> None:
    """Write, freeze and hand over the letter with the code that was asked for last; once."""
    message_id = _prepared(work)
    if message_id is None:
        with work.finishing():
            return
    hand_over(work, message_id, lambda _unit, _message: None, look=_look)


def _prepared(work: Work) -> int | None:
    with work.claiming() as unit:
        link = get(unit.session, DeskLink, unit.object_id("link_id"))
        key = of_desk_code(require_id(link.id), unit.object_id("code"))
        known = unit.session.scalars(select(Message).where(col(Message.dedupe_key) == key)).first()
        if known is not None:
            return require_id(known.id)
        thread = get(unit.session, OutreachThread, link.thread_id)
        if not _still_wanted(unit, link) or not may_be_shared(unit.session, thread):
            return None
        if is_stopped(unit.session, unit.case, BRINGS_CODE):
            return None
        hospital = get(unit.session, Hospital, thread.hospital_id)
        fields = {
            **_house(unit, hospital),
            "code": own_page.CODE,
            "minutes": int(CODE_VALID.total_seconds() // 60),
        }
        letter = unit.world.playbooks.letters.render(BRINGS_CODE, fields)
        told = {"link_id": require_id(link.id), "code": unit.object_id("code")}
        message = write_draft(
            unit.session,
            Draft(
                unit.case_id, letter, "hospital", link.address, key, link.thread_id,
                automated=True, told=told,
            ),
        )  # fmt: skip
        assert message is not None
        freeze(unit.session, unit.world, message, unit.now)
        return require_id(message.id)


def _still_wanted(unit: Unit, link: DeskLink) -> bool:
    """Return whether this is the newest code of a link that is open, and it can still be used."""
    return (
        why_shut(unit.session, unit.world, link) is None
        and link.codes_made == unit.object_id("code")
        and link.code_seed is not None
        and link.code_ends_at is not None
        and link.code_ends_at > real_now()
    )


def _look(unit: Unit, message: Message) -> Any:
    """Look at the letter before it leaves: an old code is of no use to anybody."""
    link = get(unit.session, DeskLink, unit.object_id("link_id"))
    if not _still_wanted(unit, link):
        message.state = "cancelled"
        return None
    return as_written(unit, message)
