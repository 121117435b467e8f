"""What administrators see of all accounts and do to them; each act with its audit entry."""

from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlmodel import Session

from accounts import audit, changes, second_factor, sessions, users
from accounts.own_account import Account, account_of
from accounts.password_links import link_of, with_link
from accounts.second_people import who_hears
from accounts.sessions import SignedIn
from accounts.users import AccountRefused
from keys import Keychain
from models import AccountChange, User
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
    subject: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of what was asked: `done`, `waits` for a second person, or `refused`."""

    state: str
    change_id: int | None = None


def all_accounts(engine: Engine) -> Accounts:
    """Return every account with its second factor and open sessions."""
    with transaction(engine) as session:
        return Accounts(
            [account_of(user) for user in users.list_users(session)],
            second_factor.owners(session),
            sessions.count_sessions(session),
        )


def change_account(
    engine: Engine, keys: Keychain, who: SignedIn, asked: Change, issuer: str
) -> Outcome:
    """Do one act to one account, or ask a second person for it; `issuer` is the provider's.

    Raises `AccountRefused`, also for what could not be done when it is agreed to.
    """
    own = asked.user_name.strip().lower() == who.user_name
    with transaction(engine) as session:
        if own and asked.act != "sessions":
            raise AccountRefused("Not with your own account: ask another administrator.")
        if asked.act == "sessions":
            user = users.by_name(session, asked.user_name)
            sessions.end_sessions(session, require_id(user.id))
            _note(session, who.ref, asked.act, user)
            return Outcome("done")
        if asked.act != "close" and asked.act not in changes.SENSITIVE:
            raise AccountRefused("Unknown action.")
        row = _row(session, who, asked)
        if asked.act == "close":
            session.add(row)
        elif changes.ask(session, row):
            _rehearse(session, row, issuer)
            return Outcome("waits", require_id(row.id))
        row.settled_at = sessions.real_now()
        _do(session, keys, row, issuer, who.ref)
        return Outcome("done", require_id(row.id))


def settle_change(
    engine: Engine, keys: Keychain, who: SignedIn, change_id: int, *, yes: bool, issuer: str
) -> Outcome:
    """Say yes or no to a change that somebody else asked for; raise `AccountRefused`."""
    with transaction(engine) as session:
        row = changes.settled(session, change_id, who.ref)
        if yes:
            _do(session, keys, row, issuer, who.ref)
        else:
            row.state = "refused"
            audit.note(
                session,
                actor_ref=who.ref,
                action=f"user.refused:{row.act}",
                at=sessions.real_now(),
                object_ref=f"change:{row.id}",
            )
        return Outcome("done" if yes else "refused", require_id(row.id))


def link_to_hand_over(engine: Engine, keys: Keychain, change_id: int | None) -> str:
    """Return the path of a one-time link that no letter brings; "" where one does, or none is."""
    if change_id is None:
        return ""
    with transaction(engine) as session:
        row = session.get(AccountChange, change_id)
        if row is None or row.state != "done" or any(one["link"] for one in row.letters):
            return ""
        return link_of(keys, row)


@contextmanager
def by_command(session: Session, act: str, user_name: str) -> Iterator[AccountChange]:
    """Write down, and have told, what the command line does to an account in the body.

    The machine's owner asks nobody; the row says that it was the command line.
    """
    row = AccountChange(
        act=act,
        user_name=user_name.strip().lower()[:80],
        asked_by=changes.COMMAND_LINE,
        asked_at=sessions.real_now(),
    )
    if act != "add":
        _before(row, users.by_name(session, user_name))
    yield row
    user = users.by_name(session, user_name)
    row.settled_at = sessions.real_now()
    session.add(row)
    _done(session, row, user, changes.COMMAND_LINE)


def _row(session: Session, who: SignedIn, asked: Change) -> AccountChange:
    user = None if asked.act == "add" else users.by_name(session, asked.user_name)
    address = users.checked_address(asked.email) or ""
    if user is not None:
        _must_change_something(user, asked, address)
    return AccountChange(
        act=asked.act,
        user_name=asked.user_name.strip().lower()[:80],
        user_id=require_id(user.id) if user else None,
        role=asked.role[:20] if asked.act in ("add", "role") else "",
        subject=asked.subject.strip()[:255] if asked.act in ("add", "link") else "",
        email=address if asked.act in ("add", "email") else "",
        asked_by=who.ref,
        asked_at=sessions.real_now(),
    )


def _must_change_something(user: User, asked: Change, address: str) -> None:
    """Refuse what is so already: it would stand as a change, and tell of none."""
    already = {
        "close": not user.active,
        "reopen": user.active,
        "role": user.role == asked.role,
        "email": (user.email or "") == address,
    }
    if already.get(asked.act):
        raise AccountRefused("It is so already.")


def _before(row: AccountChange, user: User) -> None:
    row.user_id = require_id(user.id)
    row.role_before, row.email_before = user.role, user.email or ""


def _rehearse(session: Session, row: AccountChange, issuer: str) -> None:
    """Raise `AccountRefused` now for what could not be done later; nothing of it stays."""
    trial = session.begin_nested()
    try:
        _apply(session, row, issuer)
    finally:
        trial.rollback()


def _do(session: Session, keys: Keychain, row: AccountChange, issuer: str, ref: str) -> None:
    if row.act != "add":
        _before(row, users.by_name(session, row.user_name))
    user = _apply(session, row, issuer)
    if row.act in ("add", "password") and not row.subject:
        with_link(keys, row)
    _done(session, row, user, ref)


def _done(session: Session, row: AccountChange, user: User, ref: str) -> None:
    """Write down that a change is done, and who is told; the link goes to the owner alone."""
    row.user_id, row.state = require_id(user.id), "done"
    if row.act != "close":
        user.reset_at = sessions.real_now()
    session.flush()
    own = (row.email if row.act == "add" else row.email_before) if row.link_seed else ""
    told = who_hears(session, user, but=row.asked_by)
    told += [] if row.email_before in told or not row.email_before else [row.email_before]
    row.letters = [{"to": one, "link": one == own, "left": False} for one in told]
    _note(session, ref, row.act, user)


def _apply(session: Session, row: AccountChange, issuer: str) -> User:
    name = row.user_name
    if row.act == "add":
        return _add(session, row, issuer)
    if row.act == "password":
        return users.take_password(session, name)
    if row.act in ("close", "reopen"):
        return users.set_active(session, name, row.act == "reopen")
    if row.act == "second_factor":
        return users.reset_second_factor(session, name)
    if row.act == "link":
        return users.link(session, name, issuer, row.subject)
    if row.act == "role":
        return users.set_role(session, name, row.role)
    return users.set_email(session, name, row.email)


def _add(session: Session, row: AccountChange, issuer: str) -> User:
    """Make an account: its owner sets a password by a link, or comes from the provider."""
    if row.subject:
        user = users.add_linked_user(
            session, user_name=row.user_name, role=row.role, issuer=issuer, subject=row.subject
        )
    else:
        user = users.add_without_password(session, row.user_name, row.role)
    user.email = row.email or None
    return user


def _note(session: Session, ref: str, act: str, user: User) -> None:
    audit.note(
        session, actor_ref=ref, action=f"user.{act}", at=sessions.real_now(), object_ref=user.ref
    )
