"""Who signs: the name, qualification and registration that an account's owner states once."""

from dataclasses import asdict, dataclass

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from accounts import audit
from accounts.people import is_somebody, says_something
from accounts.sessions import SignedIn, real_now
from accounts.users import AccountRefused
from models import User
from models.database import transaction

AT_MOST = {"name": 120, "qualification": 120, "registration": 80}
"""Characters that each column holds."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A person who signs; what nobody stated is empty."""

    name: str = ""
    qualification: str = ""
    registration: str = ""

    @property
    def complete(self) -> bool:
        """Whether all three are stated."""
        return bool(self.name and self.qualification and self.registration)


def stands_for(part: str, text: str) -> bool:
    """Say whether a text may be a signer's `part`: a name and a qualification have letters.

    A registration has a letter or a digit.
    """
    return is_somebody(text) if part == "registration" else says_something(text)


def signer_of(session: Session, ref: str) -> Signer:
    """Return what the account with this pseudonym states; nothing where there is no account."""
    user = _user(session, ref)
    if user is None:
        return Signer()
    return Signer(user.display_name, user.qualification or "", user.registration or "")


def keep_signer(session: Session, ref: str, signer: Signer) -> None:
    """Keep what an account's owner stated, in the caller's transaction; nothing without account."""
    user = _user(session, ref)
    if user is not None:
        user.display_name = signer.name
        user.qualification, user.registration = signer.qualification, signer.registration


def first_since_reset(session: Session, ref: str) -> bool:
    """Say whether this is the first signature since somebody let the owner in anew; said once."""
    user = _user(session, ref)
    if user is None or user.reset_at is None:
        return False
    user.reset_at = None
    return True


def own_signer(engine: Engine, ref: str) -> Signer:
    """Return what `signer_of` says, in a transaction of its own."""
    with transaction(engine) as session:
        return signer_of(session, ref)


def state_signer(engine: Engine, who: SignedIn, stated: Signer) -> None:
    """Keep what the owner states of themself; audited. Raises `AccountRefused` for a blank part."""
    signer = Signer(*(" ".join(part.split()) for part in (
        stated.name, stated.qualification, stated.registration,
    )))  # fmt: skip
    if not all(stands_for(part, text) for part, text in asdict(signer).items()):
        raise AccountRefused("Give all three: name, qualification and registration.")
    for name, most in AT_MOST.items():
        if len(getattr(signer, name)) > most:
            raise AccountRefused(f"The {name} is too long: at most {most} characters.")
    with transaction(engine) as session:
        keep_signer(session, who.ref, signer)
        audit.note(
            session, actor_ref=who.ref, action="account.signer", at=real_now(), object_ref=who.ref
        )


def _user(session: Session, ref: str) -> User | None:
    return session.scalars(select(User).where(col(User.ref) == ref)).first()
