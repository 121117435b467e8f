"""Time-based one-time codes (RFC 6238) as a second factor, and the codes on paper behind them.

The secret is kept sealed (`keys.sealing`); a code is taken once, in a window of one step of
30 seconds either way.
"""

import hmac
import re
import secrets
from dataclasses import dataclass

import pyotp
from sqlalchemy import CursorResult, Update, delete, func, or_, select, update
from sqlmodel import Session, col

from accounts.sessions import real_now
from keys import Keychain, OpeningFailed, open_sealed, seal
from models import RecoveryCode, SecondFactor, User
from models.base import require_id

ISSUER = "IORT coordination"
STEP_SECONDS = 30
STEPS_EITHER_WAY = 1
RECOVERY_CODES = 10
SEALING = "second factor"
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class SecondFactorRefused(ValueError):
    """The second factor cannot be set up or changed like this; the message says why."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator application needs: the secret in base32, and the same as an address."""

    secret: str
    uri: str


def begin(session: Session, keys: Keychain, user: User) -> Enrolment:
    """Make a new secret that waits for its first code; raise `SecondFactorRefused`."""
    user_id = require_id(user.id)
    row = session.get(SecondFactor, user_id)
    if row is not None and row.confirmed_at is not None:
        raise SecondFactorRefused("There is a second factor already. Remove it first.")
    if row is not None:
        session.delete(row)
        session.flush()
    secret = pyotp.random_base32(32)
    session.add(SecondFactor(user_id=user_id, sealed_secret=sealed(keys, user_id, secret)))
    return _enrolment(secret, user)


def being_set_up(session: Session, keys: Keychain, user: User) -> Enrolment | None:
    """Return the secret that still waits for its first code; None before and after."""
    row = session.get(SecondFactor, require_id(user.id))
    if row is None or row.confirmed_at is not None:
        return None
    secret = _opened(keys, row)
    return _enrolment(secret, user) if secret else None


def confirm(session: Session, keys: Keychain, user_id: int, code: str) -> list[str]:
    """Take the first code and return the recovery codes, readable this once.

    Raises `SecondFactorRefused` when nothing is being set up or the code is not right.
    """
    row = session.get(SecondFactor, user_id)
    if row is None or row.confirmed_at is not None:
        raise SecondFactorRefused("Nothing is being set up. Begin again.")
    if not _takes(session, keys, row, code):
        raise SecondFactorRefused("The code is not right. Wait for the next one and try again.")
    row.confirmed_at = real_now()
    return new_recovery_codes(session, keys, user_id)


def has_second_factor(session: Session, user_id: int) -> bool:
    """Return whether the account must show a code after its password."""
    row = session.get(SecondFactor, user_id)
    return row is not None and row.confirmed_at is not None


def owners(session: Session) -> set[int]:
    """Return the ids of the accounts that have a second factor."""
    found = session.scalars(
        select(col(SecondFactor.user_id)).where(col(SecondFactor.confirmed_at).is_not(None))
    )
    return set(found)


def check(session: Session, keys: Keychain, user_id: int, code: str) -> bool:
    """Take a time-based or a recovery code; return whether it was right and not used before."""
    row = session.get(SecondFactor, user_id)
    if row is None or row.confirmed_at is None:
        return False
    return _takes(session, keys, row, code) or _takes_recovery(session, keys, user_id, code)


def new_recovery_codes(session: Session, keys: Keychain, user_id: int) -> list[str]:
    """Replace the recovery codes; return the new ones, readable this once."""
    session.execute(delete(RecoveryCode).where(col(RecoveryCode.user_id) == user_id))
    codes = ["-".join(_random_word() for _ in range(3)) for _ in range(RECOVERY_CODES)]
    session.add_all(
        RecoveryCode(user_id=user_id, code_hash=_recovery_hash(keys, user_id, code))
        for code in codes
    )
    return codes


def recovery_codes_left(session: Session, user_id: int) -> int:
    """Return how many recovery codes were not used yet."""
    found = session.scalar(
        select(func.count())
        .select_from(RecoveryCode)
        .where(col(RecoveryCode.user_id) == user_id, col(RecoveryCode.used_at).is_(None))
    )
    return found or 0


def remove(session: Session, user_id: int) -> bool:
    """Take the second factor and its recovery codes away; return whether there was one."""
    session.execute(delete(RecoveryCode).where(col(RecoveryCode.user_id) == user_id))
    row = session.get(SecondFactor, user_id)
    if row is None:
        return False
    session.delete(row)
    return row.confirmed_at is not None


def _takes(session: Session, keys: Keychain, row: SecondFactor, code: str) -> bool:
    """Compare with the steps around now; a step that was used, or is older, is not taken."""
    secret = _opened(keys, row)
    given = re.sub(r"\s", "", code)
    if secret is None or not re.fullmatch("[0-9]{6}", given):
        return False
    totp, now = pyotp.TOTP(secret), int(real_now().timestamp()) // STEP_SECONDS
    around = range(now - STEPS_EITHER_WAY, now + STEPS_EITHER_WAY + 1)
    fits = [step for step in around if hmac.compare_digest(totp.at(step * STEP_SECONDS), given)]
    if not fits:
        return False
    last = col(SecondFactor.last_step)
    # One statement: two browsers that show the same code at once get one yes.
    return _changed(
        session,
        update(SecondFactor)
        .where(col(SecondFactor.user_id) == row.user_id, or_(last.is_(None), last < fits[-1]))
        .values(last_step=fits[-1]),
    )


def _takes_recovery(session: Session, keys: Keychain, user_id: int, code: str) -> bool:
    return _changed(
        session,
        update(RecoveryCode)
        .where(
            col(RecoveryCode.user_id) == user_id,
            col(RecoveryCode.code_hash) == _recovery_hash(keys, user_id, code),
            col(RecoveryCode.used_at).is_(None),
        )
        .values(used_at=real_now()),
    )


def _changed(session: Session, statement: Update) -> bool:
    done = session.execute(statement)
    return isinstance(done, CursorResult) and done.rowcount == 1


def _enrolment(secret: str, user: User) -> Enrolment:
    uri = pyotp.TOTP(secret).provisioning_uri(name=user.user_name, issuer_name=ISSUER)
    return Enrolment(secret, uri)


def _opened(keys: Keychain, row: SecondFactor) -> str | None:
    """Return the secret; None when it was sealed with a key that is no longer on the ring."""
    try:
        return opened(keys, row)
    except OpeningFailed:
        return None


def place(user_id: int) -> str:
    """Return what a sealed secret of an account opens for."""
    return f"second_factor|{user_id}"


def sealed(keys: Keychain, user_id: int, secret: str) -> str:
    """Return an account's secret as it is kept."""
    return seal(keys.ring, SEALING, place(user_id), secret.encode())


def opened(keys: Keychain, row: SecondFactor) -> str:
    """Return the secret of a row; raise `OpeningFailed`."""
    return open_sealed(keys.ring, SEALING, place(row.user_id), row.sealed_secret).decode()


def _random_word() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(4))


def _recovery_hash(keys: Keychain, user_id: int, code: str) -> str:
    plain = re.sub(r"[\s-]", "", code).lower()
    return keys.marks.of(f"recovery|{user_id}", plain)
