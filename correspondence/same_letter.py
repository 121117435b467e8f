"""Whether two copies are one letter: servers and programs keep it with other lines around it.

An export changes line ends, writes "From " at the begin of a line as ">From ", and adds fields of
its own; each way of delivery adds its own trace. What the sender wrote stays.
"""

import hashlib
import re

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_FIELDS = (b"message-id", b"date", b"from", b"subject")
_ESCAPED = re.compile(rb"(?m)^>+(?=From )")
_LINE_END = re.compile(rb"[ \t]*\r?\n")
LONGEST_HEAD = 8 * 1024 * 1024


def letter_hash(raw: bytes) -> str:
    """Return the same 64 hexadecimal digits for every copy of a letter.

    Of the fields that its writer set, and of its body. Two letters with one Message-ID and other
    words are two.
    """
    found = _HEAD_END.search(raw, 0, LONGEST_HEAD)
    head, body = (raw[: found.start()], raw[found.end() :]) if found else (raw, b"")
    fields = _fields(head)
    if not fields:
        body = raw  # no letter: its bytes alone tell it from others
    digest = hashlib.sha256()
    for name in _FIELDS:
        digest.update(name + b":" + fields.get(name, b"") + b"\n")
    body = _LINE_END.sub(b"\n", body).rstrip()
    digest.update(_ESCAPED.sub(b"", body))
    return digest.hexdigest()


def _fields(head: bytes) -> dict[bytes, bytes]:
    """Return the first of each field that counts, unfolded, with single spaces."""
    found: dict[bytes, bytes] = {}
    for field in re.split(rb"\r?\n(?![ \t])", head):
        name, colon, value = field.partition(b":")
        name = name.strip().lower()
        if colon and name in _FIELDS and name not in found:
            found[name] = b" ".join(value.split())
    return found
