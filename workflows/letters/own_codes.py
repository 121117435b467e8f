"""The code that lets a browser act on the patient's page: made from its row and the secret key.

It stands in the letter that brings it, and nowhere else. Its signs are those that RFC 8628 (6.1)
recommends: no vowels, so that no words come about, and none that is taken for a digit.
"""

import hmac
import secrets
import unicodedata
from datetime import timedelta

from accounts.sessions import real_now
from models import PortalCode
from workflows.engine.world import World

SIGNS = "BCDFGHJKLMNPQRSTVWXZ"
LENGTH = 8
"""20 to the power of 8: 25,600,000,000 codes."""
CODE_VALID = timedelta(minutes=20)
_LOOK_ALIKE = str.maketrans("8521ВСНКМРТХ", "BSZLBCHKMPTX")
"""What is typed in place of a sign: digits, and letters of a Cyrillic keyboard."""


def new_seed(world: World) -> str:
    """Return what makes a new code, with the id of the key that does."""
    return f"{world.keys.ring.signing.id}.{secrets.token_urlsafe(20)}"


def code_of(world: World, row: PortalCode) -> str:
    """Return the code of a row, in two groups of four; raise `KeyMissing` when its key is gone."""
    key_id, _, seed = row.seed.partition(".")
    number = int.from_bytes(world.keys.ring.proof("portal code", seed, key_id), "big")
    signs = []
    for _ in range(LENGTH):
        number, sign = divmod(number, len(SIGNS))
        signs.append(SIGNS[sign])
    code = "".join(signs)
    return f"{code[:4]}-{code[4:]}"


def fits(world: World, row: PortalCode, typed: str) -> bool:
    """Say whether what was typed is the row's code, in whatever way it was written."""
    wanted = code_of(world, row).replace("-", "")
    return hmac.compare_digest(wanted.encode(), _plain(typed).encode())


def still_works(row: PortalCode | None) -> bool:
    """Say whether the code can be used: a letter that brings an old one is of no use."""
    return row is not None and row.used_at is None and row.expires_at > real_now()


def _plain(typed: str) -> str:
    """Return the letters and digits of what was typed, in the alphabet of codes."""
    wide = unicodedata.normalize("NFKC", typed[:80]).upper()
    return "".join(sign for sign in wide.translate(_LOOK_ALIKE) if sign.isalnum())
