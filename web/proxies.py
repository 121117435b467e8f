"""Who a visitor is behind a proxy: `X-Forwarded-For` counts from named proxies only.

Limits and the audit go by address. A header that anybody may write would lift every limit, so it
is read only when the connection comes from an address of `IORT_TRUSTED_PROXIES`, from the right:
each proxy adds whom it saw, and the first that is no proxy of ours is the visitor.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address

from starlette.types import ASGIApp, Receive, Scope, Send

from settings import Network

Address = IPv4Address | IPv6Address
BY_PROXY = "iort_by_proxy"
"""In the scope of a request that a trusted proxy handed on: what its headers say counts."""


class Proxies:
    """ASGI middleware: puts the visitor in the place of a proxy that we trust."""

    def __init__(self, app: ASGIApp, *, trusted: Iterable[Network]) -> None:
        self._app = app
        self._trusted = tuple(trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if self._trusted and scope["type"] == "http":
            peer = _address(scope["client"][0] if scope.get("client") else "")
            if peer is not None and self._is_ours(peer):
                scope = {**scope, "client": (str(self._visitor(scope, peer)), 0), BY_PROXY: True}
        await self._app(scope, receive, send)

    def _is_ours(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)

    def _visitor(self, scope: Scope, peer: Address) -> Address:
        """Return the first from the right that is no proxy; what is no address ends the search."""
        fields = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        nearest = peer
        for text in reversed(b",".join(fields).decode("latin-1").split(",")):
            address = _address(text.strip())
            if address is None:
                break
            nearest = address
            if not self._is_ours(address):
                break
        return nearest


def _address(text: str) -> Address | None:
    """Return the address in `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` or `[2001:db8::1]:80`."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
