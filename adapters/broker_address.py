"""Where the broker is: one server, or sentinels that say which of several servers leads now.

    redis://iort:PASSWORD@host:6379/0
    sentinel://iort:PASSWORD@s1:26379;sentinel://s2:26379;sentinel://s3:26379/0?master=iort

User and password are the broker's. What the sentinels ask stands behind `sentinel_password=`, and
`ssl_ca_certs=` has all of them, the servers too, reached by TLS and checked.
"""

import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

SCHEME = "sentinel"
_PORT = 26379


@dataclass(frozen=True, slots=True)
class Sentinels:
    """Who knows the leading server, and how it and they are reached."""

    places: tuple[tuple[str, int], ...]
    master: str
    database: int
    user: str | None
    password: str | None
    own_password: str | None
    """What the sentinels themselves ask for."""
    authority: str | None
    """The file of the certificates' authority; None: in clear."""

    @classmethod
    def of(cls, url: str) -> "Sentinels | None":
        """Return what an address with sentinels says; None for one server's.

        Raises ValueError, without a secret, for one that names no master or a wrong port.
        """
        parts = [urlsplit(part) for part in url.split(";")]
        if parts[0].scheme != SCHEME:
            return None
        first, last = parts[0], parts[-1]
        asked = dict(parse_qsl(last.query))
        if not asked.get("master"):
            raise ValueError(
                "IORT_BROKER_URL names sentinels and no master: put ?master=NAME at its end"
            )
        return cls(
            tuple((part.hostname or "", part.port or _PORT) for part in parts),
            asked["master"],
            int(last.path.strip("/") or 0),
            unquote(first.username) if first.username else None,
            unquote(first.password) if first.password else None,
            asked.get("sentinel_password"),
            asked.get("ssl_ca_certs"),
        )

    @property
    def url(self) -> str:
        """The address as Celery wants it: all that it does not know by name is taken away."""
        signed = f"{quote(self.user or '', safe='')}:{quote(self.password or '', safe='')}@"
        who = signed if self.password else ""
        each = [f"{SCHEME}://{who}{host}:{port}" for host, port in self.places]
        return f"{';'.join(each)}/{self.database}"

    @property
    def tls(self) -> dict[str, Any]:
        """How servers are checked; empty in clear."""
        if self.authority is None:
            return {}
        return {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_ca_certs": self.authority}

    def asking(self, seconds: float) -> dict[str, Any]:
        """Return how a sentinel is asked: once, and none is waited for longer than `seconds`.

        By itself the client asks one that is silent again and again, for twenty seconds in all,
        before it asks the next.
        """
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        found: dict[str, Any] = {"socket_timeout": seconds, "socket_connect_timeout": seconds}
        found["retry"] = Retry(NoBackoff(), 0)
        if self.own_password:
            found["password"] = self.own_password
        return {**found, "ssl": True, **self.tls} if self.tls else found
