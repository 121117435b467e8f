"""Changes that let somebody into an account: a second person says yes, and the owner hears of it.

An administrator could otherwise become a clinician: by a new password, another address, a second
factor taken away. With nobody else to ask, the change is done, and it is told and shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from accounts import audit, sessions
from accounts.people import same_person
from accounts.second_people import LATELY, SAYS_YES, second_people
from accounts.sessions import SignedIn
from accounts.users import AccountRefused
from models import AccountChange, User
from models.base import require_id
from models.database import transaction

SENSITIVE = frozenset({"add", "password", "second_factor", "reopen", "link", "email", "role"})
WAITS = LATELY
"""So long a second person may say yes; then it is asked for anew."""
SHOWN_DAYS = timedelta(days=90)
COMMAND_LINE = "command line"


@dataclass(frozen=True, slots=True)
class Asked:
    """A change as pages show it. `ended`: nobody said yes in time; `told`: how many letters left,
    of `letters`.
    """

    id: int
    act: str
    user_name: str
    role: str
    subject: str
    email: str
    asked_by: str
    asked_ref: str
    asked_at: datetime
    state: str
    settled_by: str | None
    settled_at: datetime | None
    alone: bool
    told: int
    letters: int


def ask(session: Session, row: AccountChange) -> bool:
    """Keep a change that is asked for; say whether it waits for a second person."""
    owner = session.get(User, row.user_id) if row.user_id is not None else None
    row.alone = not second_people(session, but=_concerned(row, owner)).others
    session.add(row)
    session.flush()
    audit.note(
        session,
        actor_ref=row.asked_by,
        action=f"user.asked:{row.act}",
        at=sessions.real_now(),
        object_ref=owner.ref if owner else f"change:{row.id}",
    )
    return not row.alone


def settled(session: Session, change_id: int, ref: str) -> AccountChange:
    """Return a change that waits, for this second person; raise `AccountRefused`."""
    row = session.get(AccountChange, change_id, with_for_update=True)
    if row is None or row.state != "waiting":
        raise AccountRefused("That is settled already.")
    if row.asked_at <= sessions.real_now() - WAITS:
        raise AccountRefused("Nobody said yes within a week. Have it asked for anew.")
    asker = session.scalars(select(User).where(col(User.ref) == row.asked_by)).first()
    if asker is None or not asker.active or asker.role != "administrator":
        raise AccountRefused("Who asked for it is no administrator any more.")
    owner = session.get(User, row.user_id) if row.user_id is not None else None
    able = second_people(session, but=_concerned(row, owner)).able
    if not any(same_person(ref, one.ref) for one in able):
        raise AccountRefused(
            "Another administrator or a lead says yes: nobody who asked for it, nor its owner, nor "
            "whose own account was changed by one person alone within a week."
        )
    row.settled_by, row.settled_at = ref, sessions.real_now()
    return row


def waiting_for(engine: Engine, who: SignedIn) -> int:
    """Return how many changes wait for a yes or no that this person may say."""
    if who.role not in SAYS_YES:
        return 0
    with transaction(engine) as session:
        return session.scalars(
            select(func.count()).where(
                col(AccountChange.state) == "waiting",
                col(AccountChange.asked_at) > sessions.real_now() - WAITS,
                col(AccountChange.asked_by) != who.ref,
                col(AccountChange.user_id).is_distinct_from(who.user_id),
            )
        ).one()


def recent(engine: Engine) -> Sequence[Asked]:
    """Return what waits, and what was done in the last three months, newest first."""
    with transaction(engine) as session:
        rows = session.scalars(
            select(AccountChange)
            .where(col(AccountChange.asked_at) > sessions.real_now() - SHOWN_DAYS)
            .order_by((col(AccountChange.state) == "waiting").desc(), col(AccountChange.id).desc())
        ).all()
        names: dict[str, str] = {user.ref: user.user_name for user in session.scalars(select(User))}
        return [_shown(row, names) for row in rows]


def _shown(row: AccountChange, names: dict[str, str]) -> Asked:
    over = row.state == "waiting" and row.asked_at <= sessions.real_now() - WAITS
    by = row.settled_by
    return Asked(
        id=require_id(row.id),
        act=row.act,
        user_name=row.user_name,
        role=row.role,
        subject=row.subject,
        email=row.email,
        asked_by=names.get(row.asked_by, row.asked_by),
        asked_ref=row.asked_by,
        asked_at=row.asked_at,
        state="ended" if over else row.state,
        settled_by=names.get(by, by) if by else None,
        settled_at=row.settled_at,
        alone=row.alone,
        told=sum(bool(one["left"]) for one in row.letters),
        letters=len(row.letters),
    )


def _concerned(row: AccountChange, owner: User | None) -> list[str]:
    return [row.asked_by, *([owner.ref] if owner else [])]
