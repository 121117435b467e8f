"""One-time links by which the owner of an account sets a password that nobody else ever knows."""

import hmac
import secrets
from datetime import timedelta

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from accounts import audit, sessions, users
from accounts.users import AccountRefused
from keys import Keychain, KeyMissing
from models import AccountChange, User
from models.database import transaction

LINK_LIVES = timedelta(hours=24)
_PURPOSE = "set password"


def with_link(keys: Keychain, row: AccountChange) -> None:
    """Let a change bring a one-time link; a link of an earlier change ends with it."""
    row.link_seed = f"{keys.ring.signing.id}.{secrets.token_urlsafe(20)}"
    row.link_expires_at = sessions.real_now() + LINK_LIVES


def link_of(keys: Keychain, row: AccountChange) -> str:
    """Return the path of a change's link, made anew from the row and the ring; "" for none."""
    if row.link_seed is None or row.link_used_at is not None:
        return ""
    key_id, _, seed = row.link_seed.partition(".")
    return f"/set-password/{row.id}.{keys.ring.proof(_PURPOSE, seed, key_id).hex()[:40]}"


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
        user.reset_at = sessions.real_now()
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
