"""Browsers in which somebody signed in before: strangers' wrong passwords do not stop these.

A signed cookie names the account and the browser, for 90 days. Tries with it are counted for this
browser alone; without it for the account at one network address, and for the account from anywhere.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from keys import Ring, TokenExpired, TokenForged
from keys.timed import read_timed, timed_token

LASTS = timedelta(days=90)
_PURPOSE = "known browser"


@dataclass(frozen=True, slots=True)
class KnownBrowser:
    """A browser that an account signed in with before."""

    user_id: int
    id: str


def remember(ring: Ring, user_id: int) -> str:
    """Return the cookie of a browser in which this account has just signed in."""
    return timed_token(ring, _PURPOSE, [user_id, secrets.token_urlsafe(12)])


def recognise(ring: Ring, cookie: str) -> KnownBrowser | None:
    """Return what a cookie of ours names; None for any other, and for an old one."""
    try:
        user_id, browser = read_timed(ring, _PURPOSE, cookie, int(LASTS.total_seconds()))
        return KnownBrowser(int(user_id), str(browser))
    except (TokenForged, TokenExpired, ValueError, TypeError):
        return None
