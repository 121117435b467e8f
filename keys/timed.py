"""Signed tokens with the moment they were made: `<key id>.<payload>.<time>.<signature>`.

Tokens from before there was a ring lack the id; they were made with the first key.
"""

from datetime import datetime
from typing import Any

from itsdangerous import BadSignature, SignatureExpired, TimestampSigner, URLSafeTimedSerializer

from keys.ring import KeyMissing, Ring

_PARTS = 4


class TokenForged(ValueError):
    """None of ours, or made with a key that is no longer on the ring."""


class TokenExpired(ValueError):
    """Genuine, but its time is over; `held` is what it says."""

    def __init__(self, held: Any) -> None:
        super().__init__("the token has ended")
        self.held = held


def timed_token(ring: Ring, purpose: str, held: Any, at: datetime | None = None) -> str:
    """Return a token that says `held` (JSON), of this moment or of `at` (aware)."""
    serializer = _serializer(ring, purpose, ring.signing.id)
    if at is not None:
        serializer.signer = _signer_at(at)
    token = str(serializer.dumps(held))
    return f"{ring.signing.id}.{token}"


def read_timed(ring: Ring, purpose: str, token: str, seconds: int) -> Any:
    """Return what a token says that is at most so old; raise `TokenForged`, `TokenExpired`."""
    key_id, dot, rest = token.partition(".")
    with_id = bool(key_id and dot) and token.count(".") == _PARTS - 1
    try:
        serializer = _serializer(ring, purpose, key_id if with_id else None)
        return serializer.loads(rest if with_id else token, max_age=seconds)
    except SignatureExpired as expired:
        try:
            raise TokenExpired(serializer.load_payload(expired.payload or b"")) from None
        except BadSignature:
            raise TokenForged from None
    except (BadSignature, KeyMissing, ValueError, TypeError):
        raise TokenForged from None


def _signer_at(at: datetime) -> type[TimestampSigner]:
    """Return a signer whose clock stands at a moment."""

    class At(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(at.timestamp())

    return At


def _serializer(ring: Ring, purpose: str, key_id: str | None) -> URLSafeTimedSerializer:
    if key_id is not None:
        return URLSafeTimedSerializer(ring.derived(f"token {purpose}", key_id), salt=purpose)
    if ring.legacy is None:
        raise TokenForged
    return URLSafeTimedSerializer(ring.legacy.secret, salt=purpose)
