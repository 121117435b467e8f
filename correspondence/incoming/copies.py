"""Whether two messages are one letter that came twice: to "To" and "Cc", or to two addresses.

A Message-ID is the sender's claim and is used twice by broken programs. Copies share what was
written and sent: the fields of the author and every byte of the body, however servers on the way
broke its lines.
"""

import re

_AUTHORS = (b"message-id", b"from", b"date", b"subject", b"to", b"cc")
_HEAD_ENDS = re.compile(rb"\r?\n\r?\n")
_FIELD_ENDS = re.compile(rb"\r?\n(?![ \t])")
_BLANKS = re.compile(rb"\s+")


def is_copy(one: bytes, other: bytes) -> bool:
    """Return whether two raw messages are the same letter, delivered twice."""
    return _written(one) == _written(other)


def _written(raw: bytes) -> tuple[dict[bytes, bytes], bytes]:
    """Return the author's fields, by name in lower case, and the body, without line ends."""
    found = _HEAD_ENDS.search(raw)
    head, body = (raw[: found.start()], raw[found.end() :]) if found else (raw, b"")
    fields: dict[bytes, bytes] = {}
    for line in _FIELD_ENDS.split(head):
        name, _, value = line.partition(b":")
        if name.strip().lower() in _AUTHORS:
            known = fields.get(name.strip().lower(), b"")
            fields[name.strip().lower()] = known + b"\n" + _BLANKS.sub(b" ", value).strip()
    return fields, body.replace(b"\r\n", b"\n").rstrip()
