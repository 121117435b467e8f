"""A ring of secret keys with ids. The first one signs and seals; each opens what it made.

Written as `id:secret`, or `id:secret:since` with the moment from which it was the first (`-` for
one that waits to be), one a line (a file) or with commas between them (a setting). Text behind `#`
is skipped.

A key whose `since` begins with `+` wraps the keys of data and does nothing else. No link and no
answer hangs on it, so it can be replaced and destroyed at any time: what it wrapped, in old pages
and logs of the database, opens no more then. Where there is none, the signing key wraps.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

LEGACY = "0"
"""The id of the key of the setting IORT_SECRET_KEY: it made the values that carry no id."""
LEAST_CHARACTERS = 32
WAITS, WRAPS = "-", "+"
WRAPPING = "data key"
"""The purpose of what wraps the keys of data."""
_ID = re.compile(r"[a-z0-9]{1,8}")
_SECRET = re.compile(r"[^\s,:#]+")


class RingRefused(ValueError):
    """The ring cannot be used; the message says what to do and holds no secret."""


class KeyMissing(ValueError):
    """What was made with a key that is no longer on the ring."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"the key {key_id} is not on the ring")
        self.key_id = key_id


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `since`: from when it was the first of its ring; None where nobody knows.

    One that `waits` was not the first yet: every process learns it before anything is made with it.
    One that `wraps` wraps the keys of data alone.
    """

    id: str
    secret: str = field(repr=False)
    since: datetime | None = None
    waits: bool = False
    wraps: bool = False

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise RingRefused("an id of a key has 1 to 8 small letters and digits")
        if len(self.secret) < LEAST_CHARACTERS:
            raise RingRefused(f"the key {self.id} is shorter than {LEAST_CHARACTERS} characters")
        if not _SECRET.fullmatch(self.secret) and self.id != LEGACY:
            raise RingRefused(f"the key {self.id} has a blank, comma, colon or # in it")


class Ring:
    """Some keys, the signing one first among those that sign, the wrapping one among those that
    wrap. Frozen: a turned ring is another one.
    """

    def __init__(self, keys: Iterable[Key]) -> None:
        """Raise `RingRefused` for no key, or for an id that stands there twice."""
        self.keys = tuple(keys)
        self._by_id = {key.id: key for key in self.keys}
        self._derived: dict[tuple[str, str], bytes] = {}
        if all(key.wraps for key in self.keys):
            raise RingRefused("there is no key: set IORT_SECRET_KEYS_FILE or IORT_SECRET_KEY")
        if len(self._by_id) != len(self.keys):
            raise RingRefused("an id stands on the ring twice")

    @property
    def signing(self) -> Key:
        """The key that signs and seals now."""
        return next(key for key in self.keys if not key.wraps)

    @property
    def wrapping(self) -> Key:
        """The key that wraps the keys of data now."""
        return next((key for key in self.keys if key.wraps and not key.waits), self.signing)

    def maker(self, purpose: str) -> Key:
        """Return the key that makes what is made for a purpose now."""
        return self.wrapping if purpose == WRAPPING else self.signing

    @property
    def legacy(self) -> Key | None:
        """The key that made the values without an id; None once it is off the ring."""
        return self._by_id.get(LEGACY)

    def __iter__(self) -> Iterator[Key]:
        return iter(self.keys)

    def __contains__(self, key_id: str) -> bool:
        return key_id in self._by_id

    def derived(self, purpose: str, key_id: str | None = None) -> bytes:
        """Return the 32 bytes of a purpose, of the key that makes it now or of a named one.

        Keys of two purposes tell nothing of each other (HKDF-SHA256). Raises `KeyMissing`.
        """
        wanted = self.maker(purpose).id if key_id is None else key_id
        key = self._by_id.get(wanted)
        if key is None:
            raise KeyMissing(wanted)
        known = self._derived.get((purpose, wanted))
        if known is None:
            info = f"iort/{purpose}/{wanted}/1".encode()
            known = HKDF(SHA256(), length=32, salt=None, info=info).derive(key.secret.encode())
            self._derived[purpose, wanted] = known
        return known

    def proof(self, purpose: str, message: str, key_id: str | None = None) -> bytes:
        """Return 32 bytes that only this ring makes of a message; raise `KeyMissing`.

        Made by the signing key, or by the key that a proof names which came back.
        """
        return hmac.new(self.derived(purpose, key_id), message.encode(), hashlib.sha256).digest()

    def stamp(self, purpose: str, message: str) -> str:
        """Return a proof of a message with the id of its key: `<key id>.<64 hex digits>`."""
        return f"{self.signing.id}.{self.proof(purpose, message).hex()}"

    def stamped(self, purpose: str, message: str, stamp: str) -> bool:
        """Say whether a stamp is ours and of this message, also one without an id."""
        key_id, dot, given = stamp.rpartition(".")
        try:
            right = (
                self.proof(purpose, message, key_id)
                if dot
                else self.legacy_proof(f"{purpose}|{message}")
            )
        except KeyMissing:
            return False
        return hmac.compare_digest(right.hex().encode(), given.encode())

    def legacy_proof(self, message: str) -> bytes:
        """Return the proof as it was made before there was a ring; raise `KeyMissing`."""
        if self.legacy is None:
            raise KeyMissing(LEGACY)
        return hmac.new(self.legacy.secret.encode(), message.encode(), hashlib.sha256).digest()


def key_id_of_stamp(stamp: str) -> str:
    """Return the id of the key that made a stamp."""
    return stamp.rpartition(".")[0] or LEGACY


def parse_ring(text: str) -> list[Key]:
    """Return the keys of a file or a setting; raise `RingRefused` with the number of one."""
    found = []
    for number, line in enumerate(text.replace(",", "\n").splitlines(), 1):
        entry = line.partition("#")[0].strip()
        if not entry:
            continue
        key_id, colon, rest = entry.partition(":")
        secret, _, since = rest.partition(":")
        wraps, since = since.startswith(WRAPS), since.removeprefix(WRAPS)
        if not colon:
            raise RingRefused(f"key {number} of the ring is not written as id:secret")
        try:
            moment = datetime.fromisoformat(since) if since not in ("", WAITS) else None
        except ValueError:
            raise RingRefused(f"the time of key {number} of the ring cannot be read") from None
        if moment is not None and moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        found.append(Key(key_id.strip(), secret.strip(), moment, since == WAITS, wraps))
    return found


def new_key(
    others: Iterable[str],
    since: datetime | None = None,
    *,
    waits: bool = False,
    wraps: bool = False,
) -> Key:
    """Return a new random key with the next id that was never used: k1, k2 ...; w1 if it wraps."""
    letter = "w" if wraps else "k"
    numbers = [int(one[1:]) for one in others if re.fullmatch(f"{letter}[0-9]{{1,7}}", one)]
    number = max(numbers, default=0) + 1
    return Key(f"{letter}{number}", secrets.token_hex(32), since, waits, wraps)


def written(keys: Iterable[Key]) -> str:
    """Return keys as the lines of a file, as `parse_ring` reads them."""
    lines = []
    for key in keys:
        since = WAITS if key.waits else key.since.isoformat() if key.since else ""
        wraps = WRAPS if key.wraps else ""
        lines.append(f"{key.id}:{key.secret}:{wraps}{since}".rstrip(":"))
    return "\n".join(lines) + "\n"
