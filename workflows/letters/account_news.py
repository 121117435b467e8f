"""Letters to the team about its accounts: who is let in anew hears of it, and so do the leads."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from accounts.password_links import LINK_LIVES, link_of
from accounts.sessions import real_now
from adapters.mail_out import MailRefused, MailUncertain
from models import AccountChange, User
from models.database import transaction
from workflows.declared import Raises
from workflows.engine.record import Recorder
from workflows.engine.work import RetryLater, Unit, Work, slow
from workflows.engine.world import World
from workflows.letters.to_team import team_letter

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
    to_team=True,
    raises=Raises(letters=(LETTER,)),
)
def tell_account(work: Work) -> None:
    """Write to each address that was kept when it was done; the link goes to the owner's alone.

    Raises `RetryLater` while one of the letters has not left; each leaves at least once.
    """
    change_id = work.object_id("change_id")
    with work.reading() as session:
        row = session.get(AccountChange, change_id)
        waits = [] if row is None else [one for one in row.letters if not one["left"]]
        fields = _fields(session, work, row) if row is not None and waits else {}
    away = [one["to"] for one in waits if _left(work, one["to"], _for(fields, one["link"]))]
    if away:
        with work.claiming() as unit:
            _note(unit, change_id, away)
    if len(away) < len(waits):
        raise RetryLater("SomebodyNotTold", AGAIN)
    with work.finishing():
        pass


def _note(unit: Unit, change_id: int, away: Sequence[str]) -> None:
    row = unit.session.get_one(AccountChange, change_id, with_for_update=True)
    row.letters = [{**one, "left": one["left"] or one["to"] in away} for one in row.letters]
    if all(one["left"] for one in row.letters):
        row.told_at = real_now()


def _fields(session: Session, work: Work, row: AccountChange) -> dict[str, Any]:
    owner = session.get(User, row.user_id) if row.user_id is not None else None
    public = work.world.settings.web_public_url.rstrip("/")
    path = link_of(work.world.keys, row)
    return {
        "account": row.user_name,
        "act": row.act,
        "role": owner.role if owner else row.role,
        "asked_by": row.asked_by,
        "agreed_by": row.settled_by,
        "alone": row.alone,
        "link": f"{public}/users/changes",
        "set_link": f"{public}{path}" if path else None,
        "hours": LINK_LIVES // timedelta(hours=1),
    }


def _for(fields: Mapping[str, Any], with_link: bool) -> dict[str, Any]:
    return {**fields, "set_link": fields["set_link"] if with_link else None}


def _left(work: Work, address: str, fields: dict[str, Any]) -> bool:
    """Hand one letter over; one that does not leave must not keep the others back."""
    world = work.world
    try:
        about = f"account-{work.object_id('change_id')}-{address}"
        raw = team_letter(work, LETTER, fields, address, about)
        world.mail_out.deliver(raw, world.settings.mail_from, [address])
    except (MailRefused, MailUncertain, ValueError):
        return False
    return True
