"""What letters of hospitals state that other questions need: a day named, an address named."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlmodel import Session, col

from correspondence.reply_facts import addresses_in
from models import CaseEvent, HumanTask, Message, OutreachThread, ThreadContact
from workflows.letters.hospital_people import known_addresses
from workflows.outreach.contacts import CONFIRMS
from workflows.outreach.offer_letter import Stated

ADMITS = ("confirm_admission", "report_progress")
REDIRECTS = "confirm_redirect"


def stated_by_letters(session: Session, task: HumanTask) -> Mapping[str, Stated]:
    """Return what a letter states for a question, each with its quote: taken where it is ticked."""
    if task.kind in ADMITS:
        return _named_day(session, task)
    if task.kind == REDIRECTS:
        return _named_address(session, task)
    return {}


def _named_day(session: Session, task: HumanTask) -> Mapping[str, Stated]:
    """Return the days of admission and operation that the hospital named last."""
    event = session.scalars(
        select(CaseEvent)
        .where(col(CaseEvent.case_id) == task.case_id, col(CaseEvent.type) == "hospital.named_date")
        .order_by(col(CaseEvent.seq).desc())
        .limit(1)
    ).first()
    if event is None:
        return {}
    letter = session.get(Message, event.payload.get("message_id"))
    came = f" of {letter.sent_at:%Y-%m-%d}" if letter and letter.sent_at else ""
    quote = f"named in the hospital's letter{came}"
    days = {name: event.payload.get(name) for name in ("admission_date", "surgery_date")}
    return {name: Stated(day, quote) for name, day in days.items() if day}


def _named_address(session: Session, task: HumanTask) -> Mapping[str, Stated]:
    message = session.get(Message, task.objects.get("message_id"))
    thread = session.get(OutreachThread, task.objects.get("thread_id"))
    if message is None or thread is None:
        return {}
    known = known_addresses(session, thread)
    lines = message.body.splitlines()
    for address in addresses_in(message.body):
        if address not in known:
            quote = next((line for line in lines if address in line.lower()), address)
            return {"address": Stated(address, quote.strip()[:200])}
    return {}


def named_contact(session: Session, task: HumanTask) -> tuple[str, str] | None:
    """Return the way and the number that a question about a hospital's person is about."""
    if task.kind != CONFIRMS:
        return None
    contact = session.get(ThreadContact, task.objects.get("contact_id"))
    return (contact.way, contact.value) if contact else None
