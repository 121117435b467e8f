"""Getting in: a password, a code where there is a second factor, or the organisation's provider.

Every try is written down before anything is compared, so guessing is slow whatever the number of
web processes; names and addresses stand in the audit as keyed hashes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Engine, func, select
from sqlmodel import Session, col

from accounts import second_factor, throttle
from accounts.audit import note
from accounts.sessions import STRONG, end_pending, open_session, pending_user, real_now
from accounts.users import password_fits
from keys import Keychain
from models import AuditEntry, User
from models.base import require_id
from models.database import transaction

ATTEMPTS_PER_ACCOUNT = 5
ATTEMPTS_PER_ADDRESS = 30
ATTEMPTS_WITHIN = timedelta(minutes=1)
CODES_PER_ACCOUNT = 5
CODES_WITHIN = timedelta(minutes=5)


class SignInRefused(ValueError):
    """Not right, closed, or too many attempts; `over` when the whole sign-in must begin again."""

    def __init__(
        self, message: str, *, throttled: bool = False, over: bool = False, retry_after: int = 60
    ) -> None:
        super().__init__(message)
        self.throttled = throttled
        self.retry_after = retry_after
        self.over = over


@dataclass(frozen=True, slots=True)
class Door:
    """A session token for the cookie; `needs_code` when it opens nothing before a code is shown."""

    token: str
    needs_code: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Who the organisation's provider says is here; `strong` when it asked a second factor.

    `role` is None when roles are kept here; "" when the provider names none that we know.
    """

    issuer: str
    subject: str
    strong: bool
    role: str | None = None


def address_ref(keys: Keychain, address: str) -> str:
    """Return how the audit names a network address (32 hex digits, keyed)."""
    return keys.marks.of("address", address)[:32]


def sign_in(
    engine: Engine,
    keys: Keychain,
    *,
    user_name: str,
    password: str,
    address: str,
    browser: str = "",
) -> Door:
    """Return a fresh session for a right name and password; raise `SignInRefused`."""
    name = user_name.strip().lower()[:200]
    account = keys.marks.of("account", name)[:32]
    place, now = address_ref(keys, address), real_now()
    with transaction(engine) as session:
        note(session, actor_ref=place, action="login.attempt", at=now, object_ref=account)
    with transaction(engine) as session:
        throttled = _too_many(session, account, place, now)
        if throttled:
            note(session, actor_ref=place, action="login.throttled", at=now, object_ref=account)
        user = session.scalars(select(User).where(col(User.user_name) == name)).first()
    if throttled:
        raise SignInRefused("Too many attempts. Wait a minute and try again.", throttled=True)
    fits = password_fits(user, password)
    with transaction(engine) as session:
        user = session.get(User, user.id) if user else None
        if user is None or not user.active or not fits:
            note(session, actor_ref=place, action="login.refused", at=now, object_ref=account)
            door = None
        else:
            door = _let_in(session, user, "password", browser)
            action = "login.password_right" if door.needs_code else "login.succeeded"
            note(session, actor_ref=user.ref, action=action, at=now, object_ref=account)
    if door is None:
        raise SignInRefused("The name or the password is not right.")
    return door


def show_code(
    engine: Engine, keys: Keychain, *, token: str, code: str, address: str, browser: str = ""
) -> Door:
    """Return the session that a right code opens after the password; raise `SignInRefused`.

    The token of the first step ends with it: nobody who knew it before holds the session.
    """
    now = real_now()
    with transaction(engine) as session:
        user = pending_user(session, token)
        if user is None:
            raise SignInRefused("Too much time has passed. Sign in again.", over=True)
        ref, user_id, name = user.ref, require_id(user.id), user.user_name
    key = code_key(ref)
    try:
        throttle.count(engine, key, CODES_PER_ACCOUNT, CODES_WITHIN)
    except throttle.TooMany as many:
        with transaction(engine) as session:
            note(session, actor_ref=ref, action="login.throttled", at=now, object_ref="code")
        raise SignInRefused(
            "Too many codes. Wait five minutes and try again.",
            throttled=True,
            retry_after=many.retry_after,
        ) from None
    with transaction(engine) as session:
        right = second_factor.check(session, keys, user_id, code)
        user = session.get(User, user_id)
        if not right or user is None or not user.active:
            note(
                session,
                actor_ref=ref,
                action="login.code_refused",
                at=now,
                object_ref=address_ref(keys, address),
            )
            door = None
        else:
            end_pending(session, token)
            door = Door(open_session(session, user, method="code", browser=browser))
            note(
                session,
                actor_ref=ref,
                action="login.succeeded",
                at=now,
                object_ref=keys.marks.of("account", name)[:32],
            )
    if door is None:
        raise SignInRefused("The code is not right, or it was used already.")
    throttle.forget(engine, key)
    return door


def sign_in_with(
    engine: Engine, keys: Keychain, person: Person, *, address: str, browser: str = ""
) -> Door:
    """Return a session for a linked account; raise `SignInRefused`. E-mail addresses never count.

    No account is made here: an administrator links the provider's subject to an account. A second
    factor of ours is asked unless the provider says that it asked one.
    """
    now, place = real_now(), address_ref(keys, address)
    with transaction(engine) as session:
        user = session.scalars(
            select(User).where(
                col(User.openid_issuer) == person.issuer, col(User.openid_subject) == person.subject
            )
        ).first()
        known = user is not None and user.active and person.role != ""
        if user is None or not known:
            note(session, actor_ref=place, action="login.refused", at=now, object_ref="openid")
            door = None
        else:
            if person.role is not None and person.role != user.role:
                user.role = person.role
                note(session, actor_ref=user.ref, action="user.role", at=now, object_ref=user.ref)
            method = "openid_strong" if person.strong else "openid"
            door = _let_in(session, user, method, browser)
            action = "login.password_right" if door.needs_code else "login.succeeded"
            note(session, actor_ref=user.ref, action=action, at=now, object_ref="openid")
    if door is None:
        raise SignInRefused("No open account here is linked with yours.")
    return door


def code_key(ref: str) -> str:
    """Return the key under which tries of codes of one account are counted."""
    return f"code|{ref}"


def _let_in(session: Session, user: User, method: str, browser: str) -> Door:
    owes = method not in STRONG and second_factor.has_second_factor(session, require_id(user.id))
    token = open_session(session, user, method=method, browser=browser, pending=owes)
    return Door(token, needs_code=owes)


def _too_many(session: Session, account: str, place: str, now: datetime) -> bool:
    """Count the attempts of the last minute, of the account since it last got in."""
    since = now - ATTEMPTS_WITHIN
    last_success = (
        select(func.max(col(AuditEntry.at)))
        .where(
            col(AuditEntry.action) == "login.succeeded",
            col(AuditEntry.object_ref) == account,
            col(AuditEntry.at) > since,
        )
        .scalar_subquery()
    )
    of_account = _attempts(
        session,
        col(AuditEntry.object_ref) == account,
        col(AuditEntry.at) > func.coalesce(last_success, since),
    )
    of_place = _attempts(session, col(AuditEntry.actor_ref) == place, col(AuditEntry.at) > since)
    return of_account > ATTEMPTS_PER_ACCOUNT or of_place > ATTEMPTS_PER_ADDRESS


def _attempts(session: Session, *which: ColumnElement[bool]) -> int:
    found = session.scalar(
        select(func.count())
        .select_from(AuditEntry)
        .where(col(AuditEntry.action) == "login.attempt", *which)
    )
    return found or 0
