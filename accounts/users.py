"""Accounts of the console: who has one, its role, its argon2 password, its person elsewhere."""

import re
import secrets
from base64 import b64encode

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from argon2.low_level import ARGON2_VERSION
from sqlalchemy import select, update
from sqlmodel import Session, col

from accounts import second_factor
from accounts.sessions import SEES_PATIENTS as SEES_PATIENTS
from accounts.sessions import SignedIn as SignedIn
from accounts.sessions import end_sessions
from accounts.sessions import real_now as real_now
from accounts.weak_passwords import is_weak
from models import AccountChange, User
from models.base import require_id
from models.user import ROLES as ROLES

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1000

_HASHER = PasswordHasher()
_ADDRESS = re.compile(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+\.[^\s@<>,;:\".]+")


def _of_nobody() -> str:
    """Return a hash that takes as long to check as any and that no password is known for.

    Its digest is drawn, not computed: what a process pays at every start for nothing.
    """
    cost = f"m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    drawn = (secrets.token_bytes(length) for length in (_HASHER.salt_len, _HASHER.hash_len))
    salt, digest = (b64encode(part).decode().rstrip("=") for part in drawn)
    return f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${digest}"


_NOBODY = _of_nobody()
"""Checked when there is no such account or password, so that the time taken does not tell."""


class AccountRefused(ValueError):
    """The account cannot be made or changed like this; the message says why."""


def add_user(
    session: Session, *, user_name: str, role: str, password: str, display_name: str = ""
) -> User:
    """Create an account in the caller's transaction; raise `AccountRefused`."""
    hashed = _hashed(password, user_name, display_name)
    return _add(session, user_name, role, hashed, display_name)


def add_linked_user(
    session: Session, *, user_name: str, role: str, issuer: str, subject: str
) -> User:
    """Create an account without a password, for a person of the organisation's provider."""
    user = _add(session, user_name, role, "", "")
    link(session, user_name, issuer, subject)
    return user


def link(session: Session, user_name: str, issuer: str, subject: str) -> User:
    """Say who an account is at the organisation's provider; an empty subject unlinks it.

    Raises `AccountRefused`: linked with another account, or nothing left to sign in with.
    """
    user = by_name(session, user_name)
    subject = subject.strip()
    if len(subject) > 255 or not subject.isprintable():
        raise AccountRefused("A subject has at most 255 printable characters.")
    if not subject and not user.password_hash:
        raise AccountRefused("Give the account a password first: it could not sign in any more.")
    if subject:
        if not issuer:
            raise AccountRefused("Signing in with the organisation's accounts is not set up.")
        taken = session.scalars(
            select(col(User.id)).where(
                col(User.openid_issuer) == issuer, col(User.openid_subject) == subject
            )
        ).first()
        if taken is not None and taken != user.id:
            raise AccountRefused("That subject is linked with another account.")
    user.openid_issuer, user.openid_subject = (issuer, subject) if subject else (None, None)
    return user


def set_password(session: Session, user_name: str, password: str) -> User:
    """Give an account another password and end every session of it."""
    user = by_name(session, user_name)
    user.password_hash = _hashed(password, user.user_name, user.display_name)
    end_sessions(session, require_id(user.id))
    _end_links(session, user)
    return user


def take_password(session: Session, user_name: str) -> User:
    """Take an account's password away and end its sessions: its owner sets another by a link."""
    user = by_name(session, user_name)
    user.password_hash = ""
    end_sessions(session, require_id(user.id))
    return user


def set_role(session: Session, user_name: str, role: str) -> User:
    """Give an account another role and end its sessions; raise `AccountRefused`."""
    user = by_name(session, user_name)
    if role not in ROLES:
        raise AccountRefused(f"Unknown role. Choose one of: {', '.join(ROLES)}.")
    user.role = role
    end_sessions(session, require_id(user.id))
    return user


def add_without_password(session: Session, user_name: str, role: str) -> User:
    """Create an account whose owner sets the password by a link; raise `AccountRefused`."""
    return _add(session, user_name, role, "", "")


def change_password(session: Session, who: SignedIn, old: str, new: str) -> None:
    """Change one's own password with the old one; other sessions end. Raises `AccountRefused`."""
    user = session.get_one(User, who.user_id)
    if not password_fits(user, old):
        raise AccountRefused("The present password is not right.")
    if old == new:
        raise AccountRefused("The new password is the old one.")
    user.password_hash = _hashed(new, user.user_name, user.display_name)
    end_sessions(session, who.user_id, but=who.session_id)


def set_email(session: Session, user_name: str, address: str) -> User:
    """Say where red flags reach the account's holder outside the console; empty takes it away.

    Raises `AccountRefused` for what is no address.
    """
    user = by_name(session, user_name)
    user.email = checked_address(address)
    _end_links(session, user)
    return user


def checked_address(address: str) -> str | None:
    """Return an e-mail address without the spaces around it, None for none; `AccountRefused`."""
    given = address.strip()
    if given and (len(given) > 254 or not _ADDRESS.fullmatch(given) or not is_writable(given)):
        raise AccountRefused(
            "That is no e-mail address: write name@organisation.example, in plain Latin letters."
        )
    return given or None


def is_writable(address: str) -> bool:
    """Say whether every mail server takes an address: visible signs of ASCII alone."""
    return address.isascii() and address.isprintable()


def set_active(session: Session, user_name: str, active: bool) -> User:
    """Open or close an account; closing ends its sessions at once."""
    user = by_name(session, user_name)
    user.active = active
    if not active:
        end_sessions(session, require_id(user.id))
        _end_links(session, user)
    return user


def reset_second_factor(session: Session, user_name: str) -> User:
    """Take a colleague's second factor away (a lost phone) and end the sessions of the account."""
    user = by_name(session, user_name)
    second_factor.remove(session, require_id(user.id))
    end_sessions(session, require_id(user.id))
    return user


def list_users(session: Session) -> list[User]:
    """Return all accounts by name."""
    return list(session.scalars(select(User).order_by(col(User.user_name))))


def by_name(session: Session, user_name: str) -> User:
    """Return an account; raise `AccountRefused`."""
    name = user_name.strip().lower()
    user = session.scalars(select(User).where(col(User.user_name) == name)).first()
    if user is None:
        raise AccountRefused("There is no account with that name.")
    return user


def password_fits(user: User | None, password: str) -> bool:
    """Return whether it is this account's password; takes as long when there is none."""
    password_hash = (user.password_hash if user else "") or _NOBODY
    try:
        return _HASHER.verify(password_hash, password[:LONGEST_PASSWORD])
    except (Argon2Error, InvalidHashError):
        return False


def _end_links(session: Session, user: User) -> None:
    """End the one-time links that are out: they were for the password or address of before."""
    session.execute(
        update(AccountChange)
        .where(col(AccountChange.user_id) == user.id, col(AccountChange.link_seed).is_not(None))
        .where(col(AccountChange.link_used_at).is_(None))
        .values(link_used_at=real_now())
    )


def _add(
    session: Session, user_name: str, role: str, password_hash: str, display_name: str
) -> User:
    name = user_name.strip().lower()
    if not name or len(name) > 80 or not name.isprintable() or " " in name:
        raise AccountRefused("A user name has 1 to 80 characters and no spaces.")
    if role not in ROLES:
        raise AccountRefused(f"Unknown role. Choose one of: {', '.join(ROLES)}.")
    if session.scalars(select(col(User.id)).where(col(User.user_name) == name)).first():
        raise AccountRefused("There is an account with that name already.")
    user = User(
        ref=f"U-{secrets.token_hex(4)}",
        user_name=name,
        display_name=display_name.strip()[:120],
        role=role,
        password_hash=password_hash,
    )
    session.add(user)
    session.flush()
    return user


def _hashed(password: str, *own: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise AccountRefused(f"A password has at least {SHORTEST_PASSWORD} characters.")
    if len(password) > LONGEST_PASSWORD:
        raise AccountRefused("The password is too long.")
    if is_weak(password, own):
        raise AccountRefused(
            "This password is one of those that are guessed first: known words, names, rows of "
            "keys or years. Take four words that do not belong together."
        )
    return _HASHER.hash(password)
