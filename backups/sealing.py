"""Files of a backup at rest: sealed piece by piece, so that no file has to fit into memory.

AES-256-GCM in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizar 2015): each piece has
its number and whether it is the last in its nonce. A piece that is changed, moved, doubled or left
out, and an end that is cut off, are errors. Each file has a key of its own, made of the backup's
key, a random salt and what the file is, so that no file passes for another.
"""

import hmac
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from backups.errors import BackupError

PIECE = 1024 * 1024
"""Bytes of one piece before it is sealed."""
_MAGIC = b"IORTBK1\n"
_SALT, _TAG = 32, 16
HEAD = len(_MAGIC) + _SALT
SHORTEST = 16
"""Characters that a passphrase must have."""


@dataclass(frozen=True, slots=True)
class Key:
    """The key of a folder of backups."""

    secret: bytes

    @classmethod
    def of(cls, passphrase: str, salt: bytes) -> "Key":
        """Return the key of a passphrase or a key file's text; takes 64 MB and a moment.

        Raises `BackupError` for one that is short.
        """
        if len(passphrase) < SHORTEST:
            raise BackupError(
                f"the passphrase of the backups has fewer than {SHORTEST} characters: take a "
                "longer one, such as: python3 -c 'import secrets; print(secrets.token_hex(32))'"
            )
        scrypt = Scrypt(salt=salt, length=32, n=2**16, r=8, p=1)
        return cls(scrypt.derive(passphrase.encode()))

    def mark(self, words: str) -> str:
        """Return a text (64 hex digits) that only this key makes of `words`."""
        return hmac.new(self.secret, words.encode(), sha256).hexdigest()

    def cipher(self, name: str, salt: bytes) -> AESGCM:
        """Return the cipher of one file."""
        info = f"iort backup file 1|{name}".encode()
        return AESGCM(HKDF(SHA256(), length=32, salt=salt, info=info).derive(self.secret))


def sealed(key: Key | None, name: str, content: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what is written of a file's content; as it is where there is no key."""
    if key is None:
        yield from content
        return
    salt = os.urandom(_SALT)
    cipher = key.cipher(name, salt)
    yield _MAGIC + salt
    number, held = 0, bytearray()
    for part in content:
        held += part
        while len(held) > PIECE:
            yield cipher.encrypt(_nonce(number, last=False), bytes(held[:PIECE]), None)
            del held[:PIECE]
            number += 1
    yield cipher.encrypt(_nonce(number, last=True), bytes(held), None)


def opened(key: Key | None, name: str, file: BinaryIO) -> Iterator[bytes]:
    """Yield a file's content, piece by piece, each proven; raise `BackupError`.

    A file that is cut off is told only at its end: use nothing before all of it was read.
    """
    if key is None:
        while part := file.read(PIECE):
            yield part
        return
    head = file.read(HEAD)
    if len(head) < HEAD or not head.startswith(_MAGIC):
        raise BackupError(f"{name}: no sealed file, or its beginning is missing")
    cipher = key.cipher(name, head[len(_MAGIC) :])
    number, piece = 0, file.read(PIECE + _TAG)
    while True:
        following = file.read(PIECE + _TAG)
        try:
            yield cipher.decrypt(_nonce(number, last=not following), piece, None)
        except InvalidTag:
            raise BackupError(f"{name}: was changed, cut off, or sealed with another key") from None
        if not following:
            return
        number, piece = number + 1, following


def sealed_size(key: Key | None, size: int) -> int:
    """Return how many bytes a content of `size` bytes takes on the disk."""
    if key is None:
        return size
    pieces = max(1, -(-size // PIECE))
    return HEAD + size + pieces * _TAG


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\1" if last else b"\0")
