"""Webhooks, both ways (Standard Webhooks 1.0).

Out: signed, and sent through the guard of `adapters/guarded_http.py`. In: the raw body is verified
before anything parses it.
"""

import base64
import hashlib
import hmac
import math
import secrets as random_secrets
import ssl
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from standardwebhooks import Webhook

from adapters.clock import real_now
from adapters.guarded_http import (
    LARGEST_ANSWER,
    WebhookFailed,
    WebhookRefused,
    check_address,
    exchange,
    is_public,
)

TIMEOUT_SECONDS: Final = 15.0
OLDEST_SECONDS: Final = 300
LARGEST_BODY_OUT: Final = 20 * 1024
LARGEST_BODY_IN: Final = 1024 * 1024

__all__ = [
    "LARGEST_ANSWER",
    "LARGEST_BODY_IN",
    "LARGEST_BODY_OUT",
    "WebhookAnswer",
    "WebhookFailed",
    "WebhookNotGenuine",
    "WebhookRefused",
    "check_address",
    "get_public",
    "is_public",
    "new_secret",
    "post",
    "sign",
    "verify",
]


class WebhookNotGenuine(Exception):
    """The signature, its age or a header is wrong. Which of them is nobody's business."""

    def __init__(self) -> None:
        super().__init__("webhook signature not accepted")


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """The receiver's status (also 3xx: nothing is followed) and its Retry-After in seconds."""

    status: int
    retry_after: int | None = None


def new_secret() -> str:
    """Return a fresh signing secret: `whsec_` and 32 random bytes in base64."""
    return "whsec_" + base64.b64encode(random_secrets.token_bytes(32)).decode()


def sign(
    secrets: Sequence[str], *, message_id: str, sent_at: datetime, body: bytes
) -> dict[str, str]:
    """Return the three headers for `body`; several secrets sign side by side while rotating.

    `message_id` stays the same over retries, `sent_at` (aware) is the moment of this attempt.
    """
    if not secrets:
        raise ValueError("a webhook needs a secret")
    if sent_at.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    moment = sent_at.astimezone(UTC)
    text = body.decode("utf-8")
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(math.floor(moment.timestamp())),
        "webhook-signature": " ".join(Webhook(s).sign(message_id, moment, text) for s in secrets),
    }


def verify(
    secrets: Iterable[str],
    *,
    body: bytes,
    headers: Mapping[str, str],
    largest: int = LARGEST_BODY_IN,
) -> str:
    """Return the message id of a genuine inbound webhook; raise WebhookNotGenuine otherwise.

    Any of the current secrets will do; the signature is compared in constant time and may be
    at most 300 s old. The id is given whole, however long: it belongs in the inbox, which is the
    protection against replay. A body of more than `largest` bytes is not looked at.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    message_id = lower.get("webhook-id", "")
    if not message_id or len(body) > largest:
        raise WebhookNotGenuine
    moment = lower.get("webhook-timestamp", "")
    if not (moment.isascii() and moment.isdecimal() and len(moment) < 12):
        raise WebhookNotGenuine
    if abs(real_now().timestamp() - int(moment)) > OLDEST_SECONDS:
        raise WebhookNotGenuine
    content = f"{message_id}.{moment}.".encode("utf-8", "surrogatepass") + body
    given = [one for one in lower.get("webhook-signature", "").split(" ") if one.startswith("v1,")]
    for secret in secrets:
        right = _signature(secret, content)
        if any(hmac.compare_digest(right, one.encode("utf-8", "surrogatepass")) for one in given):
            return message_id
    raise WebhookNotGenuine


def _signature(secret: str, content: bytes) -> bytes:
    """Return the mark of `content`; of bytes, not of text: a sender signs whatever it sends."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        raise WebhookNotGenuine from None
    return b"v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest())


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    timeout: float = TIMEOUT_SECONDS,
    allow_loopback: bool = False,
    ssl_context: ssl.SSLContext | None = None,
) -> WebhookAnswer:
    """Send one signed webhook and return the receiver's status.

    `timeout` (seconds) covers the whole exchange up to the status; what the receiver says besides
    is read for a moment and thrown away. `allow_loopback` is for embedded mode: this machine's own
    addresses, any port, also plain http. Raises WebhookRefused (guard) and WebhookFailed (network).
    """
    if len(body) > LARGEST_BODY_OUT:
        raise WebhookRefused("body_too_large")
    answer = exchange(
        "POST", url, headers, body, timeout=timeout, allow_loopback=allow_loopback,
        ssl_context=ssl_context,
    )  # fmt: skip
    return WebhookAnswer(answer.status, _retry_after(answer.headers.get("retry-after", "")))


def get_public(url: str, *, timeout: float = TIMEOUT_SECONDS) -> bytes:
    """Return what a public https address holds, `LARGEST_ANSWER` bytes at most.

    Raises WebhookRefused (guard) and WebhookFailed: no answer, or any status but 200.
    """
    answer = exchange("GET", url, {}, b"", timeout=timeout, keep=True)
    if answer.status != 200:
        raise WebhookFailed("status")
    return answer.content


def _retry_after(given: str) -> int | None:
    """Return the seconds that a Retry-After asks for: as a number, or as a moment."""
    if given.isdecimal() and given.isascii() and len(given) < 8:
        return int(given)
    try:
        moment = parsedate_to_datetime(given)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    return max(0, math.ceil((moment - real_now()).total_seconds()))
