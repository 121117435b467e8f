"""Values at rest that are kept sealed, and hashes that only this installation can make.

Both use keys derived from the secret key: whoever copies the database alone can read neither.
"""

import base64
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class DecryptionFailed(ValueError):
    """Sealed under another secret key, for another row, or changed since."""


def encrypt(secret: str, place: str, value: str) -> str:
    """Return `value` sealed with AES-256-GCM; it opens for the same `place` (table, row) only."""
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(_key(secret)).encrypt(nonce, value.encode(), place.encode())
    return base64.b64encode(nonce + sealed).decode()


def decrypt(secret: str, place: str, sealed: str) -> str:
    """Return what was sealed; raise `DecryptionFailed`."""
    try:
        raw = base64.b64decode(sealed, validate=True)
        opened = AESGCM(_key(secret)).decrypt(
            raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], place.encode()
        )
    except (InvalidTag, ValueError):
        raise DecryptionFailed from None
    return opened.decode()


def keyed_hash(secret: str, kind: str, value: str) -> str:
    """Return a hash (64 hex digits) that nobody makes or guesses back without the secret key."""
    return hmac.new(secret.encode(), f"{kind}|{value}".encode(), hashlib.sha256).hexdigest()


def _key(secret: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=b"iort sealing 1").derive(secret.encode())
