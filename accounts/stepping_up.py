"""Shown anew: before a signature, or a letter that may harm, an account's owner proves to be there.

An open session says that somebody signed in some hours ago. A code of the second factor, the
password where there is none, or the organisation's provider says that the owner sits there now.
"""

from datetime import timedelta
from typing import Literal

from sqlalchemy import Engine
from sqlmodel import Session

from accounts import second_factor, throttle
from accounts.audit import note
from accounts.sessions import SignedIn, real_now
from accounts.signing_in import Person
from accounts.users import password_fits
from keys import Keychain
from models import User, UserSession
from models.database import transaction

Way = Literal["code", "password", "provider"]
TRIES, TRIES_WITHIN = 5, timedelta(minutes=5)


class StepUpRefused(ValueError):
    """It was not right, or it was tried too often; the message says which."""


def is_fresh(who: SignedIn, minutes: int) -> bool:
    """Say whether a factor was shown in the last `minutes`; 0 minutes: nobody is asked."""
    if minutes == 0:
        return True
    return who.fresh_at is not None and real_now() - who.fresh_at < timedelta(minutes=minutes)


def way_of(engine: Engine, who: SignedIn) -> Way:
    """Return what this account can show."""
    with transaction(engine) as session:
        return _way(session, who)


def step_up(engine: Engine, keys: Keychain, who: SignedIn, shown: str) -> None:
    """Take the code or the password of the session's owner; raise `StepUpRefused`.

    Tries are counted for this session alone: nobody elsewhere can use them up.
    """
    try:
        throttle.count(engine, f"step_up|{who.session_id}", TRIES, TRIES_WITHIN)
    except throttle.TooMany:
        raise StepUpRefused("Too many tries. Wait five minutes and send it again.") from None
    with transaction(engine) as session:
        way = _way(session, who)
        user = session.get_one(User, who.user_id)
        right = way != "provider" and (
            second_factor.check(session, keys, who.user_id, shown)
            if way == "code"
            else password_fits(user, shown)
        )
        _keep(session, who, right=right, way=way)
    if not right:
        raise StepUpRefused(
            "The code is not right, or it was used already."
            if way == "code"
            else "The password is not right."
        )


def came_back(engine: Engine, who: SignedIn, person: Person) -> None:
    """Take it that the provider asked the owner anew; raise `StepUpRefused` for anybody else."""
    with transaction(engine) as session:
        user = session.get_one(User, who.user_id)
        same = (user.openid_issuer, user.openid_subject) == (person.issuer, person.subject)
        _keep(session, who, right=same, way="provider")
    if not same:
        raise StepUpRefused("Somebody else signed in at the provider.")


def _way(session: Session, who: SignedIn) -> Way:
    if second_factor.has_second_factor(session, who.user_id):
        return "code"
    return "password" if session.get_one(User, who.user_id).password_hash else "provider"


def _keep(session: Session, who: SignedIn, *, right: bool, way: Way) -> None:
    if right:
        session.get_one(UserSession, who.session_id).fresh_at = real_now()
    note(
        session,
        actor_ref=who.ref,
        action="account.shown_anew" if right else "account.not_shown_anew",
        at=real_now(),
        object_ref=way,
    )
