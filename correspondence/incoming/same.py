"""Is it the same letter? It comes by several ways, and each adds its own lines to the head."""

import hashlib
import json
import re
from email.parser import BytesHeaderParser
from email.policy import compat32

WRITTEN = ("message-id", "date", "from", "to", "cc", "subject")
"""Headers that the sender wrote; what servers add on the way differs by the way."""
_SPACE = re.compile(r"\s+")


def content_hash(raw: bytes) -> str | None:
    """Return a hash of what the sender wrote: these headers and the body; None without Message-ID.

    A Message-ID alone is the sender's claim and may be used twice; with another body it is another
    letter. Line ends, and empty lines at the end, are the way's and not the sender's.
    """
    plain = raw.replace(b"\r\n", b"\n")
    head, _, body = plain.partition(b"\n\n")
    read = BytesHeaderParser(policy=compat32).parsebytes(head + b"\n\n")
    said = [_SPACE.sub(" ", str(read.get(name, ""))).strip() for name in WRITTEN]
    if not said[0]:
        return None
    digest = hashlib.sha256(json.dumps(said).encode())
    digest.update(body.rstrip(b"\n \t"))
    return digest.hexdigest()
