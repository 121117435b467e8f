"""Looking up TXT records of domains: keys of signatures, and what domains ask of their mail."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from correspondence.signatures.keys import NotLookedUp

if TYPE_CHECKING:
    from dns.resolver import Resolver

QUIET = 30.0
"""Seconds without a question after `UNANSWERED` in a row: a mailbox must not wait for each."""
UNANSWERED = 3
"""One alone may be a domain that a stranger chose because nobody answers for it."""
LONGEST = 8
"""Records of one name that are looked at."""


class NameLookup(Protocol):
    """Answers what a name publishes."""

    def txt(self, name: str) -> Sequence[str]:
        """Return the TXT records of a name, none where there are none. Raises NotLookedUp."""
        ...


class DnsNames:
    """`NameLookup` by the resolvers of this machine, or by those that are given."""

    def __init__(
        self, *, timeout: float = 3.0, servers: Sequence[str] = (), port: int = 53
    ) -> None:
        """Keep how to ask; `timeout` is for a whole answer, in seconds."""
        self._timeout, self._servers, self._port = timeout, list(servers), port
        self._resolver: Resolver | None = None  # its package is read at the first question
        self._quiet_until = 0.0
        self._unanswered = 0

    def txt(self, name: str) -> Sequence[str]:
        """Return the TXT records of a name; see the Protocol."""
        from dns.exception import DNSException
        from dns.name import from_text
        from dns.resolver import NXDOMAIN, NoAnswer

        if time.monotonic() < self._quiet_until:
            raise NotLookedUp
        try:
            asked = from_text(name)
        except (DNSException, ValueError):
            return ()  # no such name can be
        try:
            answer = self._opened().resolve(asked, "TXT", lifetime=self._timeout, search=False)
        except (NXDOMAIN, NoAnswer):
            self._unanswered = 0
            return ()
        except (DNSException, OSError):
            self._unanswered += 1
            if self._unanswered >= UNANSWERED:
                self._quiet_until = time.monotonic() + QUIET
            raise NotLookedUp from None
        self._unanswered = 0
        texts = [b"".join(record.strings) for record in answer][:LONGEST]
        return [text.decode("utf-8", "replace") for text in texts]

    def _opened(self) -> "Resolver":
        from dns.resolver import Resolver

        if self._resolver is None:
            self._resolver = Resolver(configure=not self._servers)
            if self._servers:
                self._resolver.nameservers = self._servers
                self._resolver.port = self._port
        return self._resolver
