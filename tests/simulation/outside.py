"""Everybody outside the house: a mail server, a store of objects, a reader of papers.

Each tells the house of the moments at which something may happen (`Moment`): there it fails, hangs
up, or somebody acts in the middle of another's work. What the mail server took it remembers by
itself, beside whatever the database says.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cached_property

from adapters.clock import Clock
from adapters.mail_out import Delivered
from adapters.reader.types import ReadDocument, Turn
from adapters.storage import ObjectConflict, ObjectDamaged, ObjectMissing, StoredObject
from tests.simulation.papers import read_as

Moment = Callable[[str], None]
"""Told where a peer is: `store.get`, `post.talk`, `post.text`, `post.taken`, `reader`."""


class Store:
    """Objects in memory, with the manners of `S3Storage`."""

    def __init__(self, clock: Clock, moment: Moment) -> None:
        self._clock, self._moment = clock, moment
        self._objects: dict[str, tuple[bytes, datetime]] = {}

    def put(self, key: str, content: bytes, content_type: str) -> StoredObject:
        """Store once; other content under the same key is `ObjectConflict`."""
        self._moment("store.put")
        known = self._objects.get(key)
        if known is not None and known[0] != content:
            raise ObjectConflict
        self._objects[key] = (content, self._clock.now())
        digest = hashlib.sha256(content).hexdigest()
        return StoredObject(key, digest, len(content), known is None)

    def put_stream(
        self, key: str, chunks: Iterable[bytes], sha256: str, content_type: str
    ) -> StoredObject:
        """Store a content that comes in chunks."""
        content = b"".join(chunks)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ObjectDamaged
        return self.put(key, content, content_type)

    def get(self, key: str) -> bytes:
        """Return the content; raise `ObjectMissing`."""
        self._moment("store.get")
        if key not in self._objects:
            raise ObjectMissing
        return self._objects[key][0]

    def exists(self, key: str) -> bool:
        """Say whether there is an object under the key."""
        return key in self._objects

    def delete(self, key: str) -> None:
        """Remove the object."""
        self._objects.pop(key, None)

    def erase(self, beginning: str, *, whole: bool = True) -> int:
        """Remove an object, or all whose keys begin so."""
        found = [
            k for k in self._objects if k == beginning or (not whole and k.startswith(beginning))
        ]
        for key in found:
            del self._objects[key]
        return len(found)

    def older(self, beginning: str, than: datetime) -> Iterator[str]:
        """Yield the keys under a beginning that were stored before a moment."""
        yield from [
            key for key, (_, at) in self._objects.items() if key.startswith(beginning) and at < than
        ]

    def presigned_get(self, key: str, seconds: int, *, filename: str = "document") -> str:
        """Return an address."""
        return f"https://store.example/{key}?for={timedelta(seconds=seconds)}"

    def ensure_bucket(self) -> None:
        """Do nothing: it is there."""


@dataclass(frozen=True)
class Taken:
    """One letter that the mail server took: when, in its own counting, for whom, and its bytes."""

    number: int
    to: tuple[str, ...]
    raw: bytes

    @cached_property
    def mail(self) -> EmailMessage:
        """Return it parsed."""
        return message_from_bytes(self.raw, policy=default)

    @property
    def message_id(self) -> str:
        """Return the Message-ID."""
        return str(self.mail["Message-ID"])

    @cached_property
    def text(self) -> str:
        """Return subject and words."""
        body = self.mail.get_body(("plain", "html"))
        return f"{self.mail['Subject']}\n{body.get_content() if body else ''}"


class Post:
    """The mail server: it takes letters and remembers them."""

    def __init__(self, moment: Moment, took: Callable[[Taken], None]) -> None:
        self._moment, self._took = moment, took
        self.taken: list[Taken] = []

    def deliver(
        self,
        raw: bytes,
        envelope_from: str,
        recipients: Sequence[str],
        *,
        before_text: Callable[[], None] | None = None,
    ) -> Delivered:
        """Take a letter, as `adapters.mail_out.MailOut` says."""
        self._moment("post.talk")
        if before_text is not None:
            before_text()  # the last look: from here on the text is on its way
        self._moment("post.text")
        letter = Taken(len(self.taken) + 1, tuple(recipients), raw)
        self.taken.append(letter)
        self._took(letter)
        self._moment("post.taken")
        return Delivered(250)


class Reader:
    """Knows what stands in the papers of the simulation; reads no file."""

    def __init__(self, moment: Moment) -> None:
        self._moment = moment

    def read(
        self, content: bytes, *, password: str | None = None, turn: Turn | None = None
    ) -> ReadDocument:
        """Return what stands in a paper of `papers.py`, or that it cannot be read."""
        self._moment("reader")
        return read_as(content, password)
