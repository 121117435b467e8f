"""How senders prove themselves who do not speak Standard Webhooks: forms, stores, mail providers.

Each check compares in constant time and raises `WebhookNotGenuine` alike for every doubt.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_pem_x509_certificate

from adapters.webhooks import WebhookNotGenuine

LARGEST_MAIL: Final = 36 * 1024 * 1024
"""Bytes of a delivery with a raw message: 25 MB in base64, and what stands around it."""
MAILGUN_AGE: Final = timedelta(hours=12)
"""Mailgun repeats a delivery for eight hours."""
_SNS_HOST = re.compile(r"https://sns\.[a-z0-9-]{4,30}\.amazonaws\.com(\.cn)?/[\w./-]+\.pem")
_SNS_CONFIRM = re.compile(r"https://sns\.[a-z0-9-]{4,30}\.amazonaws\.com(\.cn)?/\?[\w=&:%.-]+")
_SNS_SIGNED: Mapping[str, Sequence[str]] = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type",
    ),
}  # fmt: skip

FetchCertificate = Callable[[str], bytes]


def check_header(
    secrets: Iterable[str], body: bytes, given: str, *, prefix: str, encoding: str
) -> None:
    """Raise unless `given` is the HMAC-SHA256 of the body under one of the secrets."""
    for secret in secrets:
        digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
        right = digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()
        if hmac.compare_digest(f"{prefix}{right}".encode(), given.strip().encode()):
            return
    raise WebhookNotGenuine


def check_bearer(secrets: Iterable[str], authorization: str) -> None:
    """Raise unless the header carries one of the secrets as bearer token or as password."""
    how, _, value = authorization.partition(" ")
    token = value.strip().encode()
    if how.lower() == "basic":
        try:
            token = base64.b64decode(token, validate=True).partition(b":")[2]
        except (binascii.Error, ValueError):
            raise WebhookNotGenuine from None
    elif how.lower() != "bearer":
        raise WebhookNotGenuine
    for secret in secrets:
        if hmac.compare_digest(secret.encode(), token):
            return
    raise WebhookNotGenuine


def check_mailgun(secrets: Iterable[str], fields: Mapping[str, str], now: datetime) -> str:
    """Return the token of a genuine Mailgun delivery: it is there once (`now` aware, UTC).

    Mailgun signs the moment and the token, and not the body: the same token with another body is
    for whoever keeps the inbox to see.
    """
    moment, token = fields.get("timestamp", ""), fields.get("token", "")
    if not moment.isdecimal() or not 20 <= len(token) <= 100:
        raise WebhookNotGenuine
    if abs(now.timestamp() - int(moment[:12])) > MAILGUN_AGE.total_seconds():
        raise WebhookNotGenuine
    given = fields.get("signature", "").encode()
    for secret in secrets:
        right = hmac.new(secret.encode(), f"{moment}{token}".encode(), hashlib.sha256).hexdigest()
        if hmac.compare_digest(right.encode(), given):
            return token
    raise WebhookNotGenuine


def check_sns(said: Any, topics: Sequence[str], fetch: FetchCertificate) -> str:
    """Return the MessageId of a genuine message of one of `topics`.

    The certificate comes from Amazon's own host alone, through `fetch` (bytes of a PEM file).
    """
    texts = {name: one for name, one in said.items() if isinstance(one, str)} if isinstance(
        said, dict
    ) else {}  # fmt: skip
    signed = _SNS_SIGNED.get(texts.get("Type", ""))
    where = texts.get("SigningCertURL", "")
    if signed is None or texts.get("TopicArn") not in topics or not _SNS_HOST.fullmatch(where):
        raise WebhookNotGenuine
    lines = [f"{name}\n{texts[name]}\n" for name in signed if name in texts]
    kinds = {"1": hashes.SHA1, "2": hashes.SHA256}
    kind = kinds.get(texts.get("SignatureVersion", ""))
    try:
        signature = base64.b64decode(texts.get("Signature", ""), validate=True)
        key = load_pem_x509_certificate(fetch(where)).public_key()
        if kind is None or not isinstance(key, RSAPublicKey):
            raise WebhookNotGenuine
        key.verify(signature, "".join(lines).encode(), padding.PKCS1v15(), kind())
    except (InvalidSignature, ValueError):
        raise WebhookNotGenuine from None
    return texts["MessageId"]


def confirm_address(said: Mapping[str, Any]) -> str:
    """Return where a subscription is confirmed; raise `WebhookNotGenuine` for any other host."""
    where = str(said.get("SubscribeURL", ""))
    if not _SNS_CONFIRM.fullmatch(where):
        raise WebhookNotGenuine
    return where
