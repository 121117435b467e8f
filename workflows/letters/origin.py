"""Where a letter that came in is from: by the word of our mail server, else by its signatures.

A name that cannot be looked up leaves it open; then it is looked again, some times, and a letter
that is proven meanwhile is taken as if it had been so at once.
"""

from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from correspondence import InboundLetter, parse_inbound
from correspondence.incoming.trust import Trust
from correspondence.signatures.origin import checked_origin
from models import InboundMail
from workflows.engine.world import World

AGAIN = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8))
"""When it is looked again, each after the one before."""


def read_mail(world: World, raw: bytes, now: datetime, *, cut: bool = False) -> InboundLetter:
    """Read a raw mail, with what is known of its origin.

    Of a mail whose end is not here no signature can hold: it is not checked.
    """
    servers = world.settings.own_mail_servers
    letter = parse_inbound(raw, cut=cut, believed=servers)
    said = letter.trust
    if world.names is None or cut or "message_cut" in letter.defects:
        return letter
    if servers and said.standing != "not_stated":
        return letter
    sealers = world.settings.mail_arc_sealers.lower().split()
    checked = checked_origin(raw, letter.from_address, world.names.txt, now, sealers)
    if said.standing == "not_authentic" and checked.standing != "authentic":
        return letter
    return replace(letter, trust=checked)


def kept(trust: Trust) -> dict[str, object]:
    """Return what is kept of it beside the mail: words of a list and the names of domains."""
    return asdict(trust)


def origin_of(session: Session, message_id: int) -> Trust | None:
    """Return what was known of a letter's origin when it was read last; None where nothing was."""
    origin = session.scalars(
        select(col(InboundMail.origin))
        .where(col(InboundMail.message_row_id) == message_id)
        .order_by(col(InboundMail.id))
    ).first()
    if not isinstance(origin, dict):
        return None
    known: Sequence[str] = [one.name for one in fields(Trust)]
    return Trust(**{name: value for name, value in origin.items() if name in known})
