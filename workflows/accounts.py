"""Accounts of the console: argon2 passwords, sessions that end and can be revoked, slow guessing.

Session times are the world's own clock, never the business clock that rehearsal moves.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import Engine, func, select, update
from sqlmodel import Session, col

from models import AuditEntry, User, UserSession
from models.base import require_id
from models.database import transaction
from models.user import ROLES
from workflows.audit import note

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
RENEW_AFTER = timedelta(minutes=5)
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1000
ATTEMPTS_PER_ACCOUNT = 5
ATTEMPTS_PER_ADDRESS = 30
ATTEMPTS_WITHIN = timedelta(minutes=1)
SEES_PATIENTS = frozenset({"coordinator", "clinician", "lead"})

_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash(secrets.token_urlsafe(16))
"""Checked when there is no such account, so that the time taken does not tell."""


class AccountRefused(ValueError):
    """The account cannot be made or changed like this; the message says why."""


class SignInRefused(ValueError):
    """Name or password is wrong, the account is closed, or there were too many attempts."""

    def __init__(self, message: str, *, throttled: bool = False) -> None:
        super().__init__(message)
        self.throttled = throttled


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is using the console in this request."""

    user_id: int
    ref: str
    user_name: str
    role: str
    session_id: int

    @property
    def sees_patients(self) -> bool:
        """Whether this role may see personal data."""
        return self.role in SEES_PATIENTS


def real_now() -> datetime:
    """Return the world's time, aware, UTC."""
    return datetime.now(UTC)


def add_user(
    session: Session, *, user_name: str, role: str, password: str, display_name: str = ""
) -> User:
    """Create an account in the caller's transaction; raise `AccountRefused`."""
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
        password_hash=_hashed(password),
    )
    session.add(user)
    session.flush()
    return user


def set_password(session: Session, user_name: str, password: str) -> None:
    """Change a password and end every session of the account."""
    user = _by_name(session, user_name)
    user.password_hash = _hashed(password)
    end_sessions(session, require_id(user.id))


def set_active(session: Session, user_name: str, active: bool) -> None:
    """Open or close an account; closing ends its sessions at once."""
    user = _by_name(session, user_name)
    user.active = active
    if not active:
        end_sessions(session, require_id(user.id))


def list_users(session: Session) -> list[User]:
    """Return all accounts by name."""
    return list(session.scalars(select(User).order_by(col(User.user_name))))


def end_sessions(session: Session, user_id: int) -> None:
    """Revoke every session of an account."""
    session.execute(
        update(UserSession)
        .where(col(UserSession.user_id) == user_id, col(UserSession.revoked_at).is_(None))
        .values(revoked_at=real_now())
    )


def sign_in(engine: Engine, secret: str, *, user_name: str, password: str, address: str) -> str:
    """Return a fresh session token for the cookie; raise `SignInRefused`.

    Every attempt is written down before the password is looked at, so guessing is slow whatever
    the number of web processes; accounts and addresses stand in the audit as keyed hashes.
    """
    name = user_name.strip().lower()[:200]
    account, place = _keyed(secret, "account", name), _keyed(secret, "address", address)
    now = real_now()
    with transaction(engine) as session:
        note(session, actor_ref=place, action="login.attempt", at=now, object_ref=account)
    with transaction(engine) as session:
        if _too_many(session, account, place, now):
            note(session, actor_ref=place, action="login.throttled", at=now, object_ref=account)
            throttled = True
        else:
            throttled = False
            user = session.scalars(select(User).where(col(User.user_name) == name)).first()
    if throttled:
        raise SignInRefused("Too many attempts. Wait a minute and try again.", throttled=True)
    fits = _fits(user.password_hash if user else _NOBODY, password)
    with transaction(engine) as session:
        if user is None or not user.active or not fits:
            note(session, actor_ref=place, action="login.refused", at=now, object_ref=account)
            token = None
        else:
            token = _open_session(session, user, now)
            note(session, actor_ref=user.ref, action="login.succeeded", at=now, object_ref=account)
    if token is None:
        raise SignInRefused("The name or the password is not right.")
    return token


def signed_in(engine: Engine, token: str) -> SignedIn | None:
    """Return who holds this session token, and keep the session alive; None when it has ended."""
    now = real_now()
    with transaction(engine) as session:
        found = session.execute(
            select(UserSession, User)
            .join(User, col(User.id) == col(UserSession.user_id))
            .where(
                col(UserSession.token_sha256) == token_hash(token),
                col(UserSession.revoked_at).is_(None),
                col(UserSession.expires_at) > now,
                col(User.active),
            )
        ).first()
        if found is None:
            return None
        row, user = found
        if row.expires_at - now < IDLE - RENEW_AFTER:
            row.expires_at = min(now + IDLE, row.created_at + LONGEST)
        return SignedIn(
            require_id(user.id), user.ref, user.user_name, user.role, require_id(row.id)
        )


def sign_out(engine: Engine, who: SignedIn) -> None:
    """Revoke the session that this request came with."""
    now = real_now()
    with transaction(engine) as session:
        row = session.get(UserSession, who.session_id)
        if row is not None:
            row.revoked_at = now
        note(session, actor_ref=who.ref, action="logout", at=now)


def token_hash(token: str) -> str:
    """Return what the database keeps of a session token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _open_session(session: Session, user: User, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    session.add(
        UserSession(
            user_id=require_id(user.id), token_sha256=token_hash(token), expires_at=now + IDLE
        )
    )
    return token


def _hashed(password: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise AccountRefused(f"A password has at least {SHORTEST_PASSWORD} characters.")
    if len(password) > LONGEST_PASSWORD:
        raise AccountRefused("The password is too long.")
    return _HASHER.hash(password)


def _fits(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password[:LONGEST_PASSWORD])
    except (Argon2Error, InvalidHashError):
        return False


def _by_name(session: Session, user_name: str) -> User:
    name = user_name.strip().lower()
    user = session.scalars(select(User).where(col(User.user_name) == name)).first()
    if user is None:
        raise AccountRefused("There is no account with that name.")
    return user


def _keyed(secret: str, kind: str, value: str) -> str:
    return hmac.new(secret.encode(), f"{kind}|{value}".encode(), hashlib.sha256).hexdigest()[:32]


def _too_many(session: Session, account: str, place: str, now: datetime) -> bool:
    """Count the attempts of the last minute, of the account since it last got in."""
    recent = (col(AuditEntry.action) == "login.attempt", col(AuditEntry.at) > now - ATTEMPTS_WITHIN)
    last_success = (
        select(func.max(col(AuditEntry.at)))
        .where(
            col(AuditEntry.action) == "login.succeeded",
            col(AuditEntry.object_ref) == account,
            col(AuditEntry.at) > now - ATTEMPTS_WITHIN,
        )
        .scalar_subquery()
    )
    of_account = session.scalar(
        select(func.count())
        .select_from(AuditEntry)
        .where(
            *recent,
            col(AuditEntry.object_ref) == account,
            col(AuditEntry.at) > func.coalesce(last_success, now - ATTEMPTS_WITHIN),
        )
    )
    of_place = session.scalar(
        select(func.count())
        .select_from(AuditEntry)
        .where(*recent, col(AuditEntry.actor_ref) == place)
    )
    return (of_account or 0) > ATTEMPTS_PER_ACCOUNT or (of_place or 0) > ATTEMPTS_PER_ADDRESS
