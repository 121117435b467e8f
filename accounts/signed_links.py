"""Links that open a patient's own page: signed, dated, without personal data in the address.

A token carries the case's id, the generation of its links, and the number of the letter that
brought it. Raising the generation on the case ends every link sent before; tokens of the first
generation in no letter are the bare id, as letters carried them before there were generations.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from keys import Ring, TokenExpired, TokenForged
from keys.timed import read_timed, timed_token

PURPOSE = "portal"

Reason = Literal["forged", "expired", "revoked"]


class LinkRefused(ValueError):
    """The link is forged, its time is over, or it was revoked; `case_id` where it was genuine."""

    def __init__(self, message: str, reason: Reason = "forged", case_id: int | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.case_id = case_id


@dataclass(frozen=True, slots=True)
class PortalToken:
    """What a genuine token says."""

    case_id: int
    generation: int
    letter: int | None = None
    """The number of the letter that brought the link; None where none did."""


def portal_link(
    public_url: str,
    ring: Ring,
    case_id: int,
    generation: int = 0,
    letter: int | None = None,
    at: datetime | None = None,
) -> str:
    """Return the address of the patient's page for a case; `generation` is the case's own.

    `at` is when its days begin (aware): now, where it is not given.
    """
    held: object = [case_id, generation] if generation else case_id
    if letter is not None:
        held = [case_id, generation, letter]
    return f"{public_url.rstrip('/')}/portal/{timed_token(ring, PURPOSE, held, at)}"


def read_portal_token(token: str, ring: Ring, valid_for: timedelta) -> PortalToken:
    """Return what a genuine token says; raise `LinkRefused` otherwise."""
    try:
        return _token(read_timed(ring, PURPOSE, token, int(valid_for.total_seconds())))
    except TokenExpired as expired:
        ended = _token(expired.held)
        raise LinkRefused(
            "This link has ended. Ask us for a new one.", "expired", ended.case_id
        ) from None
    except (TokenForged, ValueError, TypeError):
        raise LinkRefused("This link is not valid.", "forged") from None


def _token(held: object) -> PortalToken:
    if isinstance(held, list):
        case_id, generation, *letter = held
        return PortalToken(int(case_id), int(generation), *(int(one) for one in letter))
    return PortalToken(int(held), 0)  # type: ignore[call-overload]
