"""Reply tokens: what an answer or a report is about, proven by a key and not by a name.

The token stands in the local part of an address of ours (`cases+<token>@...`): a thread's or a
case's in Reply-To, a letter's in the return path, where reports of mail servers go (VERP). Mail
servers may change the case of a local part, so it is written in lower-case base32. Before the proof
stands the id of its key; tokens from before there was a ring lack it.
"""

import base64
import hmac
import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from keys import KeyMissing, Ring

TokenKind = Literal["thread", "case", "letter", "alarm", "draft", "reminders"]
_SIGNS: dict[str, TokenKind] = {
    "": "thread",
    "c": "case",
    "b": "letter",
    "a": "alarm",
    "d": "draft",
    "u": "reminders",
}
"""What stands before the number; nothing for a thread."""
_PREFIXES = {kind: sign for sign, kind in _SIGNS.items()}
_TAG_CHARACTERS = 26  # 130 bits
_PATTERN = (
    r"(?P<kind>[a-du]?)(?P<number>[0-9]{1,18})(?:\.(?P<key>[a-z0-9]{1,8}))?"
    rf"\.(?P<tag>[a-z2-7]{{{_TAG_CHARACTERS}}})"
)
PURPOSE = "reply token"
_TOKEN = re.compile(_PATTERN)
_IN_ADDRESS = re.compile(rf"\+(?P<token>{_PATTERN})@")


class Named(NamedTuple):
    """What a genuine token names."""

    kind: TokenKind
    number: int


def reply_token(number: int, ring: Ring, kind: TokenKind = "thread") -> str:
    """Return the token of a thread, or of another thing with that id.

    Raises ValueError for a negative id.
    """
    if number < 0:
        raise ValueError("an id is not negative")
    named = f"{_PREFIXES[kind]}{number}"
    return f"{named}.{ring.signing.id}.{_tag(ring, named, ring.signing.id)}"


def verify_reply_token(token: str, ring: Ring, kind: TokenKind = "thread") -> int | None:
    """Return the id in a genuine token of that kind, None for any other text."""
    found = _TOKEN.fullmatch(token.strip().lower())
    if found is None or _SIGNS[found["kind"]] != kind:
        return None
    named = f"{found['kind']}{int(found['number'])}"
    try:
        right = _tag(ring, named, found["key"])
    except KeyMissing:
        return None
    return int(found["number"]) if hmac.compare_digest(right, found["tag"]) else None


def _tag(ring: Ring, named: str, key_id: str | None) -> str:
    if key_id is None:
        proof = ring.legacy_proof(f"reply-token:v1:{named}")
    else:
        proof = ring.proof(PURPOSE, named, key_id)
    return base64.b32encode(proof).decode().lower()[:_TAG_CHARACTERS]


def reply_address(mailbox: str, token: str) -> str:
    """Return our mailbox with the token in it: `cases@x` -> `cases+<token>@x`."""
    local, at, domain = mailbox.rpartition("@")
    if not at or not local or "+" in local:
        raise ValueError("the mailbox must be a plain address without +")
    return f"{local}+{token}@{domain}"


def tokens_in(addresses: Iterable[str]) -> list[str]:
    """Return the token-shaped texts in some addresses, in order, without judging them."""
    return [
        found["token"] for address in addresses for found in _IN_ADDRESS.finditer(address.lower())
    ]


def named_in(addresses: Iterable[str], ring: Ring) -> tuple[Named, ...]:
    """Return what the genuine tokens in some addresses name, in order, each once."""
    found: dict[Named, None] = {}
    for token in tokens_in(addresses):
        for kind in _PREFIXES:
            number = verify_reply_token(token, ring, kind)
            if number is not None:
                found[Named(kind, number)] = None
    return tuple(found)
