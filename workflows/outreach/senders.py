"""Whether a letter comes from a known person of the hospital: money and acceptance count only then.

A token in an address proves that somebody has our letter, not who writes. So an answer with money,
an acceptance or a new address from somebody unknown, or whose origin nothing proves, counts after a
coordinator has said how they made certain.
"""

from typing import Literal

from sqlmodel import Session

from models import Message, OutreachThread
from models.base import require_id
from workflows.engine.deciding import Deciding, NotStated
from workflows.engine.values import VALUES
from workflows.engine.world import World
from workflows.letters.hospital_people import known_addresses
from workflows.letters.origin import origin_of
from workflows.letters.to_hospitals import about
from workflows.outreach.contacts import keep_contact

CHECKED = "sender_checked"
CONFIRMED = "hospital.sender_confirmed"
COUNTS = (
    "offer", "opinion", "accept_for_review", "admission_date", "invitation_letter", "redirect",
)  # fmt: skip
"""Answers that bring money, an acceptance, days or an address: from a known person alone."""
Doubt = Literal["unknown_address", "not_authentic", "not_proven"]
WHY = {
    "unknown_address": (
        "It comes from an address that the directory does not have and that nobody has confirmed "
        "in this thread."
    ),
    "not_authentic": "The receiving server says that it is not from there: it may be forged.",
    "not_proven": "Nothing proves that it comes from the address it names.",
}


def why_unsure(
    session: Session, world: World, thread: OutreachThread, message: Message
) -> Doubt | None:
    """Return why a letter's sender is not known for sure; None where they are."""
    trust = origin_of(session, require_id(message.id))
    if trust is not None and trust.standing == "not_authentic":
        return "not_authentic"
    if message.address.strip().lower() not in known_addresses(session, thread):
        return "unknown_address"
    proven = trust is not None and trust.standing == "authentic"
    return "not_proven" if world.settings.origins_are_checked and not proven else None


def must_be_sure(
    deciding: Deciding, thread: OutreachThread, message: Message, reply_class: str
) -> None:
    """Refuse what counts from a known person alone until somebody says how they made certain.

    Whoever says so makes the address one of the thread's people: it is not asked again.
    """
    doubt = why_unsure(deciding.session, deciding.world, thread, message)
    if doubt is None:
        return
    how = deciding.optional(CHECKED)
    if how is None:
        if reply_class not in COUNTS:
            return
        raise NotStated(
            f"{WHY[doubt]} Money and acceptance count only from a known person: telephone the "
            "department under the number of the directory, then say here how you made certain.",
            VALUES[CHECKED].option(CHECKED),
        )
    _confirm_address(deciding, thread, message)
    objects = about(thread, message)
    deciding.record(CONFIRMED, {**objects, "how": how, "why": doubt}, objects)


def _confirm_address(deciding: Deciding, thread: OutreachThread, message: Message) -> None:
    address = message.address.strip().lower()
    if "@" in address and address not in known_addresses(deciding.session, thread):
        keep_contact(
            deciding.session, thread, "email", address, by=deciding.actor.ref,
            at=deciding.recorder.now, message_id=message.id,
        )  # fmt: skip
