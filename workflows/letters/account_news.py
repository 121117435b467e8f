"""Letters to the team about its accounts: who is let in anew hears of it, and so do the leads."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from accounts.changes import LINK_LIVES, link_of
from accounts.sessions import real_now
from adapters.mail_out import MailRefused, MailUncertain
from correspondence import compose_mime
from models import AccountChange, User
from models.database import transaction
from workflows.declared import Raises
from workflows.engine.record import Recorder
from workflows.engine.work import RetryLater, Work, slow
from workflows.engine.world import World
from workflows.letters.return_path import own_message_id

LETTER = "M57"
AGAIN = timedelta(minutes=1)


def tell_of_change(world: World, change_id: int) -> None:
    """Have the owner of an account, and the leads, told of what was done to it."""
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        recorder.request("tell_account", objects={"change_id": change_id})
        due = recorder.flush()
    world.doorbell.ring(due)


@slow(
    "notices.tell_account",
    words="the owner of an account and the leads hear what was done to it",
    stopped="Nobody was told that an account was opened to somebody",
    patient="Somebody may read and sign under another's name, and nobody knows.",
    raises=Raises(letters=(LETTER,)),
)
def tell_account(work: Work) -> None:
    """Write to the owner, with the link where one is due, and to each lead without it.

    Raises `RetryLater` when the server took none; each letter leaves at least once.
    """
    with work.reading() as session:
        row = session.get(AccountChange, work.object_id("change_id"))
        told = {} if row is None or row.told_at else _letters(session, work, row)
    left = [_left(work, address, fields) for address, fields in told.items()]
    if told and not any(left):
        raise RetryLater("NobodyTold", AGAIN)
    with work.finishing() as unit:
        row = unit.session.get(AccountChange, work.object_id("change_id"))
        if row is not None:
            row.told_at = real_now()


def _letters(session: Session, work: Work, row: AccountChange) -> Mapping[str, dict[str, Any]]:
    """Return what each address is told; the link goes to the owner alone."""
    settings = work.world.settings
    owner = session.get(User, row.user_id) if row.user_id is not None else None
    leads = session.scalars(
        select(col(User.email)).where(
            col(User.active), col(User.role) == "lead", col(User.email).is_not(None)
        )
    ).all()
    public = settings.web_public_url.rstrip("/")
    fields: dict[str, Any] = {
        "account": row.user_name,
        "act": row.act,
        "role": owner.role if owner else row.role,
        "asked_by": row.asked_by,
        "agreed_by": row.settled_by,
        "alone": row.alone,
        "link": f"{public}/users/changes",
        "set_link": None,
        "hours": LINK_LIVES // timedelta(hours=1),
    }
    told = {str(address): fields for address in leads}
    if row.email_before:
        told[row.email_before] = fields
    if owner is not None and owner.email:
        path = link_of(work.world.keys, row)
        own: dict[str, Any] = {"set_link": f"{public}{path}"} if path else {}
        told[owner.email] = {**fields, **own}
    return told


def _left(work: Work, address: str, fields: dict[str, Any]) -> bool:
    world, settings = work.world, work.world.settings
    raw = compose_mime(
        world.playbooks.letters.write(LETTER, fields, "en"),
        message_id=own_message_id(world, f"account-{work.object_id('change_id')}-{address}"),
        from_address=settings.mail_from,
        from_name=settings.mail_sender_name,
        to_address=address,
        date=work.now,
        auto_submitted="auto-generated",
    )
    try:
        world.mail_out.deliver(raw, settings.mail_from, [address])
    except (MailRefused, MailUncertain):
        return False
    return True
