"""Single values sealed with a key of data (AES-256-GCM), each with the number of its key before it.

A value opens at its own place only: table, column, whose row it is and its number go into the seal.
"""

import base64
import binascii
import os
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from keys.sealing import NONCE_BYTES, OpeningFailed

MARK = "s2."
"""How every sealed value begins."""


def seal_value(number: int, key: bytes, place: str, value: str, *, mark: str = MARK) -> str:
    """Return `s2.<number of the key>.<base64>`; it opens for the same place only.

    Another `mark` is of what was sealed before, in migrations.
    """
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, value.encode(), _bound(place, number))
    return f"{mark}{number}.{base64.b64encode(nonce + sealed).decode()}"


def open_value(find: Callable[[int], bytes], place: str, sealed: str, *, mark: str = MARK) -> str:
    """Return what was sealed; `find` gives a key by its number, and may raise.

    Raises `OpeningFailed` for what is not sealed, was changed, or is of another place.
    """
    number = number_of(sealed, mark)
    try:
        raw = base64.b64decode(sealed.rpartition(".")[2], validate=True)
    except binascii.Error:
        raise OpeningFailed from None
    try:
        opened = AESGCM(find(number)).decrypt(
            raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound(place, number)
        )
    except (InvalidTag, ValueError):
        raise OpeningFailed from None
    return opened.decode()


def number_of(sealed: str, mark: str = MARK) -> int:
    """Return the number of the key that a value was sealed with; raise `OpeningFailed`."""
    number = sealed.split(".", 2)[1] if sealed.startswith(mark) else ""
    if not (number.isascii() and number.isdigit()) or len(number) > 18:
        raise OpeningFailed
    return int(number)


def _bound(place: str, number: int) -> bytes:
    return f"value|{place}|{number}".encode()
