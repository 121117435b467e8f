"""Large contents sealed in pieces (STREAM over AES-256-GCM): no piece can be changed, left out, put
elsewhere or taken from another content, and the end cannot be cut off; one piece is in memory.

A sealed content is a head (mark, size of a piece, salt) and pieces of 64 KiB, each with its tag.
The key of a content is derived from the object's key and the salt, so that pieces of two contents
never share one; the nonce is the number of the piece and whether it is the last.
"""

import os
import struct
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from keys.sealing import OpeningFailed

PIECE = 64 * 1024
TAG = 16
MARK = b"\xf1iort\x1aS1"
_HEAD = struct.Struct(f">{len(MARK)}sI32s")
HEAD = _HEAD.size


def is_sealed(beginning: bytes) -> bool:
    """Say whether a content that begins so was sealed here."""
    return beginning.startswith(MARK)


def seal_stream(key: bytes, name: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a content sealed under a name, piece by piece."""
    head = _HEAD.pack(MARK, PIECE, os.urandom(32))
    cipher, bound = _cipher(key, head), head + name.encode()
    yield head
    number, waiting = 0, b""
    for piece in in_pieces(chunks, PIECE):
        if number or waiting:
            yield cipher.encrypt(_nonce(number, last=False), waiting, bound)
            number += 1
        waiting = piece
    yield cipher.encrypt(_nonce(number, last=True), waiting, bound)


def open_stream(key: bytes, name: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what was sealed under a name, piece by piece.

    Raises `OpeningFailed` where anything is not as it was sealed; what was yielded before is right,
    but it is the whole only when the iterator ended by itself.
    """
    blocks = _blocks(chunks)
    head = next(blocks)
    if len(head) < HEAD or not is_sealed(head):
        raise OpeningFailed
    cipher, bound = _cipher(key, head), head + name.encode()
    number, waiting = 0, next(blocks, b"")
    try:
        for block in blocks:
            yield cipher.decrypt(_nonce(number, last=False), waiting, bound)
            number, waiting = number + 1, block
        yield cipher.decrypt(_nonce(number, last=True), waiting, bound)
    except (InvalidTag, ValueError):
        raise OpeningFailed from None


def in_pieces(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Yield the same bytes in pieces of `size`; only the last may be shorter."""
    kept = bytearray()
    for chunk in chunks:
        left = memoryview(chunk)
        if kept:
            wanted = size - len(kept)
            kept += left[:wanted]
            left = left[wanted:]
            if len(kept) < size:
                continue
            yield bytes(kept)
        while len(left) >= size:
            yield bytes(left[:size])
            left = left[size:]
        kept = bytearray(left)
    if kept:
        yield bytes(kept)


def _blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the head, then the pieces as they were sealed."""
    kept = bytearray()
    wanted = HEAD
    for chunk in chunks:
        kept += chunk
        while len(kept) >= wanted:
            yield bytes(kept[:wanted])
            del kept[:wanted]
            wanted = PIECE + TAG
    if kept or wanted == HEAD:
        yield bytes(kept)


def _cipher(key: bytes, head: bytes) -> AESGCM:
    _, _, salt = _HEAD.unpack(head)
    derived = HKDF(SHA256(), length=32, salt=salt, info=b"iort/content/1").derive(key)
    return AESGCM(derived)


def _nonce(number: int, *, last: bool) -> bytes:
    return struct.pack(">7xI?", number, last)
