"""Changes that let somebody into an account: a second person says yes, and the owner hears of it.

An administrator could otherwise become a clinician: by a new password, another address, a second
factor taken away. With nobody else to ask, the change is done, and it is told and shown.
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from accounts import audit, sessions, users
from accounts.people import same_person
from accounts.users import AccountRefused
from keys import Keychain, KeyMissing
from models import AccountChange, User
from models.base import require_id
from models.database import transaction

SENSITIVE = frozenset({"add", "password", "second_factor", "reopen", "link", "email", "role"})
SAYS_YES = ("administrator", "lead")
NOT_YET = timedelta(days=7)
"""So long an account that came by one person alone is no second person."""
LINK_LIVES = timedelta(hours=24)
SHOWN_DAYS = timedelta(days=90)
_PURPOSE = "set password"


@dataclass(frozen=True, slots=True)
class Asked:
    """A change as pages show it."""

    id: int
    act: str
    user_name: str
    role: str
    asked_by: str
    asked_at: datetime
    state: str
    settled_by: str | None
    settled_at: datetime | None
    alone: bool


def second_people(session: Session, *, but: Sequence[str]) -> list[str]:
    """Return who may say yes: administrators and leads, none of `but`."""
    fresh = select(col(AccountChange.user_id)).where(
        col(AccountChange.alone),
        col(AccountChange.user_id).is_not(None),
        col(AccountChange.settled_at) > sessions.real_now() - NOT_YET,
    )
    found = session.scalars(
        select(col(User.ref)).where(
            col(User.active), col(User.role).in_(SAYS_YES), col(User.id).not_in(fresh)
        )
    )
    return [ref for ref in found if not any(same_person(ref, one) for one in but)]


def ask(session: Session, row: AccountChange) -> bool:
    """Keep a change that is asked for; say whether it waits for a second person."""
    owner = session.get(User, row.user_id) if row.user_id is not None else None
    others = second_people(session, but=[row.asked_by, *([owner.ref] if owner else [])])
    row.alone = not others
    session.add(row)
    session.flush()
    audit.note(
        session,
        actor_ref=row.asked_by,
        action=f"user.asked:{row.act}",
        at=sessions.real_now(),
        object_ref=owner.ref if owner else f"change:{row.id}",
    )
    return bool(others)


def settled(session: Session, change_id: int, ref: str) -> AccountChange:
    """Return a change that waits, for this second person; raise `AccountRefused`."""
    row = session.get(AccountChange, change_id, with_for_update=True)
    if row is None or row.state != "waiting":
        raise AccountRefused("That is settled already.")
    owner = session.get(User, row.user_id) if row.user_id is not None else None
    allowed = second_people(session, but=[row.asked_by, *([owner.ref] if owner else [])])
    if not any(same_person(ref, one) for one in allowed):
        raise AccountRefused(
            "Another administrator or a lead says yes: nobody who asked for it, and not its owner."
        )
    row.settled_by, row.settled_at = ref, sessions.real_now()
    return row


def with_link(keys: Keychain, row: AccountChange) -> None:
    """Let a change bring a one-time link; links of earlier changes end with the password."""
    row.link_seed = f"{keys.ring.signing.id}.{secrets.token_urlsafe(20)}"
    row.link_expires_at = sessions.real_now() + LINK_LIVES


def link_of(keys: Keychain, row: AccountChange) -> str:
    """Return the path of a change's link, made anew from the row and the ring; "" for none."""
    if row.link_seed is None or row.link_used_at is not None:
        return ""
    key_id, _, seed = row.link_seed.partition(".")
    return f"/set-password/{row.id}.{keys.ring.proof(_PURPOSE, seed, key_id).hex()[:40]}"


def recent(engine: Engine) -> Sequence[Asked]:
    """Return what waits, and what was done in the last three months, newest first."""
    with transaction(engine) as session:
        rows = session.scalars(
            select(AccountChange)
            .where(col(AccountChange.asked_at) > sessions.real_now() - SHOWN_DAYS)
            .order_by((col(AccountChange.state) == "waiting").desc(), col(AccountChange.id).desc())
        ).all()
        return [
            Asked(
                require_id(row.id), row.act, row.user_name, row.role, row.asked_by, row.asked_at,
                row.state, row.settled_by, row.settled_at, row.alone,
            )
            for row in rows
        ]  # fmt: skip


def owner_of_link(engine: Engine, keys: Keychain, token: str) -> str | None:
    """Return whose password a link sets; None for one that is forged, used or too old."""
    with transaction(engine) as session:
        found = _by_link(session, keys, token)
        return found[1].user_name if found else None


def set_by_link(engine: Engine, keys: Keychain, token: str, new: str, again: str) -> None:
    """Set the password of a link's owner, once; raise `AccountRefused`."""
    if new != again:
        raise AccountRefused("The new password was not typed the same way twice.")
    with transaction(engine) as session:
        found = _by_link(session, keys, token)
        if found is None:
            raise AccountRefused("This link has ended. Ask an administrator for another.")
        row, user = found
        users.set_password(session, user.user_name, new)
        row.link_used_at = user.reset_at = sessions.real_now()
        audit.note(
            session,
            actor_ref=user.ref,
            action="account.password_set",
            at=sessions.real_now(),
            object_ref=f"change:{row.id}",
        )


def _by_link(session: Session, keys: Keychain, token: str) -> tuple[AccountChange, User] | None:
    number, _, proof = token.partition(".")
    if not number.isdecimal() or len(number) > 18:
        return None
    row = session.get(AccountChange, int(number), with_for_update=True)
    if row is None or row.user_id is None or row.link_expires_at is None:
        return None
    try:
        path = link_of(keys, row)
    except KeyMissing:
        return None
    fits = hmac.compare_digest(path.rpartition(".")[2].encode(), proof.encode())
    user = session.get(User, row.user_id)
    if not path or not fits or row.link_expires_at <= sessions.real_now():
        return None
    newer = select(col(AccountChange.id)).where(
        col(AccountChange.user_id) == row.user_id,
        col(AccountChange.link_seed).is_not(None),
        col(AccountChange.id) > row.id,
    )
    if user is None or not user.active or session.scalars(newer.limit(1)).first() is not None:
        return None
    return row, user
