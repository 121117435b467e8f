"""Values that are kept sealed (AES-256-GCM) with a ring, each with the id of its key before it."""

import base64
import os
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from keys.ring import LEGACY, KeyMissing, Ring

NONCE_BYTES = 12
_SEALED = re.compile(r"r1\.([a-z0-9]{1,8})\.([A-Za-z0-9+/=]+)")


class OpeningFailed(ValueError):
    """Sealed with a key that is not on the ring, for another place, or changed since."""


def seal(ring: Ring, purpose: str, place: str, value: bytes) -> str:
    """Return `r1.<key id>.<base64>`; it opens for the same purpose and place (table, row) only."""
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(ring.derived(purpose)).encrypt(nonce, value, place.encode())
    return f"r1.{ring.maker(purpose).id}.{base64.b64encode(nonce + sealed).decode()}"


def open_sealed(ring: Ring, purpose: str, place: str, sealed: str) -> bytes:
    """Return what was sealed; raise `OpeningFailed`."""
    found = _SEALED.fullmatch(sealed)
    try:
        if found is None:
            key, text = _legacy_key(ring), sealed
        else:
            key, text = ring.derived(purpose, found[1]), found[2]
        raw = base64.b64decode(text, validate=True)
        return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], place.encode())
    except (InvalidTag, KeyMissing, ValueError):
        raise OpeningFailed from None


def key_id_of(sealed: str) -> str:
    """Return with which key a value was sealed; what carries no id came from the first one."""
    found = _SEALED.fullmatch(sealed)
    return found[1] if found else LEGACY


def _legacy_key(ring: Ring) -> bytes:
    """Return the key of values that were sealed before there was a ring."""
    if ring.legacy is None:
        raise KeyMissing(LEGACY)
    hkdf = HKDF(SHA256(), length=32, salt=None, info=b"iort sealing 1")
    return hkdf.derive(ring.legacy.secret.encode())
