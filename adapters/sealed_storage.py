"""The store as the product uses it: what it holds is sealed before it leaves this process.

A content is called by its name; where it lies and with what it is sealed, `ObjectKeys` knows. What
was stored before there were keys lies under its name as it is, and is read so. What was lost, cut
off or changed in the store is known as such, and written anew when the same content comes again.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from itertools import islice
from typing import Protocol

from adapters.storage import S3Storage, StoredObject
from adapters.storage_errors import ObjectConflict, ObjectDamaged, ObjectMissing, StorageError
from keys import OpeningFailed
from keys.stream import open_stream, seal_stream

SEALED = "s1/"
"""How the names of sealed objects begin in the store."""
OPEN = ("criteria/", "directory/", "doctor/")
"""Names of contents that are about no patient: they lie as they are."""
_AT_ONCE = 500


class ObjectUnreadable(StorageError):
    """Nobody can open the object any more: its key was destroyed."""

    def __init__(self) -> None:
        super().__init__("no key")


class ObjectKey(Protocol):
    """Where an object lies, and the key that it is sealed with (32 bytes)."""

    @property
    def stored(self) -> str:
        """Its name in the store."""

    @property
    def key(self) -> bytes:
        """What opens it."""

    @property
    def new(self) -> bool:
        """Whether the key was made this moment: nothing lies there yet."""


class ObjectKeys(Protocol):
    """Who knows the keys of objects; LookupError for one whose keys were all destroyed."""

    def for_reading(self, name: str) -> ObjectKey | None:
        """Return what opens an object; None for one that was never sealed."""

    def for_writing(self, name: str) -> ObjectKey:
        """Return what an object is sealed with, or is to be."""

    def named(self, beginning: str) -> list[str]:
        """Return the names of sealed objects that begin so."""

    def names_of(self, stored: Sequence[str]) -> Mapping[str, str]:
        """Return {how it lies there: its name} of those that are known."""

    def stored_of(self, name: str) -> str | None:
        """Return how an object lies in the store; None for one that is not sealed."""

    def forget(self, name: str) -> None:
        """Destroy what opens an object."""


class SealedStorage:
    """`ObjectStorage` over another one, with the keys of its objects."""

    def __init__(self, bucket: S3Storage, keys: ObjectKeys) -> None:
        self._bucket, self._keys = bucket, keys

    def put(self, key: str, content: bytes, content_type: str) -> StoredObject:
        """Store `content` once under `key`; see the Protocol."""
        if key.startswith(OPEN):
            return self._bucket.put(key, content, content_type)
        sha256 = hashlib.sha256(content).hexdigest()
        created = self._put(key, lambda: iter((content,)), sha256, content_type)
        return StoredObject(key, sha256, len(content), created=created)

    def put_stream(
        self, key: str, chunks: Iterable[bytes], sha256: str, content_type: str
    ) -> StoredObject:
        """Store a large content once, piece by piece; see the Protocol."""
        counted = _Counted(chunks, sha256)
        created = self._put(key, counted.__iter__, sha256, content_type)
        return StoredObject(key, sha256, counted.size, created=created)

    def _put(
        self, key: str, chunks: Callable[[], Iterator[bytes]], sha256: str, content_type: str
    ) -> bool:
        """Seal and store a content unless it is there; say whether it was not."""
        one = self._keys.for_writing(key)
        there = None if one.new else self._sha256_of(one, key)
        if there is not None and there != sha256:
            raise ObjectConflict
        if there is not None and self._bucket.is_fresh(one.stored):
            for _ in chunks():
                pass
            return False
        self._bucket.write(one.stored, seal_stream(one.key, key, chunks()), content_type)
        return there is None

    def _sha256_of(self, one: ObjectKey, key: str) -> str | None:
        """Return the hash of a content that lies there whole; None where it does not."""
        digest = hashlib.sha256()
        try:
            for piece in open_stream(one.key, key, self._bucket.read(one.stored)):
                digest.update(piece)
        except (ObjectMissing, OpeningFailed):
            return None
        return digest.hexdigest()

    def get(self, key: str) -> bytes:
        """Read and open the whole object; see the Protocol."""
        one = self._key_of(key)
        if one is None:
            return self._bucket.get(key)
        whole = BytesIO()  # hands its bytes out without another copy
        try:
            for piece in open_stream(one.key, key, self._bucket.read(one.stored)):
                whole.write(piece)
        except OpeningFailed:
            raise ObjectDamaged from None
        return whole.getvalue()

    def _key_of(self, key: str) -> ObjectKey | None:
        if key.startswith(OPEN):
            return None
        try:
            return self._keys.for_reading(key)
        except LookupError:
            raise ObjectUnreadable from None

    def exists(self, key: str) -> bool:
        """Say whether there is an object under the key."""
        return self._bucket.exists(self._keys.stored_of(key) or key)

    def delete(self, key: str) -> None:
        """Remove the object if it is there."""
        self._bucket.delete(self._keys.stored_of(key) or key)
        self._keys.forget(key)

    def erase(self, beginning: str, *, whole: bool = True) -> int:
        """Remove objects with all versions, then what opens them; see the Protocol."""
        count = self._bucket.erase(beginning, whole=whole)
        for name in [beginning] if whole else self._keys.named(beginning):
            stored = self._keys.stored_of(name)
            if stored is not None:
                count += self._bucket.erase(stored)
                self._keys.forget(name)
        return count

    def older(self, beginning: str, than: datetime) -> Iterator[str]:
        """Yield the names of what was stored before a moment; see the Protocol.

        What lies there sealed and nobody knows is told by how it lies there.
        """
        yield from self._bucket.older(beginning, than)
        if beginning.startswith((SEALED, *OPEN)):
            return
        if beginning.endswith("/") and beginning.count("/") == 1:
            found = self._bucket.older(f"{SEALED}{beginning}", than)
            while some := list(islice(found, _AT_ONCE)):
                names = self._keys.names_of(some)
                yield from (names.get(one, one) for one in some)
            return
        for name in self._keys.named(beginning):
            stored = self._keys.stored_of(name)
            if stored is not None and any(self._bucket.older(stored, than)):
                yield name

    def bring_back(self, key: str, sha256: str) -> bool:
        """Let the newest version of an object that has this checksum (hex) be what lies there.

        False where none has it. Raises `ObjectUnreadable` and `StorageError`.
        """
        one = self._key_of(key)
        stored = one.stored if one else key
        with self._bucket.kept() as kept:
            for version in kept.of(stored):
                digest = hashlib.sha256()
                pieces = kept.read(stored, version)
                try:
                    for piece in open_stream(one.key, key, pieces) if one else pieces:
                        digest.update(piece)
                except OpeningFailed:
                    continue
                if digest.hexdigest() == sha256:
                    kept.make_newest(stored, version)
                    return True
        return False

    def ensure_bucket(self) -> None:
        """Create the bucket unless it is there."""
        self._bucket.ensure_bucket()


class _Counted:
    """A content that is gone through once, and must have a checksum at its end."""

    def __init__(self, chunks: Iterable[bytes], sha256: str) -> None:
        self._chunks, self._sha256, self.size = chunks, sha256, 0

    def __iter__(self) -> Iterator[bytes]:
        digest = hashlib.sha256()
        for chunk in self._chunks:
            digest.update(chunk)
            self.size += len(chunk)
            yield chunk
        if digest.hexdigest() != self._sha256:
            raise ObjectDamaged
