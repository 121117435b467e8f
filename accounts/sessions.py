"""Signed-in browsers: opened, kept alive while used, listed, and revoked.

Times are the world's own clock, never the business clock that rehearsal moves.
"""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, CursorResult, Engine, func, select, update
from sqlmodel import Session, col

from accounts.audit import note
from adapters.clock import follow as follow
from adapters.clock import real_now as real_now
from models import User, UserSession
from models.base import require_id
from models.database import transaction

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
RENEW_AFTER = timedelta(minutes=1)
CODE_WITHIN = timedelta(minutes=5)
"""How long a browser that has shown a password may take to show the code."""
SEES_PATIENTS = frozenset({"coordinator", "clinician", "lead"})
STRONG = frozenset({"code", "openid_strong"})

_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("python-", "a Python program"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is using the console in this request; `method` is one of `models.user.METHODS`."""

    user_id: int
    ref: str
    user_name: str
    role: str
    session_id: int
    method: str = "password"
    fresh_at: datetime | None = None
    """When this browser last showed a password or a code."""

    @property
    def sees_patients(self) -> bool:
        """Whether this role may see personal data."""
        return self.role in SEES_PATIENTS

    @property
    def strong(self) -> bool:
        """Whether this session was opened with a second factor."""
        return self.method in STRONG


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One signed-in browser as its owner sees it."""

    id: int
    browser: str
    since: datetime
    last_seen: datetime
    here: bool


def token_hash(token: str) -> str:
    """Return what the database keeps of a session token."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(
    session: Session, user: User, *, method: str, browser: str = "", pending: bool = False
) -> str:
    """Open a session under a fresh token in the caller's transaction; return the token."""
    token, now = secrets.token_urlsafe(32), real_now()
    session.add(
        UserSession(
            user_id=require_id(user.id),
            token_sha256=token_hash(token),
            method=method,
            expires_at=now + (CODE_WITHIN if pending else IDLE),
            last_seen_at=now,
            fresh_at=None if pending else now,
            pending=pending,
            browser=browser[:60],
        )
    )
    if not pending:
        user.last_sign_in_at = now
    return token


def signed_in(engine: Engine, token: str, *, keep: bool = True) -> SignedIn | None:
    """Return who holds this session token, and keep the session alive; None when it has ended.

    A page that asks by itself does not `keep` it: an idle session ends behind an open page too.
    """
    now = real_now()
    with transaction(engine) as session:
        found = _holder(session, token, now, pending=False)
        if found is None:
            return None
        row, user = found
        if keep and row.expires_at - now < IDLE - RENEW_AFTER:
            row.expires_at = min(now + IDLE, row.created_at + LONGEST)
            row.last_seen_at = now
        return SignedIn(
            require_id(user.id),
            user.ref,
            user.user_name,
            user.role,
            require_id(row.id),
            row.method,
            row.fresh_at,
        )


def pending_user(session: Session, token: str) -> User | None:
    """Return whose password this token stands for while the code is still owed."""
    found = _holder(session, token, real_now(), pending=True)
    return found[1] if found else None


def owes_code(engine: Engine, token: str) -> bool:
    """Return whether this token's browser has shown a password and still owes the code."""
    with transaction(engine) as session:
        return pending_user(session, token) is not None


def end_pending(session: Session, token: str) -> None:
    """Revoke the first step of a sign-in: it is done, or given up."""
    found = _holder(session, token, real_now(), pending=True)
    if found is not None:
        found[0].revoked_at = real_now()


def sign_out(engine: Engine, who: SignedIn) -> None:
    """Revoke the session that this request came with."""
    now = real_now()
    with transaction(engine) as session:
        row = session.get(UserSession, who.session_id)
        if row is not None:
            row.revoked_at = now
        note(session, actor_ref=who.ref, action="logout", at=now)


def open_sessions(session: Session, who: SignedIn) -> list[OpenSession]:
    """Return the browsers this account is signed in with, this one first."""
    rows = session.scalars(
        select(UserSession)
        .where(*_open(), col(UserSession.user_id) == who.user_id)
        .order_by(col(UserSession.created_at).desc())
    )
    listed = [
        OpenSession(
            require_id(row.id),
            row.browser or "a browser",
            row.created_at,
            row.last_seen_at or row.created_at,
            row.id == who.session_id,
        )
        for row in rows
    ]
    return sorted(listed, key=lambda each: not each.here)


def count_sessions(session: Session) -> dict[int, int]:
    """Return how many open sessions each account has, by account id."""
    rows = session.execute(
        select(col(UserSession.user_id), func.count())
        .where(*_open())
        .group_by(col(UserSession.user_id))
    )
    return {row[0]: row[1] for row in rows}


def end_session(session: Session, user_id: int, session_id: int) -> bool:
    """Revoke one session of an account; return whether there was one."""
    return _revoke(session, [*_of(user_id), col(UserSession.id) == session_id]) == 1


def end_sessions(session: Session, user_id: int, *, but: int | None = None) -> int:
    """Revoke every session of an account, except the one whose id is `but`; return how many."""
    others = [col(UserSession.id) != but] if but is not None else []
    return _revoke(session, [*_of(user_id), *others])


def make_strong(session: Session, session_id: int) -> None:
    """Note that this session has shown a code since it was opened."""
    row = session.get_one(UserSession, session_id)
    row.method, row.fresh_at = "code", real_now()


def browser_name(user_agent: str) -> str:
    """Return a coarse name such as "Firefox on Linux"; nothing that tells people apart."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if re.search(mark, user_agent)), "")
    return " on ".join(part for part in (browser or "a browser", system) if part)


def _holder(
    session: Session, token: str, now: datetime, *, pending: bool
) -> tuple[UserSession, User] | None:
    found = session.execute(
        select(UserSession, User)
        .join(User, col(User.id) == col(UserSession.user_id))
        .where(
            col(UserSession.token_sha256) == token_hash(token),
            col(UserSession.revoked_at).is_(None),
            col(UserSession.pending).is_(pending),
            col(UserSession.expires_at) > now,
            col(User.active),
        )
    ).first()
    return (found[0], found[1]) if found else None


def _open() -> Sequence[ColumnElement[bool]]:
    return (
        col(UserSession.revoked_at).is_(None),
        col(UserSession.pending).is_(False),
        col(UserSession.expires_at) > real_now(),
    )


def _of(user_id: int) -> Sequence[ColumnElement[bool]]:
    return (col(UserSession.user_id) == user_id, col(UserSession.revoked_at).is_(None))


def _revoke(session: Session, which: Sequence[ColumnElement[bool]]) -> int:
    done = session.execute(update(UserSession).where(*which).values(revoked_at=real_now()))
    return done.rowcount if isinstance(done, CursorResult) else 0
