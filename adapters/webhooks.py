"""Webhooks, both ways (Standard Webhooks 1.0), and the guard in front of the way out.

Out: only https to public addresses. The name is resolved once, every address it has must be
public, and the connection goes to one of exactly those addresses, so that a second resolution
cannot lead elsewhere. No redirects, no proxy from the environment, no credentials in the address,
one deadline over the whole exchange. In: the raw body is verified before anything parses it.
"""

import base64
import ipaddress
import math
import secrets as random_secrets
import socket
import ssl
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import httpcore2
from standardwebhooks import Webhook

TIMEOUT_SECONDS: Final = 15.0
LARGEST_ANSWER: Final = 64 * 1024
LARGEST_BODY_OUT: Final = 20 * 1024
LARGEST_BODY_IN: Final = 1024 * 1024
ALLOWED_PORTS: Final = frozenset({443, 8443})

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Networks that lead to another address than they name, or that Python calls global.
_DENIED: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.88.99.0/24",  # 6to4 relays
        "::/96",  # IPv4-compatible
        "::ffff:0:0/96",  # IPv4-mapped
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",  # local NAT64
        "2001::/32",  # Teredo
        "2002::/16",  # 6to4
        "fec0::/10",  # site-local
    )
)


class WebhookRefused(Exception):
    """Our guard does not send there. `reason` is a code; repeating will not help."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"webhook not sent: {reason}")
        self.reason = reason


class WebhookFailed(Exception):
    """No answer came. The receiver may have got it: it knows repeats by `webhook-id`."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"webhook failed: {reason}")
        self.reason = reason


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


def verify(secrets: Iterable[str], *, body: bytes, headers: Mapping[str, str]) -> str:
    """Return the message id of a genuine inbound webhook; raise WebhookNotGenuine otherwise.

    Any of the current secrets will do; the signature is compared in constant time and may be
    at most 300 s old. The id belongs in the inbox: that is the protection against replay.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    message_id = lower.get("webhook-id", "")
    if not message_id or len(message_id) > 256 or len(body) > LARGEST_BODY_IN:
        raise WebhookNotGenuine
    for secret in secrets:
        try:
            Webhook(secret).verify(body, lower, json_parse=False)
        except Exception:  # noqa: S112 - the library raises many kinds on malformed headers
            continue
        return message_id
    raise WebhookNotGenuine


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

    `timeout` (seconds) covers the whole exchange. `allow_loopback` is for embedded mode: this
    machine's own addresses, any port, also plain http. Raises WebhookRefused (guard) and
    WebhookFailed (network).
    """
    if len(body) > LARGEST_BODY_OUT:
        raise WebhookRefused("body_too_large")
    _check_url(url, allow_loopback=allow_loopback)
    deadline = time.monotonic() + timeout
    backend = _GuardedBackend(
        deadline, allow_loopback=allow_loopback, allow_public=url.startswith("https:")
    )
    waits = dict.fromkeys(("connect", "read", "write", "pool"), timeout)
    sent: dict[bytes | str, bytes | str] = {"user-agent": "iort-coordinator"}
    sent.update(headers.items())
    try:
        with (
            httpcore2.ConnectionPool(
                ssl_context=ssl_context or ssl.create_default_context(),
                network_backend=backend,
                retries=0,
            ) as pool,
            pool.stream(
                "POST", url, headers=sent, content=body, extensions={"timeout": waits}
            ) as response,
        ):
            status = response.status
            retry_after = _retry_after(response.headers)
            _drain(response.iter_stream())
    except (
        httpcore2.NetworkError,
        httpcore2.TimeoutException,
        httpcore2.ProtocolError,
        OSError,
    ) as error:
        raise WebhookFailed(type(error).__name__) from None
    return WebhookAnswer(status, retry_after)


def is_public(address: str) -> bool:
    """Say whether an IP address belongs to the public internet and names itself."""
    try:
        ip: _Address = ipaddress.ip_address(address)
    except ValueError:
        return False
    if any(ip.version == network.version and ip in network for network in _DENIED):
        return False
    return ip.is_global and not (
        ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_private
    )


def _check_url(url: str, *, allow_loopback: bool) -> None:
    if not url.isascii() or any(c.isspace() or ord(c) < 32 for c in url):
        raise WebhookRefused("malformed_url")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise WebhookRefused("malformed_url") from None
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise WebhookRefused("malformed_url")
    if parts.username is not None or parts.password is not None:
        raise WebhookRefused("credentials_in_url")
    if allow_loopback:
        return  # the connection itself still goes to loopback or, by https rules, to the public
    if parts.scheme != "https":
        raise WebhookRefused("not_https")
    if (port or 443) not in ALLOWED_PORTS:
        raise WebhookRefused("port_not_allowed")


def _drain(chunks: Iterable[bytes]) -> None:
    """Read at most LARGEST_ANSWER bytes of the answer and throw them away."""
    seen = 0
    for chunk in chunks:
        seen += len(chunk)
        if seen > LARGEST_ANSWER:
            return


def _retry_after(headers: Iterable[tuple[bytes, bytes]]) -> int | None:
    for name, value in headers:
        if name.lower() == b"retry-after" and value.isdigit() and len(value) < 8:
            return int(value)
    return None


class _GuardedBackend(httpcore2.NetworkBackend):
    """Resolves once, checks every address, connects to a checked one, keeps one deadline."""

    def __init__(self, deadline: float, *, allow_loopback: bool, allow_public: bool) -> None:
        self._deadline = deadline
        self._allow_loopback = allow_loopback
        self._allow_public = allow_public
        self._inner = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore2.NetworkStream:
        """Open a connection to a vetted address of `host`."""
        addresses = self._vetted(host, port)
        failure: Exception | None = None
        for address in addresses:
            left = _left(self._deadline)
            try:
                stream = self._inner.connect_tcp(
                    address, port, timeout=left, socket_options=socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
                continue
            return _DeadlineStream(stream, self._deadline)
        raise failure or httpcore2.ConnectError("no address")

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Any = None
    ) -> httpcore2.NetworkStream:
        """Refuse: a webhook goes to the network."""
        raise WebhookRefused("address_not_public")

    def sleep(self, seconds: float) -> None:
        """Wait; used by the pool only between retries, of which there are none."""
        self._inner.sleep(seconds)

    def _vetted(self, host: str, port: int) -> list[str]:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise httpcore2.ConnectError("name not resolved") from None
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not addresses or not all(self._may_connect(a, port) for a in addresses):
            raise WebhookRefused("address_not_public")
        return addresses

    def _may_connect(self, address: str, port: int) -> bool:
        if self._allow_loopback:
            # Zone ids ("fe80::1%eth0") never parse as loopback.
            try:
                if ipaddress.ip_address(address).is_loopback:
                    return True
            except ValueError:
                return False
        return self._allow_public and port in ALLOWED_PORTS and is_public(address)


class _DeadlineStream(httpcore2.NetworkStream):
    """A connection whose every wait ends at the same deadline, so trickling does not help."""

    def __init__(self, inner: httpcore2.NetworkStream, deadline: float) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, timeout=_left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout=_left(self._deadline))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        secured = self._inner.start_tls(
            ssl_context, server_hostname=server_hostname, timeout=_left(self._deadline)
        )
        return _DeadlineStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("deadline")
    return left
