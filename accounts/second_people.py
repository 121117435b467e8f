"""Who could say yes to what lets somebody into an account, and whether anybody could lately.

An administrator who closes, renames or locks out everybody else first is not alone by that: whoever
could say yes in the last days counts. Who came, or was let in anew, by one person alone says yes to
nothing for as long: it may be that person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, select
from sqlmodel import Session, col

from accounts import sessions
from accounts.people import same_person
from models import AccountChange, User
from models.base import require_id

SAYS_YES = ("administrator", "lead")
LATELY = timedelta(days=7)
_CAME = frozenset({"add", "role", "reopen"})
_WENT = frozenset({"close", "role"})


@dataclass(frozen=True, slots=True)
class SecondPeople:
    """`able` may say yes today; `others` could lately, or can: with none of them one is alone."""

    able: Sequence[User]
    others: Sequence[User]


def second_people(session: Session, *, but: Sequence[str]) -> SecondPeople:
    """Return administrators and leads, none of the pseudonyms `but`."""
    done = changes_lately(session)
    came = {row.user_id for row in done if row.alone and row.act in _CAME}
    let_in = {row.user_id for row in done if row.alone}
    went = {row.user_id for row in done if row.act in _WENT and row.role_before in SAYS_YES}
    found = [
        user
        for user in session.scalars(
            select(User).where(or_(col(User.role).in_(SAYS_YES), col(User.id).in_(went)))
        )
        if not any(same_person(user.ref, one) for one in but)
    ]
    stand = [user for user in found if user.active and user.role in SAYS_YES]
    return SecondPeople(
        [user for user in stand if user.id not in let_in],
        [user for user in found if user.id in went or (user in stand and user.id not in came)],
    )


def changes_lately(session: Session) -> Sequence[AccountChange]:
    """Return what was done to accounts in the last days."""
    return session.scalars(
        select(AccountChange).where(
            col(AccountChange.state) == "done",
            col(AccountChange.user_id).is_not(None),
            col(AccountChange.settled_at) > sessions.real_now() - LATELY,
        )
    ).all()


def who_hears(session: Session, owner: User, *, but: str) -> list[str]:
    """Return the addresses that hear of a change: of the owner, and of administrators and leads.

    Addresses that were changed lately go on being told: whoever changes one first, and then lets
    themself in, is told of at the old one.
    """
    done = changes_lately(session)
    people = second_people(session, but=[but])
    hears = {require_id(user.id) for user in (owner, *people.able, *people.others)}
    found = [user.email for user in (owner, *people.able, *people.others)]
    found += [row.email_before for row in done if row.user_id in hears]
    return list(dict.fromkeys(address for address in found if address))
