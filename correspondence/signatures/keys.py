"""Public keys of signatures, as a domain publishes them (RFC 6376, 3.6.1; RFC 8301; RFC 8463)."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from correspondence.signatures.canonical import tags_of

Lookup = Callable[[str], Sequence[str]]
"""The TXT records of a name; none where there are none. Raises `NotLookedUp`."""

SHORTEST_RSA = 1024
"""Bits; a shorter key proves nothing (RFC 8301, 3.2)."""


class NotLookedUp(Exception):
    """A name could not be looked up now. No name is repeated."""


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """A key that may be used for mail. `strict` allows no name below the signing domain."""

    key: RSAPublicKey | Ed25519PublicKey
    strict: bool

    def fits(self, algorithm: str) -> bool:
        """Return whether the key is of the kind that the signature names."""
        return algorithm.startswith("rsa") == isinstance(self.key, RSAPublicKey)

    def proves(self, signature: bytes, digest: bytes) -> bool:
        """Return whether a signature of a SHA-256 digest was made with the key's other half."""
        try:
            if isinstance(self.key, RSAPublicKey):
                self.key.verify(signature, digest, PKCS1v15(), Prehashed(SHA256()))
            else:
                self.key.verify(signature, digest)
        except InvalidSignature:
            return False
        return True


def published_keys(records: Sequence[str]) -> list[PublishedKey]:
    """Return the keys in the records of one name that mail may be signed with.

    A revoked key, one in testing and one of an unknown kind are none.
    """
    keys = [_key_of(record) for record in records]
    return [key for key in keys if key is not None]


def _key_of(record: str) -> PublishedKey | None:
    try:
        tags = tags_of(record)
        flags = _list(tags.get("t", ""))
        known = tags.get("v", "DKIM1") == "DKIM1" and tags.get("k", "rsa") in ("rsa", "ed25519")
        for_mail = bool({"*", "email"} & _list(tags.get("s", "*")))
        if not (known and for_mail) or "y" in flags:
            return None
        if "sha256" not in _list(tags.get("h", "sha256")):
            return None
        content = base64.b64decode("".join(tags["p"].split()), validate=True)
        if tags.get("k") == "ed25519":
            return PublishedKey(Ed25519PublicKey.from_public_bytes(content), "s" in flags)
        key = load_der_public_key(content)
    except (KeyError, ValueError, binascii.Error, UnsupportedAlgorithm):
        return None
    if not isinstance(key, RSAPublicKey) or key.key_size < SHORTEST_RSA:
        return None
    return PublishedKey(key, "s" in flags)


def _list(text: str) -> set[str]:
    return {part.strip() for part in text.split(":")}
