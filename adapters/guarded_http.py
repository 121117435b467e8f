"""The guard in front of every address that somebody else gave us.

Only https to public addresses. The name is resolved once, every address it has must be public, and
the connection goes to one of exactly those addresses, so that a second resolution cannot lead
elsewhere. No redirects, no proxy from the environment, no credentials in the address, one deadline
over the whole exchange, the name's resolution included.
"""

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

import httpcore2

LARGEST_ANSWER: Final = 64 * 1024
ALLOWED_PORTS: Final = frozenset({443, 8443})
LOOK_UP_SECONDS: Final = 5.0
DRAIN_SECONDS: Final = 1.0
"""How long the rest of an answer is read once its status is known: nothing in it counts."""

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


@dataclass(frozen=True, slots=True)
class Exchanged:
    """The status (also 3xx: nothing is followed), the headers by lower-case name, the content."""

    status: int
    headers: Mapping[str, str]
    content: bytes


def exchange(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    timeout: float,
    allow_loopback: bool = False,
    ssl_context: ssl.SSLContext | None = None,
    keep: bool = False,
) -> Exchanged:
    """Send one request and return the answer; its content is thrown away unless `keep`.

    `timeout` (seconds) covers everything. Raises WebhookRefused and WebhookFailed.
    """
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
                ssl_context=ssl_context or _trusted(), network_backend=backend, retries=0
            ) as pool,
            pool.stream(
                method, url, headers=sent, content=body, extensions={"timeout": waits}
            ) as response,
        ):
            told = {
                name.decode("latin-1").lower(): value.decode("latin-1")
                for name, value in response.headers
            }
            if keep:
                return Exchanged(response.status, told, _content(response.iter_stream()))
            backend.hurry(DRAIN_SECONDS)
            _drain(response.iter_stream())
            return Exchanged(response.status, told, b"")
    except (
        httpcore2.NetworkError,
        httpcore2.TimeoutException,
        httpcore2.ProtocolError,
        OSError,
    ) as error:
        raise WebhookFailed(type(error).__name__) from None


@cache
def _trusted() -> ssl.SSLContext:
    """Return what vouches for certificates: reading it takes longer than a whole delivery."""
    return ssl.create_default_context()


def check_address(url: str, *, allow_loopback: bool = False) -> None:
    """Raise WebhookRefused for an address we would not send to, WebhookFailed for no such name."""
    _check_url(url, allow_loopback=allow_loopback)
    parts = urlsplit(url)
    backend = _GuardedBackend(
        time.monotonic() + LOOK_UP_SECONDS,
        allow_loopback=allow_loopback,
        allow_public=parts.scheme == "https",
    )
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        backend.vetted(parts.hostname or "", port)
    except (httpcore2.NetworkError, httpcore2.TimeoutException) as error:
        raise WebhookFailed(type(error).__name__) from None


def _content(chunks: Iterable[bytes]) -> bytes:
    found = b""
    for chunk in chunks:
        found += chunk
        if len(found) > LARGEST_ANSWER:
            raise WebhookFailed("answer_too_large")
    return found


def _drain(chunks: Iterable[bytes]) -> None:
    """Read at most LARGEST_ANSWER bytes of the answer, for a moment, and throw them away.

    The status was given: what comes or does not come after it changes nothing.
    """
    seen = 0
    try:
        for chunk in chunks:
            seen += len(chunk)
            if seen > LARGEST_ANSWER:
                return
    except (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError, OSError):
        return


def _look_up(host: str, port: int, seconds: float) -> list[str]:
    """Return the addresses of a name, each once; a name server that is silent is not waited for."""
    found: list[str] = []
    failed = threading.Event()

    def ask() -> None:
        try:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(str(entry[4][0]) for entry in entries))
        except (OSError, UnicodeError):
            failed.set()

    asking = threading.Thread(target=ask, name="name-lookup", daemon=True)
    asking.start()
    asking.join(seconds)
    if asking.is_alive() or failed.is_set():
        raise httpcore2.ConnectError("name not resolved")
    return found


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


class _GuardedBackend(httpcore2.NetworkBackend):
    """Resolves once, checks every address, connects to a checked one, keeps one deadline."""

    def __init__(self, deadline: float, *, allow_loopback: bool, allow_public: bool) -> None:
        self.deadline = deadline
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
        addresses = self.vetted(host, port)
        failure: Exception | None = None
        for address in addresses:
            left = _left(self.deadline)
            try:
                stream = self._inner.connect_tcp(
                    address, port, timeout=left, socket_options=socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
                continue
            return _DeadlineStream(stream, self)
        raise failure or httpcore2.ConnectError("no address")

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Any = None
    ) -> httpcore2.NetworkStream:
        """Refuse: a webhook goes to the network."""
        raise WebhookRefused("address_not_public")

    def sleep(self, seconds: float) -> None:
        """Wait; used by the pool only between retries, of which there are none."""
        self._inner.sleep(seconds)

    def vetted(self, host: str, port: int) -> list[str]:
        """Return the addresses of a name; raise WebhookRefused unless each may be connected to."""
        addresses = _look_up(host, port, min(_left(self.deadline), LOOK_UP_SECONDS))
        if not addresses or not all(self._may_connect(a, port) for a in addresses):
            raise WebhookRefused("address_not_public")
        return addresses

    def hurry(self, seconds: float) -> None:
        """Bring the deadline forward, for every connection of this backend."""
        self.deadline = min(self.deadline, time.monotonic() + seconds)

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

    def __init__(self, inner: httpcore2.NetworkStream, backend: _GuardedBackend) -> None:
        self._inner = inner
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, timeout=_left(self._backend.deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout=_left(self._backend.deadline))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        secured = self._inner.start_tls(
            ssl_context, server_hostname=server_hostname, timeout=_left(self._backend.deadline)
        )
        return _DeadlineStream(secured, self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("deadline")
    return left
