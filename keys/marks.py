"""Marks: hashes that only this installation can make, by which it finds again what it has seen.

Their key is made once and stays (sealed with the ring, in the database): a mark cannot be made anew
when the ring turns, since what it was made of is not kept.
"""

import hashlib
import hmac


class Marks:
    """Keyed hashes."""

    def __init__(self, key: bytes) -> None:
        """Take the key; raise ValueError for an empty one."""
        if not key:
            raise ValueError("a mark needs a key")
        self._key = key

    def of(self, kind: str, value: str) -> str:
        """Return a hash (64 hex digits) that nobody makes or guesses back without the key."""
        return hmac.new(self._key, f"{kind}|{value}".encode(), hashlib.sha256).hexdigest()
