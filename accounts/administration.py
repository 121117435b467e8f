"""What administrators see of all accounts and do to them; each act with its audit entry."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlmodel import Session

from accounts import audit, second_factor, sessions, users
from accounts.own_account import Account, account_of
from accounts.sessions import SignedIn
from accounts.users import AccountRefused
from models import User
from models.base import require_id
from models.database import transaction


@dataclass(frozen=True, slots=True)
class Accounts:
    """All accounts by name; `factors` and `open` (sessions) go by the account's id."""

    accounts: Sequence[Account]
    factors: Set[int]
    open: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Change:
    """What is asked for: `act` is add, password, close, reopen, second_factor, link, email, ..."""

    act: str
    user_name: str
    role: str = ""
    password: str = ""
    subject: str = ""
    email: str = ""


def all_accounts(engine: Engine) -> Accounts:
    """Return every account with its second factor and open sessions."""
    with transaction(engine) as session:
        return Accounts(
            [account_of(user) for user in users.list_users(session)],
            second_factor.owners(session),
            sessions.count_sessions(session),
        )


def change_account(engine: Engine, who: SignedIn, asked: Change, issuer: str) -> None:
    """Do one act to one account, in one transaction; `issuer` is the organisation's provider.

    Raises `AccountRefused`.
    """
    own = asked.user_name.strip().lower() == who.user_name
    with transaction(engine) as session:
        if own and asked.act in ("close", "second_factor"):
            raise AccountRefused("Not with your own account: ask another administrator.")
        change = _add if asked.act == "add" else _change
        user = change(session, asked, issuer)
        audit.note(
            session,
            actor_ref=who.ref,
            action=f"user.{asked.act}",
            at=sessions.real_now(),
            object_ref=user.ref,
        )


def _add(session: Session, asked: Change, issuer: str) -> User:
    """Make an account with a password, with a subject at the provider, or with both."""
    name, role, subject = asked.user_name, asked.role, asked.subject
    if not asked.password and subject.strip():
        return users.add_linked_user(
            session, user_name=name, role=role, issuer=issuer, subject=subject
        )
    user = users.add_user(session, user_name=name, role=role, password=asked.password)
    user.email = users.checked_address(asked.email)
    if subject.strip():
        users.link(session, name, issuer, subject)
    return user


def _change(session: Session, asked: Change, issuer: str) -> User:
    name = asked.user_name
    if asked.act == "password":
        return users.set_password(session, name, asked.password)
    if asked.act in ("close", "reopen"):
        return users.set_active(session, name, asked.act == "reopen")
    if asked.act == "second_factor":
        return users.reset_second_factor(session, name)
    if asked.act == "link":
        return users.link(session, name, issuer, asked.subject)
    if asked.act == "email":
        return users.set_email(session, name, asked.email)
    if asked.act == "sessions":
        user = users.by_name(session, name)
        sessions.end_sessions(session, require_id(user.id))
        return user
    raise AccountRefused("Unknown action.")
