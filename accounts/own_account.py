"""What the holder of an account sees of it and does to it, each act in one transaction, audited."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session

from accounts import audit, second_factor, sessions, users
from accounts.second_factor import Enrolment
from accounts.sessions import OpenSession, SignedIn
from accounts.users import AccountRefused
from keys import Keychain
from models import User
from models.base import require_id
from models.database import transaction


@dataclass(frozen=True, slots=True)
class Account:
    """One account as people see it, without anything to sign in with."""

    id: int
    ref: str
    user_name: str
    role: str
    active: bool
    openid_subject: str | None
    last_sign_in_at: datetime | None
    has_password: bool
    email: str | None = None


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """An account as its holder sees it; `on` says whether a second factor is asked for."""

    account: Account
    on: bool
    codes_left: int
    sessions: Sequence[OpenSession]


def account_of(user: User) -> Account:
    """Return a row as the value that pages get."""
    return Account(
        require_id(user.id),
        user.ref,
        user.user_name,
        user.role,
        user.active,
        user.openid_subject,
        user.last_sign_in_at,
        bool(user.password_hash),
        user.email,
    )


def own_account(engine: Engine, who: SignedIn) -> OwnAccount:
    """Return the account of who is signed in."""
    with transaction(engine) as session:
        return OwnAccount(
            account_of(session.get_one(User, who.user_id)),
            second_factor.has_second_factor(session, who.user_id),
            second_factor.recovery_codes_left(session, who.user_id),
            sessions.open_sessions(session, who),
        )


def change_password(engine: Engine, who: SignedIn, old: str, new: str, again: str) -> None:
    """Change the password; every other browser is signed out. Raises `AccountRefused`."""
    with _acting(engine, who, "account.password") as session:
        if new != again:
            raise AccountRefused("The new password was not typed the same way twice.")
        users.change_password(session, who, old, new)


def change_email(engine: Engine, who: SignedIn, address: str) -> None:
    """Say where red flags reach the holder outside the console. Raises `AccountRefused`."""
    with _acting(engine, who, "account.email") as session:
        users.set_email(session, who.user_name, address)


def begin_second_factor(engine: Engine, keys: Keychain, who: SignedIn, password: str) -> Enrolment:
    """Make a secret that waits for its first code.

    Raises `AccountRefused`, `second_factor.SecondFactorRefused`.
    """
    with _acting(engine, who, "account.second_factor_begun") as session:
        user = session.get_one(User, who.user_id)
        if user.password_hash and not users.password_fits(user, password):
            raise AccountRefused("The password is not right.")
        return second_factor.begin(session, keys, user)


def being_set_up(engine: Engine, keys: Keychain, who: SignedIn) -> Enrolment | None:
    """Return the secret that still waits for its first code; None before and after."""
    with transaction(engine) as session:
        user = session.get_one(User, who.user_id)
        return second_factor.being_set_up(session, keys, user)


def confirm_second_factor(engine: Engine, keys: Keychain, who: SignedIn, code: str) -> list[str]:
    """Take the first code and return the recovery codes; other browsers are signed out.

    Raises `second_factor.SecondFactorRefused`.
    """
    with _acting(engine, who, "account.second_factor_on") as session:
        codes = second_factor.confirm(session, keys, who.user_id, code)
        sessions.end_sessions(session, who.user_id, but=who.session_id)
        sessions.make_strong(session, who.session_id)
    return codes


def remove_second_factor(
    engine: Engine, keys: Keychain, who: SignedIn, code: str, *, demanded: bool
) -> None:
    """Take the second factor away, against a code, where the role does not demand one.

    Raises `AccountRefused`.
    """
    with _acting(engine, who, "account.second_factor_off") as session:
        if demanded:
            raise AccountRefused("Your role must have a second factor.")
        if not second_factor.check(session, keys, who.user_id, code):
            raise AccountRefused("The code is not right, or it was used already.")
        second_factor.remove(session, who.user_id)
        sessions.end_sessions(session, who.user_id, but=who.session_id)


def new_recovery_codes(engine: Engine, keys: Keychain, who: SignedIn, code: str) -> list[str]:
    """Return new recovery codes against a code; the old ones end. Raises `AccountRefused`."""
    with _acting(engine, who, "account.recovery_codes") as session:
        if not second_factor.check(session, keys, who.user_id, code):
            raise AccountRefused("The code is not right, or it was used already.")
        return second_factor.new_recovery_codes(session, keys, who.user_id)


def end_sessions(engine: Engine, who: SignedIn, session_id: int | None) -> None:
    """Sign one browser of the holder out, or (None) all but this one. Raises `AccountRefused`."""
    with _acting(engine, who, "account.sessions_ended") as session:
        if session_id is None:
            sessions.end_sessions(session, who.user_id, but=who.session_id)
        elif not sessions.end_session(session, who.user_id, session_id):
            raise AccountRefused("That browser is signed out already.")


@contextmanager
def _acting(engine: Engine, who: SignedIn, action: str) -> Iterator[Session]:
    """Yield a session; what was done in it is kept with its audit entry, or not at all."""
    with transaction(engine) as session:
        yield session
        audit.note(
            session, actor_ref=who.ref, action=action, at=sessions.real_now(), object_ref=who.ref
        )
