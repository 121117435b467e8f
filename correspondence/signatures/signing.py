"""Signing our letters (DKIM, RFC 6376), so that who gets one can tell it from a forged one."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from correspondence.signatures.canonical import field_as, signed_fields, split_mail

SHORTEST_RSA = 2048
"""Bits of a key that we sign with; receivers may refuse shorter ones (RFC 8301, 3.2)."""
_SIGNED = """from to cc reply-to subject date message-id in-reply-to references mime-version
content-type content-transfer-encoding content-language auto-submitted precedence list-unsubscribe
list-unsubscribe-post"""
SIGNED = _SIGNED.split()
"""Each stands once more than it is there (oversigned): nobody can add a second one."""
_WIDTH = 70


class KeyNotFit(ValueError):
    """The key cannot sign letters; the message says why and repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with the domain and the selector that its other half is published under."""

    domain: str
    selector: str
    key: RSAPrivateKey | Ed25519PrivateKey

    @classmethod
    def of(cls, domain: str, selector: str, pem: bytes) -> "Signer":
        """Read a private key from PEM without a password. Raises KeyNotFit."""
        try:
            key = load_pem_private_key(pem, None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise KeyNotFit("it is no private key in PEM without a password") from None
        if isinstance(key, RSAPrivateKey) and key.key_size < SHORTEST_RSA:
            raise KeyNotFit(f"an RSA key needs {SHORTEST_RSA} bits")
        if not isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
            raise KeyNotFit("it is neither an RSA nor an Ed25519 key")
        return cls(domain.lower(), selector.lower(), key)

    @property
    def name(self) -> str:
        """Where the other half is published."""
        return f"{self.selector}._domainkey.{self.domain}"

    def record(self) -> str:
        """Return the TXT record that publishes the key."""
        public = self.key.public_key()
        if isinstance(self.key, RSAPrivateKey):
            content = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            kind = "rsa"
        else:
            content, kind = public.public_bytes(Encoding.Raw, PublicFormat.Raw), "ed25519"
        return f"v=DKIM1; k={kind}; p={base64.b64encode(content).decode()}"

    def signed(self, raw: bytes, now: datetime) -> bytes:
        """Return a raw mail with our signature on top."""
        mail = split_mail(raw)
        there = [name for name, _ in mail.fields]
        names = [name for one in SIGNED for name in [one] * (there.count(one) + 1)]
        kind = "rsa-sha256" if isinstance(self.key, RSAPrivateKey) else "ed25519-sha256"
        lines = [
            f"DKIM-Signature: v=1; a={kind}; c=relaxed/relaxed; d={self.domain};",
            f" s={self.selector}; t={int(now.timestamp())};",
            *_folded("h=" + ":".join(names) + ";", ":"),
            f" bh={base64.b64encode(mail.body_hash('relaxed')[1]).decode()};",
            " b=",
        ]
        field = "\r\n".join(lines)
        own = field_as("relaxed", field.encode() + b"\r\n").rstrip(b"\r\n")
        digest = hashlib.sha256(signed_fields(mail, "relaxed", names) + own).digest()
        if isinstance(self.key, RSAPrivateKey):
            signature = self.key.sign(digest, PKCS1v15(), Prehashed(SHA256()))
        else:
            signature = self.key.sign(digest)
        text = base64.b64encode(signature).decode()
        parts = [text[start : start + _WIDTH] for start in range(0, len(text), _WIDTH)]
        return field.encode() + "\r\n ".join(parts).encode() + b"\r\n" + raw


def _folded(text: str, after: str) -> list[str]:
    """Return a long tag as lines that begin with a space, broken behind a sign."""
    lines, line = [], " "
    for part in text.split(after):
        piece = part + after
        if len(line) + len(piece) > _WIDTH:
            lines.append(line)
            line = " "
        line += piece
    return [*lines, line.removesuffix(after)]
