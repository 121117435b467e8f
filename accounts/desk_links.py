"""Links that open a hospital's desk, the codes that go with them, and what a browser has shown.

A token carries the number of the link and its generation, nothing of a person. How long it works
stands in the link's row, which is asked at every look; `LONGEST` only bounds forgotten ones.
"""

import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from keys import Ring, TokenExpired, TokenForged
from keys.timed import read_timed, timed_token

LINK, BROWSER = "desk", "desk browser"
LONGEST = timedelta(days=400)
BROWSER_FOR = timedelta(hours=12)
"""So long a browser that showed a code may look and answer."""
SIGNS = "BCDFGHJKLMNPQRSTVWXZ"
"""As RFC 8628 (6.1) recommends: no vowels, none that is taken for a digit."""
LENGTH = 8
_LOOK_ALIKE = str.maketrans("8521ВСНКМРТХ", "BSZLBCHKMPTX")


class DeskLinkRefused(ValueError):
    """The link is none of ours, or its time is over long since."""


@dataclass(frozen=True, slots=True)
class DeskToken:
    """What a genuine token says."""

    link_id: int
    generation: int


def desk_path(ring: Ring, link_id: int, generation: int, at: datetime | None = None) -> str:
    """Return the path of a hospital's desk."""
    return f"/portal/desk/{timed_token(ring, LINK, [link_id, generation], at)}"


def read_desk_token(token: str, ring: Ring) -> DeskToken:
    """Return what a link says; raise `DeskLinkRefused`."""
    return _read(token, ring, LINK, LONGEST)


def browser_token(ring: Ring, link_id: int, generation: int) -> str:
    """Return what a browser keeps that has shown the code of a link."""
    return timed_token(ring, BROWSER, [link_id, generation])


def browser_has_shown(token: str, ring: Ring, link_id: int, generation: int) -> bool:
    """Say whether a browser has shown a code of this very link within `BROWSER_FOR`."""
    try:
        return _read(token, ring, BROWSER, BROWSER_FOR) == DeskToken(link_id, generation)
    except DeskLinkRefused:
        return False


def _read(token: str, ring: Ring, purpose: str, life: timedelta) -> DeskToken:
    try:
        held = read_timed(ring, purpose, token, int(life.total_seconds()))
        link_id, generation = held
        return DeskToken(int(link_id), int(generation))
    except (TokenForged, TokenExpired, ValueError, TypeError):
        raise DeskLinkRefused("This link is not valid.") from None


def new_code_seed(ring: Ring) -> str:
    """Return what makes a new code, with the id of the key that does (at most 40 characters)."""
    return f"{ring.signing.id}.{secrets.token_urlsafe(18)}"[:40]


def code_of_seed(ring: Ring, seed: str) -> str:
    """Return the code of a seed, in two groups of four; raise `KeyMissing` without its key."""
    key_id, _, rest = seed.partition(".")
    return "-".join(_signs(ring.proof("desk code", rest, key_id), LENGTH, 4))


def code_fits(ring: Ring, seed: str, typed: str) -> bool:
    """Say whether what was typed is the code of a seed, in whatever way it was written."""
    wide = unicodedata.normalize("NFKC", typed[:80]).upper().translate(_LOOK_ALIKE)
    plain = "".join(sign for sign in wide if sign.isalnum())
    wanted = code_of_seed(ring, seed).replace("-", "")
    return hmac.compare_digest(wanted.encode(), plain.encode())


def password_of_seed(ring: Ring, seed: str) -> str:
    """Return the password of an archive, in four groups of four; raise `KeyMissing`.

    20 to the power of 16: as much as 69 bits, and it can be read out by telephone.
    """
    key_id, _, rest = seed.partition(".")
    return "-".join(_signs(ring.proof("archive password", rest, key_id), 16, 4))


def _signs(proof: bytes, length: int, group: int) -> list[str]:
    number, signs = int.from_bytes(proof, "big"), []
    for _ in range(length):
        number, sign = divmod(number, len(SIGNS))
        signs.append(SIGNS[sign])
    return ["".join(signs[at : at + group]) for at in range(0, length, group)]
