"""Getting in: a password, a code where there is a second factor, or the organisation's provider.

Every try is written down before anything is compared, so guessing is slow whatever the number of
web processes; names and addresses stand in the audit as keyed hashes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from accounts import second_factor, throttle
from accounts.audit import note
from accounts.known_browsers import recognise
from accounts.sessions import STRONG, end_pending, open_session, pending_user, real_now
from accounts.users import password_fits
from keys import Keychain
from models import User
from models.base import require_id
from models.database import transaction

ATTEMPTS_PER_ACCOUNT = 5
ATTEMPTS_PER_ADDRESS = 30
ATTEMPTS_WITHIN = timedelta(minutes=1)
ATTEMPTS_FROM_ANYWHERE = 60
"""Of one account in an hour, from browsers that it does not know."""
ATTEMPTS_OF_THE_HOUSE = 300
"""Of all accounts together in a minute, from such browsers."""
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
    user_id: int = 0
    """Whose browser is known from now on; 0 while a code is owed."""


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
    known: str = "",
) -> Door:
    """Return a fresh session for a right name and password; raise `SignInRefused`.

    `known` is the cookie of a browser in which somebody signed in before.
    """
    name = user_name.strip().lower()[:200]
    account = keys.marks.of("account", name)[:32]
    place, now = address_ref(keys, address), real_now()
    with transaction(engine) as session:
        note(session, actor_ref=place, action="login.attempt", at=now, object_ref=account)
    with transaction(engine) as session:
        user = session.scalars(select(User).where(col(User.user_name) == name)).first()
        user_id = user.id if user else None
    keys_counted = _counted(keys, known, user_id, account, place)
    _count(engine, keys_counted, account, place, now)
    fits = password_fits(user, password)
    with transaction(engine) as session:
        user = session.get(User, user_id) if user_id is not None else None
        if user is None or not user.active or not fits:
            note(session, actor_ref=place, action="login.refused", at=now, object_ref=account)
            door = None
        else:
            door = _let_in(session, user, "password", browser)
            action = "login.password_right" if door.needs_code else "login.succeeded"
            note(session, actor_ref=user.ref, action=action, at=now, object_ref=account)
    if door is None:
        raise SignInRefused("The name or the password is not right.")
    throttle.forget(engine, keys_counted[0].key)
    return door


def show_code(
    engine: Engine,
    keys: Keychain,
    *,
    token: str,
    code: str,
    address: str,
    browser: str = "",
    known: str = "",
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
    found = recognise(keys.ring, known) if known else None
    own = found is not None and found.user_id == user_id
    key = f"{code_key(ref)}|{found.id}" if found is not None and own else code_key(ref)
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
            door = Door(
                open_session(session, user, method="code", browser=browser), user_id=user_id
            )
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
    return Door(token, needs_code=owes, user_id=0 if owes else require_id(user.id))


@dataclass(frozen=True, slots=True)
class _Counter:
    """What tries are counted under, how many it takes and in which time."""

    key: str
    most: int
    within: timedelta
    told: bool = False
    """Whether it is written down for administrators that it was reached."""


def _counted(
    keys: Keychain, known: str, user_id: int | None, account: str, place: str
) -> Sequence[_Counter]:
    """Return what a try counts for: a browser that the account knows, for itself alone."""
    found = recognise(keys.ring, known) if known else None
    if found is not None and found.user_id == user_id:
        return [_Counter(f"login.browser|{found.id}", ATTEMPTS_PER_ACCOUNT, ATTEMPTS_WITHIN)]
    return [
        _Counter(f"login|{account}|{place}", ATTEMPTS_PER_ACCOUNT, ATTEMPTS_WITHIN),
        _Counter(f"login.place|{place}", ATTEMPTS_PER_ADDRESS, ATTEMPTS_WITHIN),
        _Counter(f"login.account|{account}", ATTEMPTS_FROM_ANYWHERE, timedelta(hours=1), told=True),
        _Counter("login.house", ATTEMPTS_OF_THE_HOUSE, ATTEMPTS_WITHIN, told=True),
    ]


def _count(
    engine: Engine, counters: Sequence[_Counter], account: str, place: str, now: datetime
) -> None:
    """Count a try under each key; raise `SignInRefused` where one is full."""
    for one in counters:
        try:
            throttle.count(engine, one.key, one.most, one.within)
        except throttle.TooMany as many:
            action = "login.many_tries" if one.told and many.first else "login.throttled"
            with transaction(engine) as session:
                note(session, actor_ref=place, action=action, at=now, object_ref=account)
            raise SignInRefused(
                "Too many attempts. Wait a minute and try again. A browser in which you signed in "
                "before is not stopped by others.",
                throttled=True,
                retry_after=many.retry_after,
            ) from None
