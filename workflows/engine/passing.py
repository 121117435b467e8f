"""Faults that pass by themselves: they are waited for, and no attempt of a row is counted.

A server of others is away, a lock is held, the disk is full. Whoever tried is not to blame: the row
is due again after seconds, then more seldom, for as long as its kind of fault may last.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from adapters.mail_in import MailInError
from adapters.mail_out import MailRefused
from adapters.storage import StorageError

AN_HOUR = timedelta(hours=1)
_OF_DATABASE = {
    "55P03": "LockNotAvailable",
    "40P01": "DeadlockDetected",
    "40001": "SerializationFailure",
    "53000": "DatabaseBusy",
    "53100": "DiskFull",
    "53200": "OutOfMemory",
    "53300": "TooManyConnections",
    "57P03": "CannotConnectNow",
}
"""By SQLSTATE (PostgreSQL's appendix A): the connection stands, and the same may go well later."""
CANCELLED = "57014"
"""A statement was cancelled, by its time limit or a person: tried again, and counted."""


class PeerAway(RuntimeError):
    """A server of others does not answer, or serves nobody now; `peer` is smtp, imap or store."""

    def __init__(self, peer: str, code: str) -> None:
        super().__init__(f"{peer} is away: {code}")
        self.peer = peer
        self.code = code


class PutOff(RuntimeError):
    """A server wants this one thing later: greylisting, a full mailbox, too many from us."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Passing:
    """A fault that passes. `first` and `longest` bound the waits, `patience` None is the setting's.

    `peer`: the server that is away, and `answer` what it said; `everything`: no other row of the
    batch would fare better.
    """

    code: str
    first: timedelta
    longest: timedelta
    patience: timedelta | None = None
    peer: str | None = None
    answer: str = ""
    everything: bool = False

    def wait(self, waited: timedelta) -> timedelta:
        """Return how long to wait after having waited so long: half of it, within bounds."""
        return min(max(waited / 2, self.first), self.longest)


def passing(error: BaseException) -> Passing | None:
    """Return what kind of passing fault an error is; None where it is none."""
    if isinstance(error, DBAPIError):
        return _of_database(error)
    away = _away(error)
    if away is not None:
        first, longest = timedelta(seconds=10), timedelta(minutes=5)
        return Passing(
            f"{away.peer}_away", first, longest, peer=away.peer, answer=away.code, everything=True
        )
    if isinstance(error, PutOff):
        return Passing(error.code, timedelta(minutes=1), timedelta(minutes=30))
    return None


def _away(error: BaseException) -> PeerAway | None:
    if isinstance(error, PeerAway):
        return error
    if isinstance(error, MailInError):
        return PeerAway("imap", error.code)
    if isinstance(error, StorageError) and error.serves_nobody:
        return PeerAway("store", error.code)
    return None


def of_refusal(refused: MailRefused) -> PeerAway | PutOff:
    """Return what a refusal that is not for good means: nobody is served, or this letter is not."""
    if refused.serves_nobody:
        return PeerAway("smtp", str(refused.code or refused.stage))
    return PutOff("MailRefused")


def _of_database(error: DBAPIError) -> Passing | None:
    state = getattr(error.orig, "sqlstate", None)
    if state not in _OF_DATABASE or error.connection_invalidated:
        return None
    return Passing(
        _OF_DATABASE[state],
        timedelta(seconds=2),
        timedelta(minutes=1),
        patience=AN_HOUR,
        everything=state.startswith(("53", "57")),
    )


def untouched(error: BaseException) -> bool:
    """Return whether no statement was begun: there was no connection to be had."""
    return isinstance(error, DBAPIError) and error.statement is None


def is_lost(error: BaseException) -> bool:
    """Return whether the database went away, so that nothing can be written down now."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    return getattr(error.orig, "sqlstate", None) != CANCELLED and passing(error) is None
