"""A made-up name service, and the keys that its domains publish."""

import base64
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from correspondence.signatures.canonical import field_as, signed_fields, split_mail
from correspondence.signatures.keys import NotLookedUp
from correspondence.signatures.signing import Signer

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


class Zone:
    """What names publish; those that end in one of `down` cannot be looked up."""

    def __init__(self, **records: str) -> None:
        self.records: dict[str, list[str]] = {name: [text] for name, text in records.items()}
        self.down: tuple[str, ...] = ()
        self.asked: list[str] = []

    def txt(self, name: str) -> Sequence[str]:
        self.asked.append(name)
        if self.down and name.endswith(self.down):
            raise NotLookedUp
        return self.records.get(name, [])

    def publish(self, signer: Signer, more: str = "") -> Signer:
        self.records[signer.name] = [signer.record() + more]
        return signer


@cache
def pem(kind: str = "ed25519", bits: int = 2048) -> bytes:
    """A new private key of this run."""
    key = Ed25519PrivateKey.generate() if kind == "ed25519" else generate_private_key(65537, bits)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def signer(domain: str = "jinjiang.example", kind: str = "ed25519") -> Signer:
    return Signer.of(domain, "s1", pem(kind))


def by_hand(key: Signer, raw: bytes, **changed: str) -> bytes:
    """A mail with a signature whose tags are chosen; None of them is checked."""
    assert isinstance(key.key, Ed25519PrivateKey)
    mail = split_mail(raw)
    tags = {
        "v": "1",
        "a": "ed25519-sha256",
        "c": "relaxed/relaxed",
        "d": key.domain,
        "s": key.selector,
        "h": "from:to:subject",
        "bh": base64.b64encode(mail.body_hash("relaxed")[1]).decode(),
    } | changed
    field = "DKIM-Signature: " + "; ".join(f"{name}={value}" for name, value in tags.items())
    field += "; b="
    content = signed_fields(mail, "relaxed", tags["h"].split(":"))
    content += field_as("relaxed", field.encode() + b"\r\n").rstrip(b"\r\n")
    signature = base64.b64encode(key.key.sign(hashlib.sha256(content).digest()))
    return field.encode() + signature + b"\r\n" + raw


def sealed(key: Signer, raw: bytes, results: str, number: int = 1, said: str = "") -> bytes:
    """A mail that a forwarder sealed (RFC 8617), with what it writes that it saw."""
    assert isinstance(key.key, Ed25519PrivateKey)
    mail, sign = split_mail(raw), key.key.sign
    where = f"d={key.domain}; s={key.selector}"
    seen = f"ARC-Authentication-Results: i={number}; {results}\r\n"
    digest = base64.b64encode(mail.body_hash("relaxed")[1]).decode()
    message = (
        f"ARC-Message-Signature: i={number}; a=ed25519-sha256; c=relaxed/relaxed; {where};"
        f" h=from:to:subject; bh={digest}; b="
    )
    content = signed_fields(mail, "relaxed", ["from", "to", "subject"])
    content += field_as("relaxed", message.encode() + b"\r\n").rstrip(b"\r\n")
    message += base64.b64encode(sign(hashlib.sha256(content).digest())).decode() + "\r\n"
    names = ("arc-authentication-results", "arc-message-signature", "arc-seal")
    before = [mail.named(name) for name in names]
    earlier = [field for one in reversed(list(zip(*before, strict=True))) for field in one]
    cv = said or ("none" if number == 1 else "pass")
    seal = f"ARC-Seal: i={number}; a=ed25519-sha256; cv={cv}; {where}; b="
    content = b"".join(
        field_as("relaxed", field) for field in [*earlier, seen.encode(), message.encode()]
    )
    content += field_as("relaxed", seal.encode() + b"\r\n").rstrip(b"\r\n")
    seal += base64.b64encode(sign(hashlib.sha256(content).digest())).decode() + "\r\n"
    return seal.encode() + message.encode() + seen.encode() + raw
